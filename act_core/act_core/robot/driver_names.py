# SPDX-License-Identifier: Apache-2.0
"""How drivers call the joints that the robot file describes. No ROS."""

from act_core.errors import RobotSpecError
from act_core.robot.arm_spec import ArmSpec
from act_core.robot.robot_spec import RobotSpec
from act_core.robot.stream_joiner import Part


def parts(spec: RobotSpec, stream: str, own_topic: str) -> list[Part]:
    """Return what the arms' drivers say of `stream`; empty where they use the suite's topic.

    Args:
        spec: the robot.
        stream: state or leader.
        own_topic: the suite's topic for it.

    Raises:
        RobotSpecError: only some of the arms name a topic, or one names the suite's own.
    """
    topics = {arm.name: getattr(arm.driver, stream) for arm in spec.arms}
    if not any(topics.values()):
        return []
    for arm, topic in topics.items():
        if topic is None:
            raise RobotSpecError(
                f"robot '{spec.name}': driver: {stream} is missing for arm '{arm}'; either all "
                "arms name a topic, or none does"
            )
        if topic.topic.strip("/") == own_topic:
            raise RobotSpecError(
                f"robot '{spec.name}': driver: {stream} of arm '{arm}' is '{topic.topic}', the "
                f"suite's own topic; leave {stream} out, and use {stream}_prefix"
            )
    return [
        Part(topics[arm.name].topic, renames(arm, stream, topics[arm.name].prefix))
        for arm in spec.arms
    ]


def renames(arm: ArmSpec, stream: str, prefix: str) -> dict[str, str]:
    """Return the driver's name → the suite's, of an arm's joints, the gripper's last.

    Args:
        arm: of the robot.
        stream: state, leader or command.
        prefix: that the driver puts before its joints' names.
    """
    own = getattr(arm, f"{stream}_prefix")
    bare = [*(joint.name for joint in arm.joints), getattr(arm.gripper, stream).joint]
    return {prefix + name: own + name for name in bare}
