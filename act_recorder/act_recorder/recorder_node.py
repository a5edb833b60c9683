# SPDX-License-Identifier: Apache-2.0
"""Records episodes from topics: one action goal, one file."""

import sys
import time
from importlib.metadata import version

from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.task import Future

from act_core.episode.meta import EpisodeMeta
from act_core.errors import ActError, EpisodeError
from act_core.paths import user_path
from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.images import image_decoder
from act_core.ros.params import declare
from act_core.ros.run import run_node
from act_core.ros.stamps import to_ns
from act_interfaces.action import RecordEpisode
from act_interfaces.msg import RecorderStatus, TaskState
from act_recorder.episode_recording import Ending, EpisodeRecording, Outcome
from act_recorder.inputs import Inputs
from act_recorder.recorder_params import RecorderParams
from act_recorder.row_matcher import LockstepMatcher, RealTimeMatcher, Row

WATCH_S = 0.1
STATUS_S = 0.5

_CODES = {
    Ending.SAVED: RecordEpisode.Result.NONE,
    Ending.DISCARDED: RecordEpisode.Result.DISCARDED,
    Ending.CANCELED: RecordEpisode.Result.CANCELED,
    Ending.INPUT_LOST: RecordEpisode.Result.INPUT_LOST,
    Ending.WRITE_FAILED: RecordEpisode.Result.WRITE_FAILED,
    Ending.NOT_STARTED: RecordEpisode.Result.NOT_STARTED,
}


