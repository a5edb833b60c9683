# SPDX-License-Identifier: Apache-2.0
"""Arms, leaders and cameras on one machine, the rest on another: two network namespaces."""

import os
import re
import shutil
import subprocess
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
        os.geteuid() != 0 or shutil.which("ip") is None,
        reason="needs root and iproute2 to make network namespaces",
    ),
]
ROBOT = "ros2_control_arm"
# Each machine has its shared memory for itself, as two machines have.
ISOLATED = 'mount -t tmpfs -o size=512m tmpfs /dev/shm && exec "$@"'


class Machine:
    """A network namespace at one end of a cable, where processes are started."""

    def __init__(self, name: str, processes: Processes) -> None:
        self._enter = ["ip", "netns", "exec", name, "unshare", "-m", "bash", "-c", ISOLATED, "_"]
        self._processes = processes

    def start(self, module: str, *arguments: str, **params: object):
        return self._processes.start(module, *arguments, prefix=self._enter, **params)


@pytest.fixture
def machines(processes: Processes) -> Iterator[tuple[Machine, Machine]]:
    names = [f"act_{os.getpid()}_{side}" for side in "ab"]
    links = [f"act{os.getpid()}{side}" for side in "ab"]

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
        yield Machine(names[0], processes), Machine(names[1], processes)
    finally:
        processes.close()
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
