# SPDX-License-Identifier: Apache-2.0
"""The command loop of a running robot: at every tick of the clock, from the newest data."""

from act_core.observation import Missing, RawObservation
from act_policy.driving.chunk_broker import ChunkBroker, Command
from act_policy.driving.command_loop import CommandLoop, Event, State

CLOCK_JUMP_NS = 500_000_000


class RealTimeLoop(CommandLoop):
    """Sends a command at each tick while inputs are whole and predictions cover it.

    Args:
        broker: asks and blends.
        starvation_ns: time without a covering prediction after which it holds.
        resumes_alone: go on after a hold as soon as inputs are whole, without a person.
    """

    def __init__(self, broker: ChunkBroker, *, starvation_ns: int, resumes_alone: bool) -> None:
        super().__init__(broker)
        self._starvation_ns, self._resumes_alone = starvation_ns, resumes_alone
        self._whole = False  # at the last tick; a hold may wait for a person alone
        self._ticked_ns: int | None = None
        self._sent_ns: int | None = None  # None: the first prediction may take its time

    def jumped(self, now_ns: int) -> bool:
        """Note a tick of the clock; tell whether it jumped since the last, which loses inputs."""
        before_ns, self._ticked_ns = self._ticked_ns, now_ns
        if before_ns is None or 0 <= now_ns - before_ns < CLOCK_JUMP_NS:
            return False
        reason = f"the clock jumped by {(now_ns - before_ns) / 1e9:.2f} s"
        if self._resumes_alone:
            self._whole = False
            self.handle(Event.RESTART, f"{reason}, as between a simulator's episodes")
        else:
            self.lose(reason)
        return True

    def lose(self, reason: str) -> None:
        """Take note that an input is missing."""
        self._whole = False
        super().lose(reason)

    def refuse(self, reason: str) -> None:
        """Go on without what was just observed: the next tick looks for something newer."""

    def observe(self, seen: RawObservation | Missing) -> RawObservation | None:
        """Take what is seen at this tick; return it if it is to be predicted from."""
        if not self.engaged:
            return None
        self._whole = isinstance(seen, RawObservation)
        if self.state is State.PAUSED:
            return None
        if isinstance(seen, Missing):
            self.lose(seen.reason)
            return None
        if self.state is State.HOLDING:
            if not self._resumes_alone:
                return None
            self.handle(Event.RESUME)
        if self._fresh:
            self._start_from(seen)
            self._sent_ns = None
        return self._due(seen)

    def resume(self, seen: RawObservation | Missing) -> str:
        """Go on after a hold, as a person asks; return why not, empty when it goes on."""
        if self.state not in (State.HOLDING, State.PAUSED):
            return "nothing is on hold"
        if isinstance(seen, Missing):
            return f"still on hold: {seen.reason}"
        self.handle(Event.RESUME)
        return ""

    @property
    def remedy(self) -> str:
        """What a person can do about a hold."""
        if self._resumes_alone:
            return ""
        return f"; {'inputs are whole again, ' if self._whole else ''}call ~/resume to go on"

    def command(self, now_ns: int) -> Command | None:
        """Return the command of this tick, None where there is none to send."""
        if self._fresh or self.state not in (State.WAITING, State.DRIVING, State.STARVED):
            return None
        command = self._command(now_ns)
        if command is not None:
            self._sent_ns = now_ns
        elif self._sent_ns is not None and now_ns - self._sent_ns > self._starvation_ns:
            self.lose(f"no prediction for {(now_ns - self._sent_ns) / 1e9:.1f} s")
        return command
