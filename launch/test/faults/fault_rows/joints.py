# SPDX-License-Identifier: Apache-2.0
"""Section B: joint states and time."""

from fault_rows.fault import NOTHING, Fault

FOLLOW = "follow on"
HOLD = "hold"
ACT = "an operator engages again"
NEXT = "by itself with the next good sample"
SYNC = "synchronise the clocks with chrony"

JOINTS = (
    Fault(
        "B1", "joint names in another order in each message", "teleop", NOTHING, FOLLOW,
        "joints are matched by name, always",
    ),
    Fault(
        "B2", "a joint is missing", "teleop",
        "joint_states refused: state: missing 'elbow'. Got: base, finger. Expected: base, elbow, "
        "finger",
        HOLD, ACT,
    ),
    Fault(
        "B2b", "a joint is there twice", "recorder",
        "joint_states refused: state: doubled 'base'. Got: base, elbow, finger, base. Expected: "
        "base, elbow, finger",
        HOLD, ACT,
    ),
    Fault(
        "B2c", "more joints than the robot's, no velocity, no effort", "teleop", NOTHING, FOLLOW,
        "others are ignored; what was not measured is NaN in the file, never 0",
    ),
    Fault(
        "B3", "fewer positions than names", "recorder",
        "joint_states refused: state: got 2 positions for 3 joint names", HOLD, ACT,
    ),
    Fault(
        "B4", "a position that is NaN", "teleop",
        "joint_states refused: state: position of joint 'elbow' is nan, expected a finite number",
        HOLD, ACT,
    ),
    Fault(
        "B4b", "a leader's position that is infinite", "teleop",
        "leader/joint_states refused: leader: position of joint 'leader/elbow' is inf, expected a "
        "finite number; holding",
        HOLD, ACT,
    ),
    Fault(
        "B4c", "degrees instead of radians", "recorder",
        "joint_states refused: state: joint 'elbow' is 57.2958, expected a value in -6 … 6; check "
        "its unit and the robot file",
        HOLD, ACT,
    ),
    Fault(
        "B5", "joint states stay out: the driver hangs", "teleop",
        "joint_states: no sample for … s (limit 0.3 s); holding", HOLD, ACT,
    ),
    Fault(
        "B6", "a bus glitch: one sample with all joints of an arm at -pi", "teleop",
        "joint_states refused: 'arm_elbow' moved … rad in … ms (limit … rad, by its "
        "max_velocity_rad_s); is it a glitch of its bus?",
        FOLLOW, "the sample is left out, of rows too; if it lasts they hold, and after the time "
        "that such a motion takes it is believed",
    ),
    Fault(
        "B6b", "a bus glitch of the leader: one sample with all joints at 0", "teleop",
        "leader/joint_states refused: 'arm_elbow' moved … rad in … ms (limit … rad, by its "
        "max_velocity_rad_s); is it a glitch of its bus?",
        FOLLOW, "the sample is left out and counted (`rejected` of `teleop/status`)",
    ),
    Fault(
        "B7", "each sample is sent twice", "teleop", NOTHING, FOLLOW, "the second changes nothing",
    ),
    Fault(
        "B8", "samples in another order than their stamps", "teleop", NOTHING, FOLLOW,
        "an older one is left out",
    ),
    Fault(
        "B9", "the robot's stamps jump ahead by 10 s", "teleop",
        "joint_states: the stamps jumped; holding", HOLD,
        f"{ACT}; as long as it lasts no row is recorded, see B9b",
    ),
    Fault(
        "B9b", "the robot's stamps are 10 s ahead all the time", "recorder",
        f"joint_states: stamps are 10 s ahead of this machine's clock (limit 0.05 s, "
        f"max_clock_offset_s): {SYNC}",
        "follow: commands carry teleop's own time; teleop says the same once", NEXT,
    ),
    Fault(
        "B9c", "a leader whose stamps jump by 10 s", "teleop",
        "leader/joint_states refused: its stamps jumped; holding", HOLD, ACT,
    ),
    Fault(
        "B9d", "a leader without stamps", "teleop",
        "leader/joint_states refused: header.stamp is 0; the leader's driver has to set it; "
        "holding",
        HOLD, "its driver is put right",
    ),
    Fault(
        "B9e", "a leader stamped by the monotonic clock", "teleop",
        "leader/joint_states: stamps count from boot (monotonic clock): let its driver stamp in "
        "ROS time",
        "follow: commands carry teleop's own time", "said once",
    ),
    Fault(
        "B9f", "joint states without stamps", "recorder",
        "joint_states: stamps are 0: its driver sets none; let it fill in header.stamp",
        "hold at the jump, then follow", NEXT,
    ),
    Fault(
        "B14", "the machines' clocks differ by 0.3 s", "teleop",
        f"leader/joint_states: stamps are 0.… s ahead of this machine's clock (limit 0.05 s, "
        f"max_clock_offset_s): {SYNC}",
        FOLLOW, "no row is recorded; the policy holds (D13); said again after it was well",
    ),
)  # fmt: skip
