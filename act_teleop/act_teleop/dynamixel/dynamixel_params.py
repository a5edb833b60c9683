# SPDX-License-Identifier: Apache-2.0
"""Parameters of the Dynamixel node."""

from dataclasses import dataclass

from act_core.system.declaration import param


@dataclass(frozen=True)
class DynamixelParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    robot_file: str = param(
        "aloha_original", "Shipped robot's name, or path of a robot YAML file."
    )
    role: str = param(
        "follower", "follower: joint_states out, joint_commands in. leader: leader/joint_states "
        "out.", choices=("follower", "leader"),
    )  # fmt: skip
    buses: list[str] = param(
        [""], "arm=bus for each arm, the bus a shipped one's name or the path of its file, for "
        "example [left=aloha_follower, right=my_bus.yaml]; empty: the shipped one of the role.",
    )  # fmt: skip
    calibration_dir: str = param(
        "~/.config/act/dynamixel", "Folder of what `act dynamixel calibrate` writes."
    )
    rate_hz: float = param(
        0.0, "Samples per second, Hz; 0: the robot file's rate.", low=0.0, high=1000.0
    )
    answer_timeout_s: float = param(
        0.005, "How long motors may take to answer, beyond the time the bytes take, s.",
        low=0.001, high=0.5,
    )  # fmt: skip
    hold_without_samples_s: float = param(
        0.1, "Without a sample for this long, nothing is sent to the arms any more, s; they keep "
        "their last goal and torque.", low=0.02, high=2.0,
    )  # fmt: skip
    torque: str = param(
        "auto", "Torque at start. auto: on for followers, off for leaders. driven, for leaders: "
        "on while leader/joint_commands come (active_leaders of teleop), else off.",
        choices=("auto", "on", "off", "driven"),
    )  # fmt: skip
    release_on_exit: bool = param(False, "Turn torque off at the end; the arms fall.")
    max_command_age_s: float = param(
        0.2, "Commands stamped further from now, on either side, are refused, s.",
        low=0.01, high=10.0,
    )  # fmt: skip
    hold_after_s: float = param(
        0.2, "Silence of the commanding node after which it counts as gone, s.",
        low=0.01, high=10.0,
    )  # fmt: skip
