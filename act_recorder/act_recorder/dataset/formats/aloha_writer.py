# SPDX-License-Identifier: Apache-2.0
"""Writes this suite's episodes, whose layout the original's loaders read too."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py

from act_core.episode.image_rows import ImageCodec
from act_core.episode.jpeg import DEFAULT_QUALITY
from act_core.episode.meta import FORMAT_VERSION
from act_core.episode.writer import EpisodeWriter
from act_recorder.dataset.formats.source import Source, SourceEpisode, WriteOptions


def check(source: Source, options: WriteOptions) -> tuple[str, ...]:
    """Return what JPEG takes away; all else can be kept."""
    pixels = any(not episode.is_jpeg and episode.image_shapes for episode in source.episodes)
    return ("image detail, by JPEG",) if options.jpeg_quality and pixels else ()


def write(
    source: Source, folder: Path, options: WriteOptions, progress: Callable[[], object]
) -> None:
    """Write all episodes into `folder`, numbered from 0.

    Raises:
        EpisodeError: an image is damaged, or the disk is nearly full.
    """
    for episode in source.episodes:
        path = _write_one(episode, folder, options, progress)
        if episode.extras:
            with h5py.File(path, "r+") as file:
                for name, values in episode.extras.items():
                    file.create_dataset(name, data=values)


def _write_one(
    episode: SourceEpisode, folder: Path, options: WriteOptions, progress: Callable[[], object]
) -> Path:
    quality = options.jpeg_quality
    if quality is None:  # as it comes
        quality = DEFAULT_QUALITY if episode.is_jpeg else 0
    meta = replace(episode.meta, format_version=FORMAT_VERSION)
    writer = EpisodeWriter(folder, meta, dict(episode.image_shapes), ImageCodec(quality))
    for row in episode.rows():
        writer.append(
            row.observation, row.action, row.action_stamp_ns, time_ns=row.time_ns,
            source=row.source,
        )  # fmt: skip
        progress()
    return writer.finish(frames=episode.frames)
