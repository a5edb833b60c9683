# SPDX-License-Identifier: Apache-2.0
"""The simulated robot: joint states, camera images and a clock out, joint commands in.

    ros2 launch act_sim sim.launch.py rviz:=true

It works when `ros2 topic hz joint_states` shows the robot's rate.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, GroupAction, IncludeLaunchDescription
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node, PushRosNamespace
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from act_core.ros.launching import end_all

BRINGUP = FindPackageShare("act_bringup")


def arguments() -> list[DeclareLaunchArgument]:
    """Declare what every launch file with a robot has."""
    return [
        DeclareLaunchArgument(
            "robot",
            default_value="aloha_sim",
            description="A shipped robot's name, or the path of a robot YAML file.",
        ),
        DeclareLaunchArgument(
            "task",
            default_value="transfer_cube",
            choices=["transfer_cube", "insertion"],
            description="The scene's task.",
        ),
        DeclareLaunchArgument(
            "pace",
            default_value="realtime",
            choices=["realtime", "lockstep"],
            description="realtime: physics follows the wall clock. "
            "lockstep: each tick waits for its command.",
        ),
    ]


def scene_arguments() -> list[DeclareLaunchArgument]:
    """Declare what is seen and how it begins."""
    return [
        DeclareLaunchArgument(
            "extra_cameras",
            default_value="['']",
            description="Cameras beside the robot's own: [name:HEIGHTxWIDTH, ...].",
        ),
        DeclareLaunchArgument(
            "reset_on_start",
            default_value="false",
            choices=["true", "false"],
            description="Begin an episode at once, without a call of sim/reset.",
        ),
        DeclareLaunchArgument(
            "seed",
            default_value="0",
            description="Seed of the episode that reset_on_start begins.",
        ),
        DeclareLaunchArgument(
            "rviz",
            default_value="false",
            choices=["true", "false"],
            description="Show robot, camera and objects in RViz. Beside a real robot: "
            "ros2 launch act_bringup rviz.launch.py sim:=false.",
        ),
    ]


def simulator() -> Node:
    """Return the simulator's node."""
    return Node(
        package="act_sim",
        executable="sim_node",
        name="sim",
        parameters=[
            [BRINGUP, "/config/sim.yaml"],
            [BRINGUP, "/config/", LaunchConfiguration("pace"), ".yaml"],
            {
                "robot_file": ParameterValue(LaunchConfiguration("robot"), value_type=str),
                "task": ParameterValue(LaunchConfiguration("task"), value_type=str),
                "extra_cameras": LaunchConfiguration("extra_cameras"),
                "reset_on_start": LaunchConfiguration("reset_on_start"),
                "seed": LaunchConfiguration("seed"),
            },
            LaunchConfiguration("params_file"),
        ],
        ros_arguments=["--log-level", LaunchConfiguration("log_level")],
        output="screen",
        on_exit=end_all,
    )


def generate_launch_description() -> LaunchDescription:
    """Start the simulator and, with rviz:=true, RViz."""
    return LaunchDescription(
        [
            *arguments(),
            *scene_arguments(),
            IncludeLaunchDescription([BRINGUP, "/launch/common.launch.py"]),
            # First, so that nothing runs yet if RViz is not installed.
            IncludeLaunchDescription(
                [BRINGUP, "/launch/rviz.launch.py"],
                condition=IfCondition(LaunchConfiguration("rviz")),
            ),
            GroupAction([PushRosNamespace(LaunchConfiguration("namespace")), simulator()]),
        ]
    )
