# SPDX-License-Identifier: Apache-2.0
"""A folder of episodes to train on, and how often its frames come."""

from dataclasses import dataclass
from pathlib import Path

from act_core.paths import user_path
from act_policy.errors import DatasetError

# Beyond it one frame would fill an epoch; a slip.
MAX_WEIGHT = 1000.0


@dataclass(frozen=True)
class DatasetFolder:
    """One dataset of a training.

    Attributes:
        path: folder of episodes.
        weight: how often a frame of it is drawn, next to one of a dataset of weight 1.
    """

    path: Path
    weight: float = 1.0

    @classmethod
    def parse(cls, text: str) -> "DatasetFolder":
        """Read `DIR` or `DIR=WEIGHT`; a folder that is there under the whole text is that folder.

        Raises:
            DatasetError: the weight is no number, or not more than 0 and at most MAX_WEIGHT.
        """
        folder, equals, number = text.rpartition("=")
        if not equals or user_path(text).is_dir():
            return cls(user_path(text))
        try:
            weight = float(number)
        except ValueError:
            weight = 0.0
        if not 0.0 < weight <= MAX_WEIGHT:
            raise DatasetError(
                f"'--dataset {text}': the weight is '{number}', expected a number above 0 and up "
                f"to {MAX_WEIGHT:g}, as in DIR=0.5"
            )
        return cls(user_path(folder), weight)
