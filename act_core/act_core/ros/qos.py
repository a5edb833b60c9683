# SPDX-License-Identifier: Apache-2.0
"""Quality of service of every topic of the suite, in one place.

Why these: docs/reference/ros_interfaces.md. In short: what is recorded must not be dropped, and
the depth has to cover the longest stall of the reader, since DDS reports no loss that the
reader's own queue caused.
"""

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy


def _reliable(depth: int) -> QoSProfile:
    return QoSProfile(
        reliability=ReliabilityPolicy.RELIABLE, history=HistoryPolicy.KEEP_LAST, depth=depth
    )


# One second at 50 Hz.
IMAGES = _reliable(50)
JOINT_STATES = _reliable(50)
COMMANDS = _reliable(10)
CHUNKS = _reliable(10)
JOY = _reliable(10)  # as joy_node publishes
MARKERS = _reliable(1)
# For control only the newest counts; compatible with drivers that offer best effort.
NEWEST_ONLY = QoSProfile(
    reliability=ReliabilityPolicy.BEST_EFFORT, history=HistoryPolicy.KEEP_LAST, depth=1
)
# In lockstep nothing may be lost: the reader's queue covers a whole episode.
LOCKSTEP = _reliable(500)
TASK_STATE = QoSProfile(
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
    history=HistoryPolicy.KEEP_LAST,
    depth=50,
)
STATUS = QoSProfile(
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
    history=HistoryPolicy.KEEP_LAST,
    depth=1,
)
# As rclpy's own time source subscribes.
CLOCK = QoSProfile(
    reliability=ReliabilityPolicy.BEST_EFFORT, history=HistoryPolicy.KEEP_LAST, depth=1
)
DIAGNOSTICS = _reliable(1)
