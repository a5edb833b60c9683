# SPDX-License-Identifier: Apache-2.0
"""Declarations: what a person can set, written once for parameters, launch files and `act`."""

import math
from contextlib import suppress
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, get_type_hints

from act_core.errors import ParameterError, suggestion
from act_core.yaml_file import parse_yaml

_EXPECTED: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list of texts, for example [a, b]",
}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class Declaration:
    """One thing that can be set.

    Attributes:
        name: lower_snake, with its unit.
        description: one line with unit and meaning.
        default: value when nothing is given; None: it has to be given, or is `same_as` another.
        value_type: bool, int, float, str, or list for a list of texts.
        low: smallest allowed number.
        high: largest allowed number.
        choices: allowed values of a text.
        same_as: name of the declaration whose value is the default.
        free: of a system's argument: what it includes may allow less, but only where it starts.
    """

    name: str
    description: str
    default: Any = None
    value_type: type = str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    same_as: str = ""
    free: bool = False

    @property
    def required(self) -> bool:
        """Whether it has to be given, and not as an empty text."""
        return self.default is None and not self.same_as

    def from_text(self, text: str) -> Any:
        """Read a value as people type it, and check it.

        Raises:
            ParameterError: not of the type, out of range, or not one of the choices.
        """
        value: Any = text
        if self.value_type is bool:
            value = _BOOLEANS.get(text.lower(), text)
        elif self.value_type is not str:
            with suppress(ValueError):  # then it stays text, which the check refuses
                value = parse_yaml(text) if self.value_type is list else self.value_type(text)
        self.check(value)
        return value

    def check(self, value: Any) -> None:
        """Raise ParameterError if `value` is not allowed, saying what is."""
        if type(value) is not self.value_type or not _texts(value):
            expected = _EXPECTED[self.value_type]
            raise ParameterError(f"{self.name} is {value!r}, expected {expected}")
        if self.choices and value not in self.choices:
            raise ParameterError(f"{self.name} is '{value}'{suggestion(str(value), self.choices)}")
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        if isinstance(value, (int, float)) and not low <= value <= high:
            raise ParameterError(f"{self.name} is {value:g}, expected {self.range_text}")

    @property
    def range_text(self) -> str:
        """What is allowed, in a few words; empty when everything of the type is."""
        if self.choices:
            return ", ".join(self.choices)
        bounds = [f"{v:g}" if v is not None else "" for v in (self.low, self.high)]
        return " … ".join(bounds).strip() if any(bounds) else ""


def _texts(value: Any) -> bool:
    return not isinstance(value, list) or all(isinstance(item, str) for item in value)


def as_text(value: Any) -> str:
    """Return `value` as `Declaration.from_text` reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def param(
    default: Any,
    description: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Describe one field of a node's parameter dataclass; the arguments are Declaration's."""
    metadata = {"description": description, "low": low, "high": high, "choices": choices}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def declarations(params_type: type) -> dict[str, Declaration]:
    """Return name → declaration of a dataclass whose fields were made by `param`."""
    hints = get_type_hints(params_type)
    return {f.name: _declaration(f, hints[f.name]) for f in fields(params_type)}


def _declaration(spec: "Field[Any]", hint: Any) -> Declaration:
    default = spec.default
    if default is MISSING and spec.default_factory is not MISSING:
        default = spec.default_factory()
    plain: type = getattr(hint, "__origin__", hint)
    return Declaration(spec.name, default=default, value_type=plain, **spec.metadata)
