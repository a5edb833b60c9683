# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys

import numpy as np
import pytest

from act_core.robot.robot_file import load_robot, parse_robot
from act_sim.cell.world import World
from act_sim.errors import SimError

pytestmark = pytest.mark.sim

SPEC = load_robot("aloha_sim")
GRIPPERS = [6, 13]


@pytest.fixture(scope="module")
def world():
    return World(SPEC, "transfer_cube")


def _command(tick):
    command = SPEC.start + 0.3 * np.sin(tick / 10 + np.arange(SPEC.dim))
    command[GRIPPERS] = 0.5
    return command


def _trajectory(world, seed, disturbance=0.0, ticks=30):
    world.reset(seed, disturbance)
    states = [world.data.qpos.copy()]
    for tick in range(ticks):
        world.step(_command(tick))
        states.append(world.data.qpos.copy())
    return np.array(states)


@pytest.mark.parametrize("disturbance", [0.0, 1.0])
def test_same_seed_gives_the_same_trajectory_to_the_last_bit(world, disturbance):
    first = _trajectory(world, 7, disturbance)
    _trajectory(world, 8, 1.0)  # what ran before must leave no trace
    np.testing.assert_array_equal(_trajectory(world, 7, disturbance), first)
    fresh = World(SPEC, "transfer_cube")
    np.testing.assert_array_equal(_trajectory(fresh, 7, disturbance), first)


def test_seeds_and_disturbance_make_a_difference(world):
    plain = _trajectory(world, 7)
    assert not np.array_equal(_trajectory(world, 8)[0], plain[0])
    disturbed = _trajectory(world, 7, 1.0)
    np.testing.assert_array_equal(disturbed[0], plain[0])
    assert 1e-3 < np.abs(disturbed[-1] - plain[-1]).max() < 0.1


def test_without_disturbance_a_seed_is_nothing_but_its_poses(world):
    expected = _trajectory(world, 7)
    world.reset(7)
    poses = world.object_poses()["cube"]
    world.reset(3, 1.0)
    world.reset_to(poses)
    for tick in range(30):
        world.step(_command(tick))
    np.testing.assert_array_equal(world.data.qpos, expected[-1])


def test_reset_puts_the_robot_to_its_start_pose_at_rest(world):
    _trajectory(world, 0)
    world.reset(1)
    sample = world.joint_sample(5)
    assert sample.stamp_ns == 5
    np.testing.assert_allclose(sample.positions, SPEC.start, atol=1e-12)
    np.testing.assert_array_equal(sample.velocities, np.zeros(14))
    assert world.stage == world.reward() == 0


def test_one_step_is_one_control_tick(world):
    world.reset(0)
    for _ in range(10):
        world.step(SPEC.start)
    assert world.data.time == pytest.approx(10 * 0.02)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_command_that_is_not_finite_is_refused_and_nothing_moves(world, bad):
    world.reset(0)
    before, time_s = world.data.qpos.copy(), world.data.time
    command = SPEC.start.copy()
    command[12] = bad
    with pytest.raises(SimError) as caught:
        world.step(command)
    assert str(caught.value) == (
        "command for 'right_wrist_rotate' is not finite; nothing was stepped"
    )
    assert world.data.time == time_s
    np.testing.assert_array_equal(world.data.qpos, before)


def test_divergence_is_an_error_and_a_reset_cures_it(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # MuJoCo writes its log here
    world.reset(0)
    world.data.qvel[:] = 1e200
    with pytest.raises(SimError, match=r"the simulation diverged at .* s; reset it"):
        world.step(SPEC.start)
    world.reset(0)
    world.step(SPEC.start)


def test_gripper_column_opens_both_fingers_over_the_whole_range(world):
    world.reset(0)
    # The model's fingers stop at 0.021 m … 0.057 m, a little inside the published range.
    closed, opened = 0.1, 0.975
    for left, right in ((opened, closed), (closed, opened)):
        command = SPEC.start.copy()
        command[GRIPPERS] = [round(left), round(right)]
        for _ in range(60):
            world.step(command)
        assert world.joint_sample(0).positions[GRIPPERS] == pytest.approx([left, right], abs=0.01)
        finger_m = world.data.joint("vx300s_left/left_finger").qpos[0]
        assert finger_m == pytest.approx(0.01844 + left * (0.05800 - 0.01844), abs=5e-4)
        mirrored = world.data.qpos[world.joints.mirror_qpos]
        fingers = world.data.qpos[world.joints.qpos[GRIPPERS]]
        np.testing.assert_allclose(mirrored, -fingers, atol=2e-3)


def test_velocities_fit_the_positions(world):
    world.reset(0)
    command = SPEC.start.copy()
    command[0], command[6] = 0.5, 1.0
    for _ in range(10):
        before = world.joint_sample(0).positions
        world.step(command)
    sample = world.joint_sample(0)
    measured = (sample.positions - before) / 0.02
    for column in (0, 6):
        assert abs(measured[column]) > 0.1
        assert sample.velocities[column] == pytest.approx(measured[column], rel=0.3)


def test_object_poses_are_those_of_the_seed(world):
    world.reset(11)
    expected = world.task.sample(np.random.default_rng(11))
    np.testing.assert_array_equal(world.object_poses()["cube"], expected)


def test_robot_that_does_not_fit_the_model_is_refused_with_joint_names():
    text = SPEC.yaml_text.replace("vx300s_left/", "puppet_left/")
    with pytest.raises(SimError) as caught:
        World(parse_robot(text, "changed"), "transfer_cube")
    message = str(caught.value)
    assert message.startswith("robot 'aloha_sim' does not fit the model: not in the model: ")
    missing, extra = message.split("; not in the robot file: ")
    assert "puppet_left/waist" in missing
    assert "puppet_left/left_finger" in missing
    # The mirrored finger need not be there; that of the other name belongs to nobody.
    assert "puppet_left/right_finger" not in missing
    assert "vx300s_left/right_finger" in extra
    assert "vx300s_left/elbow" in extra
    assert "vx300s_right" not in message


def test_robot_with_other_command_joints_is_refused():
    with pytest.raises(SimError, match="robot 'aloha_original': the simulator needs equal state"):
        World(load_robot("aloha_original"), "transfer_cube")


def test_rate_that_physics_cannot_keep_is_refused():
    spec = parse_robot(SPEC.yaml_text.replace("rate_hz: 50.0", "rate_hz: 30.0"), "changed")
    with pytest.raises(
        SimError, match=r"rate_hz 30 is not a whole number of physics steps of 0\.002 s"
    ):
        World(spec, "transfer_cube")


def test_world_alone_loads_neither_ros_nor_dm_control():
    code = "import sys, act_sim.cell.world; print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert {"rclpy", "dm_control", "gym_aloha", "torch"}.isdisjoint(output.decode().split())
