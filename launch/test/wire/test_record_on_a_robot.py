# SPDX-License-Identifier: Apache-2.0
"""A session at a robot as its operator has it: keys on a terminal, files in the folder."""

import json
import re
import termios
from contextlib import closing
from pathlib import Path

import pytest
from operator_terminal import OperatorTerminal
from processes import Processes

from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import shipped_robots

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(400)]

ROWS_COME = r"RECORDING.*[1-9]\d* rows"


@pytest.fixture
def robot(tmp_path: Path) -> str:
    """An ALOHA 2 whose images are small, since this is no test of the disk."""
    text = shipped_robots()["aloha_2"]
    path = tmp_path / "small_aloha_2.yaml"
    path.write_text(text.replace("480", "48").replace("640", "64"))
    return str(path)


@pytest.fixture
def lab(act: Processes, robot: str) -> Processes:
    lab = act.start("act_teleop.rehearsal.fake_lab_node", robot_file=robot, camera_rate_hz=10.0)
    lab.wait_for("plays the lab")
    return act


def _session(lab: Processes, robot: str, folder: Path, *more: str) -> OperatorTerminal:
    late = {"max_age_s": 5.0, "max_skew_s": 5.0}  # this machine is busy with other tests
    params = folder.parent / "params.yaml"
    nodes = {"recorder": {**late, "max_gap_s": 5.0}, "teleop": {"input_timeout_s": 2.0}}
    params.write_text(json.dumps({f"/**/{n}": {"ros__parameters": p} for n, p in nodes.items()}))
    return OperatorTerminal(
        "act_bringup.cli.main", "record", "--sim", "false", "--robot", robot,
        "--dataset-dir", str(folder), "--task", "fold", "--episodes", "4", "--countdown-s", "0.5",
        "--params-file", str(params), *more, environment=lab.environment,
    )  # fmt: skip


def _verdicts(folder: Path) -> dict[str, tuple[str, str]]:
    found = {}
    for path in sorted(folder.iterdir()):
        with EpisodeReader(path) as episode:
            assert episode.num_frames > 0
            assert (episode.meta.task, episode.meta.sim) == ("fold", False)
            found[path.name] = episode.meta.verdict, episode.meta.judge
    return found


# What is pressed, and what the foot of the screen then shows.
FIRST_SESSION = (
    (" ", ROWS_COME),
    ("s", r"RESET.*1 kept.*last: episode_0\.hdf5, success"),
    (" ", ROWS_COME),
    ("r", r"RECORDING.*1 kept, 1 dropped.*[1-9]\d* rows"),
    ("s", r"RESET.*2 kept, 1 dropped.*last: episode_1\.hdf5, success"),
    ("f", r"last: episode_1\.hdf5, failure"),  # on second thought
    (" ", ROWS_COME),
    ("d", r"RESET.*2 kept, 2 dropped"),
    ("d", "there is no last episode that could be judged"),
    (" ", ROWS_COME),
)
SECOND_SESSION = (
    (" ", r"JUDGING.*last: episode_3\.hdf5, not judged"),
    ("s", r"RESET.*last: episode_3\.hdf5, success"),
)


def test_start_success_re_record_discard_quit_and_resume(
    lab: Processes, robot: str, tmp_path: Path
) -> None:
    folder = tmp_path / "episodes"
    with closing(_session(lab, robot, folder)) as operator:
        operator.wait_for(r"WAITING.*episode 1 of 4.*cam_high'\s+\d+\.\d Hz(?!.*not ready)")
        operator.wait_for(r"joint_commands\s+\d+\.\d Hz")  # the leader has engaged
        for key, shown in FIRST_SESSION:
            operator.press(key)
            operator.wait_for(shown)
        operator.press("q")
        assert operator.wait_for_exit() == 0
        assert "3 episodes recorded into" in operator.text
        assert termios.tcgetattr(operator.program) == operator.mode
        assert operator.text.rindex("\x1b[r") > operator.text.rindex(";1H\x1b[2K")
        assert "Traceback" not in operator.text
    assert _verdicts(folder) == {
        "episode_0.hdf5": ("success", "operator"), "episode_1.hdf5": ("failure", "operator"),
        "episode_2.hdf5": ("", ""),
    }  # fmt: skip

    with closing(_session(lab, robot, folder, "--max-frames", "20")) as operator:
        operator.wait_for(r"WAITING.*episode 4 of 4 · 3 kept, 3 of them were there")
        operator.wait_for(r"joint_commands\s+\d+\.\d Hz")
        for key, shown in SECOND_SESSION:
            operator.press(key)
            operator.wait_for(shown)
        operator.press(" ")  # no more to do
        assert operator.wait_for_exit() == 0
    assert _verdicts(folder)["episode_3.hdf5"] == ("success", "operator")


def test_without_a_terminal_it_says_where_the_keys_are_and_services_do_it(
    lab: Processes, robot: str, tmp_path: Path
) -> None:
    del robot
    record = lab.start(
        "act_bringup.cli.main", "record", "--sim", "false", "--robot", "trossen_ai",
        "--dataset-dir", str(tmp_path / "data"),
    )  # fmt: skip
    record.wait_for("no terminal here: act keys in another has the keys")
    record.wait_for(re.compile(r"session +\|.*waiting, episode 1 of 50"))
    assert record.stop() == 130
    assert "keys started" not in record.text
