# SPDX-License-Identifier: Apache-2.0
"""Leader-follower teleoperation: leader/joint_states in, joint_commands out.

    ros2 launch act_teleop teleop.launch.py robot:=aloha_2

Robot and leader arms, or a simulator, have to run already. It works when
`ros2 topic echo teleop/status` shows state 1 (following).
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node, PushRosNamespace
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from act_core.ros.launching import end_all

BRINGUP = FindPackageShare("act_bringup")


def arguments() -> list[DeclareLaunchArgument]:
    """Declare this file's own arguments."""
    return [
        DeclareLaunchArgument(
            "robot",
            description="A shipped robot's name (aloha_sim, aloha_original, aloha_2), or the path "
            "of a robot YAML file.",
        ),
        DeclareLaunchArgument(
            "pace",
            default_value="realtime",
            choices=["realtime", "lockstep"],
            description="lockstep: only with a simulator that runs in lockstep.",
        ),
        DeclareLaunchArgument(
            "use_sim_time",
            default_value="false",
            choices=["true", "false"],
            description="Take the time from /clock, as with a simulator.",
        ),
    ]


def teleoperation() -> Node:
    """Return the teleoperation node."""
    return Node(
        package="act_teleop",
        executable="teleop_node",
        name="teleop",
        parameters=[
            [BRINGUP, "/config/teleop.yaml"],
            [BRINGUP, "/config/", LaunchConfiguration("pace"), ".yaml"],
            {
                "robot_file": ParameterValue(LaunchConfiguration("robot"), value_type=str),
                "use_sim_time": LaunchConfiguration("use_sim_time"),
            },
            LaunchConfiguration("params_file"),
        ],
        ros_arguments=["--log-level", LaunchConfiguration("log_level")],
        output="screen",
        on_exit=end_all,
    )


def generate_launch_description() -> LaunchDescription:
    """Start the teleoperation node."""
    return LaunchDescription(
        [
            *arguments(),
            IncludeLaunchDescription([BRINGUP, "/launch/common.launch.py"]),
            GroupAction([PushRosNamespace(LaunchConfiguration("namespace")), teleoperation()]),
        ]
    )
