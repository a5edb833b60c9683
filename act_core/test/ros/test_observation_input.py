# SPDX-License-Identifier: Apache-2.0
"""Messages as labs publish them, into an assembler, over DDS."""

from array import array

import numpy as np
import pytest

pytest.importorskip("sensor_msgs")

import cv2  # noqa: E402
from ros_bench import RosBench  # noqa: E402
from sensor_msgs.msg import CompressedImage, JointState  # noqa: E402

from act_core.observation import Missing  # noqa: E402
from act_core.robot.robot_file import parse_robot, shipped_robots  # noqa: E402
from act_core.ros import qos  # noqa: E402
from act_core.ros.messages.images import image_decoder, write_image  # noqa: E402
from act_core.ros.messages.joints import write_vector  # noqa: E402
from act_core.ros.messages.stamps import to_ns, to_stamp  # noqa: E402
from act_core.ros.observation_input import ObservationInput  # noqa: E402
from act_core.ros.stream_watch import StreamWatch  # noqa: E402
from act_core.streams.assembler import ObservationAssembler  # noqa: E402
from act_core.streams.input_bounds import InputBounds  # noqa: E402

pytestmark = pytest.mark.ros

CAMERA = "{name: top, height_px: 120, width_px: 160"
MORE = (
    ", topic: /usb/image/compressed, transport: compressed, source_height_px: 240, "
    "source_width_px: 320"
)
TEXT = shipped_robots()["aloha_sim"]
IMAGE = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)


class Bench(RosBench):
    """An observation input, and a driver that publishes what the test changes."""

    def __init__(self, text):
        super().__init__()
        self.spec = parse_robot(text, "test")
        self.listener, self.driver = self.node("listener"), self.node("driver")
        self.assembler = ObservationAssembler(
            [c.name for c in self.spec.cameras], decode=image_decoder(self.spec)
        )
        watch = StreamWatch(self.listener, InputBounds(), self.assembler.refuse)
        self.input = ObservationInput(
            self.listener, self.spec, self.assembler, qos.IMAGES, watch, lambda _: None
        )
        self.joints = write_vector(self.spec.start, self.spec.state, 0)
        self.images = []  # (publisher, message)
        self.offset_ns = 0
        self._joints_out = self.driver.create_publisher(JointState, "joint_states", 10)
        self.driver.create_timer(0.02, self._publish)

    def _publish(self):
        stamp = to_stamp(self.driver.get_clock().now().nanoseconds + self.offset_ns)
        for out, message in [(self._joints_out, self.joints), *self.images]:
            message.header.stamp = stamp
            out.publish(message)

    def newest(self):
        return self.assembler.newest(self.listener.get_clock().now().nanoseconds)

    def until(self, text):
        self.spin_until(
            lambda: isinstance(self.newest(), Missing) and text in self.newest().reason, text
        )


@pytest.fixture
def make():
    made = []

    def build(text):
        made.append(Bench(text))
        return made[-1]

    yield build
    for each in made:
        each.close()


@pytest.fixture
def bench(make):
    return make(TEXT)


def _whole(bench):
    return not isinstance(bench.newest(), Missing)


def test_a_compressed_camera_on_its_own_topic_is_decoded_and_resized(make):
    assert CAMERA in TEXT
    bench = make(TEXT.replace(CAMERA, CAMERA + MORE))
    out = bench.driver.create_publisher(CompressedImage, "/usb/image/compressed", qos.NEWEST_ONLY)
    _, data = cv2.imencode(".png", IMAGE[..., ::-1])
    bench.images.append((out, CompressedImage(format="png", data=array("B", data.tobytes()))))
    bench.spin_until(lambda: _whole(bench), "no observation")
    image = bench.assembler.decode(bench.newest()).images["top"]
    means = IMAGE.reshape(120, 2, 160, 2, 3).mean((1, 3))
    np.testing.assert_allclose(image, means, atol=0.51)
    assert bench.input.topics == ["joint_states", "/usb/image/compressed"]


def test_damaged_images_are_counted_and_named(make):
    bench = make(TEXT.replace(CAMERA, CAMERA + MORE))
    out = bench.driver.create_publisher(CompressedImage, "/usb/image/compressed", 10)
    bench.images.append((out, CompressedImage(format="jpeg", data=array("B", b"\xff\xd8nothing"))))
    bench.spin_until(lambda: _whole(bench), "no observation")
    with pytest.raises(Exception, match="camera 'top': 9 bytes of JPEG are damaged or cut off"):
        bench.assembler.decode(bench.newest())
    assert bench.assembler.refused == 1


def test_another_device_on_the_topic_is_ignored_and_joints_that_lack_are_named(bench):
    other = bench.node("lift")
    out = other.create_publisher(JointState, "joint_states", 10)
    other.create_timer(0.005, lambda: out.publish(JointState(name=["lift"], position=[0.3])))
    bench.until("camera 'top': no image yet")
    assert bench.assembler.refused == 0
    bench.joints.name[0] = "nobody"
    bench.until("joint_states refused: state: missing 'vx300s_left/waist'. Got: nobody")
    assert "missing 'vx300s_left/waist'" in bench.input.silence(-1.0)


@pytest.mark.parametrize(
    ("offset_s", "text"),
    [
        (0.31, "s ahead of this machine's clock (limit 0.05 s, max_clock_offset_s)"),
        (-3.0, "old when they arrive (limit 0.25 s, max_age_s)"),
        (-1e9, "joint_states: stamps count from zero"),
    ],
)
def test_a_wrong_clock_is_named_and_forgiven_when_it_is_set_right(bench, offset_s, text):
    out = bench.driver.create_publisher(type(write_image(IMAGE, 0, "")), "top/image_raw", 10)
    bench.images.append((out, write_image(IMAGE[:120, :160], 0, "")))
    bench.offset_ns = round(offset_s * 1e9)
    bench.until(text)
    bench.offset_ns = 0
    bench.spin_until(lambda: _whole(bench), "no observation after the clock was set")
    assert bench.newest().stamp_ns == to_ns(bench.joints.header.stamp)
