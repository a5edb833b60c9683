# SPDX-License-Identifier: Apache-2.0
"""What a lab's own recorder heard gives the episode that the suite's recorder wrote."""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from processes import Processes, wait_until
from rclpy.action import ActionClient
from rclpy.serialization import deserialize_message, serialize_message
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from sensor_msgs.msg import CompressedImage, Image, JointState
from spun_node import SpunNode

from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import load_robot
from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_core.ros.endpoints import subscription
from act_core.ros.messages.images import read_image
from act_core.ros.messages.joints import read_sample, read_vector
from act_core.ros.messages.stamps import to_ns
from act_core.ros.process.script import MUTUAL_S
from act_interfaces.action import RecordEpisode
from act_recorder.dataset.command import main

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(300)]

ROWS = 250


class BagRecorder(SpunNode):
    """Hears what `ros2 bag record` would, and asks the suite for an episode at the same time."""

    def __init__(self, domain: int, spec: RobotSpec):
        super().__init__("bag_recorder", domain)
        self.counts: dict[str, int] = {}
        self._types: dict[str, str] = {}
        self._heard: list[tuple[str, int, bytes]] = []
        for arm in spec.arms:
            self._listen(JointState, arm.driver.state.topic)
        for topic in ("joint_states", "joint_commands"):
            self._listen(JointState, topic)
        for camera in spec.cameras:
            kind = CompressedImage if camera.transport == "compressed" else Image
            self._listen(kind, camera.image_topic)
        self._goal = ActionClient(self, RecordEpisode, "recorder/record_episode")
        self.start()

    def _listen(self, kind: type, topic: str) -> None:
        self.counts[topic], self._types[topic] = 0, f"sensor_msgs/msg/{kind.__name__}"
        subscription(self, kind, topic, partial(self._hear, topic), qos.IMAGES)

    def _hear(self, topic: str, message: object) -> None:
        self._heard.append((topic, time.time_ns(), serialize_message(message)))
        self.counts[topic] += 1

    def write(
        self,
        path: Path,
        storage: StoragePlugin,
        without: Sequence[str],
        tick_ns: int,
        spec: RobotSpec,
    ) -> None:
        """Write down what was heard, but for some topics, from a tick of the recorder's on.

        The first message is as late as that: one that comes before its stamp is of a wrong clock,
        and keeps its stream out for seconds.
        """
        types = get_typestore(Stores.ROS2_JAZZY)
        with Writer(path, version=9, storage_plugin=storage) as writer:
            connections = {
                topic: writer.add_connection(f"/{topic}", kind, typestore=types)
                for topic, kind in self._types.items()
                if topic not in without
            }
            heard = [h for h in self._heard if h[0] in connections]
            topic, first_ns, data = heard[0]
            began_ns = tick_ns - (tick_ns - first_ns) // spec.period_ns * spec.period_ns
            writer.write(connections[topic], began_ns, data)
            for topic, time_ns, data in heard:
                if time_ns > began_ns:
                    writer.write(connections[topic], time_ns, data)

    def sent(self, topic: str) -> dict[int, Any]:
        """Return stamp → message of a topic."""
        kind = {"JointState": JointState, "Image": Image, "CompressedImage": CompressedImage}[
            self._types[topic].rpartition("/")[2]
        ]
        messages = (deserialize_message(data, kind) for t, _, data in self._heard if t == topic)
        return {to_ns(message.header.stamp): message for message in messages}

    def record(self, rows: int) -> RecordEpisode.Result:
        """Return the result of a goal for `rows` rows, when all topics are heard."""
        wait_until(lambda: all(self.counts.values()), 60.0, f"not all topics: {self.counts}")
        assert self._goal.wait_for_server(60.0)
        time.sleep(MUTUAL_S)
        sent = self.ask(
            lambda: self._goal.send_goal_async(RecordEpisode.Goal(task="wave", max_frames=rows))
        )
        wait_until(sent.done, 20.0, "no answer to the goal")
        ended = self.ask(sent.result().get_result_async)
        wait_until(ended.done, 60.0, "the recording does not end")
        return ended.result().result


@pytest.fixture
def robot(tmp_path: Path) -> Path:
    """aloha_2 whose controllers take JointState, with one compressed camera and one raw one."""
    text = load_robot("aloha_2").yaml_text
    text = text[: text.index("cameras:")].replace("type: joint_group_command", "type: joint_state")
    text = text.replace("joint_single_command", "joint_state") + (
        "cameras:\n  - {name: top, height_px: 120, width_px: 160, transport: compressed,\n"
        "     topic: top/color/compressed}\n"
        "  - {name: wrist, height_px: 120, width_px: 160, topic: wrist/color/image_raw}\n"
    )
    path = tmp_path / "lab.yaml"
    path.write_text(text)
    return path


