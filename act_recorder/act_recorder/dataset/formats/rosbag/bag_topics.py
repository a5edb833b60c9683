# SPDX-License-Identifier: Apache-2.0
"""Which topics of a recording are the robot's: by the robot file, or by the suite's own names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from act_core.errors import EpisodeError, suggestion
from act_core.robot.driver_names import parts, renames
from act_core.robot.outlets import MESSAGE_NAMES, Outlet, outlets
from act_core.robot.robot_spec import CameraSpec, RobotSpec
from act_core.robot.stream_joiner import Part
from act_core.streams.assembler import JOINTS
from act_recorder.dataset.formats.rosbag.bag import (
    CLOCK,
    COMPRESSED_IMAGE,
    IMAGE,
    JOINT_STATE,
    Topic,
)
from act_recorder.rows.row_matcher import COMMANDS

LEADER = "leader/joint_states"
# image_transport's name of a topic's JPEG images.
COMPRESSED = "/compressed"
CLOCK_TOPIC = "clock"
_LEADERS = f". No {COMMANDS}, but its leaders: --action leader takes their joints for the actions"


@dataclass(frozen=True)
class JointTopics:
    """One stream of joints: on a topic of its own, or in parts that have to be joined.

    Attributes:
        names: its topics.
        parts: the arms' shares; empty for a topic that has all joints.
    """

    names: tuple[str, ...]
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class BagTopics:
    """What is read of a recording.

    Attributes:
        states: of the robot.
        actions: the commands, the controllers' commands, or the leaders.
        images: topic → camera.
        has_clock: whether a simulator's clock was recorded.
        from_leader: whether the actions are the leaders'.
        controllers: topic → controller, where the actions are what those were sent.
    """

    states: JointTopics
    actions: JointTopics
    images: Mapping[str, str]
    has_clock: bool
    from_leader: bool
    controllers: Mapping[str, Outlet]

    @property
    def all(self) -> set[str]:
        """Every topic that is read."""
        clock = {CLOCK_TOPIC} if self.has_clock else set()
        return {*self.states.names, *self.actions.names, *self.images, *clock}


def choose_topics(
    found: Mapping[str, Topic], spec: RobotSpec, where: str, *, from_leader: bool = False
) -> BagTopics:
    """Return which of the topics `found` in a recording are read.

    Args:
        found: name without leading slash → topic.
        spec: the robot.
        where: begins errors.
        from_leader: take the leaders' joints for actions.

    Raises:
        EpisodeError: a topic is missing or of another type; tells which, and what there is.
    """
    heard = {name: topic for name, topic in found.items() if topic.count}
    states = _joints(heard, spec, "state", JOINTS)
    leaders = _joints(heard, spec, "leader", LEADER)
    controllers = {} if from_leader or COMMANDS in heard else _controllers(heard, spec)
    actions = leaders if from_leader else _commands(controllers, spec)
    wanted: dict[str, tuple[str, ...]] = dict.fromkeys(
        (*states.names, *actions.names), (JOINT_STATE,)
    )
    wanted |= {topic: (MESSAGE_NAMES[o.kind],) for topic, o in controllers.items()}
    images = {_image_topic(heard, camera): camera.name for camera in spec.cameras}
    wanted |= dict.fromkeys(images, (IMAGE, COMPRESSED_IMAGE))
    led = COMMANDS in wanted and all(name in heard for name in leaders.names)
    _check(found, heard, wanted, spec, where, _LEADERS if led else "")
    has_clock = CLOCK_TOPIC in heard and heard[CLOCK_TOPIC].type == CLOCK
    return BagTopics(states, actions, images, has_clock, from_leader, controllers)


def _check(
    found: Mapping[str, Topic],
    heard: Mapping[str, Topic],
    wanted: Mapping[str, tuple[str, ...]],
    spec: RobotSpec,
    where: str,
    hint: str,
) -> None:
    """Raise EpisodeError unless every topic `wanted` was heard, with one of its types.

    `hint` is what could be done where the commands are not there.
    """
    lacking = [name for name in wanted if name not in heard]
    if lacking:
        raise EpisodeError(
            f"{where}: robot '{spec.name}' needs topics that have no message: "
            f"{'; '.join(_lacking(name, found, heard) for name in lacking)}. "
            f"There are: {', '.join(sorted(heard)) or 'none'}{hint if COMMANDS in lacking else ''}"
        )
    for name, types in wanted.items():
        if heard[name].type not in types:
            expected = " or ".join(types)
            raise EpisodeError(f"{where}: {name} is {heard[name].type}, expected {expected}")


def _controllers(heard: Mapping[str, Topic], spec: RobotSpec) -> dict[str, Outlet]:
    """Return topic → controller if all of the robot's were sent commands; else nothing."""
    every = [outlets(arm) for arm in spec.arms]
    found = {_bare(outlet.topic): outlet for of_arm in every for outlet in of_arm}
    # Two on one topic are told apart by a node that sends them, not by one that hears them.
    alone = len(found) == sum(map(len, every))
    return found if all(every) and alone and all(topic in heard for topic in found) else {}


def _commands(controllers: Mapping[str, Outlet], spec: RobotSpec) -> JointTopics:
    """Return the suite's own topic, or the controllers' with their shares of the command."""
    if not controllers:
        return JointTopics((COMMANDS,))
    shares = []
    for arm in spec.arms:
        own = renames(arm, "command", arm.driver.command.prefix) if arm.driver.command else {}
        shares += [Part(_bare(o.topic), {n: own[n] for n in o.names}) for o in outlets(arm)]
    return JointTopics(tuple(controllers), tuple(shares))


def _joints(
    heard: Mapping[str, Topic], spec: RobotSpec, stream: str, own_topic: str
) -> JointTopics:
    """Return the suite's topic if it is there, or those of the arms' drivers."""
    arms = tuple(replace(p, topic=_bare(p.topic)) for p in parts(spec, stream, own_topic))
    if own_topic in heard or not arms:
        return JointTopics((own_topic,))
    return JointTopics(tuple(dict.fromkeys(part.topic for part in arms)), arms)


def _image_topic(heard: Mapping[str, Topic], camera: CameraSpec) -> str:
    """Return the camera's topic, or its compressed one where only that was recorded."""
    name = _bare(camera.image_topic)
    return name if name in heard or name + COMPRESSED not in heard else name + COMPRESSED


def _bare(topic: str) -> str:
    return topic.removeprefix("/")


def _lacking(name: str, found: Mapping[str, Topic], heard: Mapping[str, Topic]) -> str:
    if name in found:
        return f"{name} (recorded, but empty)"
    hint = suggestion(name, heard).split(" Known:")[0].removeprefix("; ").rstrip(".")
    return f"{name} ({hint})" if hint else name
