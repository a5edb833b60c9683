# SPDX-License-Identifier: Apache-2.0
"""Episodes of the simulated robot or, with sim:=false, of whichever robot and leaders are running.

    ros2 launch act_recorder record.launch.py episodes:=10 dataset_dir:=data/transfer_cube
    ros2 launch act_recorder record.launch.py sim:=false robot:=aloha_2 dataset_dir:=data/fold

With the simulator it ends by itself when all episodes are there. On a real robot an operator leads
the session: `act keys` or `ros2 run act_recorder keys` in a terminal, a pedal, or services.
"""

from launch import LaunchDescription

from act_core.ros.process.launching import describe
from act_recorder.record_system import RECORDING


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in act_recorder.record_system."""
    return describe(RECORDING)
