# SPDX-License-Identifier: Apache-2.0
"""Parameters of the replay of an episode."""

from dataclasses import dataclass

from act_core.system.declaration import param


@dataclass(frozen=True)
class ReplayParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    robot_file: str = param("aloha_sim", "Shipped robot's name, or path of a robot YAML file.")
    episode: str = param("", "Path of the episode file whose actions are played.")
    speed: float = param(
        1.0, "How many times as fast as it was recorded; 0.5 is half as fast.", low=0.05, high=4.0
    )
    tolerance_rad: float = param(
        0.1, "It plays once no arm joint of the robot is further than this from the first pose, "
        "rad.", low=0.005, high=3.0,
    )  # fmt: skip
