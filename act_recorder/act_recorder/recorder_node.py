# SPDX-License-Identifier: Apache-2.0
"""Records episodes from topics: one action goal, one file."""

import sys
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path

from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node

from act_core.episode.meta import VERDICTS, EpisodeMeta
from act_core.errors import ActError, EpisodeError
from act_core.paths import user_path
from act_core.robot.robot_file import load_robot
from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_core.ros.endpoints import subscription
from act_core.ros.params import declare
from act_core.ros.process.run import run_node
from act_interfaces.action import RecordEpisode
from act_interfaces.msg import TaskState
from act_interfaces.srv import EndEpisode
from act_recorder.episode_recording import EpisodeRecording
from act_recorder.readiness import Readiness
from act_recorder.recorded_files import RecordedFiles
from act_recorder.recorder_input import RecorderInput
from act_recorder.recorder_messages import result, task_progress
from act_recorder.recorder_params import RecorderParams
from act_recorder.recorder_report import RecorderReport
from act_recorder.recording_types import Ending, Outcome, RecordingLimits
from act_recorder.writing.writer_client import WriterClient

WATCH_S = 0.1
FEEDBACK_S = 0.5


class RecorderNode(Node):
    """Action server `~/record_episode`: one goal at a time, feedback twice a second.

    `~/end_episode` ends an episode early, and takes the operator's verdict on it, then or later.
    """

    def __init__(self) -> None:
        super().__init__("recorder")
        self.params = declare(self, RecorderParams)
        self._spec = load_robot(self.params.robot_file)
        self._recording: EpisodeRecording | None = None
        self._goal: ServerGoalHandle | None = None  # from its acceptance to its end
        self._told_at_s = time.monotonic()
        self._input = RecorderInput(self, self._spec, self.params, self._advance)
        self._files = RecordedFiles()
        self._readiness = _readiness(self._spec, self.params, self._input)
        self._report = RecorderReport(self, self._input, self._readiness, self._spec.rate_hz)
        self._writer = WriterClient(self.params.write_buffer_bytes)
        subscription(self, TaskState, "task_state", self._on_task_state, qos.TASK_STATE)
        self.create_timer(WATCH_S, self._watch, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self.create_service(EndEpisode, "~/end_episode", self._on_end_episode)
        self._server = ActionServer(
            self, RecordEpisode, "~/record_episode", lambda _: None, goal_callback=self._on_goal,
            handle_accepted_callback=self._on_accepted,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )  # fmt: skip
        self.get_logger().info(
            f"robot {self._spec.name}, pace {self.params.pace}, episodes to "
            f"{user_path(self.params.dataset_dir).resolve()}"
        )

    def _on_goal(self, goal: RecordEpisode.Goal) -> GoalResponse:
        del goal
        if self._goal is not None:
            self.get_logger().error("goal rejected: an episode is being recorded already")
            return GoalResponse.REJECT
        return GoalResponse.ACCEPT

    def _on_accepted(self, goal: ServerGoalHandle) -> None:
        """Begin; the goal is executed when all is done.

        A goal whose execution waits is run over and over by rclpy's EventsExecutor (7.1): a whole
        core for as long as the episode takes.
        """
        self._goal = goal
        try:
            self._begin(goal)
        except EpisodeError as error:
            self._end_with(Outcome(Ending.WRITE_FAILED, str(error), None, 0, success=False))
        except ActError as error:
            self._end_with(Outcome(Ending.NOT_STARTED, str(error), None, 0, success=False))

    def _begin(self, goal: ServerGoalHandle) -> None:
        request, params = goal.request, self.params
        folder = user_path(params.dataset_dir)
        max_frames = request.max_frames or params.max_frames
        # Now, and not when somebody has begun to move.
        self._readiness.check(max_frames / self._spec.rate_hz)
        if not self._writer.alive:
            self._writer = WriterClient(params.write_buffer_bytes)
        meta = EpisodeMeta.for_robot(
            self._spec, sim=params.sim, task=request.task, seed=request.seed,
            disturbance=request.disturbance, software_version=version("act_recorder"),
        )  # fmt: skip
        limits = RecordingLimits(
            max_frames, params.start_timeout_s, params.input_timeout_s, request.only_successful,
            lossless=params.pace == "lockstep",
            jpeg_quality=params.jpeg_quality if params.image_format == "jpeg" else 0,
        )  # fmt: skip
        self._input.meter.restart()
        self._recording = EpisodeRecording(
            folder.absolute(), meta, self._input.matcher, self._writer, limits,
            now_s=time.monotonic(), warn=self._report.warn,
        )  # fmt: skip
        if not params.sim:
            self._input.matcher.begin(0)  # a real robot has no task state to begin by

    def _on_end_episode(
        self, request: EndEpisode.Request, reply: EndEpisode.Response
    ) -> EndEpisode.Response:
        recording = self._recording
        if request.verdict not in ("", *VERDICTS):
            reply.code = EndEpisode.Response.UNKNOWN_VERDICT
            known = ", ".join(VERDICTS)
            reply.message = f"verdict '{request.verdict}', expected {known} or nothing"
        elif request.path:
            if text := _judge(self._files, request, reply):
                self.get_logger().info(text)
        elif recording is None or recording.is_ending:
            reply.code = EndEpisode.Response.NO_EPISODE
            reply.message = "no episode is in progress"
        else:
            self._end_with(recording.end(request.verdict, discard=request.discard))
        return reply

    def _on_task_state(self, state: TaskState) -> None:
        if self._recording is not None:
            self._end_with(self._recording.see_task(task_progress(state)))
            self._advance()

    def _advance(self) -> None:
        """Write what is whole: in lockstep after each sample, in real time at each tick."""
        if self._recording is not None:
            now_ns = self.get_clock().now().nanoseconds
            self._end_with(self._recording.advance(now_ns, time.monotonic()))

    def _end_with(self, outcome: Outcome | None) -> None:
        if outcome is not None and self._goal is not None:
            self._recording = None
            self._goal.execute(partial(self._close, outcome))

    def _close(self, outcome: Outcome, goal: ServerGoalHandle) -> RecordEpisode.Result:
        self._goal = None
        self._files.add(outcome, only_successful=goal.request.only_successful)
        self._report.ended(outcome)
        return result(goal, outcome)

    def _watch(self) -> None:
        now_s = time.monotonic()
        recording, goal = self._recording, self._goal
        if recording is None or goal is None:
            self._report.refresh()
            return
        if recording.is_ending:
            self._end_with(recording.outcome())
            self._tell(goal, recording, "the file to be closed")
            return
        if goal.is_cancel_requested:
            self._end_with(recording.complete(Ending.CANCELED))
            return
        waits = recording.waited_s(now_s) > FEEDBACK_S
        message = self._input.missing() if waits else ""
        outcome = recording.give_up(now_s, message)
        if outcome is not None:
            self._end_with(outcome)
        else:
            self._tell(goal, recording, message)

    def _tell(self, goal: ServerGoalHandle, recording: EpisodeRecording, message: str) -> None:
        now_s = time.monotonic()
        if self._recording is recording and now_s - self._told_at_s > FEEDBACK_S:
            self._told_at_s = now_s
            frames = recording.num_frames
            goal.publish_feedback(RecordEpisode.Feedback(num_frames=frames, message=message))
            self._report.recording(recording, message)

    def stop(self) -> None:
        """Keep what a running recording has written."""
        if self._recording is not None:
            self._recording.break_off(Ending.INPUT_LOST, "the recorder was stopped")
        self._writer.close()


def _readiness(spec: RobotSpec, params: RecorderParams, inputs: RecorderInput) -> Readiness:
    folder, jpeg = user_path(params.dataset_dir), params.image_format == "jpeg"
    if params.sim:  # before its reset it may send nothing, or the last scene
        return Readiness.of(spec, folder, lambda: "", lambda: "", jpeg=jpeg)
    return Readiness.of(spec, folder, inputs.fault, inputs.absent, jpeg=jpeg)


def _judge(files: RecordedFiles, request: EndEpisode.Request, reply: EndEpisode.Response) -> str:
    """Do what is asked with a finished file, into the reply; return a line for the log, or ""."""
    path = Path(request.path)
    try:
        reply.kept = files.judge(path, request.verdict, discard=request.discard)
    except EpisodeError as error:
        reply.code, reply.message = EndEpisode.Response.WRITE_FAILED, str(error)
        reply.kept = path.exists()
        return ""
    return f"{path}: " + (
        f"judged {request.verdict or 'neither'}" if reply.kept else "deleted as asked"
    )


def main() -> None:
    """Run the node."""
    sys.exit(run_node(RecorderNode, RecorderParams))


if __name__ == "__main__":
    main()
