# SPDX-License-Identifier: Apache-2.0
"""Recording as a system: robot, leaders, teleoperation, recorder and a session's client."""

from dataclasses import replace
from typing import Any

from act_core.system.arguments import BRIDGE, PACE, ROBOT, SIM, USE_SIM_TIME, robot_and_pace
from act_core.system.declaration import Declaration
from act_core.system.system import Include, Process, System, Values, argument
from act_recorder.record_session_params import RecordParams
from act_recorder.recorder_params import RecorderParams
from act_recorder.session.keys_params import KeysParams
from act_recorder.session.session_params import SessionParams

ONLY_SUCCESSFUL = Declaration(
    "only_successful",
    "Drop episodes that are no success. auto: in simulation, where the task judges; on a robot "
    "the operator does, and failures stay, labelled.",
    "auto",
    choices=("auto", "true", "false"),
)
OPERATOR = Declaration(
    "operator",
    "Who leads the session. auto: an operator on a robot, nobody in simulation, where a scripted "
    "demonstrator plays. true: an operator there too, who teleoperates by joy (act keyboard in "
    "another terminal, or --joy-node true), in real time.",
    "auto",
    choices=("auto", "true"),
)
_KEYS = Process("act_recorder", "keys", "keys", KeysParams, terminal=True)
# No launch file: launch gives no process a terminal.
KEYS = System(
    name="keys",
    summary="Keys and display of a recording session that runs without a terminal of its own",
    arguments=(argument(KeysParams, "bell"),),
    processes=(_KEYS,),
)
_BUTTONS = ("start", "end", "success", "failure", "discard", "re_record", "pause", "quit")


def _derive(values: Values) -> dict[str, Any]:
    """Return what follows from there being a simulator, which judges and needs no operator."""
    asked, sim = values["only_successful"], values["sim"]
    operator = values["operator"] == "true" or not sim
    led = {"pace": "realtime", "reset_on_start": True} if sim and operator else {}
    return (
        robot_and_pace(values)
        | led
        | {
            "only_successful": not operator if asked == "auto" else asked == "true",
            "task": values["task"] or ("transfer_cube" if sim else ""),
            "with_operator": operator,
            "demonstrated": sim and not operator,
            "gamepad": sim and operator,
        }
    )


RECORDING = System(
    name="record",
    summary="Episodes of the simulated robot or, without it, of whichever robot is running",
    arguments=(
        SIM,
        ROBOT,
        BRIDGE,
        Declaration(
            "teleop", "Start teleoperation; false: a lab's own commands the robot.", True, bool
        ),
        OPERATOR,
        replace(PACE, default="lockstep"),
        USE_SIM_TIME,
        argument(RecorderParams, "dataset_dir"),
        argument(RecorderParams, "max_age_s"),
        argument(RecorderParams, "max_skew_s"),
        argument(
            SessionParams, "task", free=True,
            description="What is done, written to each file; in simulation one of its tasks. "
            "Empty: transfer_cube there.",
        ),
        argument(RecordParams, "episodes"),
        argument(RecordParams, "first_seed"),
        argument(RecordParams, "disturbance"),
        ONLY_SUCCESSFUL,
        argument(RecorderParams, "max_frames"),
        argument(SessionParams, "countdown_s"),
        argument(SessionParams, "reset_s"),
        *(argument(SessionParams, f"{command}_button") for command in _BUTTONS),
    ),
    derive=_derive,
    includes=(
        Include("act_sim", "sim", when="sim"),
        Include("act_teleop", "bridge", when="with_bridge"),
        Include("act_teleop", "teleop", when="teleop"),
        Include("act_sim", "gamepad", when="gamepad"),
    ),
    processes=(
        Process("act_recorder", "recorder_node", "recorder", RecorderParams, lambda values: {
            "robot_file": values["robot"], "use_sim_time": values["use_sim_time"],
        }),
        # The leader arms of the simulated robot.
        Process("act_sim", "demonstrator_node", "demonstrator", when="demonstrated",
                given=lambda values: {"robot_file": values["robot"]}),
        Process("act_recorder", "record", "record", RecordParams, when="demonstrated"),
        Process("act_recorder", "session_node", "session", SessionParams, when="with_operator",
                given=lambda _: {"max_frames": 0}),
        replace(_KEYS, when="with_operator"),
    ),
)  # fmt: skip
