# SPDX-License-Identifier: Apache-2.0
"""Verb `stats`: ranges, mean and spread of every column and camera."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.look.column_statistics import (
    QUANTILES,
    ColumnStatistics,
    ImageStatistics,
)
from act_recorder.dataset.progress import shown
from act_recorder.dataset.selection import (
    add_filter,
    chosen_episodes,
    fitting,
    named_robot,
    verb_line,
)


@dataclass
class Values:
    """What is summed up, of all episodes.

    Attributes:
        names: of the columns.
        units: of the columns.
        states: (T, D) of each episode.
        actions: (T, D) of each episode.
        images: camera → its colours.
    """

    names: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    states: list[NDArray[np.float32]] = field(default_factory=list)
    actions: list[NDArray[np.float32]] = field(default_factory=list)
    images: dict[str, ImageStatistics] = field(default_factory=dict)

    def add(self, reader: EpisodeReader, images: int) -> None:
        """Take an open episode, and `images` of each camera, evenly spread.

        Raises:
            EpisodeError: its columns have other names, it has no row, or an image is damaged.
        """
        meta = reader.meta
        self.names, self.units = self.names or meta.joint_names, self.units or meta.joint_units
        if meta.joint_names != self.names:
            raise EpisodeError(
                f"{reader.path}: columns {', '.join(meta.joint_names)}; those before have "
                f"{', '.join(self.names)}"
            )
        if not reader.num_frames:
            raise EpisodeError(f"{reader.path}: has no row")
        self.states.append(reader.positions)
        self.actions.append(reader.actions)
        count = min(images, reader.num_frames)
        rows = np.linspace(0, reader.num_frames - 1, count).round().astype(int)
        for camera in reader.cameras:
            for row in rows.tolist():
                self.images.setdefault(camera, ImageStatistics()).add(reader.image(camera, row))


def main(words: Sequence[str]) -> int:
    """Print a table, or JSON."""
    line = verb_line("stats", "Ranges, mean and spread of every column and camera.")
    add_filter(line)
    line.add_argument(
        "--images", type=int, default=10, help="images of each camera and episode; 0 for none"
    )
    line.add_argument("--json", action="store_true", help="one object, for programs")
    options = line.parse(words)
    if options.images < 0:
        raise EpisodeError(f"--images {options.images}, expected 0 or more")
    paths = fitting(chosen_episodes(options), options)
    if not paths:
        raise EpisodeError(f"{options.dataset} has no such episode")
    values = gather(paths, named_robot(options), options.images)
    told = summary(values)
    if options.json:
        json.dump(told, sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(as_table(told))
    return 0


def gather(paths: Sequence[Path], robot: RobotSpec | None, images: int) -> Values:
    """Read what is to be summed up; raises EpisodeError."""
    values = Values()
    for path in shown(paths, "stats"):
        with EpisodeReader(path, robot) as reader:
            values.add(reader, images)
    return values


def summary(values: Values) -> dict[str, Any]:
    """Return plain values: state and action by column, cameras by colour."""
    return {
        "episodes": len(values.states),
        "rows": sum(map(len, values.states)),
        "state": _columns(values, ColumnStatistics.of(values.states)),
        "action": _columns(values, ColumnStatistics.of(values.actions)),
        "cameras": {
            camera: {
                "images": colours.images, "mean_rgb": colours.mean.tolist(),
                "std_rgb": colours.std.tolist(),
            }
            for camera, colours in values.images.items()
        },
    }  # fmt: skip


def as_table(told: dict[str, Any]) -> str:
    """Return the summary for people."""
    names = [key for key in told["state"][0] if key not in ("name", "unit")]
    width = max(len(column["name"]) for column in told["state"])
    text = f"{told['episodes']} episodes, {told['rows']} rows\n"
    for what in ("state", "action"):
        text += f"\n{what.ljust(width)} unit {''.join(name.rjust(9) for name in names)}\n"
        for column in told[what]:
            numbers = "".join(f"{column[name]:9.3f}" for name in names)
            text += f"{column['name'].ljust(width)} {column['unit']:4} {numbers}\n"
    for camera, colours in told["cameras"].items():
        mean, std = (
            " ".join(f"{value:.3f}" for value in colours[key]) for key in ("mean_rgb", "std_rgb")
        )
        text += f"\ncamera {camera}: mean {mean}, std {std} (red green blue, 0 … 1; "
        text += f"{colours['images']} images)"
    return text + ("\n" if told["cameras"] else "")


def _columns(values: Values, of: ColumnStatistics) -> list[dict[str, Any]]:
    return [
        {
            "name": name, "unit": unit, "min": float(of.lowest[i]), "max": float(of.highest[i]),
            "mean": float(of.mean[i]), "std": float(of.std[i]),
            **{
                f"q{round(100 * quantile):02}": float(of.quantiles[k, i])
                for k, quantile in enumerate(QUANTILES)
            },
        }
        for i, (name, unit) in enumerate(zip(values.names, values.units, strict=True))
    ]  # fmt: skip
