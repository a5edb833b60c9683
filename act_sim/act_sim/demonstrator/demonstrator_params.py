# SPDX-License-Identifier: Apache-2.0
"""Parameters of the demonstrator node."""

from dataclasses import dataclass

from act_core.system.declaration import param


@dataclass(frozen=True)
class DemonstratorParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    robot_file: str = param("aloha_sim", "Shipped robot's name, or path of a robot YAML file.")
