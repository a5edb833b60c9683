# SPDX-License-Identifier: Apache-2.0
"""What the policy node tells about itself."""

import time
from collections import deque
from collections.abc import Callable

from builtin_interfaces.msg import Duration
from rclpy.publisher import Publisher

from act_core.robot.robot_spec import RobotSpec
from act_core.ros.stamps import NS_PER_S, to_stamp
from act_interfaces.msg import ActionChunk, PolicyStatus
from act_policy.driving.chunk_broker import Command
from act_policy.inference.wire import Reply

PERIOD_S = 0.5


def chunk_message(reply: Reply, spec: RobotSpec) -> ActionChunk:
    """Return a prediction as a message, in the units of joint_commands."""
    assert reply.chunk is not None
    raw = reply.chunk.astype(float) * spec.command.span + spec.command.zero
    message = ActionChunk(
        joint_names=list(spec.command.names), num_steps=len(raw), positions=raw.ravel().tolist()
    )
    message.header.stamp = to_stamp(reply.stamp_ns)
    message.step = Duration(sec=spec.period_ns // NS_PER_S, nanosec=spec.period_ns % NS_PER_S)
    return message


class PolicyReport:
    """Keeps the status message and publishes it twice a second and at every change of state."""

    def __init__(self, publisher: Publisher, say: Callable[[str], object]) -> None:
        """Begin as inactive; `say` gets a line when driving begins."""
        self._publisher, self._say = publisher, say
        self._has_driven = False
        self._status = PolicyStatus(state=PolicyStatus.INACTIVE)
        self._sent_at_s = 0.0
        self._command_times_s: deque[float] = deque(maxlen=50)

    @property
    def state(self) -> int:
        """The present state, a constant of PolicyStatus."""
        return int(self._status.state)

    def change(self, state: int, message: str) -> None:
        """Enter a state; published at once when the state differs from the one before."""
        changed = state != self._status.state
        self._status.state, self._status.message = state, message
        if not changed:
            return
        self._publish()
        if state == PolicyStatus.DRIVING:
            self._say("driving again" if self._has_driven else "driving")
            self._has_driven = True

    def driving(self, time_ns: int, command: Command) -> None:
        """Note a command that was sent."""
        now_s = time.monotonic()
        self._command_times_s.append(now_s)
        elapsed_s = now_s - self._command_times_s[0]
        status, blend = self._status, command.blend
        status.header.stamp = to_stamp(time_ns)
        status.rate_hz = (len(self._command_times_s) - 1) / elapsed_s if elapsed_s else 0.0
        status.chunk_age_s = (time_ns - blend.newest_ns) / 1e9
        status.spread = float(blend.spread.max())
        status.chunks_in_use = blend.count
        self.change(PolicyStatus.DRIVING, "")

    def inference(self, duration_s: float) -> None:
        """Note how long an inference took."""
        self._status.inference_ms = 1000 * duration_s

    def reject(self) -> None:
        """Count an observation or prediction that was refused."""
        self._status.rejected += 1

    def publish_if_due(self) -> None:
        """Publish if the last time is half a second ago."""
        if time.monotonic() - self._sent_at_s >= PERIOD_S:
            self._publish()

    def _publish(self) -> None:
        self._sent_at_s = time.monotonic()
        self._publisher.publish(self._status)
