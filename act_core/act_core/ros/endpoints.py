# SPDX-License-Identifier: Apache-2.0
"""Publishers and subscriptions whose quality of service parameters `qos_overrides` can change."""

from collections.abc import Callable
from copy import copy
from typing import Any

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

from act_core.errors import ParameterError, suggestion
from act_core.ros.peers import full_name

PREFIX = "qos_overrides."
_POLICIES = (
    QoSPolicyKind.HISTORY,
    QoSPolicyKind.DEPTH,
    QoSPolicyKind.DURABILITY,
    QoSPolicyKind.RELIABILITY,
)
FIT_S = 0.25


def publisher(node: Node, message_type: type, topic: str, profile: QoSProfile) -> Publisher:
    """Return a publisher; parameters `qos_overrides.<topic>.publisher.<policy>` win."""
    options = QoSOverridingOptions(_POLICIES)
    # A copy, here and below: rclpy writes the overrides into the profile.
    return node.create_publisher(
        message_type, topic, copy(profile), qos_overriding_options=options
    )


class FittingSubscription:
    """A subscription that hears whoever publishes: its reliability follows what is offered.

    A reliable subscription hears nothing of a best-effort publisher, and DDS says so to nobody.
    While one is among the publishers it is best effort, otherwise reliable. Where the profile
    asks for best effort, which hears both, or where `qos_overrides` name a reliability, it stays.

    Publishers come and go, so it looks four times a second; that costs 20 µs.

    Args:
        node: to subscribe with.
        message_type: of the topic.
        topic: name, relative to the node's namespace.
        callback: gets each message.
        profile: what to ask for; parameters `qos_overrides.<topic>.subscription.<policy>` win.
    """

    def __init__(
        self,
        node: Node,
        message_type: type,
        topic: str,
        callback: Callable[[Any], None],
        profile: QoSProfile,
    ) -> None:
        self._node, self._topic = node, topic
        self._message_type, self._callback = message_type, callback
        self._full_name = node.resolve_topic_name(topic)
        self._profile = copy(profile)
        self._subscription = self._subscribe(_POLICIES)
        asked = f"{PREFIX}{self._full_name}.subscription.reliability"
        reliable = self._profile.reliability is ReliabilityPolicy.RELIABLE
        self._timer = None
        if reliable and asked not in node._parameter_overrides:
            steady = Clock(clock_type=ClockType.STEADY_TIME)
            self._timer = node.create_timer(FIT_S, self._fit, clock=steady)

    def destroy(self) -> None:
        """Hear nothing more."""
        if self._timer is not None:
            self._node.destroy_timer(self._timer)
        self._node.destroy_subscription(self._subscription)

    def _subscribe(self, overridable: tuple[QoSPolicyKind, ...]) -> Any:
        return self._node.create_subscription(
            self._message_type, self._topic, self._callback, self._profile,
            qos_overriding_options=QoSOverridingOptions(overridable),
            # None of rclpy's own: they say that nothing will be received when `_fit` is about to
            # see to that, and one under way ends the process when its subscription goes.
            event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False),
        )  # fmt: skip

    def _fit(self) -> None:
        """Ask for what is offered."""
        offered: dict[ReliabilityPolicy, list[str]] = {}
        for info in self._node.get_publishers_info_by_topic(self._full_name):
            offered.setdefault(info.qos_profile.reliability, []).append(full_name(info))
        loose = offered.get(ReliabilityPolicy.BEST_EFFORT, [])
        fitting = ReliabilityPolicy.BEST_EFFORT if loose else ReliabilityPolicy.RELIABLE
        if not offered or fitting is self._profile.reliability:
            return
        self._profile.reliability = fitting
        self._node.destroy_subscription(self._subscription)
        self._subscription = self._subscribe(_POLICIES[:-1])
        text = f"{self._topic}: received reliably, as it is offered"
        if loose:
            text = (
                f"{self._topic}: received as best effort, since {', '.join(loose)} offers no more"
            )
        if len(offered) > 1:
            text += "; its other publishers would send reliably"
        self._node.get_logger().info(text)


def subscription(
    node: Node,
    message_type: type,
    topic: str,
    callback: Callable[[Any], None],
    profile: QoSProfile,
) -> FittingSubscription:
    """Return a subscription that fits its publishers; the arguments are its own."""
    return FittingSubscription(node, message_type, topic, callback, profile)


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
