# SPDX-License-Identifier: Apache-2.0
"""The replay of an episode as a system."""

from act_core.system.system import Process, System, argument
from act_teleop.leaders.replay_params import ReplayParams

REPLAY = System(
    name="replay",
    summary="A recorded episode as leader arms: its actions on leader/joint_states",
    arguments=(
        argument(ReplayParams, "robot_file", name="robot", default=None),
        argument(ReplayParams, "episode", default=None),
        argument(ReplayParams, "speed"),
        argument(ReplayParams, "tolerance_rad"),
    ),
    processes=(
        Process("act_teleop", "replay_node", "replay", ReplayParams,
                lambda values: {"robot_file": values["robot"]}),
    ),
)  # fmt: skip
