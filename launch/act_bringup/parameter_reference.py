# SPDX-License-Identifier: Apache-2.0
"""Writes docs/reference/parameters.md from the nodes' parameter dataclasses.

python3 -m act_bringup.parameter_reference > docs/reference/parameters.md
"""

import sys
from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints

from act_policy.driving.policy_params import PolicyParams
from act_recorder.record_session import RecordParams
from act_recorder.recorder_params import RecorderParams
from act_sim.demonstrator_node import DemonstratorParams
from act_sim.evaluation.evaluate import EvaluateParams
from act_sim.sim_params import SimParams
from act_teleop.teleop_node import TeleopParams

# (package, executable, node name, parameters)
NODES: tuple[tuple[str, str, str, type], ...] = (
    ("act_sim", "sim_node", "sim", SimParams),
    ("act_sim", "demonstrator_node", "demonstrator", DemonstratorParams),
    ("act_sim", "evaluate", "evaluate", EvaluateParams),
    ("act_teleop", "teleop_node", "teleop", TeleopParams),
    ("act_recorder", "recorder_node", "recorder", RecorderParams),
    ("act_recorder", "record", "record", RecordParams),
    ("act_policy", "policy_node", "policy", PolicyParams),
)

HEAD = """# Parameters

Written by `python3 -m act_bringup.parameter_reference > docs/reference/parameters.md`; a test
fails when this page and the code differ. All parameters are read once, when the node starts. An
unknown name, a wrong type or a value out of range ends the node with one line that says so.
Every node also has ROS 2's own `use_sim_time`.
"""


def page() -> str:
    """Return the page as Markdown."""
    parts = [HEAD]
    for package, executable, name, params_type in NODES:
        parts.append(f"## {package} {executable} (node `{name}`)\n")
        parts.append("| parameter | type | default | range | meaning |\n|---|---|---|---|---|")
        hints = get_type_hints(params_type)
        parts += [_row(f, hints[f.name]) for f in fields(params_type)]
        parts.append("")
    return "\n".join(parts)


def _row(spec: "Field[Any]", hint: Any) -> str:
    default = spec.default
    if default is MISSING and spec.default_factory is not MISSING:
        default = spec.default_factory()
    meta = spec.metadata
    limits = [f"{v:g}" if v is not None else "" for v in (meta["low"], meta["high"])]
    span = " … ".join(limits).strip() if any(limits) else ", ".join(meta["choices"])
    type_name = (
        getattr(hint, "__name__", str(hint)) if hint in (int, float, bool, str) else "str[]"
    )
    shown = f"`{default!r}`" if default != "" else "empty"
    return f"| `{spec.name}` | {type_name} | {shown} | {span} | {meta['description']} |"


def main() -> None:
    """Print the page."""
    sys.stdout.write(page())


if __name__ == "__main__":
    main()
