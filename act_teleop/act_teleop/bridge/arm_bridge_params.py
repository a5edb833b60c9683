# SPDX-License-Identifier: Apache-2.0
"""Parameters of the arm bridge."""

from dataclasses import dataclass

from act_core.system.declaration import param


@dataclass(frozen=True)
class ArmBridgeParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    robot_file: str = param("aloha_2", "Shipped robot's name, or path of a robot YAML file.")
    max_arm_skew_s: float = param(
        0.05, "Largest time between the arms' samples that are joined, s.", low=0.001, high=1.0
    )
    input_timeout_s: float = param(
        0.5, "Say so when an arm's topic stays out this long, s.", low=0.02, high=60.0
    )
    max_command_age_s: float = param(
        0.2, "Commands stamped further from now, on either side, are refused, s.", low=0.01,
        high=10.0,
    )  # fmt: skip
    hold_after_s: float = param(
        0.2, "Silence of the commanding node after which it counts as gone, s.", low=0.01,
        high=10.0,
    )  # fmt: skip
