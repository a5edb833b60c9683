# SPDX-License-Identifier: Apache-2.0
"""A node's parameters as one frozen dataclass: declared, described, ranged and checked."""

from dataclasses import MISSING, Field, field, fields
from typing import Any, TypeVar, get_type_hints

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node

from act_core.errors import ParameterError, suggestion

P = TypeVar("P")

# rclpy declares these itself, on every node.
_BUILT_IN = ("use_sim_time", "start_type_description_service")


def param(
    default: Any,
    description: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Describe one field of a parameter dataclass.

    Args:
        default: value when nothing is given; a list makes an array parameter.
        description: one line with unit and meaning.
        low: smallest allowed number.
        high: largest allowed number.
        choices: allowed values of a text.
    """
    metadata = {"description": description, "low": low, "high": high, "choices": choices}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def declare(node: Node, params_type: type[P]) -> P:
    """Declare every field of `params_type` on `node` and return the values in force.

    Raises:
        ParameterError: an unknown parameter was given, or a value has the wrong type or range.
    """
    known = [f.name for f in fields(params_type)]  # type: ignore[arg-type]
    # rclpy ignores overrides nobody declares; a misspelt name would silently mean the default.
    for name in node._parameter_overrides:
        if name not in (*known, *_BUILT_IN) and not name.startswith("qos_overrides."):
            raise ParameterError(
                f"node '{node.get_name()}': unknown parameter '{name}'{suggestion(name, known)}"
            )
    hints = get_type_hints(params_type)
    values = {f.name: _declare_one(node, f, hints[f.name]) for f in fields(params_type)}  # type: ignore[arg-type]
    return params_type(**values)


def _declare_one(node: Node, spec: "Field[Any]", hint: Any) -> Any:
    default = spec.default
    if default is MISSING and spec.default_factory is not MISSING:
        default = spec.default_factory()
    choices: tuple[str, ...] = spec.metadata["choices"]
    override = node._parameter_overrides.get(spec.name)
    if hint is float and override is not None and type(override.value) is int:
        # "rate_hz: 50" is meant as 50.0; rclpy alone refuses it.
        node._parameter_overrides[spec.name] = type(override)(
            spec.name, value=float(override.value)
        )
    try:
        value = node.declare_parameter(spec.name, default, _descriptor(spec, hint)).value
    except (InvalidParameterTypeException, InvalidParameterValueException) as error:
        raise ParameterError(f"node '{node.get_name()}': {error}") from error
    if choices and value not in choices:
        raise ParameterError(
            f"node '{node.get_name()}': parameter '{spec.name}' is '{value}'"
            f"{suggestion(str(value), choices)}"
        )
    return list(value) if isinstance(default, list) else value


def _descriptor(spec: "Field[Any]", hint: Any) -> ParameterDescriptor:
    meta = spec.metadata
    text = meta["description"]
    if meta["choices"]:
        text += f" One of: {', '.join(meta['choices'])}."
    descriptor = ParameterDescriptor(description=text, read_only=True)
    low, high = meta["low"], meta["high"]
    if low is None and high is None:
        return descriptor
    if hint is int:
        bounds = IntegerRange(
            from_value=int(low if low is not None else -(2**63)),
            to_value=int(high if high is not None else 2**63 - 1),
        )
        descriptor.integer_range = [bounds]
    else:
        descriptor.floating_point_range = [
            FloatingPointRange(
                from_value=float(low if low is not None else -1e308),
                to_value=float(high if high is not None else 1e308),
            )
        ]
    return descriptor
