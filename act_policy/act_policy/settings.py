# SPDX-License-Identifier: Apache-2.0
"""Settings of a file, checked against the types of a dataclass."""

import math
import typing
from collections.abc import Mapping
from typing import Any

from act_core.errors import suggestion
from act_policy.errors import ConfigError


def checked_settings(
    cls: type, values: Any, prefix: str = "", *, kind: str = "setting"
) -> dict[str, Any]:
    """Return `values` with the types of the dataclass `cls`.

    Args:
        cls: whose fields are the settings.
        values: as YAML or JSON gave them.
        prefix: where in the file they are, for messages.
        kind: what they are, for messages.

    Raises:
        ConfigError: a key is unknown, or a value has another type or is not finite.
    """
    if not isinstance(values, Mapping):
        what = f"'{prefix[:-1]}'" if prefix else "The configuration"
        raise ConfigError(f"{what} must be a mapping of settings, got {values!r}.")
    types = typing.get_type_hints(cls)
    for key in values:
        if key not in types:
            raise ConfigError(f"Unknown {kind} '{prefix}{key}'{suggestion(str(key), types)}")
    return {key: _typed(prefix + key, value, types[key]) for key, value in values.items()}


def _typed(name: str, value: Any, kind: Any) -> Any:
    if kind is float and isinstance(value, (int, str)) and not isinstance(value, bool):
        # YAML reads 1e-4, without a point, as text.
        try:
            value = float(value)
        except (ValueError, OverflowError):
            raise ConfigError(f"'{name}' must be a number, got {value!r}.") from None
    if kind in (int, float, str, bool) and type(value) is not kind:
        raise ConfigError(f"'{name}' must be of type {kind.__name__}, got {value!r}.")
    if kind is float and not math.isfinite(value):
        raise ConfigError(f"'{name}' must be a finite number, got {value!r}.")
    if typing.get_origin(kind) is Mapping and not isinstance(value, Mapping):
        raise ConfigError(f"'{name}' must be a mapping of settings, got {value!r}.")
    if typing.get_origin(kind) is tuple and not isinstance(value, (list, tuple)):
        raise ConfigError(f"'{name}' must be a list, got {value!r}.")
    if typing.get_origin(kind) is tuple and not all(isinstance(v, str) for v in value):
        raise ConfigError(f"'{name}' must be a list of names, got {value!r}.")
    return value
