# SPDX-License-Identifier: Apache-2.0
"""What an arm is: joints, gripper, limits, poses, its names on each stream, its driver."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from act_core.checked import CHECKED
from act_core.errors import suggestion


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError(f"{text!r} has characters that cannot be printed")
    return text


def no_doubles(what: str, names: list[str]) -> None:
    """Raise ValueError, naming `what`, if a name is there twice."""
    doubled = sorted(name for name, count in Counter(names).items() if count > 1)
    if doubled:
        raise ValueError(f"{what} '{doubled[0]}' is there twice, among {', '.join(names)}")


Prefix = Annotated[str, AfterValidator(_printable)]
Name = Annotated[str, Field(min_length=1), AfterValidator(_printable)]
Positive = Annotated[float, Field(gt=0.0)]


@dataclass(frozen=True, config=CHECKED)
class JointSpec:
    """One arm joint: its limits, and how fast commands may move and accelerate it.

    The default acceleration is twice what 99 % of the ticks of scripted demonstrations ask for.

    Attributes:
        mirrored: whether it turns the other way in a mirror between two such arms; None where
            the file does not say, and episodes cannot be mirrored.
    """

    name: Name
    limits_rad: tuple[float, float]
    max_velocity_rad_s: Positive
    max_acceleration_rad_s2: Positive = 30.0
    mirrored: bool | None = None

    @model_validator(mode="after")
    def _check(self) -> "JointSpec":
        lower, upper = self.limits_rad
        if lower >= upper:
            raise ValueError(
                f"limits_rad is reversed: lower {lower:g} is not below upper {upper:g}"
            )
        return self


@dataclass(frozen=True, config=CHECKED)
class GripperEnd:
    """How one stream names a gripper and which raw values mean closed and open."""

    joint: Name
    closed: float
    open: float
    unit: Literal["m", "rad"]

    @model_validator(mode="after")
    def _check(self) -> "GripperEnd":
        if self.closed == self.open:
            raise ValueError(f"closed and open are both {self.open:g}, expected two values")
        return self


@dataclass(frozen=True, config=CHECKED)
class GripperSpec:
    """A gripper as state, command and leader streams see it; the three differ."""

    name: Name
    state: GripperEnd
    command: GripperEnd
    leader: GripperEnd
    max_velocity_per_s: Positive
    max_acceleration_per_s2: Positive = 100.0


@dataclass(frozen=True, config=CHECKED)
class DriverTopic:
    """A topic of an arm's own driver, and what it puts before joint names there."""

    topic: Name
    prefix: Prefix = ""


ArmCommand = Literal[
    "joint_state", "joint_trajectory", "float64_multi_array", "joint_group_command"
]
GripperCommand = Literal[
    "joint_state", "joint_trajectory", "float64_multi_array", "joint_single_command"
]


@dataclass(frozen=True, config=CHECKED)
class GripperTopic:
    """Where a gripper is commanded that has a controller of its own."""

    topic: Name
    type: GripperCommand


@dataclass(frozen=True, config=CHECKED)
class CommandTopic:
    """Where an arm's controller takes commands.

    Attributes:
        topic: of the controller.
        type: message: sensor_msgs/JointState, trajectory_msgs/JointTrajectory with one point,
            std_msgs/Float64MultiArray in the robot file's order, or Interbotix's.
        prefix: what the controller puts before joint names.
        group: Interbotix's name of the group.
        gripper: the gripper's own controller; without it, the gripper is one of the joints.
    """

    topic: Name
    type: ArmCommand
    prefix: Prefix = ""
    group: Name = "arm"
    gripper: GripperTopic | None = None


@dataclass(frozen=True, config=CHECKED)
class DriverTopics:
    """The topics of an arm whose driver does not speak the suite's own; the arm bridge joins them.

    What is None is on the suite's topic: joint_states, joint_commands, leader/joint_states.
    """

    state: DriverTopic | None = None
    command: CommandTopic | None = None
    leader: DriverTopic | None = None


@dataclass(frozen=True, config=CHECKED)
class ArmSpec:
    """One arm with its gripper. Wire names are the prefix of a stream plus the joint's name.

    Attributes:
        start: joint or gripper name → value at which episodes begin; rad, gripper 0 … 1.
        sleep: the same for the pose in which the arm can lose torque.
        driver: the driver's topics, where they are not the suite's own.
    """

    name: Name
    state_prefix: Prefix
    command_prefix: Prefix
    leader_prefix: Prefix
    joints: Annotated[tuple[JointSpec, ...], Field(min_length=1)]
    gripper: GripperSpec
    start: Mapping[str, float]
    sleep: Mapping[str, float]
    driver: DriverTopics = DriverTopics()

    @property
    def names(self) -> list[str]:
        """Joint names in order, the gripper last."""
        return [*(joint.name for joint in self.joints), self.gripper.name]

    @property
    def exclusive_topics(self) -> list[str]:
        """Topics on which this arm alone may be commanded; messages with names can be shared."""
        command = self.driver.command
        if command is None:
            return []
        outputs = [(command.topic, str(command.type))]
        if command.gripper is not None:
            outputs.append((command.gripper.topic, str(command.gripper.type)))
        return [topic for topic, kind in outputs if kind != "joint_state"]

    def driver_names(self, stream: str) -> list[str]:
        """Return "topic: name" of each joint on the driver's topic of a stream, if it has one."""
        driver: DriverTopic | CommandTopic | None = getattr(self.driver, stream)
        if driver is None:
            return []
        end: GripperEnd = getattr(self.gripper, stream)
        bare = [*(joint.name for joint in self.joints), end.joint]
        return [f"{driver.topic}: {driver.prefix}{name}" for name in bare]

    @property
    def limits(self) -> list[tuple[float, float]]:
        """Lower and upper value of each name; rad, gripper 0 … 1."""
        return [*(joint.limits_rad for joint in self.joints), (0.0, 1.0)]

    @model_validator(mode="after")
    def _check(self) -> "ArmSpec":
        no_doubles("joint", self.names)
        for what, pose in (("start", self.start), ("sleep", self.sleep)):
            for name in pose:
                if name not in self.names:
                    hint = suggestion(name, self.names)
                    raise ValueError(f"{what}: unknown key '{name}'{hint}")
            for name, (lower, upper) in zip(self.names, self.limits, strict=True):
                if name not in pose:
                    known = ", ".join(self.names)
                    raise ValueError(f"{what}: key '{name}' is missing; expected {known}")
                if not lower <= pose[name] <= upper:
                    value = f"{name} is {pose[name]:g}"
                    raise ValueError(f"{what}: {value}, outside {lower:g} … {upper:g}")
        return self
