# SPDX-License-Identifier: Apache-2.0
"""Arguments of systems that can run with the simulator or beside a real robot."""

from typing import Any

from act_core.errors import ParameterError
from act_core.robot.robot_file import load_robot, shipped_robots
from act_core.system.declaration import Declaration
from act_core.system.system import Values

SIM = Declaration(
    "sim",
    "Bring up the simulated robot; false: use the topics of a robot that is running.",
    True,
    bool,
)


def robot_argument(simulated: str) -> Declaration:
    """Return the declaration of a system's robot, in simulation `simulated` by default."""
    names = ", ".join(sorted(shipped_robots()))
    return Declaration(
        "robot",
        f"A shipped robot's name ({names}), or the path of a robot YAML file. Empty: {simulated}; "
        "without the simulator it has to be given.",
        "",
    )


ROBOT = robot_argument("aloha_sim")
BRIDGE = Declaration(
    "bridge",
    "Start the arm bridge. auto: on a real robot whose file names topics of its arms' drivers; "
    "false: it runs already.",
    "auto",
    choices=("auto", "false"),
)
PACE = Declaration(
    "pace",
    "realtime: by the clock. lockstep: each tick of the simulator waits for its command, and "
    "nothing is lost; a real robot is always in real time.",
    "realtime",
    choices=("realtime", "lockstep"),
)
USE_SIM_TIME = Declaration(
    "use_sim_time", "Take the time from /clock.", value_type=bool, same_as="sim"
)


def robot_and_pace(values: Values) -> dict[str, Any]:
    """Return what follows from the robot, or from there being none but the simulated one.

    These are `robot`, in the simulator `aloha_sim` where nothing else is named, `pace`, which only
    it has, and `with_bridge`: whether the robot needs an arm bridge that does not run yet.

    Raises:
        ParameterError: no robot is named and there is no simulator.
        RobotSpecError: the robot's file has a fault.
    """
    if values["sim"]:
        return {"robot": values["robot"] or "aloha_sim", "with_bridge": False}
    if not values["robot"]:
        raise ParameterError(
            "robot has to be given where sim is false: a shipped robot's name "
            f"({', '.join(sorted(shipped_robots()))}), or the path of a robot YAML file"
        )
    bridge = values.get("bridge") == "auto" and load_robot(values["robot"]).needs_bridge
    return {"pace": "realtime", "with_bridge": bridge}
