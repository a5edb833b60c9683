# SPDX-License-Identifier: Apache-2.0
"""Episodes of the simulated robot or, with sim:=false, of whichever robot and leaders are running.

    ros2 launch act_recorder record.launch.py episodes:=10 dataset_dir:=data/transfer_cube
    ros2 launch act_recorder record.launch.py sim:=false robot:=aloha_2 dataset_dir:=data/fold

With the simulator it ends by itself when all episodes are there. On a real robot each goal of
the action recorder/record_episode makes one file.
"""

from launch import LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    GroupAction,
    IncludeLaunchDescription,
    SetLaunchConfiguration,
)
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import AndSubstitution, EqualsSubstitution, LaunchConfiguration
from launch_ros.actions import Node, PushRosNamespace
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from act_core.ros.launching import end_all

BRINGUP = FindPackageShare("act_bringup")
SIM = LaunchConfiguration("sim")
UNNAMED_SIM = AndSubstitution(SIM, EqualsSubstitution(LaunchConfiguration("robot"), ""))
ROBOT = ParameterValue(LaunchConfiguration("robot"), value_type=str)
DATASET_DIR = ParameterValue(LaunchConfiguration("dataset_dir"), value_type=str)


def arguments() -> list[DeclareLaunchArgument]:
    """Declare this file's own arguments."""
    return [
        DeclareLaunchArgument(
            "sim",
            default_value="true",
            choices=["true", "false"],
            description="Bring up the simulated robot and its demonstrator; false: use the topics "
            "of a running robot and its leader arms.",
        ),
        DeclareLaunchArgument(
            "robot",
            default_value="",
            description="A shipped robot's name (aloha_sim, aloha_original, aloha_2), or the path "
            "of a robot YAML file. Empty: aloha_sim; with sim:=false it has to be given.",
        ),
        DeclareLaunchArgument(
            "dataset_dir",
            default_value="data/episodes",
            description="Folder that gets episode_<i>.hdf5; made if absent.",
        ),
        DeclareLaunchArgument(
            "pace",
            default_value="lockstep",
            choices=["realtime", "lockstep"],
            description="lockstep: each tick of the simulator waits for its command, and no frame "
            "is lost. A real robot is always in real time.",
        ),
        DeclareLaunchArgument(
            "use_sim_time",
            default_value=SIM,
            choices=["true", "false"],
            description="Take the time from /clock.",
        ),
    ]


def session_arguments() -> list[DeclareLaunchArgument]:
    """Declare what only a session with the simulator takes."""
    return [
        DeclareLaunchArgument(
            "episodes",
            default_value="50",
            description="Simulator: how many episodes to have "
            "from first_seed on; those that are there count.",
        ),
        DeclareLaunchArgument(
            "first_seed",
            default_value="0",
            description="Simulator: seed of the first episode; those in dataset_dir are skipped.",
        ),
        DeclareLaunchArgument(
            "disturbance",
            default_value="0.0",
            description="Simulator: random motion added to the arm commands, 0 to 10.",
        ),
    ]


def node(package: str, executable: str, name: str, parameters: list[object]) -> Node:
    """Return a node whose end ends everything; later parameters win, `params_file` over all."""
    return Node(
        package=package,
        executable=executable,
        name=name,
        parameters=[*parameters, LaunchConfiguration("params_file")],
        ros_arguments=["--log-level", LaunchConfiguration("log_level")],
        output="screen",
        on_exit=end_all,
    )


def recorder() -> Node:
    """Return the recorder's node."""
    values = {
        "robot_file": ROBOT,
        "dataset_dir": DATASET_DIR,
        "sim": SIM,
        "use_sim_time": LaunchConfiguration("use_sim_time"),
    }
    pace_file = [BRINGUP, "/config/", LaunchConfiguration("pace"), ".yaml"]
    files = [[BRINGUP, "/config/recorder.yaml"], pace_file]
    return node("act_recorder", "recorder_node", "recorder", [*files, values])


def demonstrator() -> Node:
    """Return the scripted leader arms."""
    files = [[BRINGUP, "/config/sim.yaml"]]
    return node("act_sim", "demonstrator_node", "demonstrator", [*files, {"robot_file": ROBOT}])


def session() -> Node:
    """Return the client that resets the scene and asks for one episode after the other."""
    values = {
        "dataset_dir": DATASET_DIR,
        "task": ParameterValue(LaunchConfiguration("task"), value_type=str),
        "episodes": LaunchConfiguration("episodes"),
        "first_seed": LaunchConfiguration("first_seed"),
        "disturbance": LaunchConfiguration("disturbance"),
    }
    return node("act_recorder", "record", "record", [[BRINGUP, "/config/recorder.yaml"], values])


def generate_launch_description() -> LaunchDescription:
    """Start teleoperation and recorder and, unless sim:=false, simulator and demonstrator."""
    return LaunchDescription(
        [
            *arguments(),
            *session_arguments(),
            SetLaunchConfiguration("robot", "aloha_sim", condition=IfCondition(UNNAMED_SIM)),
            SetLaunchConfiguration("pace", "realtime", condition=UnlessCondition(SIM)),
            IncludeLaunchDescription([BRINGUP, "/launch/common.launch.py"]),
            # The included files see robot, pace and all other arguments set so far.
            IncludeLaunchDescription(
                [FindPackageShare("act_sim"), "/launch/sim.launch.py"], condition=IfCondition(SIM)
            ),
            IncludeLaunchDescription(
                [FindPackageShare("act_teleop"), "/launch/teleop.launch.py"],
                launch_arguments={"robot": LaunchConfiguration("robot")}.items(),
            ),
            GroupAction([PushRosNamespace(LaunchConfiguration("namespace")), recorder()]),
            GroupAction(
                [PushRosNamespace(LaunchConfiguration("namespace")), demonstrator(), session()],
                condition=IfCondition(SIM),
            ),
        ]
    )
