# SPDX-License-Identifier: Apache-2.0
"""The session's side of the recorder: goals and verdicts out, what became of them in."""

import time
from collections.abc import Callable

from rclpy.action import ActionClient
from rclpy.node import Node
from rclpy.task import Future

from act_core.ros import qos
from act_core.ros.endpoints import subscription
from act_interfaces.action import RecordEpisode
from act_interfaces.msg import RecorderStatus
from act_interfaces.srv import EndEpisode
from act_recorder.session.session_types import Effect, Ended

GONE_S = 5.0
# An end that came before the episode's first moment is asked for again.
AGAIN_S = 0.2
_GOOD_ENDS = (
    RecordEpisode.Result.NONE, RecordEpisode.Result.DISCARDED, RecordEpisode.Result.CANCELED,
)  # fmt: skip


class RecorderClient:
    """One episode at a time, each with its end told once.

    Args:
        node: whose clients they are.
        on_ended: gets what became of the episode that `begin` asked for.
    """

    def __init__(self, node: Node, on_ended: Callable[[Ended], None]) -> None:
        self._on_ended = on_ended
        self._record = ActionClient(node, RecordEpisode, "recorder/record_episode")
        self._end = node.create_client(EndEpisode, "recorder/end_episode")
        subscription(node, RecorderStatus, "recorder/status", self._on_status, qos.STATUS)
        self._status: RecorderStatus | None = None
        self._heard_at_s = float("-inf")
        self._busy = False
        self._on_accepted: Callable[[], None] = lambda: None
        self._asked: Effect | None = None
        self._answer: EndEpisode.Response | None = None
        self._result: RecordEpisode.Result | None = None
        self._ask_again_s: float | None = None

    @property
    def is_there(self) -> bool:
        """Whether all of the recorder can be reached."""
        ready = self._record.server_is_ready() and self._end.service_is_ready()
        return bool(ready and self._status is not None)

    @property
    def not_ready(self) -> str:
        """Why no episode could begin now; empty when one could."""
        if self._status is None or time.monotonic() - self._heard_at_s > GONE_S:
            return "the recorder is silent"
        return str(self._status.not_ready)

    def begin(self, goal: RecordEpisode.Goal, on_accepted: Callable[[], None]) -> None:
        """Ask for an episode; `on_accepted` is called once the recorder waits for its rows."""
        self._forget()
        self._on_accepted = on_accepted
        self._busy = True
        self._heard_at_s = time.monotonic()
        self._record.send_goal_async(goal).add_done_callback(self._on_answer)

    def end(self, effect: Effect) -> None:
        """End the episode in progress as `effect` says, whenever it has begun."""
        self._asked = effect
        self._answer = None
        self._send_end()

    def judge(self, effect: Effect, done: Callable[[str, bool], None]) -> None:
        """Judge an ended episode.

        `done` gets why that was not possible, or "", and whether the file is still there.
        """

        def answered(future: Future) -> None:
            reply = future.result()
            refusal = "" if reply.code == EndEpisode.Response.NONE else reply.message
            done(refusal, reply.kept)

        self._end.call_async(_request(effect, effect.path)).add_done_callback(answered)

    def tick(self) -> None:
        """Let time pass: ask again for an end, give a silent recorder up."""
        now_s = time.monotonic()
        if not self._busy:
            return
        if self._ask_again_s is not None and now_s > self._ask_again_s:
            self._send_end()
        if now_s - self._heard_at_s > GONE_S:
            self._tell(Ended(fault=True, message=f"nothing of the recorder for {GONE_S:g} s"))

    def _forget(self) -> None:
        self._busy = False
        self._asked = self._answer = self._result = None
        self._ask_again_s = None

    def _on_status(self, status: RecorderStatus) -> None:
        self._status, self._heard_at_s = status, time.monotonic()

    def _on_answer(self, future: Future) -> None:
        handle = future.result()
        if handle.accepted:
            handle.get_result_async().add_done_callback(self._on_result)
            self._on_accepted()
        else:
            text = "the recorder is busy with an episode of somebody else"
            self._tell(Ended(fault=True, message=text))

    def _send_end(self) -> None:
        assert self._asked is not None
        self._ask_again_s = None
        self._end.call_async(_request(self._asked)).add_done_callback(self._on_end)

    def _on_end(self, future: Future) -> None:
        if not self._busy:
            return
        reply = future.result()
        if reply.code == EndEpisode.Response.NO_EPISODE and self._result is None:
            self._ask_again_s = time.monotonic() + AGAIN_S
            return
        self._answer = reply
        self._settle()

    def _on_result(self, future: Future) -> None:
        self._result = future.result().result
        self._settle()

    def _settle(self) -> None:
        """Tell the end once all is known: the result, and the answer to who asked for an end."""
        result, asked, answer = self._result, self._asked, self._answer
        if not self._busy or result is None:
            return
        good = result.code in _GOOD_ENDS
        ended = Ended(result.path if good else "", _words(result), fault=not good)
        if asked is None or not ended.path:
            self._tell(ended)
        elif answer is not None and answer.code == EndEpisode.Response.NONE:
            self._tell(Ended(ended.path, ended.message, verdict=asked.verdict))
        elif answer is not None or self._ask_again_s is not None:
            # It ended by itself at the very moment.
            late = Effect(asked.act, ended.path, asked.verdict, asked.discard)

            def done(refusal: str, kept: bool) -> None:
                verdict = "" if refusal else late.verdict
                path = ended.path if kept else ""
                self._on_ended(Ended(path, refusal or ended.message, verdict=verdict))

            self._forget()
            self.judge(late, done)

    def _tell(self, ended: Ended) -> None:
        if self._busy:
            self._forget()
            self._on_ended(ended)


def _request(effect: Effect, path: str = "") -> EndEpisode.Request:
    return EndEpisode.Request(path=path, verdict=effect.verdict, discard=effect.discard)


def _words(result: RecordEpisode.Result) -> str:
    if result.path:
        text = f"{result.path}: {result.num_frames} rows"
        return f"{text}: {result.message}" if result.message else text
    return str(result.message)
