# SPDX-License-Identifier: Apache-2.0
"""Checkpoints for the cell, and a policy that drives it."""

from pathlib import Path
from typing import Any

import numpy as np
from fault_lab.fault_cell import ROBOT_FILE, SPEC
from processes import Process, Processes

from act_policy.checkpoint.checkpoint import Checkpoint, save_checkpoint
from act_policy.testing import make_checkpoint

CHUNK_SIZE = 50  # one second


def checkpoint_for_cell(folder: Path, **changes: Any) -> Path:
    """Write a small checkpoint that keeps the cell near its start pose; return `folder`.

    Args:
        folder: to write.
        changes: of the network's configuration.
    """
    rows = np.tile(SPEC.start, (4, 1)).astype(np.float32)
    rows[::2] += 0.01
    config = {
        "chunk_size": CHUNK_SIZE, "rate_hz": SPEC.rate_hz, "cameras": ("top", "wrist"),
        "image_height_px": 24, "image_width_px": 32,
        "state_names": SPEC.columns, "action_names": SPEC.columns,
    }  # fmt: skip
    made: Checkpoint = make_checkpoint(rows, rows, robot_yaml=SPEC.yaml_text, **config | changes)
    save_checkpoint(folder, made)
    return folder


def start_policy(processes: Processes, checkpoint: Path, **params: Any) -> Process:
    """Start a policy node for the cell."""
    return processes.start(
        "act_policy.policy_node", robot_file=ROBOT_FILE, checkpoint=checkpoint,
        **{"autostart": True, **params},
    )  # fmt: skip
