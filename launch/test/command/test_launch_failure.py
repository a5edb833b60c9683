# SPDX-License-Identifier: Apache-2.0
"""A launch whose node refuses ends with status 1, where launch's own Shutdown gives 0."""

import os
import subprocess
import sys

import pytest

REASON = "needs launch_ros, which an installed ROS 2 has and PyPI lacks"
pytest.importorskip("launch_ros", reason=REASON)

pytestmark = [pytest.mark.ros, pytest.mark.timeout(120)]

# A process of its own: launch logs to the stdout that was there when it was first imported.
LAUNCH = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch_ros.substitutions import FindPackageShare

package, name, *arguments = sys.argv[1:]
file = [FindPackageShare(package), f"/launch/{name}.launch.py"]
sys.argv = ["ros2", "launch", package, f"{name}.launch.py", *arguments]
service = LaunchService(argv=arguments)
arguments = [argument.split(":=") for argument in arguments]
include = IncludeLaunchDescription(file, launch_arguments=arguments)
service.include_launch_description(LaunchDescription([include]))
sys.exit(service.run())
"""


@pytest.mark.parametrize(
    ("package", "name", "arguments", "message"),
    [
        (
            "act_policy",
            "deploy",
            ["checkpoint:=transfer_cub", "sim:=false", "robot:=aloha_sim", "autostart:=true"],
            "did you mean 'transfer_cube'?",
        ),
        ("act_policy", "deploy", ["sim:=false"], "robot has to be given where sim is false"),
        ("act_policy", "deploy", ["params_file:=/none.yaml"], "params_file /none.yaml: "),
        ("act_policy", "deploy", ["sim:=True", "task:=insert"], "did you mean 'insertion'?"),
        ("act_sim", "sim", ["robot:=aloha"], "no robot 'aloha'; did you mean"),
        ("act_sim", "sim", ["tsk:=insertion"], "unknown argument 'tsk'; did you mean 'task'?"),
        ("act_teleop", "teleop", [], "robot has to be given"),
        ("act_teleop", "teleop", ["robot:=aloha"], "no robot 'aloha'; did you mean"),
    ],
)
def test_refusal_is_an_exit_status(package, name, arguments, message, domain):
    ended = subprocess.run(
        [sys.executable, "-c", LAUNCH, package, name, *arguments],
        env={**os.environ, "ROS_DOMAIN_ID": str(domain)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert message in ended.stdout
    assert ended.returncode == 1
