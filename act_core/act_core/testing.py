# SPDX-License-Identifier: Apache-2.0
"""Synthetic data for tests: small, seeded, and made by the real writers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from act_core.episode.meta import EpisodeMeta
from act_core.episode.writer import EpisodeWriter
from act_core.observation import JointSample, Observation


def make_observation(
    stamp_ns: int, dim: int, cameras: dict[str, tuple[int, int]], rng: np.random.Generator
) -> Observation:
    """Return an observation of random joints (D,) and random images, all stamped `stamp_ns`."""
    joints = JointSample(
        stamp_ns, rng.normal(size=dim), rng.normal(size=dim), rng.normal(size=dim)
    )
    images = {
        name: rng.integers(0, 256, (*shape, 3), dtype=np.uint8) for name, shape in cameras.items()
    }
    return Observation(stamp_ns, joints, images, dict.fromkeys(cameras, stamp_ns))


def make_episode(  # noqa: PLR0913 - a builder's keywords, all with defaults
    directory: Path,
    *,
    num_frames: int = 10,
    dim: int = 14,
    cameras: Sequence[str] = ("top",),
    image_shape: tuple[int, int] = (24, 32),
    rate_hz: float = 50.0,
    joint_names: Sequence[str] | None = None,
    robot_yaml: str = "",
    seed: int = 0,
) -> Path:
    """Write the next `episode_{i}.hdf5` of random but smooth joints into `directory`."""
    rng = np.random.default_rng(seed)
    names = tuple(joint_names or (f"joint_{i}" for i in range(dim)))
    meta = EpisodeMeta(
        names, ("rad",) * len(names), rate_hz, robot_yaml, sim=True, task="synthetic", seed=seed
    )
    shapes = dict.fromkeys(cameras, image_shape)
    writer = EpisodeWriter(directory, meta, shapes)
    phase = rng.uniform(0, 2 * np.pi, len(names))
    for index in range(num_frames):
        stamp_ns = round(index * 1e9 / rate_hz)
        obs = make_observation(stamp_ns, len(names), shapes, rng)
        obs.joints.positions[:] = np.sin(phase + index / 20)
        writer.append(obs, np.sin(phase + (index + 1) / 20), stamp_ns)
    return writer.finish(verdict="success")
