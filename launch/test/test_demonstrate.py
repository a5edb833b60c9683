# SPDX-License-Identifier: Apache-2.0
"""`act demonstrate`: whole demonstrations, and those that take over from a policy."""

from dataclasses import replace

import numpy as np
import pytest

from act_bringup.cli.main import main
from act_bringup.demonstrations import command
from act_bringup.demonstrations.correction import (
    TAKE_OVER_TICKS,
    Demonstrated,
    DemonstrationCell,
)
from act_core.episode.find_episodes import find_episodes
from act_core.episode.reader import EpisodeReader
from act_core.robot.command_limits import CommandLimits
from act_core.robot.robot_file import load_robot
from act_sim.cell.session import SimSession
from act_sim.demonstrator.demonstrator import Demonstrator
from act_sim.tasks import TASKS

pytestmark = pytest.mark.sim

SPEC = load_robot("aloha_sim")


def demonstrate(folder, *words):
    return main(["demonstrate", "--dataset-dir", str(folder), "--processes", "1", *words])


def test_demonstrations_pass_every_check_and_those_that_are_there_count(tmp_path, capsys):
    assert demonstrate(tmp_path, "--episodes", "1", "--first-seed", "7") == 0
    assert demonstrate(tmp_path, "--episodes", "2", "--first-seed", "7") == 0
    assert "1 episodes recorded into" in capsys.readouterr().out.splitlines()[-1]
    assert main(["dataset", "validate", str(tmp_path)]) == 0
    seeds = []
    for path in find_episodes(tmp_path):
        with EpisodeReader(path) as episode:
            meta = episode.meta
            seeds.append(meta.seed)
            assert (meta.verdict, meta.judge, meta.origin, meta.labels) == (
                "success",
                "task",
                "",
                (),
            )
            # The rows play back as they were recorded.
            assert end_of(meta.seed, np.float64(episode.actions)) == 4
    assert seeds == [7, 8]


def end_of(seed, actions):
    session = SimSession(SPEC, "transfer_cube", start_ns=0)
    session.reset("transfer_cube", seed)
    rewards = [session.step(action, render=False).reward for action in actions]
    session.close()
    return rewards[-1]


class Astray:
    """A policy that follows the demonstrator's plan, but reaches two centimetres short."""

    def __init__(self, session):
        self._session = session

    def start(self, stamp_ns, positions):
        objects = self._session.world().object_poses()
        self._plan = Demonstrator(SPEC, "transfer_cube").begin(objects).plan
        self._limits, self._tick = CommandLimits(SPEC), 0
        self._limits.start_from(positions)

    def command(self, stamp_ns, positions, look):
        wish = self._plan[min(self._tick, len(self._plan) - 1)].copy()
        wish[8] -= 0.05  # the right shoulder
        self._tick += 1
        return self._limits.apply(wish, 1 / SPEC.rate_hz)


def test_a_correction_begins_where_the_policy_was_and_ends_in_success(tmp_path):
    session = SimSession(SPEC, "transfer_cube", start_ns=0)
    demonstrator = Demonstrator(SPEC, "transfer_cube")
    cell = DemonstrationCell(
        session, demonstrator, "transfer_cube", Astray(session), "checkpoint astray"
    )
    late = replace(cell, take_over_ticks=(200, 210)).demonstrate(tmp_path, 0)
    assert 200 <= int(late.said.split(",")[0].split()[-1]) <= 210
    assert late.path is not None
    begun = []
    for seed in range(6):
        done = cell.demonstrate(tmp_path, seed)
        assert done.path is not None, done.said
        with EpisodeReader(done.path) as episode:
            tick = int(episode.meta.origin.rsplit(" ", 1)[1])
            assert episode.meta.origin == f"taken over from checkpoint astray at tick {tick}"
            assert episode.meta.labels == ("correction",)
            assert done.said.startswith(f"from tick {tick}, ")
            begun.append(tick)
            # No blow when it takes over: the first command is where the robot was.
            assert np.abs(episode.actions[0] - episode.positions[0])[~SPEC.is_gripper].max() < 0.03
    session.close()
    assert max(begun) - min(begun) > 30
    assert max(begun) <= TAKE_OVER_TICKS[1]


def test_a_short_task_is_taken_over_from_within_it(monkeypatch):
    args = command._arguments(["--task", "place_block"])
    monkeypatch.setitem(TASKS, "place_block", replace(TASKS["place_block"], max_ticks=120))
    command._check_take_over(args)
    assert args.take_over == (1, 119)


def test_a_take_over_from_nobody_is_refused(tmp_path, capsys):
    assert demonstrate(tmp_path, "--take-over", "5", "9") == 1
    assert capsys.readouterr().err == (
        "act demonstrate: error: --take-over is for a policy; name it, --checkpoint\n"
    )


@pytest.mark.parametrize("ticks", [("0", "5"), ("9", "5"), ("5", "400")])
def test_no_tick_to_take_over_at_is_refused(tmp_path, capsys, ticks):
    assert demonstrate(tmp_path, "--checkpoint", "insertion", "--take-over", *ticks) == 1
    assert capsys.readouterr().err == (
        f"act demonstrate: error: --take-over {' '.join(ticks)}: expected two ticks of 1 … 399, "
        "the earlier first\n"
    )


def test_what_only_fails_ends(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "MOST_DROPPED", 3)
    tried = []

    def drops(_args, _folder, seed):
        tried.append(seed)
        return Demonstrated(seed, None, 0, "from tick 3, touched: success not held")

    monkeypatch.setattr(command, "_demonstrate", drops)
    assert demonstrate(tmp_path, "--episodes", "2") == 1
    captured = capsys.readouterr()
    assert tried == [0, 1, 2, 3]
    assert "seed 3: dropped, from tick 3, touched: success not held · 0/2 kept" in captured.out
    assert captured.err == (
        "act demonstrate: error: 4 in a row were dropped; the last lines say why\n"
    )
    tried.clear()
    monkeypatch.setattr(command, "MOST_DROPPED", 100)
    assert demonstrate(tmp_path, "--episodes", "2", "--even", "5") == 1
    assert sorted(tried) == [0, 1, 2, 3, 4]
    assert capsys.readouterr().err == (
        "act demonstrate: error: all 5 seeds of --even were tried, 0 are kept; name more\n"
    )


def test_a_slip_is_one_line(tmp_path, capsys):
    assert demonstrate(tmp_path, "--even", "60") == 1
    assert capsys.readouterr().err == (
        "act demonstrate: error: --even 60: expected at least twice the episodes, 100, to choose "
        "among\n"
    )
    assert main(["demonstrate", "--dataset-dir", str(tmp_path), "--processes", "0"]) == 1
    assert capsys.readouterr().err == (
        "act demonstrate: error: 0 processes: expected -1 (one on each core) or 1 …\n"
    )
    assert demonstrate(tmp_path, "--checkpoint", "nowhere") == 1
    assert "act demonstrate: error: " in capsys.readouterr().err
