# SPDX-License-Identifier: Apache-2.0
"""A recorded episode as leader arms: joint_states in, leader/joint_states out.

    ros2 launch act_teleop replay.launch.py robot:=aloha_sim episode:=data/mine/episode_0.hdf5

It works when it says `playing`.
"""

from launch import LaunchDescription

from act_core.ros.process.launching import describe
from act_teleop.leaders.replay_system import REPLAY


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in act_teleop.leaders.replay_system."""
    return describe(REPLAY)
