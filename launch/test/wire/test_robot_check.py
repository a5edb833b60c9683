# SPDX-License-Identifier: Apache-2.0
"""A robot file is compared with what runs: the lab as it should be, and with slips in the file."""

from pathlib import Path

import pytest
from processes import Processes

from act_core.robot.robot_file import shipped_robots

pytestmark = [pytest.mark.ros, pytest.mark.timeout(120)]

ROBOT = "ros2_control_arm"
SLIPS = {
    "name: front, height_px: 480, width_px: 640": "name: front, height_px: 240, width_px: 320",
    "{name: wrist,": "{name: wrist, topic: wrist_cam/image_raw,",
    "joint_6": "joint_7",
    "topic: joint_trajectory_controller/joint_trajectory": "topic: jtc/joint_trajectory",
}


def test_differences_are_told_with_what_to_change(processes: Processes, tmp_path: Path) -> None:
    lab = processes.start("act_teleop.rehearsal.fake_lab_node", robot_file=ROBOT, best_effort=True)
    lab.wait_for("plays the lab")
    check = processes.start("act_teleop.robot_check.robot_check_node", robot_file=ROBOT)
    assert check.wait_for_exit() == 0, check.text
    assert "all 6 topics are as the robot file says" in check.text
    assert "480x640 rgb8 · best effort" in check.text

    text = shipped_robots()[ROBOT]
    for right, wrong in SLIPS.items():
        assert right in text
        text = text.replace(right, wrong)
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    check = processes.start("act_teleop.robot_check.robot_check_node", robot_file=path)
    assert check.wait_for_exit() == 1
    assert "error: robot_check: 5 of 6 topics are not as the file says" in check.text
    for line in (
        "lacks joint joint_7; it has joint_1, joint_2",
        "topic could be 'joint_trajectory_controller/joint_trajectory'",
        "set source_height_px: 480, source_width_px: 640 to have them resized",
        "cameras 'wrist': topic could be 'wrist/image_raw'",
    ):
        assert line in check.text
    assert lab.stop() == 0
