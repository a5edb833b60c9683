# SPDX-License-Identifier: Apache-2.0
"""Who else is on a topic, for messages to people and against two systems in one."""

import os
import time
from collections.abc import Sequence

from rclpy.node import Node
from rclpy.topic_endpoint_info import TopicEndpointInfo

from act_core.errors import ActError

# What the middleware calls a node of which it knows an endpoint before its name.
_UNKNOWN = "_NODE_NAME_UNKNOWN_"
_DISCOVERED_LATER = "(being discovered)"


def full_name(info: TopicEndpointInfo) -> str:
    """Return the full name of the node that an endpoint belongs to."""
    name = f"{info.node_namespace.rstrip('/')}/{info.node_name}"
    return _DISCOVERED_LATER if _UNKNOWN in name else name


def publisher_names(node: Node, topic: str) -> list[str]:
    """Return the full names of the nodes that publish `topic`, sorted.

    Discovery keeps a killed process for up to its lease (about 10 s), so an entry is no proof
    of life.
    """
    return sorted(
        map(full_name, node.get_publishers_info_by_topic(node.resolve_topic_name(topic)))
    )


def has_publisher(node: Node, topic: str) -> bool:
    """Tell whether somebody publishes `topic`."""
    return bool(node.count_publishers(node.resolve_topic_name(topic)))


def wrong_type(node: Node, topic: str, expected: type) -> str:
    """Return in words that `topic` is published as other messages than `expected`, or ""."""
    infos = node.get_publishers_info_by_topic(node.resolve_topic_name(topic))
    types = sorted({info.topic_type for info in infos})
    name = f"{expected.__module__.split('.')[0]}/msg/{expected.__name__}"
    if not types or name in types:
        return ""
    return (
        f"{topic} is published as {', '.join(types)}, expected {name}; the robot file's topic and "
        "transport say what is expected"
    )


def check_single_publishers(
    node: Node, topics: Sequence[str], *, named_within_s: float = 0.0
) -> None:
    """Check that no topic has two publishers, as where two systems run in one ROS domain.

    Args:
        node: that looks.
        topics: of one publisher each.
        named_within_s: how long to wait for the names of two; for scripts, nodes go on.

    Raises:
        ActError: names the topic, its publishers and what to do; a reader would mix both.
    """
    for topic in topics:
        names = publisher_names(node, topic)
        until_s = time.monotonic() + named_within_s
        while len(names) > 1 and _DISCOVERED_LATER in names and time.monotonic() < until_s:
            time.sleep(0.02)  # the middleware's own thread learns the names, which help people
            names = publisher_names(node, topic)
        if len(names) > 1:
            raise ActError(
                f"{topic} has {len(names)} publishers ({', '.join(names)}), expected one; is "
                f"another system running? End it, or give each a ROS_DOMAIN_ID of its own (here "
                f"{os.environ.get('ROS_DOMAIN_ID', '0')})"
            )
