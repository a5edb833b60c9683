# SPDX-License-Identifier: Apache-2.0
"""Writes docs/reference/parameters.md from the nodes' parameter dataclasses.

python3 -m act_bringup.parameter_reference > docs/reference/parameters.md
"""

import sys

from act_core.system.declaration import Declaration, declarations
from act_policy.driving.policy_params import PolicyParams
from act_recorder.record_params import RecordParams
from act_recorder.recorder_params import RecorderParams
from act_sim.demonstrator.demonstrator_params import DemonstratorParams
from act_sim.evaluation.evaluate_params import EvaluateParams
from act_sim.sim_params import SimParams
from act_teleop.teleop_params import TeleopParams

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
        parts += [_row(declared) for declared in declarations(params_type).values()]
        parts.append("")
    return "\n".join(parts)


def _row(declared: Declaration) -> str:
    type_name = "str[]" if declared.value_type is list else declared.value_type.__name__
    default = f"`{declared.default!r}`" if declared.default != "" else "empty"
    return (
        f"| `{declared.name}` | {type_name} | {default} | {declared.range_text} | "
        f"{declared.description} |"
    )


def main() -> None:
    """Print the page."""
    sys.stdout.write(page())


if __name__ == "__main__":
    main()
