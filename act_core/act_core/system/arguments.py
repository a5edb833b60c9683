# SPDX-License-Identifier: Apache-2.0
"""Arguments of systems that can run with the simulator or beside a real robot."""

from typing import Any

from act_core.errors import ParameterError
from act_core.system.declaration import Declaration
from act_core.system.system import Values

SIM = Declaration(
    "sim",
    "Bring up the simulated robot; false: use the topics of a robot that is running.",
    True,
    bool,
)
ROBOT = Declaration(
    "robot",
    "A shipped robot's name (aloha_sim, aloha_original, aloha_2), or the path of a robot YAML "
    "file. Empty: aloha_sim; without the simulator it has to be given.",
    "",
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
    """Return `robot`, which only the simulator has a default for, and `pace`, which only it has.

    Raises:
        ParameterError: no robot is named and there is no simulator.
    """
    if values["sim"]:
        return {"robot": values["robot"] or "aloha_sim"}
    if not values["robot"]:
        raise ParameterError("robot has to be given where sim is false: " + ROBOT.description)
    return {"pace": "realtime"}
