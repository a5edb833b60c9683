# SPDX-License-Identifier: Apache-2.0
"""Parameters of the fake lab."""

from dataclasses import dataclass

from act_core.system.declaration import param


@dataclass(frozen=True)
class FakeLabParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    robot_file: str = param("aloha_2", "Shipped robot's name, or path of a robot YAML file.")
    state_rate_hz: float = param(100.0, "Rate of each arm's joint states.", low=1.0, high=1000.0)
    camera_rate_hz: float = param(30.0, "Rate of each camera.", low=0.5, high=200.0)
    camera_latency_s: float = param(
        0.03, "Age of an image when it is published, s.", low=0.0, high=2.0
    )
    best_effort: bool = param(False, "Publish cameras with best effort, as many drivers do.")
    leader: bool = param(
        True, "Play leader arms: over and over, at the start pose, grippers open and close, then "
        "all joints wave."
    )  # fmt: skip
