# SPDX-License-Identifier: Apache-2.0
"""A misspelt key or a value of the wrong type in a parameter file would stop a node at start."""

from dataclasses import MISSING, Field, fields
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import yaml

CONFIG = Path(__file__).resolve().parents[1] / "config"
FILES = sorted(path for path in CONFIG.glob("*.yaml") if path.name != "none.yaml")
# node → module and name of its parameter dataclass
PARAMETERS = {
    "demonstrator": ("act_sim.demonstrator_node", "DemonstratorParams"),
    "evaluate": ("act_sim.evaluation.evaluate", "EvaluateParams"),
    "policy": ("act_policy.driving.policy_params", "PolicyParams"),
    "record": ("act_recorder.record_session", "RecordParams"),
    "recorder": ("act_recorder.recorder_params", "RecorderParams"),
    "sim": ("act_sim.sim_params", "SimParams"),
    "teleop": ("act_teleop.teleop_node", "TeleopParams"),
}
ANY_NAMESPACE = "/**/"

pytest.importorskip("rclpy", reason="the nodes' parameters need ROS 2: . .ci/env.sh")
pytestmark = pytest.mark.ros


def entries() -> list[tuple[str, str, str, Any]]:
    """List file, node, parameter and value of every line."""
    return [
        (path.name, node, name, value)
        for path in FILES
        for node, content in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        for name, value in content["ros__parameters"].items()
    ]


def declared(node: str) -> dict[str, tuple["Field[Any]", Any]]:
    """Return name → field and type of what the node declares."""
    module, name = PARAMETERS[node]
    kind = getattr(import_module(module), name)
    hints = get_type_hints(kind)
    return {f.name: (f, hints[f.name]) for f in fields(kind)}


def fault(field: "Field[Any]", hint: Any, value: Any) -> str:
    """Say what is wrong with `value`, empty when nothing is."""
    plain = getattr(hint, "__origin__", hint)
    if type(value) is not plain:
        return f"is a {type(value).__name__}, expected {plain.__name__}"
    meta = field.metadata
    if meta["choices"] and value not in meta["choices"]:
        return f"is none of {meta['choices']}"
    low, high = meta["low"], meta["high"]
    if (low is not None and value < low) or (high is not None and value > high):
        return f"is outside {low} … {high}"
    return ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_key_is_a_node_in_any_namespace(path):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, value in content.items():
        assert key.startswith(ANY_NAMESPACE), f"{key} would be missed in a namespace"
        assert key.removeprefix(ANY_NAMESPACE) in PARAMETERS
        assert list(value) == ["ros__parameters"]


@pytest.mark.parametrize(("file", "node", "name", "value"), entries())
def test_parameter_is_declared_with_that_type(file, node, name, value):
    if name == "use_sim_time":
        assert value is True  # rclpy's own
        return
    known = declared(node.removeprefix(ANY_NAMESPACE))
    assert name in known, f"{file}: {node} declares no '{name}', only {', '.join(known)}"
    assert fault(*known[name], value) == "", f"{file}: {node}: {name}: {value!r}"


@pytest.mark.parametrize("pace", ["lockstep", "realtime"])
def test_pace_files_name_their_pace_wherever_there_is_one(pace):
    content = yaml.safe_load((CONFIG / f"{pace}.yaml").read_text(encoding="utf-8"))
    for node in PARAMETERS:
        if "pace" in declared(node):
            assert content[ANY_NAMESPACE + node]["ros__parameters"]["pace"] == pace


def test_file_without_overrides_is_empty():
    assert yaml.safe_load((CONFIG / "none.yaml").read_text(encoding="utf-8")) is None


def test_a_robot_stays_still_unless_somebody_asks():
    content = yaml.safe_load((CONFIG / "policy.yaml").read_text(encoding="utf-8"))
    policy = content["/**/policy"]["ros__parameters"]
    assert (policy["autostart"], policy["resume"]) == (False, "manual")


@pytest.mark.parametrize(
    ("node", "name", "value", "text"),
    [
        ("policy", "max_age_s", "0.2", "is a str, expected float"),
        ("policy", "autostart", 1, "is a int, expected bool"),
        ("policy", "ensemble", False, "is a bool, expected str"),
        ("policy", "ensemble", "papers", "is none of"),
        ("policy", "max_age_s", 0.0, "is outside 0.005 … 10.0"),
        ("sim", "extra_cameras", "angle:1x1", "is a str, expected list"),
    ],
)
def test_check_finds_faults(node, name, value, text):
    assert fault(*declared(node)[name], value).startswith(text)


def test_every_default_passes_the_check():
    for node in PARAMETERS:
        for name, (field, hint) in declared(node).items():
            value = field.default if field.default is not MISSING else field.default_factory()
            assert fault(field, hint, value) == "", f"{node}: {name}"
