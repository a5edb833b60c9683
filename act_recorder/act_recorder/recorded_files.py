# SPDX-License-Identifier: Apache-2.0
"""The episodes that a recorder has finished, and what is said of them afterwards. No ROS."""

from pathlib import Path

from act_core.episode.editing.edit_meta import edit_meta
from act_core.episode.meta import Verdict
from act_core.errors import EpisodeError
from act_recorder.recording_types import Ending, Outcome


class RecordedFiles:
    """Finished files of this recorder, the only ones that it changes or deletes."""

    def __init__(self) -> None:
        self._only_successful: dict[Path, bool] = {}

    def add(self, outcome: Outcome, *, only_successful: bool) -> None:
        """Take note of a recording that has ended."""
        if outcome.path is not None and outcome.ending in (Ending.SAVED, Ending.CANCELED):
            self._only_successful[outcome.path] = only_successful

    def judge(self, path: Path, verdict: Verdict, *, discard: bool) -> bool:
        """Write the operator's verdict into a file, or delete it; tell whether it is kept.

        A failure goes where only successful episodes were asked for.

        Raises:
            EpisodeError: it is none of this recorder's, or cannot be changed.
        """
        if path not in self._only_successful:
            raise EpisodeError(f"{path}: not recorded since this recorder started")
        if not (discard or (self._only_successful[path] and verdict == "failure")):
            edit_meta(path, verdict=verdict)
            return True
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise EpisodeError(f"{path}: cannot be deleted: {error}") from error
        del self._only_successful[path]
        return False
