# SPDX-License-Identifier: Apache-2.0
"""Small checkpoints with random weights, for tests."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.model.act import ACT
from act_policy.model.act_config import ACTConfig
from act_policy.model.statistics import Statistics

_SMALL: dict[str, Any] = {
    "cameras": ("top",), "image_height_px": 32, "image_width_px": 32, "rate_hz": 20.0,
    "chunk_size": 4, "dim_model": 16, "n_heads": 2, "dim_feedforward": 16,
    "n_encoder_layers": 1, "n_vae_encoder_layers": 1,
}  # fmt: skip


def make_checkpoint(
    states: NDArray[np.float32],
    actions: NDArray[np.float32],
    *,
    robot_yaml: str = "",
    step: int = 0,
    **config: Any,
) -> Checkpoint:
    """Return a checkpoint of a small network, the same at each call.

    Args:
        states: (N, D) to take the statistics of.
        actions: the same of actions.
        robot_yaml: text of the robot file.
        step: what its provenance says.
        config: of ACTConfig, over small values; columns are called a, b, … if not named.
    """
    names = {
        f"{stream}_names": tuple("abcdefghijklmn"[: rows.shape[1]])
        for stream, rows in (("state", states), ("action", actions))
    }
    act_config = ACTConfig(**(_SMALL | names | config))
    torch.manual_seed(0)
    weights = ACT(act_config).state_dict()
    statistics = Statistics.fit([states], [actions])
    return Checkpoint(act_config, statistics, robot_yaml, {"step": step}, weights)
