# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from act_core.yaml_file import parse_yaml, to_yaml


def test_plain_values_and_merged_anchors_are_read():
    text = "base: &base {a: 1, b: 2.5}\nmore: {<<: *base, a: 3}\n"
    text += "list: [true, null, x, off, 1e-4]\n"
    assert parse_yaml(text) == {
        "base": {"a": 1, "b": 2.5},
        "more": {"a": 3, "b": 2.5},
        "list": [True, None, "x", "off", 1e-4],
    }


# A handful of lines that unfold to nine to the power of ten.
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "its aliases unfold to more than 100000 values"),
        ("a: &a [1, *a]\n", "its aliases unfold to more than 100000 values"),
        ("a: " + "x" * 200_000, "200003 characters, expected at most 200000"),
        ("a: 1\nb: 2\na: 3\n", "key 'a' is there twice (line 3)"),
        ("a:\n  b: 1\n  b: 2\n", "key 'b' is there twice (line 3)"),
        ("a: [1\n", "not valid YAML: expected ',' or ']'"),
        ("a: *b\n", "not valid YAML: found undefined alias 'b' (line 1)"),
        ("a: \x00", "not valid YAML: unacceptable character #x0000"),
        ("a: !!python/name:os.system ''", "not valid YAML: could not determine a constructor"),
    ],
)
def test_fault_is_named_with_its_line(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_yaml(text)


def test_what_is_written_is_read_back_in_order():
    values = {"steps": 3, "rate": 1e-5, "model": {"b": None, "a": [1, "x: y"]}, "none": ""}
    assert parse_yaml(to_yaml(values)) == values
    assert list(parse_yaml(to_yaml(values))) == list(values)
