# SPDX-License-Identifier: Apache-2.0
"""What every launch file of the suite includes first: common arguments and the environment.

The environment is only filled in, so that a value set in the shell stays.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, SetEnvironmentVariable
from launch.substitutions import EnvironmentVariable
from launch_ros.substitutions import FindPackageShare


def generate_launch_description() -> LaunchDescription:
    """Declare namespace, params_file and log_level; set up Fast DDS, discovery and rendering."""
    bringup = FindPackageShare("act_bringup")
    defaults = {
        # Fast DDS's own shared-memory segment is smaller than one camera image and loses frames.
        "FASTRTPS_DEFAULT_PROFILES_FILE": [bringup, "/config/fastdds.xml"],
        # A robot must not take commands from a neighbour's network unless somebody asks for it.
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        # Renders without a display, with a GPU's driver or Mesa's software one.
        "MUJOCO_GL": "egl",
    }
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "namespace", default_value="", description="Namespace of all nodes and topics."
            ),
            DeclareLaunchArgument(
                "params_file",
                default_value=[bringup, "/config/none.yaml"],
                description="YAML file of parameters with the last word, for any of the nodes; "
                "their names as in act_bringup's config/*.yaml.",
            ),
            DeclareLaunchArgument(
                "log_level",
                default_value="info",
                choices=["debug", "info", "warn", "error", "fatal"],
                description="Least severe messages that the nodes log.",
            ),
            *(
                SetEnvironmentVariable(name, EnvironmentVariable(name, default_value=value))
                for name, value in defaults.items()
            ),
        ]
    )
