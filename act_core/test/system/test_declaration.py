# SPDX-License-Identifier: Apache-2.0
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_core.errors import ParameterError
from act_core.system.declaration import Declaration, as_text, declarations, param


@dataclass(frozen=True)
class Params:
    rate_hz: float = param(50.0, "Rate of the loop, Hz.", low=1.0, high=100.0)
    count: int = param(3, "How many.", low=1)
    mode: str = param("soft", "How hard.", choices=("soft", "hard"))
    active: bool = param(False, "Whether.")
    cameras: list[str] = param(["top"], "Which.")


DECLARED = declarations(Params)


def test_dataclass_says_everything_once():
    assert Params() == Params(**{name: d.default for name, d in DECLARED.items()})
    assert [d.value_type for d in DECLARED.values()] == [float, int, str, bool, list]
    assert DECLARED["mode"].description == "How hard."
    assert [d.range_text for d in DECLARED.values()] == ["1 … 100", "1 …", "soft, hard", "", ""]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("rate_hz", "20", 20.0),
        ("rate_hz", "1e1", 10.0),
        ("count", "7", 7),
        ("mode", "hard", "hard"),
        ("active", "True", True),
        ("active", "0", False),
        ("cameras", "['a', 'b']", ["a", "b"]),
        ("cameras", "[angle:240x320]", ["angle:240x320"]),
    ],
)
def test_text_is_read_as_the_type(name, text, value):
    got = DECLARED[name].from_text(text)
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("rate_hz", "fast", "rate_hz is 'fast', expected a number"),
        ("rate_hz", "101", "rate_hz is 101, expected 1 … 100"),
        ("rate_hz", "nan", "rate_hz is nan, expected 1 … 100"),
        ("count", "2.5", "count is '2.5', expected a whole number"),
        ("count", "0", "count is 0, expected 1 …"),
        ("mode", "sof", "mode is 'sof'; did you mean 'soft'? Known: hard, soft"),
        ("active", "maybe", "active is 'maybe', expected true or false"),
        ("cameras", "top", "cameras is 'top', expected a list of texts, for example [a, b]"),
        ("cameras", "[1]", "cameras is [1], expected a list of texts, for example [a, b]"),
        ("cameras", "[a", "cameras is '[a', expected a list of texts, for example [a, b]"),
    ],
)
def test_wrong_text_is_refused_with_what_is_allowed(name, text, fault):
    with pytest.raises(ParameterError) as caught:
        DECLARED[name].from_text(text)
    assert str(caught.value) == fault


@given(st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(),
                 st.lists(st.from_regex(r"[a-z0-9_:]+", fullmatch=True))))  # fmt: skip
def test_text_of_a_value_is_read_back(value):
    assert Declaration("x", "", value_type=type(value)).from_text(as_text(value)) == value
