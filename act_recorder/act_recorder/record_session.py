# SPDX-License-Identifier: Apache-2.0
"""Records a number of simulated episodes: resets the scene and sends the recorder its goals."""

import sys
import time
from collections.abc import Callable
from typing import Any

from rclpy.action import ActionClient
from rclpy.node import Node
from rclpy.task import Future

from act_core.episode.recorded_seeds import recorded_seeds
from act_core.errors import ActError
from act_core.paths import user_path
from act_core.ros.diagnostics import OK, Diagnostics, Health
from act_core.ros.params import declare
from act_core.ros.peers import check_single_publishers
from act_core.ros.process.script import Script, run_script
from act_interfaces.action import RecordEpisode
from act_interfaces.srv import ResetScene
from act_recorder.record_session_params import RecordParams

MAX_FAILURES_IN_A_ROW = 3
SILENCE_S = 1.5
GONE_S = 5.0
ANSWER_S = 30.0  # a new scene and its first images, on a busy machine


class RecordError(ActError):
    """A recording session cannot go on."""


class RecordSession(Node):
    """Client of the simulator's reset service and of the recorder's action."""

    def __init__(self) -> None:
        super().__init__("record")
        self.params = declare(self, RecordParams)
        self._reset = self.create_client(ResetScene, "sim/reset")
        self._record = ActionClient(self, RecordEpisode, "recorder/record_episode")
        self._heard_at_s = 0.0
        self.kept = self.present = self.dropped = 0
        self._diagnostics = Diagnostics(self, self._health)

    def _health(self) -> Health:
        return Health(OK, f"{self.kept} of {self.params.episodes} kept, {self.dropped} dropped")

    def run(self, script: Script) -> None:
        """Record until enough episodes are there.

        Raises:
            RecordError: simulator or recorder are missing, or episodes keep failing.
        """
        wait_s = self.params.wait_s
        script.wait_until(self._reset.service_is_ready, wait_s, "service sim/reset")
        script.wait_for_server(
            self._record.server_is_ready, wait_s, "action recorder/record_episode"
        )
        present = recorded_seeds(user_path(self.params.dataset_dir), self.params.task)
        seed, failures, started_s = self.params.first_seed, 0, time.monotonic()
        while self.kept < self.params.episodes:
            if seed in present:
                seed += 1
                self.kept += 1
                self.present += 1
                continue
            result = self._one(script, seed)
            failed = result.code not in (result.NONE, result.DISCARDED)
            failures = failures + 1 if failed else 0
            if failures >= MAX_FAILURES_IN_A_ROW:
                raise RecordError(f"{failures} episodes in a row failed; last: {result.message}")
            if failed:
                script.say(f"seed {seed}: {result.message}; once more")
                continue
            self.kept += result.code == result.NONE
            self.dropped += result.code == result.DISCARDED
            rate = (self.kept - self.present + self.dropped) / (time.monotonic() - started_s)
            script.say(
                f"seed {seed}: {result.path or 'dropped, success not held'} "
                f"({result.num_frames} rows) · {self.kept}/{self.params.episodes} kept, "
                f"{self.dropped} dropped · {60 * rate:.0f} a minute"
            )
            seed += 1

    def _one(self, script: Script, seed: int) -> Any:
        check_single_publishers(self, ("task_state", "joint_commands"), named_within_s=1.0)
        goal = RecordEpisode.Goal(
            task=self.params.task, seed=seed, disturbance=self.params.disturbance,
            only_successful=self.params.only_successful,
        )  # fmt: skip
        self._heard_at_s = time.monotonic()
        sent = self._record.send_goal_async(goal, feedback_callback=self._on_feedback)
        handle = script.result(sent, ANSWER_S, "the recorder's answer")
        if not handle.accepted:
            raise RecordError("the recorder is busy with another episode")
        ended: Future = handle.get_result_async()
        request = ResetScene.Request(
            task=self.params.task, seed=seed, disturbance=self.params.disturbance
        )
        try:
            answer = self._reset.call_async(request)
            reply = script.result(answer, ANSWER_S, "the answer of service sim/reset")
            if reply.code != ResetScene.Response.NONE:
                raise RecordError(f"sim/reset: {reply.message}")
            limit_s = self.params.episode_timeout_s
            script.wait_until(self._done_or_heard(script, ended), limit_s, "the episode's end")
            return ended.result().result
        except ActError:
            handle.cancel_goal_async()  # else the recorder stays busy until its own time limit
            raise

    def _on_feedback(self, _: Any) -> None:
        self._heard_at_s = time.monotonic()

    def _done_or_heard(self, script: Script, ended: Future) -> Callable[[], bool]:
        """Return a check of `ended` that complains while the recorder gives no feedback."""
        said_s = time.monotonic()

        def check() -> bool:
            nonlocal said_s
            now_s = time.monotonic()
            silent_s = now_s - self._heard_at_s
            if silent_s > GONE_S:
                raise RecordError(f"no feedback for {GONE_S:g} s; the recorder is gone")
            if silent_s > SILENCE_S and now_s - said_s > SILENCE_S:
                said_s = now_s
                script.say(f"  recorder: no feedback for {silent_s:.1f} s")
            return bool(ended.done())

        return check

    def summary(self) -> str:
        """Return the closing line."""
        return (
            f"{self.kept - self.present} episodes recorded into "
            f"{user_path(self.params.dataset_dir).resolve()}, {self.present} were there, "
            f"{self.dropped} dropped since success was not held"
        )


def main() -> None:
    """Run a recording session."""
    sys.exit(run_script(RecordSession, RecordParams))


if __name__ == "__main__":
    main()
