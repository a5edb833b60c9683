# SPDX-License-Identifier: Apache-2.0
"""Rows of a recording, by the recorder's own rules on the recording's time line."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_core.errors import ActError, EpisodeError, OtherJointsError
from act_core.observation import Missing
from act_core.robot.motion_watch import MotionWatch
from act_core.robot.robot_spec import RobotSpec
from act_core.robot.stream_joiner import Joints, StreamJoiner
from act_core.ros.messages.command_formats import read_command
from act_core.ros.messages.joints import read_joints, read_sample, read_vector, write_joints
from act_core.ros.messages.stamps import to_ns
from act_core.streams.assembler import JOINTS, Decoder, stream_name
from act_core.streams.input_bounds import InputBounds
from act_core.streams.stream_clock import StreamClock
from act_recorder.dataset.formats.rosbag.bag_topics import CLOCK_TOPIC, BagTopics
from act_recorder.dataset.formats.source import MAX_GAP_S
from act_recorder.rows.frame_counter import FrameCounter
from act_recorder.rows.real_time_matcher import RealTimeMatcher
from act_recorder.rows.row_matcher import COMMANDS, GapError, Row

LEADER_SOURCE, CONTROLLER_SOURCE = "leader", "controller"
# As the arm bridge has it by default.
MAX_ARM_SKEW_S = 0.05
YEAR_2000_NS = 946_684_800 * 10**9

Messages = Iterable[tuple[str, int, Any]]


@dataclass(frozen=True)
class RowRules:
    """Bounds of the recorder and of the arm bridge, with their defaults.

    Attributes:
        bounds: how old and how far apart samples may be.
        max_gap_s: longest time between two rows.
        max_arm_skew_s: largest time between the arms' samples that are joined.
    """

    bounds: InputBounds = InputBounds()
    max_gap_s: float = MAX_GAP_S
    max_arm_skew_s: float = MAX_ARM_SKEW_S


class BagRows:
    """Plays a recording to the recorder's matcher and asks it for a row at each control tick.

    A message counts from the time it was received, and its sample is as old as its stamp says:
    as at the recorder, had it been there. Ticks begin with the first message. Where stamps are a
    simulator's time and times of receipt are not, the recorded /clock is the time line.

    Args:
        spec: the robot.
        topics: which topics are what.
        rules: the bounds.
        decode: what becomes of an image message.

    Attributes:
        skipped_ticks: ticks without a row between the first row and the last.
        skipped_reason: what kept most of them from being rows.
        simulated: whether a simulator's clock is the time line.
        frames: counts what becomes of the cameras' frames.
    """

    def __init__(
        self, spec: RobotSpec, topics: BagTopics, rules: RowRules, decode: Decoder
    ) -> None:
        self._spec, self._topics, self._rules = spec, topics, rules
        cameras = [camera.name for camera in spec.cameras]
        self._matcher = RealTimeMatcher(
            cameras, spec.period_ns, rules.bounds, round(rules.max_gap_s * 1e9), decode=decode
        )
        self._matcher.begin(0)
        self.frames = FrameCounter(cameras)
        self._matcher.assembler.on_image = self.frames.came
        streams = {JOINTS: topics.states, COMMANDS: topics.actions}
        self._joiners = {
            stream: StreamJoiner(which.parts, rules.max_arm_skew_s)
            for stream, which in streams.items()
            if which.parts
        }
        self._motion = MotionWatch(spec)
        self._clocks: dict[str, StreamClock] = {}
        self.simulated = False
        self._now_ns = self._first_ns = -1
        self._tick_ns: int | None = None
        self._spans: dict[str, tuple[int, int]] = {}
        self._missed: Counter[str] = Counter()
        self._reasons: dict[str, str] = {}  # cause → its first reason, with figures
        self._gap = ""
        self._num_rows = 0
        self.skipped_ticks, self.skipped_reason = 0, ""

    def rows(self, messages: Messages) -> Iterator[Row]:
        """Yield the rows that `messages`, as (topic, time of receipt, message), make.

        Raises:
            EpisodeError: they make none, or there is a gap between two rows.
        """
        for topic, came_ns, message in messages:
            self._see_time(topic, came_ns, message)
            # A simulated tick is when the clock says so, not when the next message comes.
            yield from self._rows_before(self._now_ns + self.simulated)
            self._take(topic, message)
        yield from self._rows_before(self._now_ns + 1)
        if not self._num_rows:
            raise EpisodeError(self._why_none())

    def _see_time(self, topic: str, came_ns: int, message: Any) -> None:
        """Go on to the time of a message."""
        if topic == CLOCK_TOPIC:
            clock_ns = to_ns(message.clock)
            self.simulated |= clock_ns < YEAR_2000_NS <= came_ns
            if self.simulated:
                self._now_ns = clock_ns
        if not self.simulated:
            self._now_ns = came_ns
        if self._first_ns < 0:
            self._first_ns = self._now_ns

    def _rows_before(self, end_ns: int) -> Iterator[Row]:
        """Ask for the row of each tick before `end_ns`."""
        back_ns = 0 if self._tick_ns is None else self._tick_ns - end_ns
        if (
            self._tick_ns is None or back_ns > self._rules.max_gap_s * 1e9
        ):  # the clock was set back
            self._tick_ns = self._now_ns
        while self._tick_ns < end_ns:
            row = self._row(self._tick_ns)
            self._tick_ns += self._spec.period_ns
            if row is not None:
                yield row

    def _row(self, tick_ns: int) -> Row | None:
        try:
            row = self._matcher.next_row(tick_ns)
        except GapError as gap:  # the end, unless rows come again
            self._gap = self._gap or f"{gap}"
            self._matcher.begin(0)
            return None
        if isinstance(row, Missing):
            self._missed[row.cause] += 1
            self._reasons.setdefault(row.cause, row.reason)
            return None
        if self._gap:
            at_s = (tick_ns - self._first_ns) / 1e9
            again = f"{self._gap}, and rows come again {at_s:.2f} s after the beginning"
            mends = "max_gap_s" in self._gap
            raise EpisodeError(
                f"{again}; a larger --max-gap-s lets it be one episode" if mends else again
            )
        self._num_rows += 1
        self.frames.use(row.observation.image_stamps_ns)
        self.skipped_ticks = self._matcher.skipped_ticks
        self.skipped_reason = self._matcher.skipped_reason
        return row

    def _take(self, topic: str, message: Any) -> None:
        topics = self._topics
        if topic in topics.images:
            camera, stamp_ns = topics.images[topic], to_ns(message.header.stamp)
            if self._on_time(stream_name(camera), stamp_ns):
                self._matcher.assembler.add_image(camera, stamp_ns, message)
        if topic in topics.states.names:
            self._joined(JOINTS, topic, message, self._add_state)
        if topic in topics.actions.names:
            self._joined(COMMANDS, topic, message, self._add_action)

    def _joined(self, stream: str, topic: str, message: Any, add: Callable[[Any], None]) -> None:
        """Give `add` the message, or the arms' joined one once that is whole."""
        try:
            joiner = self._joiners.get(stream)
            if joiner is not None:
                whole = joiner.add(topic, self._share(topic, message), self._now_ns / 1e9)
                if whole is None:
                    return
                message = write_joints(whole)
            add(message)
        except OtherJointsError:
            pass  # another device on the same topic
        except ActError as error:
            self._matcher.assembler.refuse(stream, f"{stream} refused: {error}")

    def _share(self, topic: str, message: Any) -> Joints:
        """Return an arm's share; most controllers' messages have no stamp but that of receipt."""
        outlet = self._topics.controllers.get(topic)
        if outlet is None:
            return read_joints(message)
        values = read_command(outlet, message)
        return Joints(self._now_ns, outlet.names, tuple(values), (), ())

    def _add_state(self, message: Any) -> None:
        sample = read_sample(message, self._spec.state)
        if not self._on_time(JOINTS, sample.stamp_ns):
            return
        glitch = self._motion.see(sample.positions, sample.stamp_ns)
        if glitch:
            self._matcher.assembler.refuse(JOINTS, f"{JOINTS} refused: {glitch}")
            return
        self._matcher.assembler.add_joints(sample)

    def _add_action(self, message: Any) -> None:
        stamp_ns, spec = to_ns(message.header.stamp), self._spec
        source = message.header.frame_id.split("/")[0]
        action: NDArray[np.float64]
        if self._topics.from_leader:
            # A follower is commanded no further than it can go.
            action = np.clip(read_vector(message, spec.leader), spec.lower, spec.upper)
            source = LEADER_SOURCE
        else:
            action = read_vector(message, spec.command)
            if self._topics.controllers:
                source = CONTROLLER_SOURCE
        if self._on_time(COMMANDS, stamp_ns):
            self._matcher.add_command(stamp_ns, action, source)

    def _on_time(self, stream: str, stamp_ns: int) -> bool:
        """Take a stamp; tell whether its clock is the recording's."""
        first_ns, _ = self._spans.get(stream, (self._now_ns, 0))
        self._spans[stream] = first_ns, self._now_ns
        clock = self._clocks.get(stream)
        if clock is None:
            simulated = self._now_ns < YEAR_2000_NS
            clock = StreamClock(stream, self._rules.bounds, simulated=simulated)
            self._clocks[stream] = clock
        fault = clock.see(stamp_ns, self._now_ns, self._now_ns)
        if fault:
            self._matcher.assembler.refuse(stream, fault)
        return not fault

    def _why_none(self) -> str:
        """Return why there is no row: when which stream was there, and what was missing most."""
        start = self._first_ns
        spans = ", ".join(
            f"{stream} {(first - start) / 1e9:.2f} to {(last - start) / 1e9:.2f} s"
            for stream, (first, last) in self._spans.items()
        )
        cause = self._missed.most_common(1)[0][0] if self._missed else ""
        reasons = [self._reasons.get(cause, "no message")]
        reasons += [joiner.reason for joiner in self._joiners.values() if joiner.reason]
        return f"no moment makes a row: {'; '.join(reasons)}; messages: {spans or 'none'}"
