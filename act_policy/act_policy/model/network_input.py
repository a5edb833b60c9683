# SPDX-License-Identifier: Apache-2.0
"""What an engine is given beside images: one vector, of the state and of a known prefix.

    [ S positions | P x A first actions of the chunk | how many of these are known ]

The last two are there where the network takes a prefix (`ACTConfig.prefix_size` is P). One vector,
so that engines take two inputs, whatever the network.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from act_policy.errors import PolicyInputError
from act_policy.model.act import Prefix
from act_policy.model.act_config import ACTConfig


def network_input(
    config: ACTConfig, positions: NDArray[np.float32], prefix: NDArray[np.floating] | None = None
) -> NDArray[np.float32]:
    """Return the vector.

    Args:
        config: of the network.
        positions: (S,) in the state's units.
        prefix: (p, A) first actions of the chunk, physical; None or p = 0 for none.

    Raises:
        PolicyInputError: the network takes no prefix of this shape.
    """
    known = np.zeros((0, config.action_dim))
    if prefix is not None and len(prefix):
        known = np.asarray(prefix)
    if known.shape[1:] != (config.action_dim,) or len(known) > config.prefix_size:
        raise PolicyInputError(
            f"prefix has shape {known.shape}, the policy takes at most {config.prefix_size} "
            f"actions of {config.action_dim} columns"
        )
    if not np.isfinite(known).all():
        raise PolicyInputError("the prefix is not finite")
    if not config.prefix_size:
        return positions
    rows = np.zeros((config.prefix_size, config.action_dim), np.float32)
    rows[: len(known)] = known
    return np.concatenate([positions, rows.ravel(), [len(known)]]).astype(np.float32)


def input_dim(config: ACTConfig) -> int:
    """Return the length of the vector."""
    prefix = config.prefix_size * config.action_dim + 1 if config.prefix_size else 0
    return config.state_dim + prefix


def split_input(config: ACTConfig, vector: Tensor) -> tuple[Tensor, Prefix | None]:
    """Return state (1, S) and prefix of the vector, both physical."""
    state = vector[None, : config.state_dim]
    if not config.prefix_size:
        return state, None
    rows = vector[None, config.state_dim : -1].unflatten(1, (config.prefix_size, -1))
    places = torch.arange(config.prefix_size, device=vector.device)
    return state, Prefix(rows, places[None] < vector[-1])
