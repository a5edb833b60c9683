# SPDX-License-Identifier: Apache-2.0
"""Parameters of the robot check."""

from dataclasses import dataclass

from act_core.system.declaration import param


@dataclass(frozen=True)
class RobotCheckParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    robot_file: str = param("aloha_2", "Shipped robot's name, or path of a robot YAML file.")
    leader: bool = param(True, "Whether leader arms are expected, too.")
    listen_s: float = param(2.0, "How long to listen to each topic, s.", low=0.2, high=60.0)