@pytest.fixture
def lab(processes: Processes, robot: Path) -> Iterator[Processes]:
    """A lab with late, best-effort 30 Hz cameras, its bridge, teleop and a recorder."""
    start = processes.start
    start("act_teleop.rehearsal.fake_lab_node", robot_file=robot, camera_rate_hz=30.0,
          camera_latency_s=0.06, best_effort=True)  # fmt: skip
    start("act_teleop.bridge.arm_bridge_node", robot_file=robot)
    return processes


def test_a_bag_gives_the_rows_of_the_recorder(
    lab: Processes, domain: int, robot: Path, tmp_path: Path
) -> None:
    spec = load_robot(str(robot))
    teleop = lab.start("act_teleop.teleop_node", robot_file=robot, engage="auto")
    recorder = lab.start(
        "act_recorder.recorder_node", robot_file=robot, pace="realtime", sim=False,
        dataset_dir=tmp_path / "live", max_gap_s=10.0,
    )  # fmt: skip
    bag = BagRecorder(domain, spec)
    teleop.wait_for("following")
    result = bag.record(ROWS)
    bag.close()
    assert result.code == result.NONE, f"{result.message}\n{recorder.text}"
    lab.close()
    with EpisodeReader(Path(result.path)) as live:  # so that ticks are the recorder's
        tick_ns = int(live.row_stamps_ns[0])
    drivers = [arm.driver.state.topic for arm in spec.arms]
    # As joined by the bridge that ran, and as the reader of bags joins them.
    for storage, without in (
        (StoragePlugin.SQLITE3, drivers),
        (StoragePlugin.MCAP, ["joint_states"]),
    ):
        path, out = tmp_path / f"bag_{storage.name}", tmp_path / f"from_{storage.name}"
        bag.write(path, storage, without, tick_ns, spec)
        # A busy machine may have stalled before the recorder began, or after it ended.
        words = ["convert", path, out, "--robot", robot, "--max-gap-s", "10"]
        assert main([str(word) for word in words]) == 0
        with (
            EpisodeReader(Path(result.path)) as live,
            EpisodeReader(out / "episode_0.hdf5") as read,
        ):
            _check_samples(live, bag, spec, joined_alike=True)
            _check_samples(read, bag, spec, joined_alike=without == drivers)
            _compare(live, read, spec)


def _check_samples(
    episode: EpisodeReader, bag: BagRecorder, spec: RobotSpec, *, joined_alike: bool
) -> None:
    """Check that every row holds what was sent with its stamps; the bag may have lost a few."""
    commands, states = bag.sent("joint_commands"), bag.sent("joint_states")
    known = [i for i, ns in enumerate(episode.action_stamps_ns) if int(ns) in commands]
    assert len(known) >= 0.95 * episode.num_frames
    for i in known:
        sent = commands[int(episode.action_stamps_ns[i])]
        np.testing.assert_array_equal(
            episode.actions[i], read_vector(sent, spec.command).astype(np.float32)
        )
        assert episode.sources[i] == "teleop"
    # Which arm's sample begins a pair depends on which was heard first: by the bridge, or here.
    known = [i for i, ns in enumerate(episode.stamps_ns) if int(ns) in states]
    assert len(known) >= 0.95 * episode.num_frames or not joined_alike
    for i in known if joined_alike else ():
        sample = read_sample(states[int(episode.stamps_ns[i])], spec.state)
        np.testing.assert_array_equal(episode.positions[i], sample.positions.astype(np.float32))
        np.testing.assert_array_equal(episode.velocities[i], sample.velocities.astype(np.float32))
    for camera in spec.cameras:
        images, stamps_ns = bag.sent(camera.image_topic), episode.image_stamps_ns(camera.name)
        known = [i for i, ns in enumerate(stamps_ns) if int(ns) in images]
        assert len(known) >= 0.95 * episode.num_frames
        for i in known[::20]:
            picture = read_image(images[int(stamps_ns[i])], camera)
            np.testing.assert_array_equal(episode.image(camera.name, i), picture)


def _compare(live: EpisodeReader, read: EpisodeReader, spec: RobotSpec) -> None:
    """Compare rows of the same tick: the same samples, give or take one.

    The two hear the same message up to some ms apart, and a busy recorder's tick is late.
    """
    arms, period_ns = ~spec.is_gripper, spec.period_ns
    near = np.abs(read.row_stamps_ns[:, None] - live.row_stamps_ns).argmin(0)
    apart = np.abs(read.row_stamps_ns[near] - live.row_stamps_ns)
    assert np.quantile(apart, 0.95) <= 0.6 * period_ns
    np.testing.assert_allclose(read.positions[near][:, arms], live.positions[:, arms], atol=0.03)
    for name in ("stamps_ns", "action_stamps_ns"):
        apart = np.abs(getattr(read, name)[near] - getattr(live, name))
        assert np.quantile(apart, 0.9) <= 1.5 * period_ns, name
    ages = [np.median(e.row_stamps_ns - e.image_stamps_ns("top")) for e in (live, read)]
    assert abs(ages[0] - ages[1]) < period_ns, ages
