# SPDX-License-Identifier: Apache-2.0
"""What a node's executable prints for --help."""

from textwrap import fill

from act_core.system.declaration import as_text, declarations

HELP = ("-h", "--help")


def usage(summary: str, params_type: type) -> str:
    """Return how to run a node, and its parameters with defaults and ranges."""
    lines = [summary.strip().partition("\n")[0], "", "Parameters: --ros-args -p NAME:=VALUE", ""]
    for name, declared in declarations(params_type).items():
        span = f"   ({declared.range_text})" if declared.range_text else ""
        head = f"  {name} = {as_text(declared.default)}{span}"
        indent = " " * 6
        lines += [head, fill(declared.description, 88, initial_indent=indent,
                             subsequent_indent=indent)]  # fmt: skip
    return "\n".join(lines) + "\n"
