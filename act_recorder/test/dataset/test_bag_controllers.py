# SPDX-License-Identifier: Apache-2.0
"""Actions of a recording that are what the robot's controllers were sent."""

import re

import pytest

pytest.importorskip("rosbags")
pytest.importorskip("sensor_msgs")

import numpy as np  # noqa: E402
from lab_bag import MS, START_NS, controller_messages, lab_messages, lab_robot, write_bag  # noqa: E402
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint  # noqa: E402

from act_core.episode.reader import EpisodeReader  # noqa: E402
from act_core.robot.robot_file import load_robot, parse_robot  # noqa: E402
from act_recorder.dataset.command import main  # noqa: E402

pytestmark = pytest.mark.ros

SHOULDER = "joint_trajectory_controller/joint_trajectory"


def ros2_control_robot():
    """Return the shipped arm with a state topic of its own and without cameras."""
    text = re.sub(r"cameras:\n( .*\n)+", "cameras: []\n", load_robot("ros2_control_arm").yaml_text)
    state = "    driver:\n      state: {topic: arm/joint_states}\n"
    return parse_robot(text.replace("    driver:\n", state), "of the test")


@pytest.fixture(params=["interbotix", "ros2_control"])
def lab(request):
    """Return a robot and what its drivers say, without commands and leaders."""
    robot = lab_robot() if request.param == "interbotix" else ros2_control_robot()
    messages = lab_messages(robot, 2.0, leaders=False, commands=False)
    if not robot.cameras:
        messages = [each for each in messages if "image" not in each[0]]
    return robot, messages


def convert(tmp_path, robot, messages):
    (tmp_path / "lab.yaml").write_text(robot.yaml_text)
    bag = write_bag(tmp_path / "bag", sorted(messages, key=lambda each: each[1]))
    words = ["convert", str(bag), str(tmp_path / "out"), "--robot", str(tmp_path / "lab.yaml")]
    return main(words)


def test_the_controllers_commands_are_the_actions_in_the_robot_s_units(lab, tmp_path, capsys):
    robot, messages = lab
    assert convert(tmp_path, robot, messages + controller_messages(robot, 2.0)) == 0
    said = capsys.readouterr().out
    assert "actions: " in said
    assert ", joined as the arm bridge does" in said.partition("actions: ")[2]
    with EpisodeReader(tmp_path / "out/episode_0.hdf5") as episode:
        assert set(episode.sources) == {"controller"}
        ticks = (episode.action_stamps_ns - START_NS - 3 * MS) / (20 * MS)
        assert np.abs(ticks - ticks.round()).max() < 0.06, "of the last arm's receipt"
        # Grippers are 0 to 1, as in every episode, and not what a controller takes.
        expected = robot.start + np.outer(ticks.round() * 0.004, ~robot.is_gripper) + 0.01
        np.testing.assert_allclose(episode.actions, expected, atol=1e-5)
        assert episode.num_frames > 90


def test_commands_of_the_suite_go_before(tmp_path, capsys):
    robot = lab_robot()
    messages = lab_messages(robot, 1.0, leaders=False) + controller_messages(robot, 1.0)
    assert convert(tmp_path, robot, messages) == 0
    assert "actions: joint_commands\n" in capsys.readouterr().out


def test_a_controller_that_heard_nothing_leaves_no_actions(lab, tmp_path, capsys):
    robot, messages = lab
    some = controller_messages(robot, 1.0)
    assert convert(tmp_path, robot, messages + [e for e in some if e[0] != some[0][0]]) == 1
    assert "needs topics that have no message: joint_commands" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (JointTrajectory(joint_names=[f"joint_{i}" for i in range(1, 7)],
                         points=[JointTrajectoryPoint(positions=[0.0] * 6)] * 3),
         "a trajectory of 3 points, expected one: the command of this tick"),
        (JointTrajectory(joint_names=["joint_1"], points=[JointTrajectoryPoint(positions=[0.0])]),
         "missing 'joint_2', 'joint_3', 'joint_4', 'joint_5', 'joint_6'. Got: joint_1"),
        (JointTrajectory(joint_names=[f"joint_{i}" for i in range(1, 7)],
                         points=[JointTrajectoryPoint(positions=[0.0] * 5)]),
         "5 values, expected 6: joint_1, joint_2"),
    ],
)  # fmt: skip
def test_what_is_no_command_of_a_tick_is_named(tmp_path, capsys, message, text):
    robot = ros2_control_robot()
    messages = [
        e for e in lab_messages(robot, 1.0, leaders=False, commands=False) if "image" not in e[0]
    ]
    sent = [
        (topic, came_ns, message if topic == SHOULDER else own)
        for topic, came_ns, own in controller_messages(robot, 1.0)
    ]
    assert convert(tmp_path, robot, messages + sent) == 1
    assert f"joint_commands refused: {SHOULDER}: {text}" in capsys.readouterr().err
