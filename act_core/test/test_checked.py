# SPDX-License-Identifier: Apache-2.0
from dataclasses import FrozenInstanceError
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from act_core.checked import CHECKED, Names, checked, unique


@dataclass(frozen=True, config=CHECKED)
class Wheel:
    name: Annotated[str, Field(min_length=1)]
    size_m: Annotated[float, Field(gt=0.0)]
    span: tuple[float, float] = (0.0, 1.0)

    @model_validator(mode="after")
    def _check(self):
        if self.span[0] > self.span[1]:
            raise ValueError("span is reversed")
        return self


@dataclass(frozen=True, config=CHECKED)
class Cart:
    wheels: Annotated[tuple[Wheel, ...], Field(min_length=1)]
    colour: Literal["red", "green"] = "red"
    seats: Annotated[int, Field(ge=1, le=4)] = 1
    share: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    open: bool = False
    tags: Names = ()


WHEEL = {"name": "left", "size_m": 0.3}


def test_plain_data_becomes_the_dataclass():
    cart = checked(Cart, {"wheels": [WHEEL, {**WHEEL, "span": [1, 2]}], "seats": 2, "share": 0})
    assert cart == Cart((Wheel("left", 0.3), Wheel("left", 0.3, (1.0, 2.0))), seats=2)
    with pytest.raises(FrozenInstanceError):
        cart.seats = 3


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"colour": "gren"}, "colour is 'gren'; did you mean 'green'? Known: green, red"),
        ({"seats": 0}, "seats is 0, expected 1 … 4"),
        ({"seats": 2.5}, "seats is 2.5, expected a whole number"),
        ({"seats": True}, "seats is True, expected a whole number"),
        ({"seats": "2"}, "seats is '2', expected a whole number"),
        ({"share": 1.0}, "share is 1, expected 0 … less than 1"),
        ({"share": float("nan")}, "share is nan, expected a finite number"),
        ({"open": 1}, "open is 1, expected true or false"),
        ({"tags": ["a", "b", "a"]}, "tags: 'a' is there twice, among a, b, a"),
        ({"tags": "ab"}, "tags is 'ab', expected a list"),
        ({"tags": ["a", 1]}, "tags[1] is 1, expected text"),
        ({"seat": 1}, "unknown key 'seat'; did you mean 'seats'? Known: colour, open, seats"),
        ({"wheels": []}, "wheels is [], expected a list with at least one entry"),
        ({"wheels": [3]}, "wheels[0] is 3, expected a mapping"),
        ({"wheels": [{"size_m": 1}]}, "wheels[0]: key 'name' is missing; expected name, size_m"),
        ({"wheels": [{**WHEEL, "sise": 1}]}, "wheels 'left': unknown key 'sise'; did you mean"),
        ({"wheels": [{**WHEEL, "size_m": -1}]}, "wheels 'left': size_m is -1, expected more than"),
        ({"wheels": [{**WHEEL, "span": [1]}]}, "wheels 'left': span is [1], expected 2 entries"),
        ({"wheels": [{**WHEEL, "span": [1, 2, 3]}]}, "span is [1, 2, 3], expected 2 entries"),
        ({"wheels": [{**WHEEL, "span": [2, 1]}]}, "wheels 'left': span is reversed"),
    ],
)
def test_fault_is_located_and_answered(change, fault):
    with pytest.raises(ValueError, match=".") as caught:
        checked(Cart, {"wheels": [WHEEL], **change})
    assert fault in str(caught.value)


@pytest.mark.parametrize("data", [None, 3, [1], "x"])
def test_other_data_than_a_mapping_is_shown(data):
    with pytest.raises(ValueError, match="got .*, expected a mapping"):
        checked(Cart, data)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def test_a_key_with_a_line_break_is_told_in_one_line():
    with pytest.raises(ValueError, match=r"^wheels\[0\]: unknown key '\\n'\. Known: name"):
        checked(Cart, {"wheels": [{"\n": None}]})


@given(st.dictionaries(st.sampled_from(["wheels", "colour", "seats", "tags", "x"]), PLAIN))
def test_whatever_a_file_holds_is_taken_or_answered_in_one_line(data: dict[str, Any]):
    text = ""
    try:
        checked(Cart, data)
    except ValueError as error:
        text = str(error)
    assert "validation error" not in text
    assert "\n" not in text


def test_a_name_that_is_there_twice_is_found_at_once_among_many():
    names = tuple(f"n{i}" for i in range(200_000))
    assert unique(names) == names
    with pytest.raises(ValueError, match=r"^'n7' is there twice, among n0, n1, .*, n49, …$"):
        unique((*names, "n7"))
