# SPDX-License-Identifier: Apache-2.0
"""The simulated robot as a system, and RViz beside it."""

from pathlib import Path
from typing import Any

from ament_index_python.packages import get_package_share_directory

from act_core.system.arguments import SIM, USE_SIM_TIME
from act_core.system.declaration import Declaration
from act_core.system.system import Include, Process, System, Values, argument
from act_sim.sim_params import SimParams

SHARE = Path(get_package_share_directory("act_sim"))


def _model(values: Values) -> dict[str, Any]:
    urdf = (SHARE / "urdf" / "aloha_sim.urdf").read_text(encoding="utf-8")
    return {"robot_description": urdf, **_clock(values)}


def _clock(values: Values) -> dict[str, Any]:
    return {"use_sim_time": values["use_sim_time"]}


RVIZ = System(
    name="rviz",
    summary="RViz with camera, markers and frames and, for the simulated robot, its model",
    arguments=(SIM, USE_SIM_TIME),
    processes=(
        Process("rviz2", "rviz2", "rviz", given=_clock,
                arguments=("-d", str(SHARE / "rviz" / "aloha.rviz"))),
        # A real robot's driver publishes its own model.
        Process("robot_state_publisher", "robot_state_publisher", "robot_state_publisher",
                given=_model, when="sim"),
    ),
)  # fmt: skip

SIMULATOR = System(
    name="sim",
    summary="The simulated robot: joint states, camera images and a clock out, commands in",
    arguments=(
        argument(SimParams, "robot_file", name="robot"),
        argument(SimParams, "task"),
        argument(SimParams, "pace"),
        argument(SimParams, "extra_cameras"),
        argument(SimParams, "shadows"),
        argument(SimParams, "reset_on_start"),
        argument(SimParams, "seed"),
        Declaration(
            "rviz",
            "Show robot, camera and objects in RViz. Beside a real robot: "
            "ros2 launch act_sim rviz.launch.py sim:=false.",
            False,
            bool,
        ),
    ),
    # First, so that nothing runs yet if RViz is not installed.
    includes=(Include("act_sim", "rviz", when="rviz"),),
    processes=(
        Process("act_sim", "sim_node", "sim", SimParams,
                lambda values: {"robot_file": values["robot"]}),
    ),
)  # fmt: skip
