# SPDX-License-Identifier: Apache-2.0
"""A policy that was trained on small images, on a robot whose cameras send large ones."""

import time

import numpy as np
import pytest

rclpy = pytest.importorskip("rclpy")

from rclpy.node import Node  # noqa: E402

from act_core.episode.meta import EpisodeMeta  # noqa: E402
from act_core.episode.writer import EpisodeWriter  # noqa: E402
from act_core.observation import JointSample, Observation  # noqa: E402
from act_core.robot.robot_file import load_robot, parse_robot  # noqa: E402
from act_core.ros.messages.images import write_image  # noqa: E402
from act_core.ros.messages.joints import write_vector  # noqa: E402
from act_policy.checkpoint.checkpoint import save_checkpoint  # noqa: E402
from act_policy.inference.network_policy import NetworkPolicy  # noqa: E402
from act_policy.samples.dataset import EpisodeDataset  # noqa: E402
from act_policy.samples.episode import Episode  # noqa: E402
from act_policy.session.open_session import open_session  # noqa: E402
from act_policy.session.policy_params import PolicyParams  # noqa: E402
from act_policy.session.policy_report import PolicyReport  # noqa: E402
from act_policy.testing import make_checkpoint  # noqa: E402

pytestmark = pytest.mark.ros

SMALL = load_robot("aloha_sim")
SPEC = parse_robot(
    SMALL.yaml_text.replace("height_px: 120, width_px: 160", "height_px: 480, width_px: 640"),
    "with a large camera",
)
IMAGE = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)


@pytest.fixture
def session(tmp_path):
    """Return an engaged lockstep session of a tiny network, trained on 120x160."""
    rows = np.tile(SPEC.start, (4, 1)).astype(np.float32)
    whole = make_checkpoint(
        rows, rows, robot_yaml=SMALL.yaml_text, chunk_size=4, rate_hz=SPEC.rate_hz,
        cameras=("top",), image_height_px=120, image_width_px=160,
        state_names=SPEC.columns, action_names=SPEC.columns,
    )  # fmt: skip
    save_checkpoint(tmp_path / "c", whole)
    context = rclpy.Context()
    rclpy.init(context=context)
    node = Node("policy", context=context, start_parameter_services=False)
    params = PolicyParams(
        checkpoint=str(tmp_path / "c"), pace="lockstep", ensemble="none", engine="torch"
    )
    session = open_session(node, params, SPEC, PolicyReport(node))
    session.engage()
    yield session
    session.close()
    node.destroy_node()
    context.shutdown()


def _trained_on(folder):
    """Return the image that training makes of the same frame, recorded by that robot."""
    writer = EpisodeWriter(folder, EpisodeMeta.for_robot(SPEC, sim=False), {"top": (480, 640)})
    joints = JointSample(0, SPEC.start, SPEC.start, SPEC.start)
    writer.append(Observation(0, joints, {"top": IMAGE}, {"top": 0}), SPEC.start, 0)
    episode = Episode.load(writer.finish())
    return EpisodeDataset([episode], 4, image_size_px=(120, 160))[[0]].images[0, 0].numpy()


def test_it_sees_the_pixels_that_training_would_see(session, tmp_path):
    session._input._on_image("top", write_image(IMAGE, 0, "f"))
    session._input._on_joints(write_vector(SPEC.start, SPEC.state, 0))
    end_s = time.monotonic() + 20.0
    while session._loaded.client.waiting_s and time.monotonic() < end_s:
        time.sleep(0.005)
    seen = session._loaded.client._images.by_camera["top"]
    expected = _trained_on(tmp_path / "data")
    assert expected.shape == (120, 160, 3)
    np.testing.assert_array_equal(seen, expected)
    (reply,) = session._loaded.client.take()
    policy = NetworkPolicy.load(tmp_path / "c", num_threads=1)
    for image in (IMAGE, expected):  # in one process, too
        chunk = policy.predict_chunk(SPEC.start, {"top": image})
        np.testing.assert_allclose(reply.chunk, chunk, atol=1e-5)
