# SPDX-License-Identifier: Apache-2.0
"""Finds a checkpoint by its folder, its run's, or by name among those that come with the suite."""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory

from act_core.errors import suggestion
from act_core.paths import user_path
from act_policy.checkpoint.run_folder import best_of
from act_policy.errors import CheckpointError


def find_checkpoint(name_or_path: str) -> Path:
    """Return the checkpoint folder; of a training run the best: see `run_folder.best_of`.

    Raises:
        CheckpointError: neither a folder nor a shipped name; lists those there are.
    """
    path = user_path(name_or_path)
    if name_or_path and path.is_dir():
        return best_of(path) or path
    shipped = Path(get_package_share_directory("act_policy")) / "checkpoints"
    names = sorted(p.name for p in shipped.iterdir()) if shipped.is_dir() else []
    if name_or_path in names:
        return shipped / name_or_path
    raise CheckpointError(
        f"checkpoint '{name_or_path}': no such folder{suggestion(name_or_path, names)}"
    )
