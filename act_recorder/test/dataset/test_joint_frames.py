# SPDX-License-Identifier: Apache-2.0
"""Frames by a URDF; launch/test compares those of the shipped one with MuJoCo's."""

import numpy as np
import pytest

from act_core.errors import RobotSpecError
from act_recorder.dataset.formats.rosbag.joint_frames import JointFrames

TURN = """
<joint name="turn" type="revolute"><parent link="a"/><child link="b"/>
  <origin xyz="1 0 0" rpy="0 0 1.5707963267948966"/><axis xyz="0 0 2"/></joint>"""
SLIDE = """
<joint name="slide" type="prismatic"><parent link="b"/><child link="c"/>
  <origin xyz="0 0 1" rpy="1.5707963267948966 0 0"/><axis xyz="0 1 0"/></joint>"""
MIRROR = """
<joint name="mirror" type="prismatic"><parent link="b"/><child link="d"/>
  <axis xyz="0 1 0"/><mimic joint="slide" multiplier="-1" offset="0.5"/></joint>"""
MOUNT = '<joint name="mount" type="fixed"><parent link="w"/><child link="a"/></joint>'


def _robot(*joints):
    return JointFrames(f"<robot name='r'>{''.join(joints)}</robot>", "r.urdf")


def _moved(values, *joints):
    return {frame.child: frame for frame in _robot(*joints).moved(values)}


def test_a_turn_is_about_the_joint_s_own_axis_after_its_origin():
    frame = _moved({"turn": np.pi / 2}, TURN)["b"]
    assert frame.parent == "a"
    np.testing.assert_allclose(frame.translation, [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(np.abs(frame.quaternion), [0, 0, 1, 0], atol=1e-12)


def test_a_slide_goes_along_the_turned_axis():
    frame = _moved({"slide": 0.25}, SLIDE)["c"]
    np.testing.assert_allclose(frame.translation, [0, 0, 1.25], atol=1e-12)


def test_a_joint_that_mimics_needs_no_value_of_its_own():
    frames = _moved({"slide": 0.2}, SLIDE, MIRROR)
    np.testing.assert_allclose(frames["d"].translation, [0, 0.3, 0], atol=1e-12)
    assert _robot(SLIDE, MIRROR, TURN).without_value(["slide"]) == ["turn"]
    assert _moved({}, SLIDE, MIRROR) == {}


def test_what_never_moves_is_apart():
    robot = _robot(MOUNT, TURN)
    assert [(f.parent, f.child) for f in robot.fixed()] == [("w", "a")]
    assert [f.child for f in robot.moved({"turn": 0.0})] == ["b"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<robot>", "no element found"),
        ("<mujoco/>", "<mujoco> has no joint"),
        (f"<robot>{TURN.replace('revolute', 'planar')}</robot>",
         "joint 'turn' is planar, expected one of revolute, continuous, prismatic, fixed"),
        (f"<robot>{TURN.replace('1 0 0', '1 0')}</robot>", "xyz is '1 0', expected three numbers"),
        (f"<robot>{TURN.replace('<child link=', '<kid link=')}</robot>",
         "joint 'turn' has no <child>"),
        (f"<robot>{TURN.replace('0 0 2', '0 0 0')}</robot>", "joint 'turn' has an axis of 0"),
        ("<robot><joint/></robot>", "a joint has no 'type'"),
    ],
)  # fmt: skip
def test_what_is_no_urdf_is_refused(text, fault):
    with pytest.raises(RobotSpecError, match=f"^URDF r.urdf: .*{fault}"):
        JointFrames(text, "r.urdf")
