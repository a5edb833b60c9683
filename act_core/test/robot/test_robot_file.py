# SPDX-License-Identifier: Apache-2.0
import re
from pathlib import Path

import numpy as np
import pytest

from act_core.errors import RobotSpecError
from act_core.robot.robot_file import load_robot, parse_robot, shipped_robots

ROBOTS = Path(__file__).parent / "robots"

# Where in the file and what, for the one rule that each bad_<reason>.yaml breaks.
FAULTS = {
    "camera_name": "name is 'wrist cam', expected letters, digits and underscores with a letter",
    "camera_size": "cameras 'top': height_px is 0.5, expected a whole number",
    "doubled_arm": "arm 'arm' is there twice, among arm, arm",
    "doubled_camera": "camera 'top' is there twice, among top, top",
    "doubled_column": "column 'a_b_waist' is there twice, among a_b_waist, a_elbow, a_gripper",
    "doubled_joint": "arms 'arm': joint 'waist' is there twice, among waist, waist, gripper",
    "doubled_key": "key 'rate_hz' is there twice (line 4)",
    "doubled_wire_name": "state joint 's/elbow' is there twice, among s/waist, s/elbow, s/finger",
    "empty_name": "cameras '': name is '', expected text",
    "gripper_without_range": "gripper: command: closed and open are both 1.5, expected two values",
    "limits_without_upper": "joints 'waist': limits_rad is [-1.0], expected 2 entries",
    "missing_key": "gripper: key 'max_velocity_per_s' is missing; expected name, state",
    "name_as_number": "name is 2, expected text",
    "no_arms": "arms is [], expected a list with at least one entry",
    "not_a_mapping": "joints[0] is ['waist', -1.0, 1.0, 2.0], expected a mapping",
    "not_yaml": "not valid YAML: expected ',' or ']', but got '}' (line 10)",
    "number_as_text": "gripper: state: open is '0.05', expected a finite number",
    "number_not_finite": "joints 'elbow': limits_rad[1] is nan, expected a finite number",
    "pose_gripper_in_metres": "start: gripper is 1.5, outside 0 … 1",
    "pose_lacks_joint": "start: key 'elbow' is missing; expected waist, elbow, gripper",
    "pose_outside_limits": "sleep: elbow is 0.6, outside -1.5 … 0.5",
    "pose_with_unknown_joint": "sleep: unknown key 'elbo'; did you mean 'elbow'?",
    "rate_of_zero": "rate_hz is 0, expected 0.1 … 10000",
    "reversed_limits": "limits_rad is reversed: lower 1 is not below upper -1",
    "speed_below_zero": "gripper: max_velocity_per_s is -4, expected more than 0",
    "unit": "gripper: state: unit is 'mm'; did you mean 'm'? Known: m, rad",
    "unknown_key": "unknown key 'rate_hertz'; did you mean 'rate_hz'?",
}


def test_every_bad_file_has_its_fault():
    assert {path.stem.removeprefix("bad_") for path in ROBOTS.glob("bad_*.yaml")} == set(FAULTS)


@pytest.mark.parametrize("reason", FAULTS)
def test_fault_is_located_and_named(reason):
    path = ROBOTS / f"bad_{reason}.yaml"
    with pytest.raises(RobotSpecError) as caught:
        load_robot(str(path))
    assert str(caught.value).startswith(f"robot {path}: ")
    assert FAULTS[reason] in str(caught.value)


@pytest.mark.parametrize("name", ["aloha_sim", "aloha_original", "aloha_2"])
def test_shipped_aloha_has_its_columns(name):
    spec = load_robot(name)
    assert spec.dim == 14
    assert spec.columns[0] == "left_waist"
    assert spec.columns[6::7] == ("left_gripper", "right_gripper")


@pytest.mark.parametrize("name", shipped_robots())
def test_shipped_robot_is_whole(name):
    spec = load_robot(name)
    assert spec.name == name
    assert spec.period_ns == 20_000_000
    assert len(spec.cameras) >= 1
    for pose in (spec.start, spec.sleep):
        assert np.all((spec.lower <= pose) & (pose <= spec.upper))
    assert parse_robot(spec.yaml_text, "again") == spec


def test_unknown_robot_is_answered_with_the_known_ones():
    with pytest.raises(RobotSpecError) as caught:
        load_robot("aloha_sm")
    assert str(caught.value) == (
        "no robot 'aloha_sm'; did you mean 'aloha_sim'? Known: aloha_2, aloha_original, "
        "aloha_sim, aloha_sim_two_views, desk_arm, ros2_control_arm, trossen_ai; or give the path "
        "of a .yaml file"
    )


def test_file_that_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "robot.yaml"
    with pytest.raises(RobotSpecError, match=f"robot file {path}: No such file or directory"):
        load_robot(str(path))
    path.write_bytes("name: é".encode("latin-1"))
    with pytest.raises(RobotSpecError, match=f"robot file {path}: not UTF-8 text"):
        load_robot(str(path))


