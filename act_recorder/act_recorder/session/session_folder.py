# SPDX-License-Identifier: Apache-2.0
"""What an earlier session has left in the folder. No ROS."""

from dataclasses import dataclass
from pathlib import Path

from act_core.episode.find_episodes import find_episodes, find_partials
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError


@dataclass(frozen=True)
class Present:
    """Episodes that count, and a line about the others; empty where there are none."""

    count: int
    text: str = ""


def count_episodes(folder: Path, task: str, *, only_successful: bool) -> Present:
    """Return how many episodes of a task are in a folder.

    Failures do not count where only successes are wanted; what cannot be read does not either.
    """
    try:
        paths = find_episodes(folder)
    except EpisodeError:
        paths = []
    counted, faults = 0, []
    for path in paths:
        try:
            with EpisodeReader(path) as episode:
                wanted = episode.meta.verdict != "failure" or not only_successful
                counted += episode.meta.task == task and wanted
        except EpisodeError as error:
            faults.append(str(error))
    notes = [f"not counted: {fault}" for fault in faults[:1]]
    if len(faults) > 1:
        notes.append(f"and {len(faults) - 1} more")
    partials = find_partials(folder) if folder.is_dir() else []
    if partials:
        notes.append(
            f"{len(partials)} unfinished (.partial) are there; `act dataset recover {folder}` "
            "makes episodes of them"
        )
    return Present(counted, "; ".join(notes))
