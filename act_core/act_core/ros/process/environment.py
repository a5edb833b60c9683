# SPDX-License-Identifier: Apache-2.0
"""Environment variables that every process of the suite should have."""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory

# Process id of the command that started a process, which must not outlive it.
STARTER_VARIABLE = "ACT_STARTER_PID"


def environment_defaults() -> dict[str, str]:
    """Return name → value for variables that are only filled in: what a shell has set stays."""
    config = Path(get_package_share_directory("act_core")) / "config"
    return {
        # Fast DDS's own shared-memory segment is smaller than one camera image and loses frames.
        "FASTRTPS_DEFAULT_PROFILES_FILE": str(config / "fastdds.xml"),
        # A robot must not take commands from a neighbour's network unless somebody asks for it.
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        # Renders without a display, with a GPU's driver or Mesa's software one.
        "MUJOCO_GL": "egl",
    }
