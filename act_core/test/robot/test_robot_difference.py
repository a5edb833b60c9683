# SPDX-License-Identifier: Apache-2.0
import pytest

from act_core.robot.robot_difference import differences, in_words
from act_core.robot.robot_file import load_robot, parse_robot, shipped_robots

SPEC = load_robot("aloha_sim")
WRIST = "\n  - {name: wrist, height_px: 48, width_px: 64}\n"


def _changed(old, new, count=1):
    assert old in SPEC.yaml_text
    return parse_robot(SPEC.yaml_text.replace(old, new, count), "changed")


def _words(spec, cameras=("top",)):
    return in_words(differences(SPEC, spec, cameras), "A", "B")


@pytest.mark.parametrize("name", shipped_robots())
def test_a_robot_differs_from_itself_in_nothing(name):
    spec = load_robot(name)
    assert differences(spec, spec, [camera.name for camera in spec.cameras]) == []


def test_comments_formatting_and_anchors_are_no_difference():
    assert _words(_changed("name: aloha_sim", "# mine\nname:    'aloha_sim'")) == ""
    assert _words(_changed("*start", "*start # as above")) == ""


def test_cameras_that_are_not_used_are_no_difference():
    more = parse_robot(SPEC.yaml_text + WRIST.lstrip("\n"), "changed")
    assert _words(more) == ""
    assert _words(more, ("top", "wrist")) == "cameras: A top, B top, wrist"


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("rate_hz: 50.0", "rate_hz: 30.0", "rate_hz: A 50, B 30"),
        ("top, height_px: 120", "top, height_px: 90", "cameras 'top': height_px: A 120, B 90"),
        (
            "state_prefix: vx300s_left/", "state_prefix: left/",
            "arms 'left': state_prefix: A vx300s_left/, B left/",
        ),
        (
            "leader_prefix: leader_left/", "leader_prefix: leader_left/\n    driver: {state: "
            "{topic: /left}}", "arms 'left': driver: state: topic: A (none), B /left",
        ),
        (
            "[-1.85005, 1.25664]", "[-1.8, 1.25664]",
            "arms 'left': joints 'shoulder': limits_rad: A -1.85005, 1.25664, B -1.8, 1.25664; "
            "arms 'right': joints 'shoulder': limits_rad: A -1.85005, 1.25664, B -1.8, 1.25664",
        ),
    ],
)  # fmt: skip
def test_what_drives_otherwise_is_named_by_its_key_and_changes_no_meaning(old, new, text):
    spec = _changed(old, new)
    assert _words(spec) == text
    assert not any(d.changes_meaning for d in differences(SPEC, spec, ("top",)))


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (
            "state: {joint: left_finger, closed: 0.01844",
            "state: {joint: left_finger, closed: 0.0",
            "arms 'left': gripper: state: closed: A 0.01844, B 0; "
            "arms 'right': gripper: state: closed: A 0.01844, B 0",
        ),
        ("- name: left\n", "- name: links\n", "arms: A left, right, B links, right"),
    ],
)  # fmt: skip
def test_what_makes_other_poses_of_the_same_numbers_is_told_apart(old, new, text):
    spec = _changed(old, new)
    assert _words(spec) == text
    assert all(d.changes_meaning for d in differences(SPEC, spec, ("top",)))


def test_leader_range_and_joint_name_on_the_wire_change_no_meaning_of_what_is_recorded():
    for old, new in (("-0.6842", "-0.7"), ("state: {joint: left_finger", "state: {joint: finger")):
        found = differences(SPEC, _changed(old, new), ("top",))
        assert len(found) == 2
        assert not any(d.changes_meaning for d in found)


def test_joints_in_another_order_change_the_meaning():
    waist, shoulder = (line for line in SPEC.yaml_text.splitlines() if "    - {name: waist" in line
                       or "    - {name: shoulder" in line)  # fmt: skip
    spec = _changed(f"{waist}\n{shoulder}", f"{shoulder}\n{waist}")
    found = differences(SPEC, spec, ("top",))
    assert [d.place for d in found] == [("arms 'left'", "joints"), ("arms 'right'", "joints")]
    assert all(d.changes_meaning for d in found)


def test_many_differences_are_counted():
    text = _words(load_robot("trossen_ai"))
    assert text.startswith("name: A aloha_sim, B trossen_ai; arms 'left': state_prefix: A vx300s")
    assert text.endswith(
        f"; and {len(differences(SPEC, load_robot('trossen_ai'), ('top',))) - 6} more"
    )
