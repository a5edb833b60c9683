# SPDX-License-Identifier: Apache-2.0
"""What a reset means for the rows of real time."""

import numpy as np

from act_core.observation import JointSample, Missing
from act_core.streams.input_bounds import InputBounds
from act_recorder.rows.real_time_matcher import RealTimeMatcher
from act_recorder.rows.row_matcher import Row

PERIOD_NS = 20_000_000


def test_a_command_from_before_the_reset_is_in_no_row():
    """It was never executed: the robot's side refuses it."""
    rows = RealTimeMatcher((), PERIOD_NS, InputBounds(), 25 * PERIOD_NS)
    pose = np.zeros(1)
    rows.assembler.add_joints(JointSample(3 * PERIOD_NS, pose, pose, pose))
    rows.add_command(3 * PERIOD_NS, pose)
    rows.begin(4 * PERIOD_NS)
    waits = rows.next_row(4 * PERIOD_NS)
    assert isinstance(waits, Missing)
    assert waits.reason == "joint_commands: no command yet"
    rows.add_command(5 * PERIOD_NS, pose)
    row = rows.next_row(5 * PERIOD_NS)
    assert isinstance(row, Row)
    assert row.action_stamp_ns == 5 * PERIOD_NS
