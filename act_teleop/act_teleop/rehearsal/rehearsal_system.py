# SPDX-License-Identifier: Apache-2.0
"""The fake lab as a system."""

from act_core.system.system import Process, System, argument
from act_teleop.rehearsal.fake_lab_params import FakeLabParams

REHEARSAL = System(
    name="rehearse",
    summary="Plays the arms, controllers and cameras of a robot file, to practise without them",
    arguments=(
        argument(FakeLabParams, "robot_file", name="robot", default=None),
        *(
            argument(FakeLabParams, name)
            for name in ("state_rate_hz", "camera_rate_hz", "camera_latency_s", "best_effort",
                         "leader")
        ),
    ),
    processes=(
        Process("act_teleop", "fake_lab_node", "fake_lab", FakeLabParams,
                lambda values: {"robot_file": values["robot"]}),
    ),
)  # fmt: skip
