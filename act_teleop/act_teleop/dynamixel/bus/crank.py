# SPDX-License-Identifier: Apache-2.0
"""A gripper's finger driven by a crank: where it is when its motor stands at an angle."""

import math

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from act_core.checked import CHECKED
from act_core.robot.arm_spec import Positive


@dataclass(frozen=True, config=CHECKED)
class Crank:
    """Horn and connecting rod between a motor and a finger.

    Attributes:
        horn_m: from the motor's axis to the rod.
        rod_m: from the horn to the finger.
    """

    horn_m: Positive
    rod_m: Positive

    @model_validator(mode="after")
    def _check(self) -> "Crank":
        if self.rod_m <= self.horn_m:
            raise ValueError(f"rod_m is {self.rod_m:g}, expected more than horn_m {self.horn_m:g}")
        return self

    def finger_m(self, angle_rad: float) -> float:
        """Return the finger's distance from the middle.

        Source: Interbotix/interbotix_ros_core xs_driver.cpp, convert_angular_position_to_linear.
        """
        across, along = self.horn_m * math.cos(angle_rad), self.horn_m * math.sin(angle_rad)
        return along + math.sqrt(self.rod_m**2 - across**2)

    def finger_m_per_rad(self, angle_rad: float) -> float:
        """Return how fast the finger moves with its motor."""
        across, along = self.horn_m * math.cos(angle_rad), self.horn_m * math.sin(angle_rad)
        return across + along * across / math.sqrt(self.rod_m**2 - across**2)
