# SPDX-License-Identifier: Apache-2.0
"""The states of a recording session and what leads from one to another. No ROS."""

from collections import deque
from collections.abc import Callable

from act_core.episode.meta import Verdict
from act_recorder.session.session_types import Act, Command, Effect, Ended, SessionPlan, State

Step = Callable[["RecordingSession", float], str]


class RecordingSession:
    """Episode after episode: countdown, recording, verdict, reset.

    It asks for things and is told what became of them; a finished file goes only by `discard`,
    `re_record` or, where only successes are wanted, `failure`, and only the last one.

    Args:
        plan: what it is to do.

    Attributes:
        state: where it stands.
        message: what was just done, or why not.
        effects: what the recorder is to do, oldest first; the caller takes them out.
        not_ready: why no episode could begin now, set by the caller; empty when one could.
        kept: episodes in the folder.
        dropped: episodes of this session that are not kept.
        last: path of the episode that a verdict would be about; empty for none.
        verdict: on it.
        pausing: whether it waits after the episode in progress.
        quitting: whether it ends after the episode in progress.
    """

    def __init__(self, plan: SessionPlan) -> None:
        self.plan = plan
        self.state, self.message = State.WAITING, ""
        self.effects: deque[Effect] = deque()
        self.not_ready = ""
        self.kept, self.dropped = plan.present, 0
        self.last, self.verdict = "", ""
        self.pausing = self.quitting = False
        self._again = False
        self._until_s: float | None = None
        if self.complete:
            self._finish()

    @property
    def complete(self) -> bool:
        """Whether all episodes are there."""
        return self.kept >= self.plan.wanted

    def can(self, command: Command) -> bool:
        """Tell whether a command means something in this state."""
        return command in TRANSITIONS[self.state]

    def left_s(self, now_s: float) -> float:
        """Return the time until countdown or reset phase are over; 0 where nothing limits it."""
        return 0.0 if self._until_s is None else max(0.0, self._until_s - now_s)

    def command(self, command: Command, now_s: float) -> str:
        """Do what the operator asks; return why not, or ""."""
        step = TRANSITIONS[self.state].get(command)
        refusal = step(self, now_s) if step else f"{command.value}: not {_WHERE[self.state]}"
        if refusal:
            self.message = refusal
        return refusal

    def tick(self, now_s: float) -> None:
        """Let time pass."""
        if self._until_s is None or now_s < self._until_s:
            return
        if self.state is State.COUNTDOWN:
            self._begin()
        else:
            self._start(now_s)

    def ended(self, ended: Ended, now_s: float) -> None:
        """Take what became of the episode in progress."""
        self.message, again = ended.message, self._again
        self._again = False
        if ended.fault:
            self._go(State.WAITING)
        elif not ended.path:
            self.dropped += 1
            self._go_on(now_s)
        else:
            self.kept += 1
            self.last, self.verdict = ended.path, ended.verdict
            if ended.verdict:
                self._go_on(now_s)
            else:
                self._go(State.JUDGING)
        if self.quitting:
            self._finish()
        elif again and not ended.fault:
            self._start(now_s)

    def judged(self, effect: Effect, refusal: str) -> None:
        """Take that the recorder could not do what an effect of JUDGE asked for."""
        if not refusal:
            return
        self.message = refusal
        if self._drops(effect):
            self.kept, self.dropped = self.kept + 1, self.dropped - 1
        if self.state not in (State.RECORDING, State.ENDING) and self.last in ("", effect.path):
            self.last, self.verdict = effect.path, ""

    # What follows are the steps of TRANSITIONS: each returns why not, or "".

    def _start(self, now_s: float) -> str:
        if self.complete:
            return self._finish()
        if self.not_ready:
            self._wait(f"not ready: {self.not_ready}")
            return self.message
        self.pausing, self.message = False, ""
        self._go(State.COUNTDOWN, now_s + self.plan.countdown_s)
        self.tick(now_s)
        return ""

    def _start_unjudged(self, now_s: float) -> str:
        if self.plan.only_successful:
            return "start: judge the last episode first, since only successes are kept"
        return self._start(now_s)

    def _begin(self) -> str:
        if self.not_ready:
            self._wait(f"not ready: {self.not_ready}")
            return self.message
        self.last, self.verdict = "", ""
        self.message = ""
        self.effects.append(Effect(Act.BEGIN))
        self._go(State.RECORDING)
        return ""

    def _wait(self, message: str) -> str:
        self.message = message
        self._go(State.WAITING)
        return ""

    def _pause_later(self) -> str:
        self.pausing = not self.pausing
        return ""

    def _quit_later(self) -> str:
        self.quitting = True
        return ""

    def _end(self, verdict: Verdict = "", *, discard: bool = False) -> str:
        self.effects.append(Effect(Act.END, verdict=verdict, discard=discard))
        self._go(State.ENDING)
        return ""

    def _end_again(self) -> str:
        self._again = True
        return self._end(discard=True)

    def _end_and_quit(self) -> str:
        self.quitting = True
        return self._end()

    def _finish(self) -> str:
        self._go(State.DONE)
        return ""

    def _judge(self, now_s: float, verdict: Verdict = "", *, discard: bool = False) -> str:
        refusal = self._send_judgement(verdict, discard=discard)
        if not refusal and self.state is State.JUDGING:
            self._go_on(now_s)
        return refusal

    def _drop_and_start(self, now_s: float) -> str:
        return self._send_judgement("", discard=True) or self._start(now_s)

    def _send_judgement(self, verdict: Verdict, *, discard: bool) -> str:
        if not self.last:
            return "there is no last episode that could be judged"
        effect = Effect(Act.JUDGE, self.last, verdict, discard)
        self.effects.append(effect)
        self.message = f"{self.last}: {'dropped' if discard else verdict}"
        self.verdict = verdict
        if self._drops(effect):
            self.message = f"{self.last}: dropped"
            self.kept, self.dropped = self.kept - 1, self.dropped + 1
            self.last, self.verdict = "", ""
        return ""

    def _drops(self, effect: Effect) -> bool:
        return effect.discard or (self.plan.only_successful and effect.verdict == "failure")

    def _go_on(self, now_s: float) -> None:
        """Leave an episode that is dealt with behind."""
        if self.pausing:
            self._go(State.WAITING)
        else:
            self._go(State.RESET, now_s + self.plan.reset_s if self.plan.reset_s else None)

    def _go(self, state: State, until_s: float | None = None) -> None:
        self.state, self._until_s = state, until_s


