# SPDX-License-Identifier: Apache-2.0
"""Data from files against the dataclass they belong to: pydantic checks, the words are ours.

pydantic, since it leaves the least code: one declaration is type, range, default and, in a file,
the check. Strict and frozen, without unknown keys; a fault says where it is, what was got, what
was expected and, for a slip, what was meant.
"""

import json
import typing
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, cast

from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from act_core.errors import suggestion

T = TypeVar("T")

CHECKED = ConfigDict(
    strict=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True
)
MOST_NAMED = 50  # names in a text that people are to read
_EXPECTED = {
    "bool_type": "true or false",
    "dataclass_type": "a mapping",
    "dict_type": "a mapping",
    "finite_number": "a finite number",
    "float_type": "a finite number",
    "int_type": "a whole number",
    "string_too_short": "text",
    "string_type": "text",
    "too_short": "a list with at least one entry",
    "tuple_type": "a list",
}


def unique(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return `names`; raises ValueError if one is there twice."""
    doubled = [name for name, count in Counter(names).items() if count > 1]
    if doubled:
        more = ", …" if len(names) > MOST_NAMED else ""
        among = ", ".join(names[:MOST_NAMED]) + more
        raise ValueError(f"'{doubled[0]}' is there twice, among {among}")
    return names


# At least one, none twice.
Names = Annotated[tuple[str, ...], AfterValidator(unique)]


def checked(data_type: type[T], data: Any) -> T:
    """Build `data_type` from the plain values of a file.

    Raises:
        ValueError: the first fault, with its place in `data`.
    """
    try:
        # As JSON: strict, pydantic takes a list for a tuple and a mapping for a dataclass there.
        text = json.dumps(data, default=str)
    except (TypeError, ValueError) as error:
        raise ValueError(f"not plain data: {error}") from error
    try:
        return cast(T, _adapter(cast(Hashable, data_type)).validate_json(text))
    except ValidationError as error:
        # A misspelt key is also a missing one; the slip says more.
        faults = sorted(error.errors(), key=lambda e: e["type"] != "unexpected_keyword_argument")
        raise ValueError(_one_line(_fault(faults[0], data_type, data))) from error


@cache
def _adapter(data_type: Any) -> TypeAdapter[Any]:
    return TypeAdapter(data_type)


def _fault(error: ErrorDetails, data_type: type, data: Any) -> str:
    places, code, context = list(error["loc"]), error["type"], error.get("ctx", {})
    if code == "value_error":  # raised by a check of ours
        return _join(_where(places, data), str(context["error"]))
    *outer, key = places or [""]
    if code == "unexpected_keyword_argument":
        hint = suggestion(str(key), _keys(data_type, outer))
        return _join(_where(outer, data), f"unknown key '{key}'{hint}")
    if code == "missing" and isinstance(key, str):
        known = ", ".join(_keys(data_type, outer))
        return _join(_where(outer, data), f"key '{key}' is missing; expected {known}")
    if code in ("missing", "too_long"):  # a tuple of another length than the type's
        places = outer if code == "missing" else places
        expected = f"{len(typing.get_args(_plain(_type_at(data_type, places))))} entries"
    elif code == "literal_error":
        known_values = map(str, typing.get_args(_plain(_type_at(data_type, places))))
        hint = suggestion(str(_at(places, data)), known_values)
        return f"{_where(places, data)} is '{_at(places, data)}'{hint}"
    else:
        expected = _EXPECTED.get(code, "") or _range(_type_at(data_type, places), error)
    where = f"{_where(places, data)} is" if places else "got"
    return f"{where} {_shown(_at(places, data))}, expected {expected}"


def _range(field_type: Any, error: ErrorDetails) -> str:
    """Return the bounds that a number has to keep."""
    bounds = {
        name: getattr(bound, name)
        for info in typing.get_args(field_type)[1:]
        for bound in getattr(info, "metadata", ())
        for name in ("ge", "gt", "le", "lt")
        if hasattr(bound, name)
    }
    if "gt" in bounds and len(bounds) == 1:
        return f"more than {bounds['gt']:g}"
    low, high = (next((f"{bounds[n]:g}" for n in ns if n in bounds), "")
                 for ns in (("ge", "gt"), ("lt", "le")))  # fmt: skip
    below = "less than " if "lt" in bounds else ""
    span = f"{low} … {below}{high}".strip()
    return span if low or high else str(error["msg"]).lower()


def _one_line(text: str) -> str:
    """Return `text` with the file's line breaks and the like as Python writes them."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else f"{value!r:.40}"


def _plain(field_type: Any) -> Any:
    """Return the type without its annotations, and without the None that it may also be."""
    while typing.get_origin(field_type) in (Annotated, UnionType):
        field_type = next(t for t in typing.get_args(field_type) if t is not NoneType)
    return field_type


def _join(where: str, text: str) -> str:
    return f"{where}: {text}" if where else text


def _where(places: Sequence[int | str], data: Any) -> str:
    """Return a place in words: entries of a list by their name, where they have one."""
    parts: list[str] = []
    for place in places:
        data = _at([place], data)
        if not isinstance(place, int):
            parts.append(str(place))
        elif isinstance(data, Mapping) and "name" in data:
            parts[-1] += f" {data['name']!r}"
        else:
            parts[-1:] = [f"{''.join(parts[-1:])}[{place}]"]
    return ": ".join(parts)


def _at(places: Sequence[int | str], data: Any) -> Any:
    for place in places:
        try:
            data = data[place]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _keys(data_type: type, places: Sequence[int | str]) -> list[str]:
    found = _plain(_type_at(data_type, places))
    return [f.name for f in fields(found) if f.init] if is_dataclass(found) else []


def _type_at(data_type: Any, places: Sequence[int | str]) -> Any:
    for place in places:
        data_type = _plain(data_type)
        if isinstance(place, int):
            data_type = typing.get_args(data_type)[0]
        else:
            data_type = typing.get_type_hints(data_type, include_extras=True)[place]
    return data_type
