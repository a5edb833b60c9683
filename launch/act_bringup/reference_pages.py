# SPDX-License-Identifier: Apache-2.0
"""Writes parameters.md, commands.md and training.md from the declarations in the code.

python3 -m act_bringup.reference_pages docs/reference
"""

import sys
from pathlib import Path

from act_bringup.systems import SYSTEMS
from act_bringup.training_page import training_page
from act_core.system.declaration import Declaration, declarations
from act_core.system.system import whole
from act_policy.session.policy_params import PolicyParams
from act_recorder.dataset.command import VERBS
from act_recorder.record_session_params import RecordParams
from act_recorder.recorder_params import RecorderParams
from act_recorder.session.keys_params import KeysParams
from act_recorder.session.session_params import SessionParams
from act_sim.demonstrator.demonstrator_params import DemonstratorParams
from act_sim.evaluation.evaluate_params import EvaluateParams
from act_sim.leaders.gamepad_params import GamepadParams
from act_sim.leaders.keyboard_params import KeyboardParams
from act_sim.sim_params import SimParams
from act_teleop.bridge.arm_bridge_params import ArmBridgeParams
from act_teleop.dynamixel.dynamixel_params import DynamixelParams
from act_teleop.leaders.replay_params import ReplayParams
from act_teleop.rehearsal.fake_lab_params import FakeLabParams
from act_teleop.robot_check.robot_check_params import RobotCheckParams
from act_teleop.teleop_params import TeleopParams

# (package, executable, node name, parameters)
NODES: tuple[tuple[str, str, str, type], ...] = (
    ("act_sim", "sim_node", "sim", SimParams),
    ("act_sim", "demonstrator_node", "demonstrator", DemonstratorParams),
    ("act_sim", "evaluate", "evaluate", EvaluateParams),
    ("act_sim", "gamepad_node", "gamepad", GamepadParams),
    ("act_sim", "keyboard_node", "keyboard", KeyboardParams),
    ("act_teleop", "teleop_node", "teleop", TeleopParams),
    ("act_teleop", "arm_bridge", "arm_bridge", ArmBridgeParams),
    ("act_teleop", "dynamixel_node", "followers", DynamixelParams),
    ("act_teleop", "dynamixel_node", "leaders", DynamixelParams),
    ("act_teleop", "fake_lab_node", "fake_lab", FakeLabParams),
    ("act_teleop", "robot_check", "robot_check", RobotCheckParams),
    ("act_teleop", "replay_node", "replay", ReplayParams),
    ("act_recorder", "recorder_node", "recorder", RecorderParams),
    ("act_recorder", "record", "record", RecordParams),
    ("act_recorder", "session_node", "session", SessionParams),
    ("act_recorder", "keys", "keys", KeysParams),
    ("act_policy", "policy_node", "policy", PolicyParams),
)

WRITTEN = """Written by `python3 -m act_bringup.reference_pages docs/reference`; a test fails
when this page and the code differ."""

PARAMETERS_HEAD = f"""# Parameters

{WRITTEN} All parameters are read once, when the node starts. An unknown name, a wrong type or a
value out of range ends the node with one line that says so. Every node also has ROS 2's own
`use_sim_time`, and `qos_overrides` for each of its topics.
"""

DATASET_HEAD = """## dataset

`act dataset VERB DATASET`, or `ros2 run act_recorder dataset VERB DATASET`: tools for folders of
episodes; `act dataset VERB --help` tells the options, and [how to work with
datasets](../how_to/work_with_datasets.md) what they are for.

| verb | does |
|---|---|"""

COMMANDS_HEAD = f"""# Systems: verbs of `act` and launch files

{WRITTEN} `act VERB --option-name VALUE` and `ros2 launch PACKAGE VERB.launch.py
option_name:=VALUE` start the same processes with the same parameters.
"""

TABLE = "| {} | type | default | range | meaning |\n|---|---|---|---|---|"


def parameters_page() -> str:
    """Return the page of all nodes' parameters as Markdown."""
    parts = [PARAMETERS_HEAD]
    for package, executable, name, params_type in NODES:
        parts += [f"## {package} {executable} (node `{name}`)\n", TABLE.format("parameter")]
        parts += [_row(declared) for declared in declarations(params_type).values()]
        parts.append("")
    return "\n".join(parts)


def commands_page() -> str:
    """Return the page of all systems' arguments as Markdown."""
    parts = [COMMANDS_HEAD]
    for system in SYSTEMS.values():
        own = ", ".join(f"`{p.name}`" for p in system.processes)
        included = ", ".join(f"`{i.name}`" for i in system.includes)
        processes = "; ".join(filter(None, (own, included and f"those of {included}")))
        parts += [f"## {system.name}\n", f"{system.summary}. Processes: {processes}.\n"]
        parts.append(TABLE.format("argument"))
        parts += [_row(declared) for declared in whole(system, SYSTEMS).values()]
        parts.append("")
    parts.append(DATASET_HEAD)
    parts += [f"| `{name}` | {verb.summary} |" for name, verb in VERBS.items()]
    return "\n".join([*parts, ""])


PAGES = {
    "parameters.md": parameters_page, "commands.md": commands_page, "training.md": training_page,
}  # fmt: skip


def _row(declared: Declaration) -> str:
    type_name = "str[]" if declared.value_type is list else declared.value_type.__name__
    default = f"`{declared.default!r}`" if declared.default != "" else "empty"
    if declared.same_as:
        default = f"as `{declared.same_as}`"
    elif declared.required:
        default = "has to be given"
    return (
        f"| `{declared.name}` | {type_name} | {default} | {declared.range_text} | "
        f"{declared.description} |"
    )


def main() -> None:
    """Write the pages into the folder that is named."""
    for name, page in PAGES.items():
        (Path(sys.argv[1]) / name).write_text(page())


if __name__ == "__main__":
    main()
