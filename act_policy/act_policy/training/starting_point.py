# SPDX-License-Identifier: Apache-2.0
"""A checkpoint that a training starts from instead of random weights."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from act_policy.checkpoint.checkpoint import load_checkpoint
from act_policy.errors import CheckpointError
from act_policy.model.act_config import ACTConfig, ACTHyperparameters
from act_policy.training.training_data import TrainingData

# No weight depends on them.
_FREE = {"dropout", "kl_weight"}
_SAME = ("cameras", "state_names", "action_names")


@dataclass(frozen=True)
class StartingPoint:
    """What is taken of a checkpoint.

    Attributes:
        weights: of the network.
        provenance: which checkpoint it was, as plain values.
    """

    weights: Mapping[str, Tensor]
    provenance: dict[str, Any]

    @classmethod
    def load(cls, folder: Path, data: TrainingData) -> "StartingPoint":
        """Read a checkpoint, and let `data` be scaled as it was: the two belong together.

        Raises:
            CheckpointError: it cannot be read, or is of another network, robot or cameras.
        """
        checkpoint = load_checkpoint(folder)
        _check(folder, checkpoint.config, data.act_config)
        data.statistics = checkpoint.statistics
        known = {k: v for k, v in checkpoint.provenance.items() if k in ("step", "written_at")}
        return cls(checkpoint.weights, {"checkpoint": str(folder.resolve()), **known})


def _check(folder: Path, theirs: ACTConfig, ours: ACTConfig) -> None:
    for name in asdict(ACTHyperparameters()):
        got, expected = getattr(theirs, name), getattr(ours, name)
        if name not in _FREE and got != expected:
            raise CheckpointError(
                f"'{folder}' has {name} {got}, this training {expected}; to start from its "
                f"weights: --set model.{name}={got}"
            )
    for name in _SAME:
        got, expected = getattr(theirs, name), getattr(ours, name)
        if got != expected:
            raise CheckpointError(
                f"'{folder}' has {name} {', '.join(got)}, the episodes {', '.join(expected)}; its "
                "weights are for those alone"
            )
