# SPDX-License-Identifier: Apache-2.0
"""Rollouts over processes, and the comparison that is made of them."""

from pathlib import Path

import pytest

from act_bringup.studies import compare
from act_bringup.studies.fan_out import Driver, roll_outs
from act_core.errors import ActError
from act_policy.checkpoint.find_checkpoint import find_checkpoint

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SEEDS = range(100000, 100003)


def test_over_processes_the_outcomes_are_those_of_one() -> None:
    driver = Driver(find_checkpoint("transfer_cube"), query_interval_ticks=0)
    seen: list[int] = []
    alone = roll_outs(driver, SEEDS, 1)
    spread = roll_outs(driver, SEEDS, 2, lambda outcome: seen.append(outcome.seed))
    assert [o.seed for o in alone] == list(SEEDS)
    assert sorted(seen) == list(SEEDS)
    assert spread == alone  # to the last bit of jerk and path
    assert all(o.success and o.path_rad > 1.0 for o in alone)


def test_what_a_process_refuses_is_refused_here() -> None:
    driver = Driver(Path("/nowhere"))
    for processes in (1, 2):
        with pytest.raises(ActError, match="there is no checkpoint folder '/nowhere'"):
            roll_outs(driver, SEEDS, processes)


@pytest.mark.parametrize(("seeds", "processes"), [((), 1), (SEEDS, 0)])
def test_nothing_to_roll_out_is_refused(seeds: range, processes: int) -> None:
    with pytest.raises(ActError, match="expected at least one rollout, and -1"):
        roll_outs(Driver(Path("/nowhere")), seeds, processes)


def test_a_policy_is_as_good_as_itself(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["transfer_cube", "transfer_cube", "--episodes", "2", "--processes", "1"]
    assert compare.main(words) == 0
    header, _, first, second, _, counts, difference, least = capsys.readouterr().out.splitlines()
    assert header.startswith("| checkpoint | success | 95 % interval | held | ticks | jerk")
    assert first.startswith("| transfer_cube (1) | 2/2 | 0.342 … 1.000 |")
    assert second.partition("|")[2].partition("|")[2] == first.partition("|")[2].partition("|")[2]
    assert counts == "both 2, only transfer_cube (1) 0, only transfer_cube (2) 0, neither 0"
    assert "p = 1: no difference is shown" in difference
    assert least == "2 scenes are too few to show any difference"


def test_names_tell_two_checkpoints_apart() -> None:
    assert compare._names("runs/a/step_8", "runs/a/step_9") == ("step_8", "step_9")
    assert compare._names("runs/a/step_8", "runs/b/step_8") == ("a/step_8", "b/step_8")
    assert compare._names("x", "x") == ("x (1)", "x (2)")
