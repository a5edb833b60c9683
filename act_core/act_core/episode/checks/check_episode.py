# SPDX-License-Identifier: Apache-2.0
"""Runs the checks on one episode, and between those of a folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_core.episode.checks import (
    command_checks,
    dataset_checks,
    file_checks,
    image_checks,
    motion_checks,
    time_checks,
)
from act_core.episode.checks.dataset_checks import EpisodeFacts, dataset_findings
from act_core.episode.checks.finding import Check, Finding
from act_core.episode.checks.image_scan import CameraScan, scan_camera
from act_core.episode.checks.rows import Rows
from act_core.episode.find_episodes import find_partials
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.robot.robot_spec import RobotSpec

# ACT's published chunk, and that of the shipped configurations.
CHUNK_SIZE = 100

CHECKS: tuple[Check, ...] = (
    *file_checks.CHECKS, *time_checks.CHECKS, *image_checks.CHECKS, *motion_checks.CHECKS,
    *command_checks.CHECKS, *dataset_checks.CHECKS,
)  # fmt: skip


@dataclass(frozen=True)
class Thoroughness:
    """How closely to look.

    Attributes:
        chunk_size: actions in a chunk of the policy that is to be trained.
        num_images: images of each camera to look at, evenly spread; 0 for every one.
        robot: of files that do not say theirs.
    """

    chunk_size: int = CHUNK_SIZE
    num_images: int = 0
    robot: RobotSpec | None = None

    def rows(self, count: int) -> NDArray[np.int64]:
        """Return which of `count` images to look at."""
        if not self.num_images or count <= self.num_images:
            return np.arange(count, dtype=np.int64)
        return np.linspace(0, count - 1, self.num_images).round().astype(np.int64)


@dataclass(frozen=True)
class EpisodeReport:
    """What was found in one episode.

    Attributes:
        path: the file.
        findings: its defects.
        facts: to compare it with others; None where it cannot be.
        size_bytes: of the file.
    """

    path: Path
    findings: tuple[Finding, ...]
    facts: EpisodeFacts | None
    size_bytes: int


def check_episode(path: Path, how: Thoroughness = Thoroughness()) -> EpisodeReport:
    """Return what is wrong with one file, whatever it is; raises nothing for what is in it."""
    findings: list[Finding] = []
    facts, size_bytes = None, 0
    try:
        size_bytes = path.stat().st_size
        with EpisodeReader(path, how.robot) as reader:
            rows = Rows.load(reader)
            findings += file_checks.file_findings(rows)
            if not any(finding.is_error for finding in findings):
                scans = _scan(reader, how)
                findings += time_checks.time_findings(rows)
                findings += image_checks.image_findings(rows, scans)
                findings += motion_checks.motion_findings(rows, how.chunk_size)
                findings += command_checks.command_findings(rows)
                looks = {c: _look(scan) for c, scan in scans.items() if len(scan.grids)}
                facts = EpisodeFacts.of(path, rows, looks)
    except (EpisodeError, OSError) as error:
        text = str(error).removeprefix(f"{path}: ")
        findings.append(file_checks.UNREADABLE.found(text))
    return EpisodeReport(path, tuple(findings), facts, size_bytes)


def check_folder(folder: Path | None, reports: Sequence[EpisodeReport]) -> list[Finding]:
    """Return what is wrong between the episodes of `reports`, and left over in `folder`."""
    found = list(dataset_findings([r.facts for r in reports if r.facts is not None]))
    partials = find_partials(folder) if folder is not None else []
    if partials:
        names = ", ".join(path.name for path in partials[:5])
        found.append(dataset_checks.PARTIALS.found(f"{len(partials)} files: {names}"))
    return found


def _scan(reader: EpisodeReader, how: Thoroughness) -> dict[str, CameraScan]:
    rows = how.rows(reader.num_frames)
    return {camera: scan_camera(reader, camera, rows) for camera in reader.cameras}


def _look(scan: CameraScan) -> NDArray[np.float32]:
    return np.asarray(scan.grids.mean(axis=0), np.float32)
