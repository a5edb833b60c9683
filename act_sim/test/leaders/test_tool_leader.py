# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.robot.robot_file import load_robot
from act_sim.cell.cell_model import load_model
from act_sim.cell.kinematics import POSITION_TOLERANCE_M, CellKinematics
from act_sim.leaders.tool_leader import ToolLeader
from act_sim.leaders.tool_step import Steering, ToolLimits
from act_sim.tasks import task_named

pytestmark = pytest.mark.sim

SPEC = load_robot("aloha_sim")
LIMITS = ToolLimits(speed_m_s=0.3, turn_rad_s=2.0, grip_per_s=2.0, min_height_m=0.005)
TICK_S = SPEC.period_ns / 1e9
LEFT, RIGHT = slice(0, 7), slice(7, 14)
KINEMATICS = CellKinematics(load_model(task_named("transfer_cube")), SPEC)

units = st.lists(st.floats(-1, 1), min_size=3, max_size=3).map(np.array)
wishes = st.lists(
    st.tuples(
        st.sampled_from(["left", "right"]), units, units, st.floats(-1, 1), st.integers(1, 60)
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture
def leader():
    leader = ToolLeader(KINEMATICS, SPEC, LIMITS)
    leader.start_from(SPEC.start)
    return leader


def tip_of(vector, arm):
    KINEMATICS.stand(vector)
    return KINEMATICS.tip(arm)


def push(leader, arm, ticks, **steering):
    for _ in range(ticks):
        vector = leader.move(arm, Steering(**steering), TICK_S)
    return vector


@settings(deadline=None, max_examples=25)
@given(wishes)
def test_joints_stay_in_range_and_below_their_speeds_and_the_tool_below_its(path):
    leader = ToolLeader(KINEMATICS, SPEC, LIMITS)
    before = leader.start_from(SPEC.start)
    for arm, shift, turn, grip, ticks in path:
        for _ in range(ticks):
            tip = tip_of(before, arm)
            after = leader.move(arm, Steering(shift, turn, grip), TICK_S)
            assert np.all(np.abs(after - before) <= SPEC.max_velocity * TICK_S + 1e-9)
            assert np.all((SPEC.lower <= after) & (after <= SPEC.upper))
            moved = tip_of(after, arm).translation() - tip.translation()
            # Each solution may be off by the tolerance.
            longest_m = LIMITS.speed_m_s * TICK_S + 2 * POSITION_TOLERANCE_M
            assert np.linalg.norm(moved) <= longest_m
            if np.linalg.norm(shift) > 0.1 and np.linalg.norm(moved) < 1e-6:
                assert f"arm '{arm}'" in leader.reason  # never in silence
            other = RIGHT if arm == "left" else LEFT
            assert np.array_equal(after[other], before[other])
            before = after


def test_first_pose_is_the_measured_one_to_the_bit_and_it_stays(leader):
    measured = SPEC.start + np.linspace(-0.02, 0.02, SPEC.dim)
    assert np.array_equal(leader.start_from(measured), measured)
    for _ in range(5):
        assert np.array_equal(leader.move("left", Steering(), TICK_S), measured)


def test_steering_moves_the_fingertips_where_it_says(leader):
    tip = tip_of(SPEC.start, "left")
    vector = push(leader, "left", 25, shift=np.array([0.0, 0.6, -0.8]))
    moved = tip_of(vector, "left").translation() - tip.translation()
    np.testing.assert_allclose(moved, [0.0, 0.09, -0.12], atol=1e-3)
    assert leader.reason == ""


def test_it_stops_at_the_edge_of_reach_says_so_and_comes_back(leader):
    vector = push(leader, "left", 300, shift=np.array([1.0, 0.0, 0.0]))
    assert leader.reason.startswith("arm 'left' cannot reach [0.")
    assert "mm and" in leader.reason
    again = push(leader, "left", 50, shift=np.array([1.0, 0.0, 0.0]))
    assert np.abs(again - vector).max() < 0.1  # at rest, but for the tolerance
    edge = tip_of(again, "left").translation()
    vector = push(leader, "left", 10, shift=np.array([-1.0, 0.0, 0.0]))
    assert leader.reason == ""
    assert edge[0] - tip_of(vector, "left").translation()[0] > 0.02


def test_the_joint_at_its_end_is_named(leader):
    push(leader, "right", 300, turn=np.array([0.0, 1.0, 0.0]))
    assert "'right_wrist_rotate' is at the end of its range" in leader.reason


def test_the_fingertips_stay_above_the_table_and_can_go_along_it(leader):
    push(leader, "right", 30, turn=np.array([1.0, 0.0, 0.0]))  # over the table, nose down
    down = push(leader, "right", 100, shift=np.array([0.0, 0.0, -1.0]))
    assert leader.reason == "arm 'right' is at its lowest, 0.005 m (min_height_m)"
    tip = tip_of(down, "right").translation()
    assert tip[2] == pytest.approx(LIMITS.min_height_m, abs=POSITION_TOLERANCE_M)
    along = push(leader, "right", 10, shift=np.array([0.0, 1.0, -0.1]))
    assert tip_of(along, "right").translation()[1] - tip[1] > 0.05


def test_the_gripper_goes_to_its_end_at_its_speed(leader):
    opened = leader.move("left", Steering(grip=1.0), TICK_S)
    step = LIMITS.grip_per_s * TICK_S
    assert opened[6] == pytest.approx(SPEC.start[6] + step)
    assert push(leader, "left", 100, grip=1.0)[6] == 1.0
    assert push(leader, "left", 100, grip=-1.0)[6] == 0.0


def test_from_outside_its_ranges_an_arm_comes_back_at_the_joints_speed(leader):
    measured = SPEC.start.copy()
    measured[0] = SPEC.upper[0] + 0.2
    leader.start_from(measured)
    vector = leader.move("left", Steering(turn=np.array([1.0, 0.0, 0.0])), TICK_S)
    assert vector[0] == pytest.approx(measured[0] - SPEC.max_velocity[0] * TICK_S)
    vector = push(leader, "left", 10, turn=np.array([1.0, 0.0, 0.0]))
    assert vector[0] <= SPEC.upper[0]
