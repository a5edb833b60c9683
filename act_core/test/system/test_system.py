# SPDX-License-Identifier: Apache-2.0
from dataclasses import dataclass, replace

import pytest

from act_core.errors import ParameterError
from act_core.system.arguments import PACE, ROBOT, SIM, USE_SIM_TIME, robot_and_pace
from act_core.system.declaration import Declaration, param
from act_core.system.system import Include, Process, System, argument, started, whole


@dataclass(frozen=True)
class Params:
    task: str = param("cube", "Task.", choices=("cube", "peg"))
    seed: int = param(0, "Seed.", low=0)
    robot_file: str = param("aloha_sim", "Robot.")
    hidden: float = param(1.0, "No argument of the system.")


INNER = System(
    "inner", "Inside.",
    arguments=(argument(Params, "task"), argument(Params, "seed"), PACE),
    processes=(Process("p", "inner_node", "inner", Params),),
)  # fmt: skip
OUTER = System(
    "outer", "Outside.",
    arguments=(SIM, ROBOT, argument(Params, "seed", default=5),
               Declaration("task", "Any.", "cube"), replace(PACE, default="lockstep"),
               USE_SIM_TIME),
    derive=robot_and_pace,
    includes=(Include("p", "inner", when="sim"),),
    processes=(
        Process("p", "outer_node", "outer", Params, lambda v: {"robot_file": v["robot"]}),
        Process("p", "extra_node", "extra", when="sim"),
    ),
)  # fmt: skip
SYSTEMS = {"inner": INNER, "outer": OUTER}


def run(**given):
    return {p.name: p.parameters(v) for p, v in started(OUTER, SYSTEMS, given)}


def test_arguments_go_to_the_parameters_of_the_same_name():
    assert run(seed="7") == {
        "inner": {"task": "cube", "seed": 7},
        "outer": {"task": "cube", "seed": 7, "robot_file": "aloha_sim"},
        "extra": {},
    }


def test_the_outer_default_holds_inside():
    assert run()["inner"]["seed"] == 5
    assert list(started(INNER, SYSTEMS, {}))[0][1]["seed"] == 0
    (_, values), *_ = started(OUTER, SYSTEMS, {})
    assert values["pace"] == "lockstep"


def test_what_follows_from_an_argument_holds_inside_too():
    system = replace(OUTER, derive=lambda v: {"robot": "r", "seed": v["seed"] + 1})
    names = {p.name: p.parameters(v) for p, v in started(system, SYSTEMS, {"seed": "1"})}
    assert names["inner"]["seed"] == names["outer"]["seed"] == 2


def test_without_the_simulator_its_parts_stay_away_and_a_robot_is_asked_for():
    assert run(sim="False", robot="mine.yaml") == {
        "outer": {"task": "cube", "seed": 5, "robot_file": "mine.yaml"}
    }
    (_, values), *_ = started(OUTER, SYSTEMS, {"sim": "false", "robot": "r"})
    assert (values["pace"], values["use_sim_time"]) == ("realtime", False)
    with pytest.raises(ParameterError, match="robot has to be given where sim is false"):
        run(sim="false")


def test_choices_are_known_to_who_uses_the_argument():
    declared = whole(OUTER, SYSTEMS)
    assert declared["task"].choices == ("cube", "peg")
    assert declared["seed"].default == 5
    assert list(declared)[0] == "sim"
    with pytest.raises(ParameterError, match="task is 'pge'; did you mean 'peg'?"):
        run(task="pge")


def test_what_has_to_be_given_is_asked_for():
    system = System("s", "S.", arguments=(argument(Params, "robot_file", default=None),))
    for given in ({}, {"robot_file": ""}):
        with pytest.raises(ParameterError, match="robot_file has to be given: Robot."):
            system.values(given)