class RecorderNode(Node):
    """Action server `~/record_episode`: one goal at a time, feedback twice a second."""

    def __init__(self) -> None:
        """Subscribe to the robot's topics and wait for a goal."""
        super().__init__("recorder")
        self.params = declare(self, RecorderParams)
        self._spec = load_robot(self.params.robot_file)
        self._recording: EpisodeRecording | None = None
        self._goal: ServerGoalHandle | None = None
        self._ended: Future | None = None
        self._reserved = False
        self._end_stamp_ns: int | None = None
        self._episode: int | None = None
        self._row_ns = 0
        self._row_at_s = self._status_at_s = time.monotonic()
        self._rows: LockstepMatcher | RealTimeMatcher
        cameras, decode = [c.name for c in self._spec.cameras], image_decoder(self._spec)
        lockstep = self.params.pace == "lockstep"
        if lockstep:
            self._rows = LockstepMatcher(cameras, self._spec.period_ns, decode=decode)
        else:
            max_age_ns = round(self.params.max_age_s * 1e9)
            self._rows = RealTimeMatcher(cameras, max_age_ns, decode=decode)
            self.create_timer(1 / self._spec.rate_hz, self._sample)
        self._status = RecorderStatus()
        self._status_out = self.create_publisher(RecorderStatus, "~/status", qos.STATUS)
        self._inputs = Inputs(
            self, self._spec, self._rows, qos.LOCKSTEP if lockstep else qos.IMAGES, self._collect
        )
        self.create_subscription(TaskState, "task_state", self._on_task_state, qos.TASK_STATE)
        self.create_timer(WATCH_S, self._watch, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self._server = ActionServer(
            self, RecordEpisode, "~/record_episode", self._execute,
            goal_callback=self._on_goal, cancel_callback=lambda _: CancelResponse.ACCEPT,
        )  # fmt: skip
        self.get_logger().info(
            f"robot {self._spec.name}, pace {self.params.pace}, episodes to "
            f"{user_path(self.params.dataset_dir).resolve()}"
        )

    def _on_goal(self, goal: RecordEpisode.Goal) -> GoalResponse:
        del goal
        if self._reserved:
            self.get_logger().error("goal rejected: an episode is being recorded already")
            return GoalResponse.REJECT
        self._reserved = True
        return GoalResponse.ACCEPT

    async def _execute(self, goal: ServerGoalHandle) -> RecordEpisode.Result:
        request = goal.request
        meta = EpisodeMeta.for_robot(
            self._spec, sim=self.params.sim, task=request.task, seed=request.seed,
            disturbance=request.disturbance, software_version=version("act_recorder"),
        )  # fmt: skip
        self._end_stamp_ns = self._episode = None
        self._row_at_s = time.monotonic()
        self._ended = Future()
        self._goal = goal
        self._recording = EpisodeRecording(
            self._spec, user_path(self.params.dataset_dir), meta, request.only_successful,
            request.max_frames or self.params.max_frames,
        )  # fmt: skip
        outcome: Outcome = await self._ended
        self._recording = self._goal = None
        if isinstance(self._rows, LockstepMatcher):
            self._rows.next_stamp_ns = None
        self._reserved = False
        self._report(str(outcome.path or ""), outcome.message)
        return self._finish(goal, outcome)

    def _finish(self, goal: ServerGoalHandle, outcome: Outcome) -> RecordEpisode.Result:
        if outcome.ending is Ending.CANCELED:
            goal.canceled()
        elif outcome.ending in (Ending.SAVED, Ending.DISCARDED):
            goal.succeed()
        else:
            goal.abort()
        text = f"{outcome.ending.value}, {outcome.num_frames} rows. {outcome.message}".strip()
        if outcome.ending in (Ending.SAVED, Ending.DISCARDED):
            self.get_logger().info(f"{outcome.path or 'no file'}: {text}")
        else:
            self.get_logger().error(f"{outcome.path or 'no file'}: {text}")
        return RecordEpisode.Result(
            code=_CODES[outcome.ending], message=outcome.message, path=str(outcome.path or ""),
            num_frames=outcome.num_frames, success=outcome.success,
        )  # fmt: skip

    def _on_task_state(self, state: TaskState) -> None:
        if self._recording is None:
            return
        stamp_ns = to_ns(state.header.stamp)
        asked = (self._recording.meta.task, self._recording.meta.seed)
        if state.tick == 0 and not state.done and self._episode is None:
            if (state.task, state.seed) != asked:
                self.get_logger().warning(
                    f"episode of {state.task}, seed {state.seed} is not the one asked for "
                    f"({asked[0]}, seed {asked[1]}); waiting for that one"
                )
                return
            self._episode = state.episode
            if isinstance(self._rows, LockstepMatcher):
                self._rows.begin(stamp_ns)
        if state.episode != self._episode:
            return
        if state.aborted:
            self._break_off(Ending.INPUT_LOST, f"the simulator aborted: {state.message}")
            return
        self._recording.success, self._recording.held = state.success, state.held
        if state.done:
            self._end_stamp_ns = stamp_ns
        self._collect()

    def _collect(self) -> None:
        """Lockstep: write every row that is whole by now."""
        rows = self._rows
        if self._recording is None or not isinstance(rows, LockstepMatcher):
            return
        try:
            while not self._over() and (row := rows.next_row()) is not None:
                self._write(row)
        except ActError as error:
            self._break_off(Ending.WRITE_FAILED, str(error))
            return
        if self._over():
            self._complete(Ending.SAVED)

    def _sample(self) -> None:
        """Real time: write the row of this control tick."""
        if self._recording is None or not isinstance(self._rows, RealTimeMatcher):
            return
        if self.params.sim and self._episode is None:
            return  # the simulator still shows the end of the episode before
        now_ns = self.get_clock().now().nanoseconds
        gap_s = (now_ns - self._row_ns) / 1e9
        try:
            row = self._rows.row_at(now_ns)
            if self._recording.num_frames and not 0 <= gap_s <= self.params.max_gap_s:
                why = row if isinstance(row, str) else "this recorder, or the clock, was late"
                limit = f"limit {self.params.max_gap_s:g} s"
                self._break_off(Ending.INPUT_LOST, f"no row for {gap_s:.2f} s ({limit}): {why}")
                return
            if not isinstance(row, str):
                self._row_ns = now_ns
                self._write(row)
            elif self._recording.num_frames:
                self._recording.skipped_ticks += 1
                self.get_logger().warning(f"tick skipped: {row}", throttle_duration_sec=1.0)
        except ActError as error:
            self._break_off(Ending.WRITE_FAILED, str(error))
            return
        if self._recording.full or self._end_stamp_ns is not None:
            self._complete(Ending.SAVED)

    def _over(self) -> bool:
        assert self._recording is not None
        next_ns: int | None = getattr(self._rows, "next_stamp_ns", None)
        if self._end_stamp_ns is None or next_ns is None:
            return self._recording.full
        return self._recording.full or next_ns >= self._end_stamp_ns

    def _write(self, row: Row) -> None:
        assert self._recording is not None
        self._recording.add(row)
        self._row_at_s = time.monotonic()

    def _watch(self) -> None:
        now_s = time.monotonic()
        if self._recording is None or self._goal is None:
            if now_s - self._status_at_s > STATUS_S:
                self._report("", "")
            return
        if self._goal.is_cancel_requested:
            self._complete(Ending.CANCELED)
            return
        waited_s = now_s - self._row_at_s
        limit_s = (
            self.params.input_timeout_s
            if self._recording.num_frames
            else self.params.start_timeout_s
        )
        message = self._waiting_for() if waited_s > STATUS_S else ""
        if waited_s > limit_s:
            ending = Ending.INPUT_LOST if self._recording.num_frames else Ending.NOT_STARTED
            self._break_off(ending, f"no row for {waited_s:.1f} s; waiting for {message}")
            return
        if now_s - self._status_at_s > STATUS_S:
            self._goal.publish_feedback(
                RecordEpisode.Feedback(num_frames=self._recording.num_frames, message=message)
            )
            self._report("", message)

    def _waiting_for(self) -> str:
        if isinstance(self._rows, LockstepMatcher):
            return ", ".join(self._rows.missing()) or "nothing"
        row = self._rows.row_at(self.get_clock().now().nanoseconds)
        return row if isinstance(row, str) else "nothing"

    def _complete(self, ending: Ending) -> None:
        assert self._recording is not None
        assert self._ended is not None
        recording, self._recording = self._recording, None
        try:
            self._ended.set_result(recording.complete(ending))
        except EpisodeError as error:
            self._ended.set_result(recording.break_off(Ending.WRITE_FAILED, str(error)))

    def _break_off(self, ending: Ending, message: str) -> None:
        assert self._recording is not None
        assert self._ended is not None
        recording, self._recording = self._recording, None
        self._ended.set_result(recording.break_off(ending, message))

    def _report(self, path: str, message: str) -> None:
        self._status_at_s = time.monotonic()
        status = self._status
        status.state = RecorderStatus.RECORDING if self._recording else RecorderStatus.IDLE
        status.header.stamp = self.get_clock().now().to_msg()
        status.path = path or status.path
        status.message = message
        status.num_frames = self._recording.num_frames if self._recording else status.num_frames
        status.missing = self._inputs.without_publisher()
        if message and self._recording:
            self.get_logger().warning(f"waiting for {message}", throttle_duration_sec=2.0)
        self._status_out.publish(status)

    def stop(self) -> None:
        """Keep what a running recording has written."""
        if self._recording is not None:
            self._recording.break_off(Ending.INPUT_LOST, "the recorder was stopped")


def main() -> None:
    """Run the node."""
    sys.exit(run_node(RecorderNode))


if __name__ == "__main__":
    main()
