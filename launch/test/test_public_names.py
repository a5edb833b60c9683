# SPDX-License-Identifier: Apache-2.0
"""Each package lists what it offers, and all of it is there."""

import subprocess
import sys
from importlib import import_module

import pytest

PACKAGES = ["act_bringup", "act_core", "act_policy", "act_recorder", "act_sim", "act_teleop"]


@pytest.mark.ros
@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_can_be_imported(package):
    module = import_module(package)
    assert module.__all__ == sorted(module.__all__)
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        module.nothing  # noqa: B018


@pytest.mark.parametrize("package", PACKAGES)
def test_listing_them_loads_nothing_heavy(package):
    code = f"import {package}, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"torch", "mujoco", "h5py", "rclpy", "numpy"}.isdisjoint(loaded)
