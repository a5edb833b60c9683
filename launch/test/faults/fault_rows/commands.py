# SPDX-License-Identifier: Apache-2.0
"""Section C: commands, teleoperation, actuators."""

from fault_rows.fault import NOTHING, Fault

HOLD = "hold"
KEEP = "keep the last command"
ACT = "an operator engages again"
ALONE = "by itself with the next good command"
HOLD_TESTS = "launch/test/wire/test_teleop_hold.py"

COMMANDS = (
    Fault(
        "C1", "leader and arms are 1 rad apart", "teleop",
        "move the leader's 'arm_base' by -1.00 rad (to within 0.3)",
        "stay; `teleop/engage` is refused with that text",
        "near enough, it may be engaged; the rest is made up at `align_speed_rad_s`",
    ),
    Fault(
        "C1b", "a source of commands starts 1 rad from the arms", "arm_bridge",
        "joint_commands refused: 'arm_base' is commanded 1.00 rad away from where the robot is "
        "(limit 0.2 rad); a source has to start from the measured pose",
        "stay", "when it starts from where the arms are",
    ),
    Fault(
        "C2", "the leader jumps by 1.2 rad: an encoder's wrap, a cable", "teleop",
        "leader/joint_states refused: 'arm_base' moved 1.20 rad in … ms (limit … rad, by its "
        "max_velocity_rad_s); is it a glitch of its bus?",
        "stay, then follow within speed and acceleration, never by a jump",
        "by itself: what lasts is believed, as a hand may be fast, three times as fast as the "
        "arms; where that takes longer than `input_timeout_s` it is the hold of C3",
    ),
    Fault(
        "C3", "the leader is gone: cable, crash", "teleop",
        "leader/joint_states: no sample for … s (limit 0.3 s); holding",
        "hold within `input_timeout_s` (0.08 s by default)", "see C4",
    ),
    Fault(
        "C4", "the leader comes back", "teleop",
        "call ~/engage to engage (held: leader/joint_states: no sample for … s (limit 0.3 s))",
        HOLD, f"{ACT}, aligned as at first",
    ),
    Fault(
        "C5", "a leader beyond the follower's range", "teleop", NOTHING,
        "stop at the end of that joint's range; the other joints follow",
        "by itself; leader arms reach further than followers, so it is no fault",
    ),
    Fault(
        "C5b", "a leader's value that no joint can have", "teleop",
        "leader/joint_states refused: leader: joint 'leader/base' is 5, expected a value in "
        "-4 … 4; check its unit and the robot file; holding",
        HOLD, ACT,
    ),
    Fault(
        "C6", "a leader that is faster than the arms may be", "teleop", NOTHING,
        "follow later, within speed and acceleration", "by itself",
    ),
    Fault(
        "C7", "a command that is NaN", "arm_bridge",
        "joint_commands refused: command: position of joint 'elbow' is nan, expected a finite "
        "number",
        KEEP, f"the whole command is left out and counted; {ALONE}",
    ),
    Fault(
        "C7b", "a command from another time: a slow network, a wrong clock", "arm_bridge",
        "joint_commands refused: command of cell is 1 s old (limit 0.2 s); is the network slow, "
        "are the clocks synchronised, does use_sim_time differ?",
        KEEP, ALONE,
    ),
    Fault(
        "C7c", "a command without a stamp", "arm_bridge",
        "joint_commands refused: command of cell: header.stamp is 0, expected the time it is "
        "meant for",
        KEEP, ALONE,
    ),
    Fault(
        "C8", "a command for another robot's joints", "arm_bridge",
        "joint_commands refused: command: missing 'elbow'. Got: base, finger. Expected: base, "
        "elbow, finger",
        KEEP, ALONE,
    ),
    Fault(
        "C8b", "a command with fewer values than names", "arm_bridge",
        "joint_commands refused: command: got 2 positions for 3 joint names", KEEP, ALONE,
    ),
    Fault(
        "C10", "a leader's gripper beyond open", "teleop", NOTHING,
        "gripper fully open; the joints follow", "by itself; C5b where it is another unit",
    ),
    Fault(
        "C11", "another node commands too", "teleop", "rival commands; stop it first; holding",
        "teleop holds while the other is heard", f"when it is gone, {ACT}; by itself with "
        "`engage:=auto`",
        proof=f"{HOLD_TESTS}::test_it_does_not_command_beside_another_node",
    ),
    Fault(
        "C11b", "two sources at the arm bridge", "arm_bridge",
        "joint_commands refused: rival commands while cell does; one source at a time, stop one "
        "of them",
        "follow the first alone", "the second, once the first has been silent for `hold_after_s`",
    ),
    Fault(
        "C12", "the deadman button is let go, or its messages stay out", "teleop",
        "the deadman button is not held; holding", "hold within 0.3 s",
        "the button is held again, then an operator engages",
    ),
    Fault(
        "C13", "`teleop/hold` while following or on the way to a pose", "teleop",
        "asked to hold; holding", HOLD, ACT,
    ),
    Fault(
        "C14", "nobody listens to a controller's topic", "arm_bridge",
        "arm/commands: nobody listens; is the controller running?", "stay",
        "by itself; said every 2 s and on `/diagnostics` as an error",
    ),
    Fault(
        "C14b", "whoever commands is gone", "arm_bridge",
        "joint_commands: nothing from cell for … s (limit 0.2 s); the last command is kept",
        KEEP, "any source may begin, from where the arms are",
    ),
    Fault(
        "C15", "an arm does not follow: torque off, blocked", "teleop",
        "'arm_base' is … rad from its command for 0.5 s; is its torque on, is it blocked?; "
        "holding",
        HOLD, f"{ACT}, from where the arm is",
    ),
    Fault(
        "C16", "Ctrl-C, or the end of the launch, while the arms move", "teleop", NOTHING,
        "keep the last command, torque on (`park_on_exit` drives to the sleep pose first)",
        "the node ends within 2 s with status 0",
    ),
)  # fmt: skip
