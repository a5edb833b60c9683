# SPDX-License-Identifier: Apache-2.0
"""Each system starts real executables with parameters that these declare and take."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: make shell")

from act_bringup.cli.start import command, commands_of
from act_bringup.reference_pages import NODES
from act_bringup.systems import SYSTEMS
from act_core.errors import ActError, ParameterError
from act_core.robot.robot_file import load_robot
from act_core.ros.process.environment import environment_defaults
from act_core.system.declaration import declarations
from act_core.system.system import started
from act_policy.checkpoint.checkpoint import save_checkpoint
from act_policy.testing import make_checkpoint

ROOT = Path(__file__).resolve().parents[3]
LAUNCH_FILES = sorted(ROOT.glob("*/launch/*.launch.py"))
PARAMS = {name: params_type for _, _, name, params_type in NODES}
OURS = [name for name in SYSTEMS if name != "rviz"]
GIVEN = {
    "teleop": {"robot": "aloha_sim"},
    "bridge": {"robot": "aloha_2"},
    "dynamixel": {"robot": "aloha_2"},
    "rehearse": {"robot": "aloha_2"},
    "replay": {"robot": "aloha_sim", "episode": "episode_0.hdf5"},
}

pytestmark = pytest.mark.ros


def processes(name, **given):
    return list(started(SYSTEMS[name], SYSTEMS, {**GIVEN.get(name, {}), **given}))


@pytest.mark.parametrize("pace", ["realtime", "lockstep"])
@pytest.mark.parametrize("name", OURS)
def test_parameters_are_declared_and_allowed(name, pace):
    for process, values in processes(name, pace=pace):
        known = declarations(PARAMS[process.name])
        for parameter, value in process.parameters(values).items():
            if parameter != "use_sim_time":
                known[parameter].check(value)


@pytest.mark.parametrize("name", OURS)
def test_executables_are_there(name):
    for process, values in processes(name):
        words = command(process, values)
        assert Path(words[0]).is_file()
        assert words[0].endswith(f"{process.package}/{process.executable}")


@pytest.mark.parametrize("pace", ["realtime", "lockstep"])
@pytest.mark.parametrize("name", OURS)
def test_all_processes_have_the_same_pace(name, pace):
    paces = {p.parameters(v).get("pace", pace) for p, v in processes(name, pace=pace)}
    assert paces == {pace}


def test_a_robot_stays_still_unless_somebody_asks():
    (_, (policy, values)) = processes("deploy", sim="false", robot="aloha_2")
    parameters = policy.parameters(values)
    assert (parameters["autostart"], parameters["resume"]) == (False, "manual")
    defaults = declarations(PARAMS["policy"])
    assert (defaults["autostart"].default, defaults["resume"].default) == (False, "manual")


def test_recording_on_a_robot_starts_no_simulator_and_no_demonstrator():
    names = [p.name for p, _ in processes("record", sim="false", robot="aloha_2")]
    assert names == ["arm_bridge", "teleop", "recorder", "session", "keys"]
    assert [p.name for p, _ in processes("record")] == [
        "sim", "teleop", "recorder", "demonstrator", "record",
    ]  # fmt: skip


def test_an_operator_leads_in_simulation_where_that_is_asked_for():
    found = {p.name: p.parameters(v) for p, v in processes("record", operator="true")}
    assert list(found) == ["sim", "teleop", "gamepad", "recorder", "session", "keys"]
    assert found["session"]["sim"]
    assert found["session"]["only_successful"] is False
    assert {found[n]["pace"] for n in ("sim", "teleop", "recorder")} == {"realtime"}


def test_who_judges_decides_what_only_successful_means_by_default():
    def asked(**given):
        found = {p.name: p.parameters(v) for p, v in processes("record", **given)}
        return [found[n]["only_successful"] for n in ("record", "session") if n in found]

    robot = {"sim": "false", "robot": "aloha_2"}
    assert (asked(), asked(**robot)) == ([True], [False])
    assert (asked(only_successful="false"), asked(only_successful="true", **robot)) == (
        [False], [True]
    )  # fmt: skip


def test_a_task_of_a_robot_is_any_text_and_one_of_the_simulator_is_its_own():
    robot = {"sim": "false", "robot": "aloha_2"}
    found = {p.name: p.parameters(v) for p, v in processes("record", task="fold", **robot)}
    assert found["session"]["task"] == "fold"
    assert {p.name: p.parameters(v) for p, v in processes("record")}["record"]["task"] == (
        "transfer_cube"
    )
    with pytest.raises(
        ParameterError, match="task is 'fold'. Known: insertion, place_block, transfer_cube"
    ):
        processes("record", task="fold")


def test_the_bridge_starts_where_the_robot_file_asks_for_it_and_it_does_not_run_yet():
    for system in ("record", "deploy"):
        for robot, more, starts in (
            ("aloha_2", {}, True), ("aloha_2", {"bridge": "false"}, False),
            ("ros2_control_arm", {}, True), ("aloha_sim", {}, False),
        ):  # fmt: skip
            names = [p.name for p, _ in processes(system, sim="false", robot=robot, **more)]
            assert ("arm_bridge" in names) is starts


def test_beside_a_policy_teleoperation_waits_to_be_called():
    for sim in ({}, {"sim": "false", "robot": "aloha_2"}):
        found = {p.name: p.parameters(v) for p, v in processes("deploy", teleop="true", **sim)}
        assert found["teleop"]["engage"] == "call"
    found = {p.name: p.parameters(v) for p, v in processes("record")}
    assert found["teleop"]["engage"] == "auto"


def test_a_labs_own_teleoperation_is_left_alone():
    names = [p.name for p, _ in processes("record", sim="false", robot="aloha_2", teleop="false")]
    assert names == ["arm_bridge", "recorder", "session", "keys"]


@pytest.mark.parametrize("kind", ["shipped", "own", "changed"])
@pytest.mark.parametrize("system", ["deploy", "evaluate", "demo"])
def test_the_simulated_robot_is_the_checkpoints_unless_one_is_named(tmp_path, system, kind):
    robot = load_robot("aloha_sim_two_views")
    text, cameras = robot.yaml_text, ("top",)
    if kind == "own":
        text = text.replace("name: aloha_sim_two_views", "name: my_cell")
    if kind == "changed":  # and its name left as it was
        text, cameras = text.replace("name: top,", "name: roof,"), ("roof",)
    rows = np.zeros((2, robot.dim), np.float32)
    save_checkpoint(tmp_path / "made", make_checkpoint(
        rows, rows, robot_yaml=text, cameras=cameras, image_width_px=43,
        state_names=robot.columns, action_names=robot.columns,
    ))  # fmt: skip
    given = {"checkpoint": str(tmp_path / "made"), "task": "insertion"}
    expected = robot.name if kind == "shipped" else str(tmp_path / "made" / "robot.yaml")
    assert robot_files(system, **given) == {expected}
    assert robot_files(system, **given, robot="aloha_sim") == {"aloha_sim"}


def robot_files(system, **given):
    found = {p.name: p.parameters(v)["robot_file"] for p, v in processes(system, **given)}
    assert found.keys() == {"sim", "evaluate", "policy"}
    return set(found.values())


def test_the_policy_is_the_shipped_one_of_the_task_unless_one_is_named():
    robots = {"transfer_cube": "aloha_sim", "insertion": "aloha_sim_two_views"}
    for system in ("deploy", "evaluate", "demo"):
        assert processes(system)[0][1]["task"] == "transfer_cube"
        for task, robot in robots.items():
            found = {p.name: p.parameters(v) for p, v in processes(system, task=task)}
            assert found["policy"]["checkpoint"] == found["evaluate"]["task"] == task
            assert found["sim"]["robot_file"] == robot
        with pytest.raises(ActError, match="no policy for task 'place_block' is shipped; name a"):
            processes(system, task="place_block")


def test_every_system_has_a_launch_file_in_its_package_and_none_is_without_one():
    names = {path.name.removesuffix(".launch.py"): path for path in LAUNCH_FILES}
    assert sorted(names) == sorted(SYSTEMS)
    for system in SYSTEMS.values():
        for include in system.includes:
            folder = "launch" if include.package == "act_bringup" else include.package
            assert names[include.name].parent.parent.name == folder


def test_texts_reach_the_command_line_as_they_are():
    words = commands_of("record", ["--dataset-dir", "~/set of 'data' \"ä\"", "--robot", "12"])
    recorder = words["recorder"]
    assert 'dataset_dir:="~/set of \'data\' \\"ä\\""' in recorder
    assert 'robot_file:="12"' in recorder
    assert json.loads(recorder[recorder.index("-p") + 1].partition(":=")[2]) is not None


def test_namespace_and_node_name_are_given():
    words = commands_of("sim", ["--namespace", "/cell/"])["sim"]
    assert "__ns:=/cell" in words
    assert "/clock:=/cell/clock" in words
    assert not [w for w in commands_of("sim", [])["sim"] if "/clock:=" in w]
    assert "__node:=sim" in words


def test_shell_and_launch_fill_in_the_same_environment():
    names = list(environment_defaults())
    script = "for name in FASTRTPS_DEFAULT_PROFILES_FILE ROS_AUTOMATIC_DISCOVERY_RANGE MUJOCO_GL; "
    script += 'do unset "$name"; done; . tools/env.sh; printenv ' + " ".join(names)
    run = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    shell = dict(zip(names, run.stdout.splitlines(), strict=True))
    for name, value in environment_defaults().items():
        if name == "FASTRTPS_DEFAULT_PROFILES_FILE":
            assert Path(shell[name]).read_text() == Path(value).read_text()
        else:
            assert shell[name] == value
