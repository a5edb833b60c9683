# SPDX-License-Identifier: Apache-2.0
import pytest

pytest.importorskip("rclpy")

from rclpy.qos import QoSProfile, ReliabilityPolicy  # noqa: E402
from ros_bench import RosBench  # noqa: E402
from sensor_msgs.msg import JointState  # noqa: E402

from act_core.ros.endpoints import publisher, subscription  # noqa: E402

pytestmark = pytest.mark.ros

RELIABLE = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)
BEST_EFFORT = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)


@pytest.fixture
def bench():
    made = RosBench()
    yield made
    made.close()


def _talker(bench, name, profile):
    """A node that says its name a hundred times a second."""
    node = bench.node(name)
    out = node.create_publisher(JointState, "words", profile)
    node.create_timer(0.01, lambda: out.publish(JointState(name=[name])))
    return node


def _asked_for(listener):
    infos = listener.get_subscriptions_info_by_topic("/words")
    return [info.qos_profile.reliability for info in infos]


def test_a_subscription_follows_publishers_that_come_go_and_change(bench):
    listener, heard = bench.node("listener"), set()
    subscription(listener, JointState, "words", lambda m: heard.update(m.name), RELIABLE)
    loose = _talker(bench, "loose", BEST_EFFORT)
    bench.spin_until(lambda: "loose" in heard, "nothing of a best-effort publisher")
    _talker(bench, "firm", RELIABLE)
    bench.spin_until(lambda: "firm" in heard, "nothing of a second, reliable publisher")
    heard.clear()
    bench.spin_until(lambda: heard == {"loose", "firm"}, "not both")
    bench.drop(loose)
    bench.spin_until(
        lambda: _asked_for(listener) == [ReliabilityPolicy.RELIABLE], "still best effort"
    )
    heard.clear()
    bench.spin_until(lambda: "firm" in heard, "nothing of the reliable publisher that is left")


def test_overrides_win_over_what_is_offered(bench):
    override = {"qos_overrides./words.subscription.reliability": "reliable"}
    listener, other, heard, free = bench.node("strict", **override), bench.node("free"), [], []
    subscription(listener, JointState, "words", heard.append, RELIABLE)
    subscription(other, JointState, "words", free.append, RELIABLE)
    _talker(bench, "loose", BEST_EFFORT)
    bench.spin_until(lambda: len(free) > 20, "nothing for the one without overrides")
    assert heard == []


def test_an_override_of_one_topic_leaves_others_with_the_same_profile_alone(bench):
    node = bench.node("n", **{"qos_overrides./words.publisher.reliability": "best_effort"})
    for topic in ("words", "others"):
        publisher(node, JointState, topic, RELIABLE)
    (info,) = node.get_publishers_info_by_topic("/others")
    assert info.qos_profile.reliability is ReliabilityPolicy.RELIABLE
    assert RELIABLE.reliability is ReliabilityPolicy.RELIABLE
