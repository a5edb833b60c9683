# SPDX-License-Identifier: Apache-2.0
"""Parameters of the teleoperation node."""

from dataclasses import dataclass

from act_core.system.declaration import param


@dataclass(frozen=True)
class TeleopParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    robot_file: str = param("aloha_sim", "Shipped robot's name, or path of a robot YAML file.")
    input_timeout_s: float = param(
        0.1, "Hold when leader or robot sent no sample for this long, s; in lockstep take 1 or "
        "more.", low=0.02, high=60.0,
    )  # fmt: skip
