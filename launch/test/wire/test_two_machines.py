# SPDX-License-Identifier: Apache-2.0
"""Arms, leaders and cameras on one machine, the rest on another: two network namespaces."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import Processes

from act_core.robot.robot_file import shipped_robots

pytestmark = [
    pytest.mark.ros,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        os.geteuid() != 0 or None in (shutil.which("ip"), shutil.which("nsenter")),
        reason="needs root, iproute2 and util-linux to make network namespaces",
    ),
]
ROBOT = "ros2_control_arm"
RAW_BYTES_PER_S = 120 * 160 * 3 * 50  # of the simulated robot's camera
# Each machine has its shared memory for itself, as two machines have.
ISOLATED = "mount -t tmpfs -o size=512m tmpfs /dev/shm && echo ready && exec sleep infinity"


class Machine:
    """A network namespace at one end of a cable, where processes are started."""

    def __init__(self, name: str, link: str, processes: Processes) -> None:
        self.name, self.link = name, link
        self._processes = processes
        # It keeps the shared memory that all processes of this machine have in common.
        self._keeper = subprocess.Popen(
            ["ip", "netns", "exec", name, "unshare", "-m", "bash", "-c", ISOLATED],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._keeper.stdout is not None
        assert self._keeper.stdout.readline() == "ready\n"
        self._enter = ["nsenter", "-t", str(self._keeper.pid), "-n", "-m", "--"]

    def end(self) -> None:
        """Switch it off; its processes have ended."""
        self._keeper.kill()
        self._keeper.wait()

    def cable(self, state: str) -> None:
        """Plug the cable in (`up`) or pull it (`down`)."""
        subprocess.run(["ip", "-n", self.name, "link", "set", self.link, state], check=True)

    def received(self) -> int:
        """Return the bytes that have come over the cable."""
        command = ["ip", "netns", "exec", self.name, "cat", "/proc/net/dev"]
        counters = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        (line,) = (row for row in counters.splitlines() if f"{self.link}:" in row)
        return int(line.split(":")[1].split()[0])

    def start(self, module: str, *arguments: str, **params: object):
        return self._processes.start(module, *arguments, prefix=self._enter, **params)


@pytest.fixture
def machines(processes: Processes) -> Iterator[tuple[Machine, Machine]]:
    names = [f"act_{os.getpid()}_{side}" for side in "ab"]
    links = [f"act{os.getpid()}{side}" for side in "ab"]
    found: list[Machine] = []

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True)

    try:
        for name in names:
            ip("netns", "add", name)
        ip("link", "add", links[0], "type", "veth", "peer", "name", links[1])
        for number, (name, link) in enumerate(zip(names, links, strict=True), start=1):
            ip("link", "set", link, "netns", name)
            ip("-n", name, "address", "add", f"10.99.0.{number}/24", "dev", link)
            for up in ("lo", link):
                ip("-n", name, "link", "set", up, "up")
            ip("-n", name, "route", "add", "239.0.0.0/8", "dev", link)  # multicast: discovery
        for ends in zip(names, links, strict=True):
            found.append(Machine(*ends, processes))
        yield found[0], found[1]
    finally:
        processes.close()
        for machine in found:
            machine.end()
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False)


def test_across_the_network_all_arrives_once_the_discovery_range_allows_it(
    machines: tuple[Machine, Machine], processes: Processes, tmp_path: Path
) -> None:
    robot_side, operator_side = machines
    path = tmp_path / "compressed.yaml"
    path.write_text(re.sub(
        r"{name: (front|wrist),", r"{name: \1, transport: compressed, topic: \1/compressed,",
        shipped_robots()[ROBOT],
    ))  # fmt: skip
    processes.environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "SUBNET"
    lab = robot_side.start("act_teleop.rehearsal.fake_lab_node", robot_file=path)
    lab.wait_for("plays the lab")
    check = operator_side.start("act_teleop.robot_check.robot_check_node", robot_file=path)
    assert check.wait_for_exit() == 0, check.text
    rates = [int(rate) for rate in re.findall(r"camera '\w+' .* · (\d+) Hz", check.text)]
    assert len(rates) == 2
    assert min(rates) > 20, check.text  # of 30; raw images of this size lose two thirds

    teleop = operator_side.start(
        "act_teleop.teleop_node", robot_file=path, engage="auto", input_timeout_s=1.0
    )
    teleop.wait_for("following the leader")

    processes.environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    check = operator_side.start("act_teleop.robot_check.robot_check_node", robot_file=path)
    assert check.wait_for_exit() == 1
    assert "6 of 6 topics are not as the file says" in check.text
    assert "ROS_AUTOMATIC_DISCOVERY_RANGE is LOCALHOST" in check.text


def test_a_policy_on_another_machine_drives_and_the_robots_side_holds_when_the_cable_is_pulled(
    machines: tuple[Machine, Machine], processes: Processes, checkpoint: Path, tmp_path: Path
) -> None:
    robot_side, policy_side = machines
    processes.environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "SUBNET"
    sim = robot_side.start("act_sim.sim_node", pace="realtime", hold_after_s=0.5)
    sim.wait_for("robot aloha_sim")
    policy = policy_side.start(
        "act_policy.policy_node", checkpoint=checkpoint, autostart=True, use_sim_time=True,
        resume="auto", max_age_s=1.0, max_skew_s=1.0,
    )  # fmt: skip
    score = robot_side.start(
        "act_sim.evaluation.evaluate", episodes=2, video_episodes=0, output_dir=tmp_path
    )
    score.wait_for("rollout 1/2")
    before, began_s = policy_side.received(), time.monotonic()
    score.wait_for("rollout 2/2")
    per_s = (policy_side.received() - before) / (time.monotonic() - began_s)
    assert 0.5 * RAW_BYTES_PER_S < per_s < 2 * RAW_BYTES_PER_S
    assert score.wait_for_exit() == 0
    run = json.loads((tmp_path / "results.json").read_text())["policy_run"]
    assert run["commands"] > 400
    assert run["holds"] == []

    sim.forget()
    robot_side.cable("down")
    sim.wait_for(re.compile(r"nothing from policy/\S+ for [0-9.]+ s .*the last command is kept"))
    policy.wait_for("nothing for 1.")
    robot_side.cable("up")
    policy.forget()
    policy.wait_for("driving again")
