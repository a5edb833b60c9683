# SPDX-License-Identifier: Apache-2.0
"""Parameters of the teleoperation node."""

from dataclasses import dataclass

from act_core.streams.input_bounds import ClockBounds
from act_core.system.declaration import param


@dataclass(frozen=True)
class TeleopParams(ClockBounds):
    """See each field's description; `docs/reference/parameters.md` lists them.

    Stamps beyond the bounds of clocks are told and followed: commands carry this node's time.
    """

    robot_file: str = param("aloha_sim", "Shipped robot's name, or path of a robot YAML file.")
    pace: str = param(
        "realtime",
        "realtime: commands carry this node's time. lockstep: each carries its leader's stamp.",
        choices=("realtime", "lockstep"),
    )
    input_timeout_s: float = param(
        # Four periods of ALOHA's 50 Hz; with the timer that looks, a hold is said within 0.1 s.
        0.08, "Hold when leader or robot sent no sample for this long, s; in lockstep take 1 or "
        "more.", low=0.02, high=60.0,
    )  # fmt: skip
    engage: str = param(
        "grippers",
        "What lets the robot follow, at first and after each hold. grippers: all leader grippers "
        "opened, then closed. call: ~/engage or engage_button alone. auto: leader and robot are "
        "there; for simulation.",
        choices=("grippers", "call", "auto"),
    )
    align_within_rad: float = param(
        0.3, "Largest distance of any leader joint from the robot's at which it may be engaged, "
        "rad; the rest is made up at align_speed_rad_s. Not with auto.", low=0.01, high=7.0,
    )  # fmt: skip
    align_speed_rad_s: float = param(
        0.5, "How fast a distance between leader and robot is made up, rad/s.", low=0.01, high=10.0
    )
    pose_speed_rad_s: float = param(
        0.5, "Speed of motions to the start pose and to the park pose, rad/s.", low=0.01, high=3.0
    )
    park_on_exit: bool = param(
        False, "Drive to the robot file's sleep pose before this node ends."
    )
    engage_button: int = param(
        -1, "Index of the joy button that engages; -1 for none.", low=-1, high=63
    )
    deadman_button: int = param(
        -1, "Index of the joy button that has to be held; -1 for none.", low=-1, high=63
    )
    active_leaders: bool = param(
        False, "While nobody is followed, lead leader arms with motors to where the robot is, on "
        "leader/joint_commands; grippers stay the operator's.",
    )  # fmt: skip
    policy_node: str = param("policy", "Node whose policy ~/take_over pauses.")
