# SPDX-License-Identifier: Apache-2.0
"""Synthetic data for tests: small, seeded, and made by the real writers."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from act_core.episode.image_rows import RAW, ImageCodec
from act_core.episode.meta import EpisodeMeta
from act_core.episode.writer import EpisodeWriter
from act_core.observation import JointSample, Observation
from act_core.robot.robot_file import load_robot, parse_robot
from act_core.robot.robot_spec import RobotSpec


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


def sound_robot() -> RobotSpec:
    """Return aloha_sim with two small cameras, `top` and `wrist`."""
    text = load_robot("aloha_sim").yaml_text
    cameras = "".join(
        f"  - {{name: {name}, height_px: 24, width_px: 32}}\n" for name in ("top", "wrist")
    )
    return parse_robot(f"{text[: text.index('cameras:')]}cameras:\n{cameras}", "sound_robot")


def make_sound_episode(
    directory: Path, *, num_frames: int = 150, seed: int = 0, codec: ImageCodec = RAW
) -> Path:
    """Write the next episode as a real `sound_robot` gives it: none of the checks finds anything.

    Both arms swing, the grippers open and close, positions follow commands two ticks later, and
    each camera sees a scene of its own that moves, with the noise of a sensor.
    """
    rng = np.random.default_rng(seed)
    spec = sound_robot()
    size_px = {camera.name: (camera.height_px, camera.width_px) for camera in spec.cameras}
    scene = np.random.default_rng(0)
    scenes = {n: scene.integers(0, 200, (6, 8, 3)).repeat(4, 0).repeat(4, 1) for n in size_px}
    scenes = {n: (s * [1.0, 0.6, 0.3]).astype(np.uint8) for n, s in scenes.items()}
    meta = EpisodeMeta.for_robot(spec, sim=False, task="swing")
    writer = EpisodeWriter(directory, meta, size_px, codec)
    swing = np.where(spec.is_gripper, 0.4, 0.3) * rng.uniform(0.8, 1.0, spec.dim)
    middle = np.where(spec.is_gripper, 0.5, spec.start)
    for index in range(num_frames):
        stamp_ns = index * spec.period_ns
        noise = rng.normal(0.0, 1e-4, spec.dim)
        positions = middle + swing * np.sin((index - 2) / 15) + noise
        images = {
            name: np.roll(picture, index // 4, axis=1)
            + rng.integers(0, 4, picture.shape, np.uint8)
            for name, picture in scenes.items()
        }
        joints = JointSample(stamp_ns, positions, 0 * positions, np.full(spec.dim, np.nan))
        stamps_ns = dict.fromkeys(size_px, stamp_ns)
        obs = Observation(stamp_ns, joints, images, stamps_ns)
        writer.append(obs, middle + swing * np.sin(index / 15), stamp_ns, source="teleop")
    return writer.finish(verdict="success")
