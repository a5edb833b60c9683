# SPDX-License-Identifier: Apache-2.0
"""Devices, precision and processes of a training, by Lightning Fabric.

Fabric leaves the loop as it is, and turns it into one over the GPUs or machines that `torchrun`
started. (Accelerate does as much, with more of its own between loop and model.)
"""

import logging
import os
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.precision import MixedPrecision

from act_policy.errors import TrainingError
from act_policy.training.training_config import TrainingConfig


def open_fabric(config: TrainingConfig) -> Fabric:
    """Return what moves, wraps and reduces, joined with the other processes if there are any.

    Raises:
        TrainingError: the configured device is not there.
    """
    if config.device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("'device' is cuda, but torch finds no CUDA device; set device: cpu")
    if config.num_threads:
        torch.set_num_threads(config.num_threads)
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # its lines tell nothing new
    everywhere = int(os.environ.get("WORLD_SIZE", "1"))  # as torchrun sets them
    here = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    mixed = {"bf16": "bf16-mixed", "fp16": "16-mixed"}.get(config.precision)
    fabric = Fabric(
        accelerator=config.device,
        devices=here,
        num_nodes=everywhere // here,
        strategy="ddp" if everywhere > 1 else "auto",
        plugins=[_Autocast(mixed, config.device)] if mixed else [],  # type: ignore[arg-type]
    )
    fabric.launch()
    return fabric


class _Autocast(MixedPrecision):
    """Autocast alone: states and actions would lose digits if they were rounded ahead of it."""

    def convert_input(self, data: Any) -> Any:
        """Return `data` as it is."""
        return data
