# SPDX-License-Identifier: Apache-2.0
"""What a robot is: arms, cameras, rate, and its vector. Plain data, as in its file."""

import re
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from act_core.checked import CHECKED
from act_core.errors import RobotSpecError, suggestion
from act_core.robot.arm_spec import ArmSpec, DriverTopics, GripperEnd, Name, no_doubles
from act_core.robot.joint_channel import JointChannel

_CAMERA_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Far beyond any arm or camera; more is a slip, and would end in the middle of an allocation.
Rate = Annotated[float, Field(ge=0.1, le=10_000.0)]
Pixels = Annotated[int, Field(ge=1, le=16_384)]


@dataclass(frozen=True, config=CHECKED)
class CameraSpec:
    """One camera; its name is also topic namespace, HDF5 group and configuration key.

    Attributes:
        name: of the camera.
        height_px: rows of its images, as recorded and as the policy sees them.
        width_px: columns.
        topic: where its driver publishes; empty for <name>/image_raw.
        transport: raw: sensor_msgs/Image. compressed: sensor_msgs/CompressedImage.
        source_height_px: rows as published, where images are to be resized; None for the same.
        source_width_px: columns as published.
    """

    name: Name
    height_px: Pixels
    width_px: Pixels
    topic: str = ""
    transport: Literal["raw", "compressed"] = "raw"
    source_height_px: Pixels | None = None
    source_width_px: Pixels | None = None

    @property
    def image_topic(self) -> str:
        """The topic of its images."""
        return self.topic or f"{self.name}/image_raw"

    @property
    def source_size_px(self) -> tuple[int, int]:
        """(height, width) of published images."""
        return self.source_height_px or self.height_px, self.source_width_px or self.width_px

    @model_validator(mode="after")
    def _check(self) -> "CameraSpec":
        if not _CAMERA_NAME.fullmatch(self.name):
            raise ValueError(
                f"name is {self.name!r}, expected letters, digits and underscores with a letter "
                "first, since it is part of topic names"
            )
        return self


@dataclass(frozen=True, config=CHECKED)
class RobotSpec:
    """A robot. The vector has, arm after arm, the joints in rad and the gripper in 0 … 1."""

    name: Name
    rate_hz: Rate
    arms: Annotated[tuple[ArmSpec, ...], Field(min_length=1)]
    cameras: tuple[CameraSpec, ...]
    yaml_text: str = Field(default="", init=False)  # set by who reads the file

    @model_validator(mode="after")
    def _check(self) -> "RobotSpec":
        no_doubles("arm", [arm.name for arm in self.arms])
        no_doubles("camera", [camera.name for camera in self.cameras])
        no_doubles("column", list(self.columns))
        no_doubles("camera topic", [camera.image_topic for camera in self.cameras])
        no_doubles("command topic", [t for arm in self.arms for t in arm.exclusive_topics])
        for stream in ("state", "command", "leader"):
            names = [n for arm in self.arms for n in arm.driver_names(stream)]
            no_doubles(f"driver: {stream}: joint", names)
        for channel in (self.state, self.command, self.leader):
            no_doubles(f"{channel.label} joint", list(channel.names))
        return self

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the vector's columns, for example left_waist … right_gripper."""
        return tuple(f"{arm.name}_{name}" for arm in self.arms for name in arm.names)

    @property
    def dim(self) -> int:
        """Length of the vector."""
        return len(self.columns)

    @property
    def period_ns(self) -> int:
        """Length of one control tick."""
        return round(1e9 / self.rate_hz)

    @cached_property
    def state(self) -> JointChannel:
        """The robot's measured joints (topic joint_states)."""
        return self._channel("state")

    @cached_property
    def command(self) -> JointChannel:
        """The robot's commanded joints (topic joint_commands)."""
        return self._channel("command")

    @cached_property
    def leader(self) -> JointChannel:
        """The leader arms' joints (topic leader/joint_states)."""
        return self._channel("leader")

    @cached_property
    def is_gripper(self) -> NDArray[np.bool_]:
        """(D,) which columns are grippers."""
        return np.array([name == arm.gripper.name for arm in self.arms for name in arm.names])

    @cached_property
    def lower(self) -> NDArray[np.float64]:
        """(D,) smallest allowed column values; rad, grippers 0."""
        return np.array([lower for arm in self.arms for lower, _ in arm.limits])

    @cached_property
    def upper(self) -> NDArray[np.float64]:
        """(D,) largest allowed column values; rad, grippers 1."""
        return np.array([upper for arm in self.arms for _, upper in arm.limits])

    @cached_property
    def max_velocity(self) -> NDArray[np.float64]:
        """(D,) largest allowed speed of commands; rad/s, grippers per s."""
        speeds = [
            (*(j.max_velocity_rad_s for j in arm.joints), arm.gripper.max_velocity_per_s)
            for arm in self.arms
        ]
        return np.concatenate(speeds)

    @cached_property
    def max_acceleration(self) -> NDArray[np.float64]:
        """(D,) largest allowed acceleration of commands; rad/s², grippers per s²."""
        accelerations = [
            (*(j.max_acceleration_rad_s2 for j in arm.joints), arm.gripper.max_acceleration_per_s2)
            for arm in self.arms
        ]
        return np.concatenate(accelerations)

    @property
    def needs_bridge(self) -> bool:
        """Whether an arm's driver has topics of its own, which the arm bridge joins."""
        return any(arm.driver != DriverTopics() for arm in self.arms)

    @cached_property
    def start(self) -> NDArray[np.float64]:
        """(D,) pose in which episodes begin."""
        return np.array([arm.start[name] for arm in self.arms for name in arm.names])

    @cached_property
    def sleep(self) -> NDArray[np.float64]:
        """(D,) pose in which the arms can lose torque."""
        return np.array([arm.sleep[name] for arm in self.arms for name in arm.names])

    def columns_of(self, arm: ArmSpec) -> slice:
        """Return which columns of the vector are this arm's."""
        first = sum(len(a.names) for a in self.arms[: self.arms.index(arm)])
        return slice(first, first + len(arm.names))

    def camera(self, name: str) -> CameraSpec:
        """Return the camera called `name`; raises RobotSpecError listing those there are."""
        for camera in self.cameras:
            if camera.name == name:
                return camera
        known = [c.name for c in self.cameras]
        raise RobotSpecError(
            f"robot '{self.name}' has no camera '{name}'{suggestion(name, known)}"
        )

    def _channel(self, stream: str) -> JointChannel:
        names: list[str] = []
        zero: list[float] = []
        span: list[float] = []
        for arm in self.arms:
            prefix: str = getattr(arm, f"{stream}_prefix")
            end: GripperEnd = getattr(arm.gripper, stream)
            names += [prefix + joint.name for joint in arm.joints] + [prefix + end.joint]
            zero += [0.0] * len(arm.joints) + [end.closed]
            span += [1.0] * len(arm.joints) + [end.open - end.closed]
        # Half a range beyond either end is past what sag or a calibration can do.
        slack = 0.5 * (self.upper - self.lower)
        return JointChannel(
            stream, tuple(names), np.array(zero), np.array(span),
            self.lower - slack, self.upper + slack,
        )  # fmt: skip
