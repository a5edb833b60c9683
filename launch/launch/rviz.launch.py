# SPDX-License-Identifier: Apache-2.0
"""RViz with camera, markers and frames and, for the simulated robot, its model.

Included by the other launch files with rviz:=true. Alone, beside a running simulator:
    ros2 launch act_bringup rviz.launch.py
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription
from launch.conditions import IfCondition
from launch.substitutions import FileContent, LaunchConfiguration
from launch_ros.actions import Node, PushRosNamespace
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

BRINGUP = FindPackageShare("act_bringup")


def arguments() -> list[DeclareLaunchArgument]:
    """Declare this file's own arguments."""
    return [
        DeclareLaunchArgument(
            "sim",
            default_value="true",
            choices=["true", "false"],
            description="Publish the simulated robot's model; a real robot's driver does so.",
        ),
        DeclareLaunchArgument(
            "use_sim_time",
            default_value=LaunchConfiguration("sim"),
            choices=["true", "false"],
            description="Take the time from /clock.",
        ),
    ]


def generate_launch_description() -> LaunchDescription:
    """Start rviz2 and, unless a robot's driver does, robot_state_publisher."""
    use_sim_time = {"use_sim_time": LaunchConfiguration("use_sim_time")}
    model = ParameterValue(FileContent([BRINGUP, "/urdf/aloha_sim.urdf"]), value_type=str)
    return LaunchDescription(
        [
            *arguments(),
            IncludeLaunchDescription([BRINGUP, "/launch/common.launch.py"]),
            GroupAction(
                [
                    PushRosNamespace(LaunchConfiguration("namespace")),
                    Node(
                        package="robot_state_publisher",
                        executable="robot_state_publisher",
                        parameters=[use_sim_time, {"robot_description": model}],
                        condition=IfCondition(LaunchConfiguration("sim")),
                    ),
                    Node(
                        package="rviz2",
                        executable="rviz2",
                        arguments=["-d", [BRINGUP, "/rviz/aloha.rviz"]],
                        parameters=[use_sim_time],
                    ),
                ]
            ),
        ]
    )
