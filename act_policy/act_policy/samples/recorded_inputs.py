# SPDX-License-Identifier: Apache-2.0
"""Observations of recorded episodes, as a network takes them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_core.episode.find_episodes import find_episodes
from act_core.robot.robot_file import parse_robot
from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.errors import DatasetError
from act_policy.model.network_input import network_input
from act_policy.samples.agreement import load_episodes
from act_policy.samples.dataset import EpisodeDataset

COUNT = 200  # of four cameras of 480x640 that is 0.7 GB


def recorded_inputs(
    dataset: Path, checkpoint: Checkpoint, count: int = COUNT
) -> list[tuple[NDArray[np.float32], NDArray[np.uint8]]]:
    """Return `count` observations, spread evenly over all rows, or all where there are fewer.

    Args:
        dataset: folder of episodes, of the checkpoint's robot where they do not say so.
        checkpoint: whose joints, cameras and image size they are for.
        count: how many.

    Returns:
        Of each a `network_input` without prefix, and (N, H, W, 3) pixels.

    Raises:
        DatasetError: other joints, a camera is missing, or there is no episode.
        EpisodeError: a file is not a readable episode.
    """
    config = checkpoint.config
    robot = parse_robot(checkpoint.robot_yaml, "in the checkpoint")
    episodes = load_episodes(find_episodes(dataset), config.cameras, robot)
    names = episodes[0].format.joint_names
    if names != config.state_names:
        raise DatasetError(
            f"{dataset} has joints {', '.join(names)}, the checkpoint takes "
            f"{', '.join(config.state_names)}"
        )
    size_px = config.image_height_px, config.image_width_px
    rows = EpisodeDataset(episodes, 1, image_size_px=size_px)
    chosen = np.unique(np.linspace(0, len(rows) - 1, count).round().astype(int))
    batch = rows[chosen.tolist()]
    vectors = [network_input(config, state) for state in batch.state.numpy()]
    return list(zip(vectors, batch.images.numpy(), strict=True))
