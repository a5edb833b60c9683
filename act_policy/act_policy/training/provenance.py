# SPDX-License-Identifier: Apache-2.0
"""Where a checkpoint comes from."""

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from act_policy.samples.agreement import fingerprint
from act_policy.samples.dataset_folder import DatasetFolder
from act_policy.samples.episode import Episode


def dataset_provenance(
    folders: Sequence[DatasetFolder], training: Sequence[Episode], validation: Sequence[Episode]
) -> dict[str, Any]:
    """Describe the episodes: where, how many, how often they come, and their fingerprint."""
    return {
        "folders": [_folder_provenance(folder, training, validation) for folder in folders],
        "num_training_episodes": len(training),
        "num_training_frames": sum(map(len, training)),
        "num_validation_frames": sum(map(len, validation)),
        "sha256_of_names_sizes_actions": fingerprint([*training, *validation]),
    }


def _folder_provenance(
    folder: DatasetFolder, training: Sequence[Episode], validation: Sequence[Episode]
) -> dict[str, Any]:
    mine = [episode for episode in training if episode.path.parent == folder.path]
    return {
        "path": str(folder.path.resolve()),
        "weight": folder.weight,
        "num_training_episodes": len(mine),
        "num_training_frames": sum(map(len, mine)),
        "training_episodes": [e.path.name for e in mine],
        "validation_episodes": [e.path.name for e in validation if e.path.parent == folder.path],
    }


def machine_provenance(device: torch.device) -> dict[str, Any]:
    """Describe software and machine, without naming the machine or its user."""
    try:
        own_version = version("act_policy")
    except PackageNotFoundError:
        own_version = "not installed"
    on_gpu = device.type == "cuda"
    return {
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "act_policy": own_version,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "device": torch.cuda.get_device_name(device) if on_gpu else _cpu_name(),
        "num_threads": torch.get_num_threads(),
    }


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]} ({len(names)} cores)" if names else platform.machine()
