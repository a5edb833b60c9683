# SPDX-License-Identifier: Apache-2.0
"""A policy drives the robot: the simulated one or, with sim:=false, whichever is running.

    ros2 launch act_policy deploy.launch.py rviz:=true
    ros2 launch act_policy deploy.launch.py sim:=false robot:=aloha_2 checkpoint:=PATH

A real robot stays still until `ros2 lifecycle set policy configure`, then `activate`; with
pace:=lockstep the simulator waits for `ros2 run act_sim evaluate` or a call of sim/reset. It works
when `ros2 topic echo policy/status` shows state 2 (driving).
"""

from launch import LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    GroupAction,
    IncludeLaunchDescription,
    SetLaunchConfiguration,
)
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import (
    AndSubstitution,
    EqualsSubstitution,
    IfElseSubstitution,
    LaunchConfiguration,
)
from launch_ros.actions import Node, PushRosNamespace
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from act_core.ros.launching import end_all

BRINGUP = FindPackageShare("act_bringup")
PACE = LaunchConfiguration("pace")
SIM = LaunchConfiguration("sim")
UNNAMED_SIM = AndSubstitution(SIM, EqualsSubstitution(LaunchConfiguration("robot"), ""))


def arguments() -> list[DeclareLaunchArgument]:
    """Declare this file's own arguments."""
    return [
        DeclareLaunchArgument(
            "sim",
            default_value="true",
            choices=["true", "false"],
            description="Bring up the simulated robot; false: use a running robot's topics.",
        ),
        DeclareLaunchArgument(
            "robot",
            default_value="",
            description="A shipped robot's name (aloha_sim, aloha_original, aloha_2), or the path "
            "of a robot YAML file. Empty: aloha_sim; with sim:=false it has to be given.",
        ),
        DeclareLaunchArgument(
            "checkpoint",
            default_value="transfer_cube",
            description="A shipped checkpoint's name, or the folder of one.",
        ),
        DeclareLaunchArgument(
            "pace",
            default_value="realtime",
            choices=["realtime", "lockstep"],
            description="lockstep: each tick of the simulator waits for its command. A real robot "
            "is always in real time.",
        ),
        DeclareLaunchArgument(
            "autostart",
            default_value=SIM,
            choices=["true", "false"],
            description="Drive at once, without lifecycle transitions by hand.",
        ),
        DeclareLaunchArgument(
            "use_sim_time",
            default_value=SIM,
            choices=["true", "false"],
            description="Take the time from /clock.",
        ),
    ]


def policy() -> Node:
    """Return the policy node."""
    return Node(
        package="act_policy",
        executable="policy_node",
        name="policy",
        parameters=[
            [BRINGUP, "/config/policy.yaml"],
            [BRINGUP, "/config/", PACE, ".yaml"],
            {
                "robot_file": ParameterValue(LaunchConfiguration("robot"), value_type=str),
                "checkpoint": ParameterValue(LaunchConfiguration("checkpoint"), value_type=str),
                "autostart": LaunchConfiguration("autostart"),
                # Nobody stands beside a simulated robot.
                "resume": IfElseSubstitution(SIM, "auto", "manual"),
                "use_sim_time": LaunchConfiguration("use_sim_time"),
            },
            LaunchConfiguration("params_file"),
        ],
        ros_arguments=["--log-level", LaunchConfiguration("log_level")],
        output="screen",
        on_exit=end_all,
    )


def generate_launch_description() -> LaunchDescription:
    """Start the policy node and, unless sim:=false, the simulator."""
    return LaunchDescription(
        [
            *arguments(),
            SetLaunchConfiguration("robot", "aloha_sim", condition=IfCondition(UNNAMED_SIM)),
            SetLaunchConfiguration("pace", "realtime", condition=UnlessCondition(SIM)),
            IncludeLaunchDescription([BRINGUP, "/launch/common.launch.py"]),
            # The included files see robot, pace and all other arguments set so far.
            IncludeLaunchDescription(
                [FindPackageShare("act_sim"), "/launch/sim.launch.py"],
                launch_arguments={"reset_on_start": EqualsSubstitution(PACE, "realtime")}.items(),
                condition=IfCondition(SIM),
            ),
            GroupAction([PushRosNamespace(LaunchConfiguration("namespace")), policy()]),
        ]
    )
