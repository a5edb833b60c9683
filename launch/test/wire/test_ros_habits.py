# SPDX-License-Identifier: Apache-2.0
"""What every node does as ROS users expect it: qos_overrides, /diagnostics, --help."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from processes import Processes, wait_until
from rclpy.qos import ReliabilityPolicy
from spun_node import SpunNode

from act_bringup.reference_pages import NODES
from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.testing import make_episode

pytestmark = [pytest.mark.ros, pytest.mark.timeout(120)]

# They end without motors; test_dynamixel_node hears theirs.
DRIVERS = ("followers", "leaders")
RELIABLE, BEST_EFFORT = ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT
MODULES = {
    "sim": "act_sim.sim_node",
    "demonstrator": "act_sim.demonstrator_node",
    "evaluate": "act_sim.evaluation.evaluate",
    "gamepad": "act_sim.leaders.gamepad_node",
    "keyboard": "act_sim.leaders.keyboard_node",
    "teleop": "act_teleop.teleop_node",
    "arm_bridge": "act_teleop.bridge.arm_bridge_node",
    "followers": "act_teleop.dynamixel.dynamixel_node",
    "leaders": "act_teleop.dynamixel.dynamixel_node",
    "fake_lab": "act_teleop.rehearsal.fake_lab_node",
    "robot_check": "act_teleop.robot_check.robot_check_node",
    "replay": "act_teleop.leaders.replay_node",
    "recorder": "act_recorder.recorder_node",
    "record": "act_recorder.record_session",
    "session": "act_recorder.session.session_node",
    "keys": "act_recorder.session.keys_node",
    "policy": "act_policy.policy_node",
}


class Observer(SpunNode):
    """Looks at endpoints and hears diagnostics."""

    def __init__(self, domain: int):
        super().__init__("observer", domain)
        self.heard: dict[str, DiagnosticStatus] = {}
        self.create_subscription(DiagnosticArray, "/diagnostics", self._hear, qos.DIAGNOSTICS)
        self.start()

    def _hear(self, message: DiagnosticArray) -> None:
        self.heard.update({status.name: status for status in message.status})

    def reliability(self, node: str, topic: str, kind: str) -> ReliabilityPolicy | None:
        """Return what the endpoint of `node` on `topic` offers or asks for, None without one."""
        infos = getattr(self, f"get_{kind}s_info_by_topic")(topic)
        found = [i.qos_profile.reliability for i in infos if i.node_name == node]
        return found[0] if found else None


@pytest.fixture
def observer(domain: int) -> Iterator[Observer]:
    node = Observer(domain)
    yield node
    node.close()


def test_every_node_is_listed_here():
    assert list(MODULES) == [name for _, _, name, _ in NODES]


@pytest.mark.sim
@pytest.mark.parametrize(
    ("node", "topic", "kind", "before"),
    [
        ("teleop", "/joint_states", "subscription", RELIABLE),
        ("teleop", "/joint_commands", "publisher", RELIABLE),
        ("recorder", "/top/image_raw", "subscription", RELIABLE),
        ("recorder", "/joint_commands", "subscription", RELIABLE),
        ("sim", "/top/image_raw", "publisher", RELIABLE),
        ("demonstrator", "/task_state", "subscription", RELIABLE),
        ("policy", "/joint_states", "subscription", BEST_EFFORT),
        ("policy", "/joint_commands", "publisher", RELIABLE),
    ],
)
def test_qos_of_an_endpoint_can_be_overridden(
    node: str, topic: str, kind: str, before: ReliabilityPolicy, processes: Processes,
    observer: Observer, checkpoint: Path,
) -> None:  # fmt: skip
    other = BEST_EFFORT if before is RELIABLE else RELIABLE
    more = {"autostart": True, "checkpoint": checkpoint} if node == "policy" else {}
    override = f"qos_overrides.{topic}.{kind}.reliability"
    process = processes.start(MODULES[node], **more, **{override: other.name.lower()})
    wait_until(
        lambda: observer.reliability(node, topic, kind) is not None, 60.0, f"no {topic}", process
    )
    assert observer.reliability(node, topic, kind) is other


@pytest.mark.sim
@pytest.mark.parametrize("node", ["sim", "teleop", "record", "policy"])
def test_override_of_nothing_is_refused(node: str, processes: Processes, checkpoint: Path) -> None:
    more = {"autostart": True, "checkpoint": checkpoint} if node == "policy" else {}
    override = "qos_overrides./joint_stats.subscription.reliability"
    process = processes.start(MODULES[node], **more, **{override: "reliable"})
    assert process.wait_for_exit() == 1
    assert f"{override} changes nothing" in process.text


@pytest.mark.sim
@pytest.mark.slow
def test_every_node_has_diagnostics(
    processes: Processes, observer: Observer, checkpoint: Path, tmp_path: Path
) -> None:
    needs: dict[str, dict[str, object]] = {
        "policy": {"checkpoint": checkpoint},
        "evaluate": {"output_dir": tmp_path, "video_episodes": 0},
        # Their default robot needs messages of Interbotix, which PyPI lacks.
        "arm_bridge": {"robot_file": "trossen_ai"},
        "fake_lab": {"robot_file": "trossen_ai"},
        "keyboard": {"stdin": os.openpty()[1]},
        "keys": {"stdin": os.openpty()[1]},
        "replay": {"episode": make_episode(tmp_path, joint_names=load_robot("aloha_sim").columns)},
    }
    modules = {name: module for name, module in MODULES.items() if name not in DRIVERS}
    for name, module in modules.items():
        # In a namespace each: several of them would play the same robot's part.
        processes.start(module, "--ros-args", "-r", f"__ns:=/of_{name}", **needs.get(name, {}))
    names = {f"/of_{name}/{name}" for name in modules}
    wait_until(lambda: names <= set(observer.heard), 60.0, f"of {names} not all")
    assert "num_frames" in [v.key for v in observer.heard["/of_recorder/recorder"].values]
    assert observer.heard["/of_policy/policy"].level == DiagnosticStatus.OK


def test_what_is_missing_is_a_warning(processes: Processes, observer: Observer) -> None:
    processes.start(MODULES["teleop"])
    wait_until(lambda: "/teleop" in observer.heard, 30.0, "no diagnostics")
    status = observer.heard["/teleop"]
    assert status.level == DiagnosticStatus.WARN
    assert status.message.startswith("leader/joint_states: no sample yet")


@pytest.mark.parametrize("node", MODULES)
def test_help_lists_the_parameters(node: str, processes: Processes) -> None:
    process = processes.start(MODULES[node], "--help")
    assert process.wait_for_exit() == 0
    (params,) = [params_type for _, _, name, params_type in NODES if name == node]
    for parameter in params.__dataclass_fields__:
        assert f"  {parameter} " in process.text
    assert "--ros-args -p" in process.text
