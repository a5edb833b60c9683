# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_sim.cell.hold_judge import HoldJudge

TICKS = 75


def _held_at(*successes: bool) -> int | None:
    """Return after how many ticks it is held."""
    judge = HoldJudge(TICKS)
    return next((i for i, success in enumerate(successes, 1) if judge.see(success)), None)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("4" * 80, 75),
        ("0" * 30 + "4" * 80, 30 + 75),
        ("4" * 40 + "0" + "4" * 80, 75),  # a flicker costs nothing
        ("4" * 70 + "0" + "4" * 80, 71 + 25),  # but in the last third, which begins anew
        (
            "4" * 20 + "0" * 4 + "4" * 80,
            20 + 4 + 72,
        ),  # until they are 5 %
        ("4" * 74, None),
        ("40" * 200, None),
        ("44440" * 50, None),  # 80 % is not kept
    ],
)
def test_a_flicker_is_no_loss_and_flickering_is(pattern, expected):
    assert _held_at(*(letter == "4" for letter in pattern)) == expected


@given(st.lists(st.booleans(), max_size=250))
def test_it_is_what_the_whole_history_says(successes):
    judge = HoldJudge(TICKS)
    for i, success in enumerate(successes):
        recent = np.array(successes[max(0, i + 1 - TICKS) : i + 1])
        expected = recent.sum() >= 0.95 * TICKS and recent[-TICKS // 3 :].all()
        expected &= True in successes[: max(0, i + 2 - TICKS)]
        assert judge.see(success) == expected
