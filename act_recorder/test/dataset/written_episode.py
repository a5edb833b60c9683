# SPDX-License-Identifier: Apache-2.0
"""Small episodes for the verbs' tests, in both codecs, with idle ends and things to keep."""

from pathlib import Path

import numpy as np

from act_core.episode.frame_counts import FrameCounts
from act_core.episode.image_rows import RAW, ImageCodec
from act_core.episode.meta import EpisodeMeta
from act_core.episode.writer import EpisodeWriter
from act_core.observation import JointSample, Observation
from act_core.robot.robot_file import load_robot
from act_core.robot.robot_spec import RobotSpec

ROBOT = load_robot("aloha_2")
JPEG = ImageCodec(95)
CAMERAS = ("cam_high", "cam_left_wrist", "cam_right_wrist")
SIZE = (16, 24)
FRAMES = FrameCounts(frames_used=40)
PERIOD_NS = 20_000_000


def begin(directory: Path, *, codec: ImageCodec = RAW, spec: RobotSpec = ROBOT) -> EpisodeWriter:
    """Open a new episode with three cameras."""
    meta = EpisodeMeta.for_robot(spec, sim=False, task="pour", labels=("dusk",), origin="the lab")
    return EpisodeWriter(directory, meta, dict.fromkeys(CAMERAS, SIZE), codec)


def add_rows(writer: EpisodeWriter, count: int = 40, *, seed: int = 0) -> None:
    """Write rows of which the first ten and the last ten are idle."""
    rng = np.random.default_rng(seed)
    offset = rng.uniform(0, 0.5, ROBOT.dim)
    for row in range(count):
        moved = 0.1 * np.clip(row - 9, 0, max(0, count - 20))
        stamp_ns = 1_000_000_000 + row * PERIOD_NS
        joints = JointSample(stamp_ns, offset + moved, np.full(14, np.nan), rng.normal(size=14))
        # Smooth, so that a JPEG hardly changes them, and different in every row and camera.
        ramp = np.linspace(0, 120, SIZE[1])[None, :, None] + rng.uniform(0, 100, (1, 1, 3))
        image = np.broadcast_to(ramp, (*SIZE, 3)).astype(np.uint8)
        images = {camera: image + index for index, camera in enumerate(CAMERAS)}
        stamps_ns = {camera: stamp_ns - 1_000_000 * (i + 1) for i, camera in enumerate(CAMERAS)}
        writer.append(
            Observation(stamp_ns, joints, images, stamps_ns), joints.positions + 0.001,
            stamp_ns + 2_000_000, time_ns=stamp_ns + 4_000_000,
            source="teleop" if row < count // 2 else "policy",
        )  # fmt: skip


def written(
    directory: Path, *, codec: ImageCodec = RAW, seed: int = 0, spec: RobotSpec = ROBOT
) -> Path:
    """Write the next episode of 40 rows."""
    writer = begin(directory, codec=codec, spec=spec)
    add_rows(writer, seed=seed)
    return writer.finish(
        verdict="success", judge="operator", frames=dict.fromkeys(CAMERAS, FRAMES)
    )
