# SPDX-License-Identifier: Apache-2.0
"""Times as integer nanoseconds and as messages."""

from builtin_interfaces.msg import Time

NS_PER_S = 1_000_000_000


def to_ns(stamp: Time) -> int:
    """Return the message's time in ns."""
    return int(stamp.sec) * NS_PER_S + int(stamp.nanosec)


def to_stamp(time_ns: int) -> Time:
    """Return `time_ns` as a message."""
    return Time(sec=time_ns // NS_PER_S, nanosec=time_ns % NS_PER_S)
