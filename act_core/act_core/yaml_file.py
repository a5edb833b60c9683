# SPDX-License-Identifier: Apache-2.0
"""YAML 1.2 text to plain values and back; no tag of it can make a Python object."""

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError


def parse_yaml(text: str) -> Any:
    """Parse YAML text.

    Raises:
        ValueError: not YAML, or a key is there twice; the text names the line.
    """
    try:
        return YAML(typ="safe", pure=True).load(text)
    except DuplicateKeyError as error:
        key = str(error.problem).split('"')[1]
        raise ValueError(f"key '{key}' is there twice{_line(error)}") from error
    except MarkedYAMLError as error:
        raise ValueError(f"not valid YAML: {error.problem}{_line(error)}") from error
    except YAMLError as error:  # a character that YAML does not allow; carries no mark
        raise ValueError(f"not valid YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ValueError("not valid YAML: nested too deeply") from error


def to_yaml(value: Any) -> str:
    """Return YAML text of plain values, keys in their order."""
    text = StringIO()
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.sort_base_mapping_type_on_output = False, False
    yaml.dump(value, text)
    return text.getvalue()


def _line(error: MarkedYAMLError) -> str:
    return f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
