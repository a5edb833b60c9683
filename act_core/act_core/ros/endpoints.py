# SPDX-License-Identifier: Apache-2.0
"""Publishers and subscriptions whose quality of service parameters `qos_overrides` can change."""

from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSPolicyKind, QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription

from act_core.errors import ParameterError, suggestion

PREFIX = "qos_overrides."
_POLICIES = (
    QoSPolicyKind.HISTORY,
    QoSPolicyKind.DEPTH,
    QoSPolicyKind.RELIABILITY,
    QoSPolicyKind.DURABILITY,
)


def publisher(node: Node, message_type: type, topic: str, profile: QoSProfile) -> Publisher:
    """Return a publisher; parameters `qos_overrides.<topic>.publisher.<policy>` win."""
    options = QoSOverridingOptions(_POLICIES)
    return node.create_publisher(message_type, topic, profile, qos_overriding_options=options)


def subscription(
    node: Node,
    message_type: type,
    topic: str,
    callback: Callable[[Any], None],
    profile: QoSProfile,
) -> Subscription:
    """Return a subscription; parameters `qos_overrides.<topic>.subscription.<policy>` win."""
    options = QoSOverridingOptions(_POLICIES)
    return node.create_subscription(
        message_type, topic, callback, profile, qos_overriding_options=options
    )


def check_overrides(node: Node) -> None:
    """Refuse overrides that no endpoint of `node` has taken; to be asked once all are made.

    Raises:
        ParameterError: names the override and those there are.
    """
    given = [name for name in node._parameter_overrides if name.startswith(PREFIX)]
    for name in given:
        if not node.has_parameter(name):
            known = list(node.get_parameters_by_prefix(PREFIX[:-1]))
            word = name.removeprefix(PREFIX)
            raise ParameterError(
                f"node '{node.get_name()}': {name} changes nothing{suggestion(word, known)}"
            )
