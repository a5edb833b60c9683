# SPDX-License-Identifier: Apache-2.0
"""A node's parameters as one frozen dataclass: declared, described, ranged and checked.

Our own, since generate_parameter_library's Python code needs its generator at build time and makes
a package uninstallable by pip alone.
"""

import sys
from pathlib import Path
from typing import Any, TypeVar

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

from act_core.errors import ParameterError, suggestion
from act_core.ros.params_file import check_own_entries
from act_core.system.declaration import Declaration, declarations

P = TypeVar("P")

# rclpy declares these itself, on every node.
_BUILT_IN = ("use_sim_time", "start_type_description_service")


def declare(node: Node, params_type: type[P]) -> P:
    """Declare every field of `params_type` on `node` and return the values in force.

    Raises:
        ParameterError: an unknown parameter was given, or a value has the wrong type or range.
    """
    known = declarations(params_type)
    # rclpy ignores overrides nobody declares; a misspelt name would silently mean the default.
    # There is no public way to ask for them before they are declared.
    overrides: dict[str, Parameter] = node._parameter_overrides
    for name in overrides:
        if name not in (*known, *_BUILT_IN) and not name.startswith("qos_overrides."):
            raise ParameterError(
                f"node '{node.get_name()}': unknown parameter '{name}'{suggestion(name, known)}"
            )
    program = Path(sys.argv[0]).stem
    check_own_entries(sys.argv, node.get_fully_qualified_name(), program)
    values = {name: _declare(node, d, overrides.get(name)) for name, d in known.items()}
    node.add_on_set_parameters_callback(_refuse_changes)
    return params_type(**values)


def _declare(node: Node, declared: Declaration, override: Parameter | None) -> Any:
    value = declared.default if override is None else override.value
    if declared.value_type is float and type(value) is int:
        value = float(value)  # "rate_hz: 50" is meant as 50.0
    try:
        declared.check(value)
    except ParameterError as error:
        raise ParameterError(f"node '{node.get_name()}': parameter {error}") from error
    node.declare_parameter(declared.name, value, _descriptor(declared), ignore_override=True)
    return value


def _descriptor(declared: Declaration) -> ParameterDescriptor:
    text = declared.description
    if declared.choices:
        text += f" One of: {declared.range_text}."
    descriptor = ParameterDescriptor(description=text, read_only=True)
    low, high = declared.low, declared.high
    if low is None and high is None:
        return descriptor
    if declared.value_type is int:
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


def _refuse_changes(parameters: list[Parameter]) -> SetParametersResult:
    """Refuse what rclpy would let change while nodes have read it: all of ours are read-only."""
    names = [p.name for p in parameters if p.name in _BUILT_IN]
    reason = f"{', '.join(names)}: read once, when the node starts" if names else ""
    return SetParametersResult(successful=not names, reason=reason)
