# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

pytest.importorskip("act_interfaces")

from act_core.robot.robot_file import load_robot  # noqa: E402
from act_core.ros.messages.joints import read_sample  # noqa: E402
from act_core.ros.messages.stamps import to_ns  # noqa: E402
from act_sim.cell.session import EpisodeState, Tick  # noqa: E402
from act_sim.cell.world import World  # noqa: E402
from act_sim.sim_messages import (  # noqa: E402
    from_pose,
    joint_state,
    object_markers,
    task_state,
    to_pose,
)

pytestmark = [pytest.mark.ros, pytest.mark.sim]

SPEC = load_robot("aloha_sim")


@pytest.fixture(scope="module")
def world():
    world = World(SPEC, "insertion")
    world.reset(4, disturbance=1.0)
    for _ in range(5):
        world.step(SPEC.start)
    return world


@pytest.fixture(scope="module")
def tick(world):
    stamp_ns = 12_000_000_020
    return Tick(stamp_ns, 5, world.joint_sample(stamp_ns), {}, world.object_poses(), 3)


def test_pose_comes_back_as_it_went():
    pose = np.array([0.1, 0.5, 0.05, 0.9, 0.1, 0.2, 0.3])
    message = to_pose(pose)
    assert (message.position.x, message.orientation.w, message.orientation.z) == (0.1, 0.9, 0.3)
    np.testing.assert_array_equal(from_pose(message), pose)


def test_joint_state_reads_back_as_the_very_sample_of_the_process(world, tick):
    message = joint_state(tick, world, np.zeros(SPEC.dim))
    sample = read_sample(message, SPEC.state)
    assert sample.stamp_ns == tick.stamp_ns
    np.testing.assert_array_equal(sample.positions, tick.joints.positions)
    np.testing.assert_array_equal(sample.velocities, tick.joints.velocities)
    np.testing.assert_array_equal(sample.efforts, tick.joints.efforts)


def test_noise_is_added_to_the_robots_own_joints(world, tick):
    noise = np.linspace(0.001, 0.014, SPEC.dim)
    true, noisy = (joint_state(tick, world, n) for n in (np.zeros(SPEC.dim), noise))
    moved = np.array(noisy.position) - np.array(true.position)
    assert moved == pytest.approx([*noise, 0.0, 0.0])
    assert list(noisy.velocity) == list(true.velocity)


def test_joint_state_also_names_the_mirrored_fingers(world, tick):
    message = joint_state(tick, world, np.zeros(SPEC.dim))
    assert list(message.name[14:]) == ["vx300s_left/right_finger", "vx300s_right/right_finger"]
    assert len(message.position) == len(message.velocity) == len(message.effort) == 16
    assert message.position[14] == pytest.approx(-message.position[6], abs=1e-3)


def test_task_state_says_how_the_episode_stands(tick):
    episode = EpisodeState(
        number=2, task="insertion", seed=4, stage=4, done=True, aborted=True, message="why"
    )
    message = task_state(tick, episode, 400)
    assert to_ns(message.header.stamp) == tick.stamp_ns
    assert (message.task, message.episode, message.seed) == ("insertion", 2, 4)
    assert (message.tick, message.max_ticks) == (5, 400)
    assert (message.reward, message.stage, message.success) == (3, 4, True)
    assert (message.held, message.done, message.aborted) == (False, True, True)
    assert message.message == "why"
    assert list(message.object_names) == ["peg", "socket"]
    for name, pose in zip(message.object_names, message.object_poses, strict=True):
        np.testing.assert_array_equal(from_pose(pose), tick.objects[name])


def test_markers_are_the_boxes_of_all_objects(world, tick):
    markers = object_markers(tick, world).markers
    # A peg of one box; a socket of four walls and a pin.
    assert len({marker.id for marker in markers}) == len(markers) == 6
    peg = markers[0]
    np.testing.assert_allclose(from_pose(peg.pose)[:3], tick.objects["peg"][:3], atol=1e-3)
    assert max(peg.scale.x, peg.scale.y, peg.scale.z) == pytest.approx(0.12)
    assert all(marker.color.a == 1.0 for marker in markers)
    assert all(marker.header.frame_id == "world" for marker in markers)
