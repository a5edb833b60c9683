# SPDX-License-Identifier: Apache-2.0
"""record.launch.py records what it was asked for and then ends all of its processes."""

import tempfile
import time
import unittest
from pathlib import Path

import pytest

REASON = "needs launch_ros and launch_testing, which an installed ROS 2 has and PyPI lacks"
launch_testing = pytest.importorskip("launch_testing", reason=REASON)
pytest.importorskip("launch_ros", reason=REASON)

from launch import LaunchDescription  # noqa: E402
from launch.actions import IncludeLaunchDescription  # noqa: E402
from launch.events.process import ProcessExited  # noqa: E402
from launch_ros.substitutions import FindPackageShare  # noqa: E402
from launch_testing.actions import ReadyToTest  # noqa: E402

LIMIT_S = 100.0
FOLDER = tempfile.TemporaryDirectory(prefix="test_launch_record")


@pytest.mark.launch
@pytest.mark.launch_test
def generate_test_description() -> LaunchDescription:
    """Record one episode of the simulated robot."""
    file = [FindPackageShare("act_recorder"), "/launch/record.launch.py"]
    arguments = {"episodes": "1", "dataset_dir": FOLDER.name}
    return LaunchDescription(
        [IncludeLaunchDescription(file, launch_arguments=arguments.items()), ReadyToTest()]
    )


class TestRunning(unittest.TestCase):
    def test_episode_is_recorded(self, proc_info):
        def session_ended() -> bool:
            return any(
                event.process_name.startswith("record-") and isinstance(event, ProcessExited)
                for event in proc_info
            )

        end_s = time.monotonic() + LIMIT_S
        while not session_ended():
            assert time.monotonic() < end_s, f"no end of the session after {LIMIT_S:g} s"
            time.sleep(0.05)
        assert [p.name for p in Path(FOLDER.name).iterdir()] == ["episode_0.hdf5"]


@launch_testing.post_shutdown_test()
class TestEnded(unittest.TestCase):
    def test_all_five_processes_ended_cleanly(self, proc_info):
        assert len(proc_info.process_names()) == 5
        launch_testing.asserts.assertExitCodes(proc_info)
