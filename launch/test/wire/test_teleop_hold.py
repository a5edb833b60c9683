# SPDX-License-Identifier: Apache-2.0
"""Teleoperation whose robot goes away and comes back in another pose: no jump."""

import signal
import time
from collections.abc import Iterator

import numpy as np
import pytest
from processes import Processes, wait_until
from sensor_msgs.msg import JointState
from spun_node import SpunNode

from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.messages.joints import read_vector, write_vector

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.slow, pytest.mark.timeout(180)]

SPEC = load_robot("aloha_sim")
PERIOD_S = SPEC.period_ns / 1e9


class LeaderArms(SpunNode):
    """Leader arms that a person holds still, away from the start pose; keeps the commands."""

    def __init__(self, domain: int):
        super().__init__("leader_arms", domain)
        self.pose = SPEC.start.copy()
        self.pose[0] += 0.8
        self.commands: list[np.ndarray] = []
        self._out = self.create_publisher(JointState, "leader/joint_states", qos.JOINT_STATES)
        self.create_subscription(JointState, "joint_commands", self._keep, qos.COMMANDS)
        self.create_timer(PERIOD_S, self._publish)
        self.start()

    def _publish(self) -> None:
        now_ns = self.get_clock().now().nanoseconds
        self._out.publish(write_vector(self.pose, SPEC.leader, now_ns))

    def _keep(self, message: JointState) -> None:
        if message.header.frame_id != "rival":
            self.commands.append(read_vector(message, SPEC.command))


@pytest.fixture
def leader(domain: int) -> Iterator[LeaderArms]:
    node = LeaderArms(domain)
    yield node
    node.close()


def test_after_the_robot_was_gone_it_starts_from_where_the_robot_is(
    processes: Processes, leader: LeaderArms
) -> None:
    sim = processes.start("act_sim.sim_node", pace="realtime", reset_on_start=True)
    teleop = processes.start("act_teleop.teleop_node", engage="auto", input_timeout_s=0.5)
    wait_until(
        lambda: bool(leader.commands) and np.allclose(leader.commands[-1], leader.pose),
        60.0, "the leader's pose is not reached", teleop,
    )  # fmt: skip
    steps = np.abs(np.diff([c[0] for c in leader.commands]))
    assert steps.max() <= 2 * PERIOD_S * SPEC.max_velocity[0] + 1e-9

    sim.kill()
    assert teleop.wait_for("joint_states: no sample for") < 4.0
    wait_until(lambda: "; holding" in teleop.text, 4.0, "no hold", teleop)
    leader.commands.clear()
    sim = processes.start("act_sim.sim_node", pace="realtime", reset_on_start=True)
    wait_until(lambda: bool(leader.commands), 60.0, "does not follow again", teleop)
    first = leader.commands[0]
    assert abs(first[0] - SPEC.start[0]) <= 3 * PERIOD_S * SPEC.max_velocity[0]
    teleop.popen.send_signal(signal.SIGINT)
    assert teleop.wait_for_exit(10.0) == 0


def test_it_does_not_command_beside_another_node(
    processes: Processes, leader: LeaderArms, domain: int
) -> None:
    processes.start("act_sim.sim_node", pace="realtime", reset_on_start=True)
    teleop = processes.start("act_teleop.teleop_node", engage="auto", input_timeout_s=1.0)
    wait_until(lambda: bool(leader.commands), 60.0, "does not follow", teleop)
    rival = SpunNode("rival", domain)
    out = rival.create_publisher(JointState, "joint_commands", qos.COMMANDS)
    rival.start()
    time.sleep(0.5)
    assert "holding" not in teleop.text  # who is silent is no rival
    other = write_vector(SPEC.start, SPEC.command, 1)
    other.header.frame_id = "rival"
    speaking = rival.create_timer(0.02, lambda: out.publish(other))
    teleop.wait_for("rival commands; stop it first; holding", 10.0)
    before = len(leader.commands)
    time.sleep(1.0)
    assert len(leader.commands) <= before + 1  # one may still have been under way
    rival.destroy_timer(speaking)
    wait_until(lambda: len(leader.commands) > before + 10, 30.0, "does not go on", teleop)
    rival.close()
    assert teleop.stop() == 0
