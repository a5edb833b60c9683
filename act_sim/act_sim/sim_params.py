# SPDX-License-Identifier: Apache-2.0
"""Parameters of the simulator node."""

import re
from dataclasses import dataclass

from act_core.errors import ParameterError
from act_core.robot.robot_spec import CameraSpec
from act_core.system.declaration import param
from act_sim.cell.sensor_faults import SensorFaults
from act_sim.tasks import TASKS

# What MuJoCo's offscreen buffer takes everywhere.
MOST_PX = 4096
_CAMERA = re.compile(r"([a-z0-9_]+):(\d+)x(\d+)")


@dataclass(frozen=True)
class SimParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    robot_file: str = param("aloha_sim", "Shipped robot's name, or path of a robot YAML file.")
    task: str = param("transfer_cube", "Task of a reset that names none.", choices=tuple(TASKS))
    pace: str = param(
        "realtime",
        "realtime: physics follows the wall clock. lockstep: each tick waits for its command.",
        choices=("realtime", "lockstep"),
    )
    extra_cameras: list[str] = param(
        [""], "Cameras published beside the robot's own, as name:HEIGHTxWIDTH in pixels."
    )
    shadows: bool = param(
        False, "Render shadows and smooth edges; without a GPU five to ten times slower."
    )
    reset_on_start: bool = param(False, "Begin an episode at once, with `seed`, without a call.")
    seed: int = param(0, "Seed of the episode that reset_on_start begins.", low=0)
    success_hold_s: float = param(
        1.5,
        "An episode ends once success was kept this long (95 % of it, the last third without a "
        "break), s.",
        low=0.0,
        high=60.0,
    )
    command_timeout_s: float = param(
        10.0, "Lockstep: abort the episode when its command stays out this long, s.", low=0.5,
        high=3600.0,
    )  # fmt: skip

    max_command_age_s: float = param(
        0.2, "Real time: commands stamped further from now, on either side, are refused, s.",
        low=0.01, high=10.0,
    )  # fmt: skip
    hold_after_s: float = param(
        0.2, "Real time: silence of the commanding node after which it counts as gone, s.",
        low=0.01, high=10.0,
    )  # fmt: skip

    camera_delay_s: float = param(
        0.0, "Real time: from the moment an image is taken, its stamp, to its arrival, s.",
        low=0.0, high=5.0,
    )  # fmt: skip
    frame_loss: float = param(
        0.0, "Real time: share of the images that never arrive.", low=0.0, high=1.0
    )
    joint_noise_rad: float = param(
        0.0, "Noise of the measured joint positions, standard deviation, rad; gripper openings "
        "too.", low=0.0, high=1.0,
    )  # fmt: skip
    image_noise: float = param(
        0.0, "Noise of the images, standard deviation of each channel, of 255.", low=0.0,
        high=255.0,
    )  # fmt: skip

    def __post_init__(self) -> None:
        """Raise ParameterError where values do not go together."""
        if self.pace == "lockstep" and (self.camera_delay_s or self.frame_loss):
            raise ParameterError(
                f"camera_delay_s is {self.camera_delay_s:g} and frame_loss {self.frame_loss:g}, "
                "expected 0 in lockstep, where each tick waits for its images; use pace:=realtime"
            )

    @property
    def faults(self) -> SensorFaults:
        """How far the sensors are from perfect."""
        return SensorFaults(
            self.camera_delay_s, self.frame_loss, self.joint_noise_rad, self.image_noise
        )

    def cameras(self) -> list[CameraSpec]:
        """Return `extra_cameras`, parsed; raises ParameterError for one that is not name:HxW."""
        cameras = [parse_camera(text) for text in self.extra_cameras if text]
        names = [c.name for c in cameras]
        for name in names:
            if names.count(name) > 1:
                raise ParameterError(f"camera '{name}' is there twice in extra_cameras")
        return cameras


def parse_camera(text: str) -> CameraSpec:
    """Read name:HEIGHTxWIDTH; raises ParameterError."""
    match = _CAMERA.fullmatch(text)
    if match is None:
        raise ParameterError(
            f"camera '{text}' is not name:HEIGHTxWIDTH, for example angle:240x320"
        )
    height_px, width_px = int(match[2]), int(match[3])
    if not (1 <= height_px <= MOST_PX and 1 <= width_px <= MOST_PX):
        raise ParameterError(f"camera '{text}': expected 1 … {MOST_PX} pixels each way")
    return CameraSpec(match[1], height_px, width_px)
