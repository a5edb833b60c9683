# SPDX-License-Identifier: Apache-2.0
import shutil
from types import SimpleNamespace

import pytest

from act_core.ros.process.transport import PROFILES_VARIABLE, transport_warning


def test_nothing_is_said_when_the_profile_is_there(tmp_path):
    profile = tmp_path / "fastdds.xml"
    profile.touch()
    assert transport_warning({PROFILES_VARIABLE: str(profile)}, tmp_path) == ""


def test_missing_variable_and_missing_file_are_said_with_the_remedy(tmp_path):
    text = transport_warning({})
    assert text.startswith("FASTRTPS_DEFAULT_PROFILES_FILE is not set: set FASTRTPS_DEFAULT")
    assert "fastdds.xml" in text
    assert "camera images get lost" in text
    path = str(tmp_path / "gone.xml")
    text = transport_warning({PROFILES_VARIABLE: path, "RMW_IMPLEMENTATION": "rmw_fastrtps_cpp"})
    assert text.startswith(f"FASTRTPS_DEFAULT_PROFILES_FILE is {path}, which does not exist: ")


def test_other_middlewares_are_left_alone():
    assert transport_warning({"RMW_IMPLEMENTATION": "rmw_cyclonedds_cpp"}) == ""


def test_full_shared_memory_is_said_with_what_frees_it(tmp_path, monkeypatch: pytest.MonkeyPatch):
    profile = tmp_path / "fastdds.xml"
    profile.touch()
    environment = {PROFILES_VARIABLE: str(profile)}
    for free_mib, expected in ((67, ""), (66, f"{tmp_path} has 66 MiB free and each node needs")):
        usage = SimpleNamespace(free=free_mib << 20)
        monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
        text = transport_warning(environment, tmp_path)
        assert text.startswith(expected)
        assert bool(text) == bool(expected)
    assert "fastdds shm clean" in text
    assert transport_warning(environment, tmp_path / "none").startswith(f"{tmp_path}/none has 0")
