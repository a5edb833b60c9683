# SPDX-License-Identifier: Apache-2.0
"""The policy node as beside a real robot: transitions by hand, holds that wait for a person."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from processes import Process, Processes, wait_until
from rclpy.client import Client
from sensor_msgs.msg import JointState
from spun_node import SpunNode
from std_srvs.srv import Trigger

from act_core.ros import qos
from act_policy.inference.engine_names import ENGINES

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.slow, pytest.mark.timeout(300)]


class Operator(SpunNode):
    """Calls the policy's services and counts what it commands."""

    def __init__(self, domain: int):
        super().__init__("operator", domain)
        self.commands = 0
        self.create_subscription(JointState, "joint_commands", self._count, qos.COMMANDS)
        self._transitions = self.create_client(ChangeState, "policy/change_state")
        self._resume = self.create_client(Trigger, "policy/resume")
        self._run_report = self.create_client(Trigger, "policy/run_report")
        self.start()

    def _count(self, _: JointState) -> None:
        self.commands += 1

    def change(self, transition: int) -> bool:
        request = ChangeState.Request(transition=Transition(id=transition))
        return bool(self._call(self._transitions, request).success)

    def resume(self) -> Trigger.Response:
        return self._call(self._resume, Trigger.Request())

    def run_report(self) -> Trigger.Response:
        return self._call(self._run_report, Trigger.Request())

    def commands_in(self, duration_s: float) -> int:
        before = self.commands
        time.sleep(duration_s)
        return self.commands - before

    def wait_for_commands(self) -> None:
        before = self.commands
        wait_until(lambda: self.commands > before + 5, 30.0, "no commands")

    def _call(self, client: Client, request: Any) -> Any:
        assert client.wait_for_service(60.0)
        future = client.call_async(request)
        wait_until(future.done, 60.0, f"{client.srv_name}: no answer")
        return future.result()


@pytest.fixture
def operator(domain: int) -> Iterator[Operator]:
    node = Operator(domain)
    yield node
    node.close()


def _start(
    processes: Processes, checkpoint: Path, pace: str, **parameters: object
) -> tuple[Process, Process]:
    sim = processes.start("act_sim.sim_node", pace=pace, reset_on_start=True,
                          command_timeout_s=60.0)  # fmt: skip
    policy = processes.start(
        "act_policy.policy_node", pace=pace, checkpoint=checkpoint, ensemble="none",
        query_interval_ticks=0, use_sim_time=True, max_age_s=1.0, max_skew_s=1.0, **parameters,
    )  # fmt: skip
    sim.wait_for("robot aloha_sim")
    return sim, policy


def _workers(policy: Process) -> list[psutil.Process]:
    children = psutil.Process(policy.popen.pid).children()
    return [c for c in children if "act_policy.inference.worker" in c.cmdline()]


def test_a_run_is_reported_on_request_and_when_it_ends(
    processes: Processes, checkpoint: Path, operator: Operator, tmp_path: Path
) -> None:
    file = tmp_path / "run.json"
    _, policy = _start(processes, checkpoint, "realtime", run_report_file=file)
    assert operator.change(Transition.TRANSITION_CONFIGURE)
    none_yet = operator.run_report()
    assert (none_yet.success, none_yet.message) == (False, "no run in progress")
    assert operator.change(Transition.TRANSITION_ACTIVATE)
    operator.wait_for_commands()
    asked = operator.run_report()
    assert asked.success
    assert operator.change(Transition.TRANSITION_DEACTIVATE)
    policy.wait_for("s of it driving")
    report, so_far = json.loads(file.read_text()), json.loads(asked.message)
    assert 5 < so_far["commands"] <= report["commands"]
    assert so_far["duration_s"] < report["duration_s"]
    assert 0 < report["inference_p50_ms"] <= report["inference_p95_ms"]
    assert 30 < report["rate_hz"] < 70
    assert report["holds"] == []
    assert report["policy"].startswith(f"checkpoint {checkpoint} (step ")
    assert report["engine"] in ENGINES[1:]  # not auto: which of them it was
    assert not operator.run_report().success
    assert policy.stop() == 0


def test_an_engine_that_is_too_far_off_says_so_and_torch_drives(
    processes: Processes, checkpoint: Path, operator: Operator
) -> None:
    _, policy = _start(processes, checkpoint, "realtime", engine="openvino", engine_tolerance=0.0)
    assert operator.change(Transition.TRANSITION_CONFIGURE)
    policy.wait_for("on cpu by openvino, cameras top")
    assert operator.change(Transition.TRANSITION_ACTIVATE)
    policy.wait_for("at most, more than engine_tolerance 0: torch takes over")
    operator.wait_for_commands()
    assert policy.stop() == 0


