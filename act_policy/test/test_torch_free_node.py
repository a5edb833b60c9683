# SPDX-License-Identifier: Apache-2.0
"""The policy node must publish on time and start quickly, so torch stays in its worker."""

import json
import subprocess
import sys

import pytest

pytest.importorskip("rclpy")
pytestmark = pytest.mark.ros

IMPORT = """
import json, sys
import act_policy.policy_node
print(json.dumps(sorted(sys.modules)))
"""


def test_node_imports_neither_torch_nor_torchvision():
    run = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, check=True)
    loaded = {name.split(".")[0] for name in json.loads(run.stdout)}
    assert "rclpy" in loaded
    assert loaded.isdisjoint({"torch", "torchvision", "safetensors", "mujoco"})
