# SPDX-License-Identifier: Apache-2.0
"""The page of the training's settings, from the classes that check them."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import TypeAdapter

from act_policy.training.training_config import TrainingConfig

HEAD = """# Training configuration

Written by `python3 -m act_bringup.reference_pages docs/reference`; a test fails when this page and
the code differ. A YAML file names what differs from these defaults (`act train --config FILE`;
shipped are `aloha_sim`, small, for a processor, `desk_arm`, smaller still, and `aloha`, as
published), `--set key=value` overrides, as in `--set model.dim_model=128`. An unknown key or a
value out of range is refused before anything starts.

| key | type | default | range | meaning |
|---|---|---|---|---|
"""


def training_page() -> str:
    """Return the page as Markdown."""
    return HEAD + "".join(f"{row}\n" for row in _rows(TrainingConfig, ""))


def _rows(settings: type, prefix: str) -> Iterator[str]:
    meanings = _meanings(settings)
    schema = TypeAdapter(settings).json_schema()
    defaults = settings()
    for field in fields(settings):
        value = getattr(defaults, field.name)
        if is_dataclass(value):
            yield f"| **`{prefix}{field.name}`** | | | | {meanings[field.name]} |"
            yield from _rows(type(value), f"{prefix}{field.name}.")
        else:
            about = schema["properties"][field.name]
            name = f"`{prefix}{field.name}`"
            kind, span = _kind(about), _span(about)
            yield f"| {name} | {kind} | {_default(value)} | {span} | {meanings[field.name]} |"


def _meanings(settings: type) -> dict[str, str]:
    """Return attribute → what its class's docstring says of it."""
    text = inspect.getdoc(settings) or ""
    _, _, attributes = text.partition("Attributes:\n")
    found = re.findall(r"^    (\w+): ((?:.*\n?)(?:^ {8}.*\n?)*)", attributes, re.MULTILINE)
    return {name: " ".join(words.split()) for name, words in found}


def _kind(about: dict[str, Any]) -> str:
    if "anyOf" in about:
        return " or ".join(_kind(each) for each in about["anyOf"])
    names = {
        "integer": "int", "number": "float", "boolean": "bool", "string": "str", "array": "list",
    }  # fmt: skip
    return names.get(about.get("type", ""), about.get("type", "")) or "str"


def _span(about: dict[str, Any]) -> str:
    if "enum" in about:
        return ", ".join(f"`{each}`" for each in about["enum"])
    if "enum" in about.get("items", {}):
        return "of " + _span(about["items"])
    low = about.get("minimum", about.get("exclusiveMinimum"))
    high = about.get("maximum", about.get("exclusiveMaximum"))
    if low is None and high is None:
        return ""
    above = "above " if "exclusiveMinimum" in about else ""
    below = "below " if "exclusiveMaximum" in about else ""
    return f"{above}{_number(low)} … {below}{_number(high)}"


def _number(value: float | None) -> str:
    return "" if value is None else str(value) if isinstance(value, int) else f"{value:g}"


def _default(value: Any) -> str:
    if value in ("", ()):
        return "empty"
    if value is None:
        return "null"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