def test_it_commands_while_active_and_only_then(
    processes: Processes, checkpoint: Path, operator: Operator
) -> None:
    _, policy = _start(processes, checkpoint, "realtime")
    for _ in range(2):  # the second time shows that cleanup left nothing behind
        assert operator.change(Transition.TRANSITION_CONFIGURE)
        assert len(_workers(policy)) == 1
        assert operator.commands_in(0.5) == 0
        assert operator.change(Transition.TRANSITION_ACTIVATE)
        operator.wait_for_commands()
        assert operator.count_publishers("joint_commands") == 1
        assert operator.count_subscribers("joint_states") == 1
        assert operator.commands_in(1.0) <= 75  # 50 a second and not 100; the rest is jitter
        assert operator.change(Transition.TRANSITION_DEACTIVATE)
        time.sleep(0.1)
        assert operator.commands_in(0.5) == 0
        assert operator.change(Transition.TRANSITION_CLEANUP)
        assert _workers(policy) == []
    assert operator.change(Transition.TRANSITION_CONFIGURE)
    assert operator.change(Transition.TRANSITION_ACTIVATE)
    operator.wait_for_commands()
    assert operator.change(Transition.TRANSITION_ACTIVE_SHUTDOWN)
    time.sleep(0.1)
    assert operator.commands_in(0.5) == 0
    assert _workers(policy) == []
    assert policy.stop() == 0


def test_it_does_not_activate_beside_another_node(
    processes: Processes, checkpoint: Path, operator: Operator
) -> None:
    _, policy = _start(processes, checkpoint, "realtime")
    rival = operator.create_publisher(JointState, "joint_commands", qos.COMMANDS)
    assert operator.change(Transition.TRANSITION_CONFIGURE)
    still = JointState()
    still.header.frame_id = "operator"
    speaking = operator.create_timer(0.05, lambda: rival.publish(still))
    time.sleep(0.2)  # to be heard; a publisher that is silent is no rival
    assert not operator.change(Transition.TRANSITION_ACTIVATE)
    assert "operator commands; stop it first" in policy.text
    operator.destroy_timer(speaking)
    wait_until(
        lambda: operator.change(Transition.TRANSITION_ACTIVATE), 30.0, "still refused", policy
    )
    operator.wait_for_commands()
    assert policy.stop() == 0


def test_a_hold_waits_for_a_person(
    processes: Processes, checkpoint: Path, operator: Operator
) -> None:
    sim, policy = _start(processes, checkpoint, "realtime")
    assert operator.change(Transition.TRANSITION_CONFIGURE)
    assert operator.resume().message == "nothing is on hold"
    assert operator.change(Transition.TRANSITION_ACTIVATE)
    operator.wait_for_commands()
    sim.popen.send_signal(signal.SIGSTOP)
    policy.wait_for("holding; call ~/resume to go on")
    time.sleep(1.2)
    sim.popen.send_signal(signal.SIGCONT)
    time.sleep(1.0)
    assert operator.commands_in(1.0) == 0
    answer = operator.resume()
    assert (answer.success, answer.message) == (True, "going on")
    operator.wait_for_commands()


def test_a_person_cannot_resume_what_is_still_missing(
    processes: Processes, checkpoint: Path, operator: Operator
) -> None:
    sim, policy = _start(processes, checkpoint, "realtime")
    assert operator.change(Transition.TRANSITION_CONFIGURE)
    assert operator.change(Transition.TRANSITION_ACTIVATE)
    operator.wait_for_commands()
    sim.popen.send_signal(signal.SIGSTOP)
    policy.wait_for("holding; call ~/resume to go on")
    answer = operator.resume()
    assert not answer.success
    assert answer.message.startswith("still on hold: joint_states: nothing for")
    sim.popen.send_signal(signal.SIGCONT)
    time.sleep(1.0)
    assert operator.commands_in(0.5) == 0


def test_deactivation_in_the_midst_of_an_inference_is_survived(
    processes: Processes, checkpoint: Path, operator: Operator
) -> None:
    sim, policy = _start(processes, checkpoint, "lockstep")
    assert operator.change(Transition.TRANSITION_CONFIGURE)
    for pause_s in (0.0, 0.005, 0.01, 0.02, 0.05, 0.1):
        assert operator.change(Transition.TRANSITION_ACTIVATE)
        time.sleep(pause_s)
        assert operator.change(Transition.TRANSITION_DEACTIVATE)
    assert operator.change(Transition.TRANSITION_ACTIVATE)
    operator.wait_for_commands()
    assert policy.stop() == 0
    assert sim.stop() == 0
