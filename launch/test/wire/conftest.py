# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests on real topics."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from processes import Processes

MESSAGES = Path(__file__).resolve().parents[1] / "interbotix_xs_msgs"


@pytest.fixture(scope="session")
def interbotix(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Build the stand-in for Interbotix' messages; return the environment that finds them."""
    workspace = tmp_path_factory.mktemp("interbotix")
    shutil.copytree(MESSAGES, workspace / "src")
    subprocess.run(
        ["colcon", "--log-base", "log", "build"], cwd=workspace, check=True, capture_output=True
    )
    prefix = workspace / "install" / "interbotix_xs_msgs"
    (python,) = prefix.glob("lib/python3*/site-packages")
    found = {"AMENT_PREFIX_PATH": prefix, "LD_LIBRARY_PATH": prefix / "lib", "PYTHONPATH": python}
    return {name: f"{path}:{os.environ.get(name, '')}" for name, path in found.items()}


@pytest.fixture
def act(processes: Processes, interbotix: dict[str, str]) -> Processes:
    processes.environment.update(interbotix)
    return processes
