# SPDX-License-Identifier: Apache-2.0
"""Rollouts over processes, and the comparison that is made of them."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from act_bringup.rollouts.fan_out import Driver, roll_outs
from act_bringup.rollouts.process_pool import spread
from act_bringup.studies import compare
from act_core.errors import ActError
from act_policy.checkpoint.find_checkpoint import find_checkpoint
from act_sim.tasks.task import SUCCESS_REWARD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SEEDS = range(100000, 100003)


def test_over_processes_the_outcomes_are_those_of_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    driver = Driver(find_checkpoint("transfer_cube"), query_interval_ticks=0)
    alone = roll_outs(driver, SEEDS, 1)
    assert capsys.readouterr().err == ""
    over_two = roll_outs(driver, SEEDS, 2, "whole chunks")
    assert [o.seed for o in alone] == list(SEEDS)
    counted = "".join(f"\rwhole chunks: {n}/{n} of 3" for n in (1, 2, 3)) + "\n"
    assert capsys.readouterr().err.endswith(counted)
    assert over_two == alone  # to the last bit of jerk and path
    assert all(o.success and o.path_rad > 1.0 for o in alone)


def test_the_shipped_insertion_policy_inserts() -> None:
    driver = Driver(find_checkpoint("insertion"), "aloha_sim_two_views", "insertion")
    assert [o.stage for o in roll_outs(driver, SEEDS, 2)] == [SUCCESS_REWARD] * 3


def test_what_a_process_refuses_is_refused_here() -> None:
    driver = Driver(Path("/nowhere"))
    for processes in (1, 2):
        with pytest.raises(ActError, match="there is no checkpoint folder '/nowhere'"):
            roll_outs(driver, SEEDS, processes)


def test_nothing_to_roll_out_is_refused() -> None:
    with pytest.raises(ActError, match="^0 rollouts: expected at least one$"):
        roll_outs(Driver(Path("/nowhere")), (), 1)


@pytest.mark.parametrize("processes", [0, -2])
def test_no_processes_are_refused(processes: int) -> None:
    with pytest.raises(ActError, match=rf"^{processes} processes: expected -1 \(one on each core"):
        roll_outs(Driver(Path("/nowhere")), SEEDS, processes)


@pytest.fixture(autouse=True)
def _no_ray_is_left() -> Iterator[None]:
    yield
    if "ray" in sys.modules:
        sys.modules["ray"].shutdown()


def test_ray_takes_over_where_it_is_installed() -> None:
    pytest.importorskip("ray", reason="Ray is optional and not installed here")
    (worker,) = spread(os.getppid, [()], 2)
    assert worker != os.getpid()  # Ray's workers are the raylet's children
    (own,) = spread(os.getpid, [()], 1)
    assert own == os.getpid()


def test_an_error_ends_what_is_spread_and_the_first_results_come_before_the_last() -> None:
    began_s = time.monotonic()
    results = spread(time.sleep, [(0.0,), (0.0,), (60.0,)], 2)
    next(results)
    assert time.monotonic() - began_s < 45.0
    results.close()
    with pytest.raises(ZeroDivisionError):
        list(spread(divmod, [(1, 1), (1, 0)], 2))


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
