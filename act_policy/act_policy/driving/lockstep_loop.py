# SPDX-License-Identifier: Apache-2.0
"""The command loop of a simulator that waits: each tick is answered once, with its own stamp."""

from act_core.observation import RawObservation
from act_policy.driving.chunk_broker import ChunkBroker, Command
from act_policy.driving.command_loop import CommandLoop, Event, State


class LockstepLoop(CommandLoop):
    """Answers each tick when all of it is there.

    A hold ends with the next tick, since nothing is lost: the simulator waits, and sends again.

    Args:
        broker: asks and blends.
        period_ns: from one tick to the next; any other distance means another episode.
    """

    def __init__(self, broker: ChunkBroker, *, period_ns: int) -> None:
        super().__init__(broker)
        self._period_ns = period_ns
        self._before_ns: int | None = None
        self._tick_ns: int | None = None
        self._answered_ns: int | None = None

    def wants(self, stamp_ns: int) -> bool:
        """Tell whether the tick of `stamp_ns` is new; one under way or answered is not."""
        return self.engaged and self.state is not State.PAUSED and stamp_ns != self._tick_ns

    def has_answered(self, stamp_ns: int) -> bool:
        """Tell whether the tick was answered already, so that it is being repeated."""
        return self.engaged and stamp_ns == self._answered_ns

    def waits_for(self, stamp_ns: int) -> bool:
        """Tell whether the tick of `stamp_ns` waits for its prediction."""
        return self.engaged and stamp_ns == self._tick_ns != self._answered_ns

    def observe(self, seen: RawObservation) -> RawObservation | None:
        """Take a new tick, whole; return it if it is to be predicted from."""
        if self.state is State.HOLDING:
            self.handle(Event.RESUME)
        self._before_ns, self._tick_ns = self._tick_ns, seen.stamp_ns
        follows = self._before_ns == seen.stamp_ns - self._period_ns
        if self._fresh or not follows:
            self._start_from(seen)
        return self._due(seen)

    def resume(self) -> str:
        """Go on after a pause, from the tick that is out; return why not."""
        if self.state is not State.PAUSED:
            return "nothing is on hold"
        self.handle(Event.RESUME)
        self._fresh, self._tick_ns = True, None
        return ""

    def refuse(self, reason: str) -> None:
        """Take note that the tick cannot be used; it is new again when it is repeated."""
        self._tick_ns = self._before_ns
        self.lose(reason)

    def command(self, stamp_ns: int) -> Command | None:
        """Return the answer to the tick, None where no prediction covers it."""
        command = self._command(stamp_ns)
        if command is not None:
            self._answered_ns = stamp_ns
        return command

    def handle(self, event: Event, reason: str = "") -> None:
        """As the base class, but predictions from before a hold stay good, and ticks are new."""
        fresh = self._fresh
        super().handle(event, reason)
        if event is Event.RESUME:
            self._fresh = fresh
        if event is Event.ENGAGE:
            self._before_ns = self._tick_ns = self._answered_ns = None

    def inputs_came(self) -> None:
        """Take note of the end of a silence, before the next tick."""
        if self.state is State.HOLDING:
            self.handle(Event.RESUME, "joint_states are back, without a new tick")
