# SPDX-License-Identifier: Apache-2.0
"""What the packages share: robots, observations, episode files, systems, ROS helpers."""

from act_core.public_names import public_names

_MODULES = {
    "ActError": "errors",
    "CommandLimits": "robot.command_limits",
    "Declaration": "system.declaration",
    "EpisodeMeta": "episode.meta",
    "EpisodeReader": "episode.reader",
    "EpisodeWriter": "episode.writer",
    "InputBounds": "streams.input_bounds",
    "JointChannel": "robot.joint_channel",
    "JointSample": "observation",
    "Missing": "observation",
    "Observation": "observation",
    "ObservationAssembler": "streams.assembler",
    "Policy": "policy_protocol",
    "RawObservation": "observation",
    "RobotSpec": "robot.robot_spec",
    "StreamClock": "streams.stream_clock",
    "System": "system.system",
    "checked": "checked",
    "find_episodes": "episode.find_episodes",
    "load_robot": "robot.robot_file",
    "parse_robot": "robot.robot_file",
}
__all__ = list(_MODULES)
__getattr__ = public_names(__name__, _MODULES)
