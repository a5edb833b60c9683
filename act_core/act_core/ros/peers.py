# SPDX-License-Identifier: Apache-2.0
"""Who else is on a topic, for messages to people."""

from rclpy.node import Node


def publisher_names(node: Node, topic: str) -> list[str]:
    """Return the full names of the nodes that publish `topic`, sorted.

    Discovery keeps a killed process for up to its lease (about 10 s), so an entry is no proof
    of life.
    """
    infos = node.get_publishers_info_by_topic(node.resolve_topic_name(topic))
    return sorted(f"{i.node_namespace.rstrip('/')}/{i.node_name}" for i in infos)


def rival_names(node: Node, topic: str) -> list[str]:
    """Return the full names of the other nodes that publish `topic`, sorted."""
    own = node.get_fully_qualified_name()
    return [name for name in publisher_names(node, topic) if name != own]
