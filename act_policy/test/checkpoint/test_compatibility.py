# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from act_core.errors import RobotSpecError
from act_core.robot.robot_file import load_robot, parse_robot
from act_policy.checkpoint.compatibility import check_robot
from act_policy.errors import CheckpointError
from act_policy.model.act_config import ACTConfig

SPEC = load_robot("aloha_sim")
CONFIG = ACTConfig(
    cameras=("top",),
    image_height_px=120,
    image_width_px=160,
    state_names=SPEC.columns,
    action_names=SPEC.columns,
    rate_hz=50.0,
)
SWAPPED = (*SPEC.columns[:12], SPEC.columns[13], SPEC.columns[12])


def _fault(config=CONFIG, robot_yaml=SPEC.yaml_text, spec=SPEC):
    with pytest.raises(CheckpointError) as caught:
        check_robot(config, robot_yaml, spec)
    text = str(caught.value)
    start = f"the checkpoint does not fit robot '{spec.name}': "
    assert text.startswith(start)
    return text.removeprefix(start)


def _changed(**texts):
    text = SPEC.yaml_text
    for old, new in texts.values():
        assert old in text
        text = text.replace(old, new, 1)
    return parse_robot(text, "changed")


def test_the_robot_it_was_trained_on_is_accepted():
    check_robot(CONFIG, SPEC.yaml_text, SPEC)


def test_start_pose_speeds_and_wire_names_may_differ():
    spec = parse_robot(
        SPEC.yaml_text.replace("vx300s_", "puppet_").replace("3.14}", "2.5}"), "changed"
    )
    check_robot(CONFIG, SPEC.yaml_text, spec)


def test_other_names_are_listed_from_both_sides():
    names = (*SPEC.columns[:13], "right_hand")
    assert _fault(replace(CONFIG, state_names=names)) == (
        "state names: only in the checkpoint: right_hand, only in the robot: right_gripper"
    )
    assert _fault(replace(CONFIG, action_names=SPEC.columns[:13])) == (
        "action names: only in the checkpoint: (none), only in the robot: right_gripper"
    )


def test_equal_names_in_another_order_are_refused():
    text = _fault(replace(CONFIG, action_names=SWAPPED))
    assert text.startswith("action order: checkpoint left_waist, ")
    assert "right_gripper, right_wrist_rotate, robot left_waist, " in text


def test_unknown_camera_and_another_shape_of_picture_are_named():
    assert _fault(replace(CONFIG, cameras=("top", "wrist"))) == (
        "camera 'wrist' is not among the robot's: top"
    )
    wide = _changed(size=("width_px: 160", "width_px: 212"))
    assert _fault(spec=wide) == (
        "camera 'top': checkpoint 120x160, robot 120x212 (height x width): its picture would be "
        "squeezed"
    )


def test_images_of_another_size_but_the_same_shape_are_accepted():
    larger = _changed(size=("height_px: 120, width_px: 160", "height_px: 480, width_px: 640"))
    check_robot(CONFIG, SPEC.yaml_text, larger)
    check_robot(replace(CONFIG, image_height_px=240, image_width_px=320), SPEC.yaml_text, SPEC)


def test_another_rate_fits_since_chunks_are_keyed_by_time():
    check_robot(replace(CONFIG, rate_hz=25.0), SPEC.yaml_text, SPEC)


@pytest.mark.parametrize("stream", ["state", "command"])
def test_other_gripper_range_is_named(stream):
    old = f"{stream}: {{joint: left_finger, closed: 0.01844, open: 0.05800"
    spec = _changed(range=(old, old.replace("0.05800", "0.0579")))
    assert _fault(spec=spec) == (
        f"arms 'left': gripper: {stream}: open: checkpoint 0.058, robot 0.0579; "
        f"arms 'right': gripper: {stream}: open: checkpoint 0.058, robot 0.0579"
    )


def test_gripper_that_opens_the_other_way_is_refused():
    old = "state: {joint: left_finger, closed: 0.01844, open: 0.05800"
    spec = _changed(sense=(old, "state: {joint: left_finger, closed: 0.05800, open: 0.01844"))
    assert _fault(spec=spec).startswith(
        "arms 'left': gripper: state: closed: checkpoint 0.01844, robot 0.058; "
        "arms 'left': gripper: state: open: checkpoint 0.058, robot 0.01844; "
    )


def test_all_faults_are_said_at_once():
    config = replace(CONFIG, cameras=("wrist",), state_names=SWAPPED)
    parts = [part.split()[0] for part in _fault(config).split("; ")]
    assert parts == ["state", "camera"]


def test_another_shipped_robot_does_not_fit():
    text = _fault(spec=load_robot("aloha_2"))
    assert text == (
        "camera 'top' is not among the robot's: cam_high, cam_low, cam_left_wrist, cam_right_wrist"
    )


def test_robot_file_at_odds_with_the_checkpoints_own_names_is_named():
    text = SPEC.yaml_text.replace("name: gripper", "name: jaw").replace("gripper: 0.", "jaw: 0.")
    assert _fault(robot_yaml=text) == (
        "robot file names: only in the checkpoint: left_jaw, right_jaw, "
        "only in the robot: left_gripper, right_gripper"
    )
    with pytest.raises(RobotSpecError, match="robot in the checkpoint: got None"):
        check_robot(CONFIG, "", SPEC)
