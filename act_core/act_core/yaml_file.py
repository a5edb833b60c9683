# SPDX-License-Identifier: Apache-2.0
"""YAML 1.2 text to plain values and back; no tag of it can make a Python object."""

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

MOST_CHARACTERS = 200_000
MOST_VALUES = 100_000  # once aliases are unfolded


def parse_yaml(text: str) -> Any:
    """Parse YAML text, of a size that people write.

    Raises:
        ValueError: too long, aliases of aliases without end, not YAML, or a key is there twice;
            the text names the line.
    """
    if len(text) > MOST_CHARACTERS:  # the parser would take minutes
        raise ValueError(f"{len(text)} characters, expected at most {MOST_CHARACTERS}")
    try:
        value = YAML(typ="safe", pure=True).load(text)
    except DuplicateKeyError as error:
        key = str(error.problem).split('"')[1]
        raise ValueError(f"key '{key}' is there twice{_line(error)}") from error
    except MarkedYAMLError as error:
        raise ValueError(f"not valid YAML: {error.problem}{_line(error)}") from error
    except YAMLError as error:  # a character that YAML does not allow; carries no mark
        raise ValueError(f"not valid YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ValueError("not valid YAML: nested too deeply") from error
    if _count(value, {}) > MOST_VALUES:
        raise ValueError(f"its aliases unfold to more than {MOST_VALUES} values")
    return value


def to_yaml(value: Any) -> str:
    """Return YAML text of plain values, keys in their order."""
    text = StringIO()
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.sort_base_mapping_type_on_output = False, False
    yaml.dump(value, text)
    return text.getvalue()


def _count(value: Any, known: dict[int, int]) -> int:
    """Return how many values there are once aliases are unfolded; `known`: id → that, so far."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = MOST_VALUES + 1  # what holds itself has no end
        inside = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_count(each, known) for each in inside)
    return known[id(value)]


def _line(error: MarkedYAMLError) -> str:
    return f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
