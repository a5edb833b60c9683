# SPDX-License-Identifier: Apache-2.0
"""The recorder's subscriptions: messages in, rows of a matcher out."""

import time
from collections.abc import Callable

from rclpy.node import Node
from sensor_msgs.msg import JointState

from act_core.errors import ActError, ImageError, OtherJointsError
from act_core.observation import Missing, RawObservation
from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_core.ros.endpoints import subscription
from act_core.ros.messages.images import pixels_checker
from act_core.ros.messages.joints import read_vector
from act_core.ros.messages.stamps import to_ns
from act_core.ros.observation_input import ObservationInput
from act_core.ros.peers import has_publisher, wrong_type
from act_core.ros.stream_watch import StreamWatch
from act_core.streams.assembler import JOINTS, stream_name
from act_core.streams.input_bounds import ClockBounds
from act_recorder.recorder_params import RecorderParams
from act_recorder.rows.lockstep_matcher import LockstepMatcher
from act_recorder.rows.real_time_matcher import RealTimeMatcher
from act_recorder.rows.row_matcher import COMMANDS, RowMatcher
from act_recorder.rows.stream_meter import StreamMeter

OnRefused = Callable[[str, str], object]


class RecorderInput:
    """Feeds a row matcher from joint_states, joint_commands and the cameras.

    Args:
        node: to subscribe with.
        spec: the robot.
        params: of the node.
        on_row: called when a row may be whole: in lockstep after each sample, in real time at
            each control tick.

    Attributes:
        matcher: gives the rows.
        meter: counts what comes.
    """

    def __init__(
        self, node: Node, spec: RobotSpec, params: RecorderParams, on_row: Callable[[], None]
    ) -> None:
        self._node, self._spec = node, spec
        self._asked_ns = 0
        cameras, decode = [c.name for c in spec.cameras], pixels_checker(spec, self._refuse_image)
        self.matcher: RowMatcher
        if params.pace == "lockstep":
            self.matcher = LockstepMatcher(cameras, spec.period_ns, decode=decode)
            self._on_sample, profile = on_row, qos.LOCKSTEP
        else:
            gap_ns = round(params.max_gap_s * 1e9)
            self.matcher = RealTimeMatcher(cameras, spec.period_ns, params, gap_ns, decode=decode)
            self._on_sample, profile = _nothing, qos.IMAGES
            node.create_timer(1 / spec.rate_hz, on_row)
        assembler = self.matcher.assembler
        bounds = None if params.pace == "lockstep" else params
        self.meter = StreamMeter([JOINTS, COMMANDS, *map(stream_name, cameras)])
        self._watch = _MeteredWatch(node, bounds, assembler.refuse, self.meter)
        self._input = ObservationInput(
            node, spec, assembler, profile, self._watch, lambda _: self._on_sample()
        )
        subscription(node, JointState, COMMANDS, self._on_command, profile)

    def missing(self) -> str:
        """Return what the next row waits for, in words."""
        now_ns, before_ns = self._node.get_clock().now().nanoseconds, self._asked_ns
        self._asked_ns = now_ns
        row = self.matcher.look(now_ns)
        # Samples that go on while the clock stands look as if they were ahead of it.
        if isinstance(row, Missing) and now_ns != before_ns:
            return row.reason
        return "the next tick; does /clock stand still?"

    def fault(self) -> str:
        """Return what cannot be used of what comes, and will not mend itself; empty for nothing.

        That is another message type, encoding or size of images than the robot file names.
        """
        for topic, expected in self._input.message_types().items():
            if fault := wrong_type(self._node, topic, expected):
                return fault
        raw = self._newest()
        if isinstance(raw, Missing):
            return ""
        try:
            self.matcher.assembler.decoded(raw)
        except ImageError as error:
            return str(error)
        return ""

    def absent(self) -> str:
        """Return what has not come of joint states and images, in words; empty for nothing."""
        raw = self._newest()
        return raw.reason if isinstance(raw, Missing) else ""

    def _newest(self) -> RawObservation | Missing:
        return self.matcher.assembler.newest(self._node.get_clock().now().nanoseconds)

    def without_publisher(self) -> list[str]:
        """Return the topics that nobody publishes."""
        commands = [] if has_publisher(self._node, COMMANDS) else [COMMANDS]
        return [*self._input.without_publisher(), *commands]

    def _refuse_image(self, reason: str) -> None:
        self._node.get_logger().error(reason, throttle_duration_sec=1.0)

    def _on_command(self, message: JointState) -> None:
        try:
            command = read_vector(message, self._spec.command)
        except OtherJointsError as error:
            self._watch.ignore(COMMANDS, error)
            return
        except ActError as error:
            self._watch.refuse(COMMANDS, f"{COMMANDS} refused: {error}")
            return
        stamp_ns = to_ns(message.header.stamp)
        if self._watch.on_time(COMMANDS, stamp_ns):
            # The part before the process's own name: teleop/4711@host.
            kind = message.header.frame_id.split("/")[0]
            self.matcher.add_command(stamp_ns, command, kind)
            self._on_sample()


class _MeteredWatch(StreamWatch):
    """Counts each message before it looks at it."""

    def __init__(
        self, node: Node, bounds: ClockBounds | None, on_refused: OnRefused, meter: StreamMeter
    ) -> None:
        super().__init__(node, bounds, on_refused)
        self._meter = meter

    def on_time(self, stream: str, stamp_ns: int) -> bool:
        self._meter.see(stream, stamp_ns, time.monotonic())
        return super().on_time(stream, stamp_ns)


def _nothing() -> None:
    """Do nothing with a sample: the next tick looks for the newest."""
