# SPDX-License-Identifier: Apache-2.0
"""A launch whose node refuses ends with status 1, where launch's own Shutdown gives 0."""

import pytest

REASON = "needs launch_ros, which an installed ROS 2 has and PyPI lacks"
pytest.importorskip("launch_ros", reason=REASON)

from launch import LaunchDescription, LaunchService  # noqa: E402
from launch.actions import IncludeLaunchDescription  # noqa: E402
from launch_ros.substitutions import FindPackageShare  # noqa: E402

pytestmark = [pytest.mark.ros, pytest.mark.timeout(120)]


@pytest.mark.parametrize(
    ("package", "name", "arguments", "message"),
    [
        (
            "act_policy",
            "deploy",
            {"checkpoint": "transfer_cub", "sim": "false", "robot": "aloha_sim",
             "autostart": "true"},
            "did you mean 'transfer_cube'?",
        ),
        ("act_sim", "sim", {"robot": "aloha"}, "no robot 'aloha'; did you mean"),
        ("act_teleop", "teleop", {"robot": "aloha"}, "no robot 'aloha'; did you mean"),
    ],
)  # fmt: skip
def test_refusal_is_an_exit_status(package, name, arguments, message, capfd, domain, monkeypatch):
    monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
    file = [FindPackageShare(package), f"/launch/{name}.launch.py"]
    include = IncludeLaunchDescription(file, launch_arguments=arguments.items())
    service = LaunchService()
    service.include_launch_description(LaunchDescription([include]))
    assert service.run() == 1
    assert message in "".join(capfd.readouterr())