def test_unknown_camera_is_answered_with_the_known_ones():
    spec = load_robot("aloha_sim")
    assert (spec.camera("top").height_px, spec.camera("top").width_px) == (120, 160)
    with pytest.raises(RobotSpecError) as caught:
        spec.camera("tap")
    assert str(caught.value) == (
        "robot 'aloha_sim' has no camera 'tap'; did you mean 'top'? Known: top"
    )


TEXT = (ROBOTS / "bad_doubled_camera.yaml").read_text().replace("name: top,", "name: side,", 1)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("rate_hz: 50.0", "rate_hz: 1.0e+12", "rate_hz is 1e+12, expected 0.1 … 10000"),
        ("rate_hz: 50.0", "rate_hz: 1.0e-300", "rate_hz is 1e-300, expected 0.1 … 10000"),
        ("rate_hz: 50.0", f"rate_hz: 1{'0' * 400}", "rate_hz is 1000"),
        ("height_px: 24", "height_px: 1000000000", "height_px is 1000000000, expected 1 … 16384"),
        ("name: side", "name: '/top'", "name is '/top', expected letters, digits"),
        ("name: side", 'name: "a\\nb"', "name: 'a\\nb' has characters that cannot be printed"),
        ("name: bad", 'name: "a\\nb"', "name: 'a\\nb' has characters that cannot be printed"),
        ("rate_hz: 50.0", f"rate_hz: {'[' * 5000}", "not valid YAML: nested too deeply"),
    ],
)
def test_what_no_robot_has_is_refused_in_one_line(old, new, expected):
    assert parse_robot(TEXT, "whole").rate_hz == 50.0
    with pytest.raises(RobotSpecError) as caught:
        parse_robot(TEXT.replace(old, new, 1), "r")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_path_that_no_file_can_have_is_named():
    with pytest.raises(RobotSpecError, match="embedded null byte"):
        load_robot("a\0b.yaml")


def test_an_arm_can_name_the_topics_of_its_driver():
    spec = load_robot("aloha_2")
    left, right = spec.arms
    assert spec.needs_bridge
    assert left.driver.state.topic == "follower_left/joint_states"
    assert left.driver.command.gripper.type == "joint_single_command"
    assert right.driver.leader.topic == "leader_right/joint_states"
    assert spec.columns_of(right) == slice(7, 14)
    assert not load_robot("aloha_sim").needs_bridge
    assert load_robot("ros2_control_arm").arms[0].driver.state is None


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("type: joint_group_command", "type: joint_group_comand",
         "arms 'left': driver: command: type is 'joint_group_comand'; did you mean "
         "'joint_group_command'? Known: float64_multi_array, joint_group_command"),
        ("gripper: {topic:", "griper: {topic:",
         "driver: command: unknown key 'griper'; did you mean 'gripper'? Known: gripper, group"),
        ("type: joint_single_command}", "type: joint_group_command}",
         "gripper: type is 'joint_group_command'; did you mean"),
        ("cam_low,", "cam_low, transport: jpeg,", "transport is 'jpeg'. Known: compressed, raw"),
        ("topic: follower_right/commands/joint_group", "topic: follower_left/commands/joint_group",
         "command topic 'follower_left/commands/joint_group' is there twice"),
        ("topic: follower_left/commands/joint_single", "topic: follower_left/commands/joint_group",
         "command topic 'follower_left/commands/joint_group' is there twice"),
        ("topic: leader_right/joint_states", "topic: leader_left/joint_states",
         "driver: leader: joint 'leader_left/joint_states: elbow' is there twice"),
        ("topic: cam_low/", "topic: cam_high/",
         "camera topic 'cam_high/camera/color/image_rect_raw' is there twice"),
    ],
)  # fmt: skip
def test_a_slip_in_what_a_driver_or_camera_is_called_is_named(right, wrong, fault):
    text = shipped_robots()["aloha_2"]
    assert right in text
    with pytest.raises(RobotSpecError, match=re.escape(fault)):
        parse_robot(text.replace(right, wrong), "mine")


def test_a_camera_can_have_a_size_of_its_own():
    text = shipped_robots()["aloha_2"].replace(
        "cam_low, height_px: 480, width_px: 640",
        "cam_low, height_px: 240, width_px: 320, source_height_px: 480, source_width_px: 640",
    )
    high, low, *_ = parse_robot(text, "mine").cameras
    assert high.source_size_px == low.source_size_px == (480, 640)
    assert low.image_topic == "cam_low/camera/color/image_rect_raw"
    assert (low.height_px, low.width_px) == (240, 320)
    assert load_robot("aloha_sim").cameras[0].image_topic == "top/image_raw"
