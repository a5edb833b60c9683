# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from act_core.robot.robot_file import load_robot
from act_teleop.robot_check.expectations import expectations
from act_teleop.robot_check.findings import Found, faults, summary

SPEC = load_robot("aloha_2")
EXPECTED = {e.topic: e for e in expectations(SPEC, leader=True)}
STATE = EXPECTED["follower_left/joint_states"]
CAMERA = EXPECTED["cam_low/camera/color/image_rect_raw"]
COMMANDS = EXPECTED["follower_left/commands/joint_group"]
JOINTS = "sensor_msgs/msg/JointState"


def _state(**changes):
    found = Found([JOINTS], ["/xs_sdk"], False, [0.01] * 200, 2.0, STATE.joints)
    return replace(found, **changes)


def _camera(**changes):
    found = Found([CAMERA.kind], ["/camera"], False, [0.03] * 60, 2.0, (), (480, 640), "rgb8")
    return replace(found, **changes)


def test_a_robot_file_asks_for_each_topic_once():
    assert list(EXPECTED) == [
        "follower_left/joint_states", "follower_right/joint_states",
        "leader_left/joint_states", "leader_right/joint_states",
        "follower_left/commands/joint_group", "follower_left/commands/joint_single",
        "follower_right/commands/joint_group", "follower_right/commands/joint_single",
        *(f"{c.name}/camera/color/image_rect_raw" for c in SPEC.cameras),
    ]  # fmt: skip
    assert STATE.joints == (
        "waist", "shoulder", "elbow", "forearm_roll", "wrist_angle", "wrist_rotate", "left_finger",
    )  # fmt: skip
    assert not [e for e in expectations(SPEC, leader=False) if "leader" in e.topic]
    topics = [e.topic for e in expectations(load_robot("aloha_sim"), leader=True)]
    assert topics[:2] == ["joint_states", "leader/joint_states"]
    assert topics[-1] == "top/image_raw"


def test_what_is_as_it_should_be_has_no_fault():
    assert faults(STATE, _state(), {}, 50.0) == []
    assert faults(CAMERA, _camera(), {}, 50.0) == []
    assert faults(COMMANDS, Found([COMMANDS.kind], ["/xs_sdk"]), {}, 50.0) == []
    assert summary(_camera(best_effort=True)) == (
        "/camera · 30 Hz, 30 ms old · 480x640 rgb8 · best effort"
    )


CASES = {
    "other_name": (
        STATE, Found(), {"/puppet_left/joint_states": [JOINTS]},
        "nobody publishes; arms 'left': driver: state: topic could be 'puppet_left/joint_states'",
    ),
    "nothing_near": (
        STATE, Found(), {"/tf": ["tf2_msgs/msg/TFMessage"]},
        f"nobody publishes; topics with {JOINTS}: none (arms 'left': driver: state: topic)",
    ),
    "compressed_alone": (
        CAMERA, Found(),
        {"/cam_low/camera/color/image_rect_raw/compressed": ["sensor_msgs/msg/CompressedImage"]},
        "nobody publishes; cameras 'cam_low': topic could be "
        "'cam_low/camera/color/image_rect_raw/compressed', with transport: compressed",
    ),
    "other_type": (
        COMMANDS, Found(["std_msgs/msg/Float64MultiArray"], ["/controller"]), {},
        "carries std_msgs/msg/Float64MultiArray, expected "
        "interbotix_xs_msgs/msg/JointGroupCommand; change its type",
    ),
    "nobody_listens": (
        COMMANDS, Found(), {}, f"nobody listens; topics with {COMMANDS.kind}: none",
    ),
    "silent": (STATE, _state(ages_s=[]), {}, "no message in 2.0 s; is the driver running?"),
    "other_joints": (
        STATE, _state(joints=["left/waist", "left/elbow"]), {},
        "lacks joint waist, shoulder, elbow, forearm_roll, wrist_angle, wrist_rotate, "
        "left_finger; it has left/waist, left/elbow: change the prefix or the joints' names",
    ),
    "slow": (
        STATE, _state(ages_s=[0.01] * 40), {},
        "20 Hz, slower than the robot's rate_hz 50: raise the driver's rate or lower rate_hz",
    ),
    "other_size": (
        CAMERA, _camera(size_px=(720, 1280)), {},
        "images are 720x1280, expected 480x640: set source_height_px: 720, source_width_px: 1280 "
        "to have them resized, or change the driver",
    ),
    "ahead": (
        STATE, _state(ages_s=[-0.31] * 200), {},
        "stamps are 0.31 s ahead of this machine's clock: synchronise the clocks (chrony), or "
        "set use_sim_time",
    ),
    "behind": (STATE, _state(ages_s=[0.9] * 200), {}, "stamps are 0.90 s old when they come"),
    "unstamped": (
        STATE, _state(ages_s=[1.7e9] * 200), {},
        "stamps are 0 or count from boot: the driver has to stamp with the ROS clock",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_difference_is_told_with_the_line_to_change(case):
    expected, found, graph, text = CASES[case]
    (line,) = faults(expected, found, graph, 50.0)
    assert line.startswith(text)