_S = RecordingSession
_PAUSE: dict[Command, Step] = {Command.PAUSE: lambda session, _: session._wait("paused")}
_PAUSE_LATER: dict[Command, Step] = {Command.PAUSE: lambda session, _: session._pause_later()}
_FINISH: dict[Command, Step] = {Command.QUIT: lambda session, _: session._finish()}
_VERDICTS: dict[Command, Step] = {
    Command.SUCCESS: lambda session, now_s: session._judge(now_s, "success"),
    Command.FAILURE: lambda session, now_s: session._judge(now_s, "failure"),
}
_BETWEEN: dict[Command, Step] = {
    **_VERDICTS, **_PAUSE, **_FINISH,
    Command.START: _S._start,
    Command.DISCARD: lambda session, now_s: session._judge(now_s, discard=True),
    Command.RE_RECORD: _S._drop_and_start,
}  # fmt: skip
# State → command → what it does; what is not there is refused.
TRANSITIONS: dict[State, dict[Command, Step]] = {
    State.WAITING: _BETWEEN,
    State.COUNTDOWN: {
        **_VERDICTS, **_PAUSE, **_FINISH,
        Command.START: lambda session, _: session._begin(),
        Command.END: lambda session, _: session._wait("called off"),
        Command.DISCARD: lambda session, _: session._wait("called off"),
    },
    State.RECORDING: {
        **_PAUSE_LATER,
        Command.END: lambda session, _: session._end(),
        Command.SUCCESS: lambda session, _: session._end("success"),
        Command.FAILURE: lambda session, _: session._end("failure"),
        Command.DISCARD: lambda session, _: session._end(discard=True),
        Command.RE_RECORD: lambda session, _: session._end_again(),
        Command.QUIT: lambda session, _: session._end_and_quit(),
    },
    State.ENDING: {**_PAUSE_LATER, Command.QUIT: lambda session, _: session._quit_later()},
    State.JUDGING: {**_BETWEEN, **_PAUSE_LATER, Command.START: _S._start_unjudged},
    State.RESET: _BETWEEN,
    State.DONE: {},
}  # fmt: skip
_WHERE = {
    State.WAITING: "while no episode is in progress",
    State.COUNTDOWN: "during the countdown",
    State.RECORDING: "while an episode is in progress",
    State.ENDING: "while an episode is being closed",
    State.JUDGING: "while no episode is in progress",
    State.RESET: "while no episode is in progress",
    State.DONE: "after the session's end",
}
