# SPDX-License-Identifier: Apache-2.0
"""Recording as a system: robot, leaders, teleoperation, recorder and a session's client."""

from dataclasses import replace

from act_core.system.arguments import BRIDGE, PACE, ROBOT, SIM, USE_SIM_TIME, robot_and_pace
from act_core.system.declaration import Declaration
from act_core.system.system import Include, Process, System, argument
from act_recorder.record_session_params import RecordParams
from act_recorder.recorder_params import RecorderParams

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
        replace(PACE, default="lockstep"),
        USE_SIM_TIME,
        argument(RecorderParams, "dataset_dir"),
        argument(RecorderParams, "max_age_s"),
        argument(RecorderParams, "max_skew_s"),
        argument(RecordParams, "task"),
        argument(RecordParams, "episodes"),
        argument(RecordParams, "first_seed"),
        argument(RecordParams, "disturbance"),
        argument(RecordParams, "only_successful"),
    ),
    derive=robot_and_pace,
    includes=(
        Include("act_sim", "sim", when="sim"),
        Include("act_teleop", "bridge", when="with_bridge"),
        Include("act_teleop", "teleop", when="teleop"),
    ),
    processes=(
        Process("act_recorder", "recorder_node", "recorder", RecorderParams, lambda values: {
            "robot_file": values["robot"], "use_sim_time": values["use_sim_time"],
        }),
        # The leader arms of the simulated robot.
        Process("act_sim", "demonstrator_node", "demonstrator", when="sim",
                given=lambda values: {"robot_file": values["robot"]}),
        # On a real robot each goal of the action recorder/record_episode makes one file.
        Process("act_recorder", "record", "record", RecordParams, when="sim"),
    ),
)  # fmt: skip
