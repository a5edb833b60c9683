# SPDX-License-Identifier: Apache-2.0
"""What a robot is: arms, joints, grippers, cameras, limits, rate. Plain data, from YAML."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from act_core.errors import RobotSpecError, suggestion
from act_core.robot.joint_channel import JointChannel


@dataclass(frozen=True)
class JointSpec:
    """One arm joint: its limits and the largest speed that commands may ask for."""

    name: str
    lower_rad: float
    upper_rad: float
    max_velocity_rad_s: float


@dataclass(frozen=True)
class GripperEnd:
    """How one stream names a gripper and which raw values mean closed and open."""

    joint: str
    closed: float
    open: float
    unit: str


@dataclass(frozen=True)
class GripperSpec:
    """A gripper as state, command and leader streams see it; the three differ."""

    name: str
    state: GripperEnd
    command: GripperEnd
    leader: GripperEnd
    max_velocity_per_s: float


@dataclass(frozen=True)
class ArmSpec:
    """One arm with its gripper. Wire names are the prefix of a stream plus the joint's name."""

    name: str
    state_prefix: str
    command_prefix: str
    leader_prefix: str
    joints: tuple[JointSpec, ...]
    gripper: GripperSpec
    start: tuple[float, ...]
    sleep: tuple[float, ...]


@dataclass(frozen=True)
class CameraSpec:
    """One camera; its name is also topic namespace, HDF5 group and configuration key."""

    name: str
    height_px: int
    width_px: int


@dataclass(frozen=True)
class RobotSpec:
    """A robot. The vector has, arm after arm, the joints in rad and the gripper in 0 … 1."""

    name: str
    rate_hz: float
    arms: tuple[ArmSpec, ...]
    cameras: tuple[CameraSpec, ...]
    yaml_text: str

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the vector's columns, for example left_waist … right_gripper."""
        return tuple(
            f"{arm.name}_{name}"
            for arm in self.arms
            for name in (*(j.name for j in arm.joints), arm.gripper.name)
        )

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
        return np.array([i == len(a.joints) for a in self.arms for i in range(len(a.joints) + 1)])

    @cached_property
    def lower(self) -> NDArray[np.float64]:
        """(D,) smallest allowed column values; rad, grippers 0."""
        return np.array(
            [v for a in self.arms for v in (*(j.lower_rad for j in a.joints), 0.0)], dtype=float
        )

    @cached_property
    def upper(self) -> NDArray[np.float64]:
        """(D,) largest allowed column values; rad, grippers 1."""
        return np.array(
            [v for a in self.arms for v in (*(j.upper_rad for j in a.joints), 1.0)], dtype=float
        )

    @cached_property
    def max_velocity(self) -> NDArray[np.float64]:
        """(D,) largest allowed speed of commands; rad/s, grippers per s."""
        return np.array(
            [
                v
                for a in self.arms
                for v in (*(j.max_velocity_rad_s for j in a.joints), a.gripper.max_velocity_per_s)
            ],
            dtype=float,
        )

    @cached_property
    def start(self) -> NDArray[np.float64]:
        """(D,) pose in which episodes begin."""
        return np.array([v for a in self.arms for v in a.start], dtype=float)

    @cached_property
    def sleep(self) -> NDArray[np.float64]:
        """(D,) pose in which the arms can lose torque."""
        return np.array([v for a in self.arms for v in a.sleep], dtype=float)

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
