# SPDX-License-Identifier: Apache-2.0
"""What the recorder says and hears, as messages and as its own types."""

from rclpy.action.server import ServerGoalHandle

from act_core.ros.messages.stamps import to_ns
from act_interfaces.action import RecordEpisode
from act_interfaces.msg import TaskState
from act_recorder.recording_types import Ending, Outcome, TaskProgress

_CODES = {
    Ending.SAVED: RecordEpisode.Result.NONE,
    Ending.DISCARDED: RecordEpisode.Result.DISCARDED,
    Ending.CANCELED: RecordEpisode.Result.CANCELED,
    Ending.INPUT_LOST: RecordEpisode.Result.INPUT_LOST,
    Ending.WRITE_FAILED: RecordEpisode.Result.WRITE_FAILED,
    Ending.NOT_STARTED: RecordEpisode.Result.NOT_STARTED,
}


def task_progress(state: TaskState) -> TaskProgress:
    """Return a task state as the recording takes it."""
    return TaskProgress(
        state.task, state.seed, state.episode, state.tick, to_ns(state.header.stamp),
        state.success, state.held, state.done, state.aborted, state.message,
    )  # fmt: skip


def result(goal: ServerGoalHandle, outcome: Outcome) -> RecordEpisode.Result:
    """Set the goal's end and return its result."""
    if outcome.ending is Ending.CANCELED:
        goal.canceled()
    elif outcome.ending in (Ending.SAVED, Ending.DISCARDED):
        goal.succeed()
    else:
        goal.abort()
    frames = outcome.frames
    return RecordEpisode.Result(
        cameras=list(frames),
        frames_used=[f.frames_used for f in frames.values()],
        frames_repeated=[f.frames_repeated for f in frames.values()],
        frames_unused=[f.frames_unused for f in frames.values()],
        frames_lost=[f.frames_lost for f in frames.values()],
        code=_CODES[outcome.ending], message=outcome.message, path=str(outcome.path or ""),
        num_frames=outcome.num_frames, success=outcome.success,
        skipped_ticks=outcome.skipped_ticks, max_image_age_s=outcome.max_image_age_s,
    )  # fmt: skip
