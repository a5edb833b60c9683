# SPDX-License-Identifier: Apache-2.0
"""The Fast DDS profile: what it is there to prevent, provoked between two processes."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from spun_node import SpunNode
from std_msgs.msg import UInt32

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(60)]

# Transient local, so that the first message arrives whenever the two have found each other.
RELIABLE = QoSProfile(
    reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL, depth=2000
)
# More than the 512 that a reader's shared-memory port holds: the rest is lost on the way.
LAST = 1500

READER = f"""
import sys, rclpy
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import UInt32

rclpy.init(domain_id=int(sys.argv[1]))
node = rclpy.create_node("reader")
qos = QoSProfile(
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
    depth={RELIABLE.depth},
)
tell = lambda m: m.data in (0, {LAST}) and print(m.data, flush=True)
node.create_subscription(UInt32, "count", tell, qos)
rclpy.spin(node)
"""


@pytest.fixture
def writer(domain: int) -> Iterator[Node]:
    node = SpunNode("writer", domain)
    node.start()
    yield node
    node.close()


@pytest.fixture
def reader(domain: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", READER, str(domain)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def _number(reader: subprocess.Popen[str]) -> int:
    """Return the next number that the reader tells; Fast DDS complains on the same pipe."""
    assert reader.stdout is not None
    return next(int(line) for line in reader.stdout if line.strip().isdigit())


def test_a_lost_message_comes_back_at_once(writer: Node, reader: subprocess.Popen[str]):
    publisher = writer.create_publisher(UInt32, "count", RELIABLE)
    publisher.publish(UInt32(data=0))
    assert _number(reader) == 0
    reader.send_signal(signal.SIGSTOP)
    for number in range(1, LAST + 1):
        publisher.publish(UInt32(data=number))
    woken = time.monotonic()
    reader.send_signal(signal.SIGCONT)
    assert _number(reader) == LAST
    assert time.monotonic() - woken < 1.0, "with Fast DDS's own heartbeats it takes up to 3 s"


def test_a_node_that_was_missed_at_its_start_is_found_soon(
    domain: int, reader: subprocess.Popen[str]
):
    assert reader.poll() is None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as latecomer:
        # Where the 31st participant of the domain on this machine would be told of the others
        # (RTPS 2.2, 9.6.1.1); 1 s after its start a node has ended its first announcements.
        latecomer.bind(("127.0.0.1", 7400 + 250 * domain + 10 + 2 * 30))
        latecomer.settimeout(30.0)
        latecomer.recv(65536)
        _announcements(latecomer, 1.0)
        assert _announcements(latecomer, 2.0) >= 3, "every 0.5 s, not Fast DDS's 3 s"


def _announcements(latecomer: socket.socket, duration_s: float) -> int:
    count, end_s = 0, time.monotonic() + duration_s
    while (left_s := end_s - time.monotonic()) > 0:
        latecomer.settimeout(left_s)
        try:
            latecomer.recv(65536)
        except TimeoutError:
            break
        count += 1
    return count
