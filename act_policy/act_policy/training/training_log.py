# SPDX-License-Identifier: Apache-2.0
"""What a training shows: a progress bar and TensorBoard."""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm


class TrainingLog:
    """Progress bar on standard error and scalars for TensorBoard. Use as a context manager.

    Args:
        folder: for TensorBoard's files.
        first_step: where this session begins.
        steps: where training ends.
        shown: False for a process beside the first: it says and writes nothing.
    """

    def __init__(self, folder: Path, first_step: int, steps: int, *, shown: bool = True) -> None:
        # In a log file every refresh is a line's worth of text.
        interval_s = 0.2 if sys.stderr.isatty() else 30.0
        self._bar = tqdm(
            total=steps,
            initial=first_step,
            unit="step",
            dynamic_ncols=True,
            mininterval=interval_s,
            disable=not shown,
        )
        # What a session wrote beyond its last saved state is not shown twice.
        self._writer = SummaryWriter(str(folder), purge_step=first_step) if shown else None
        self._shown: dict[str, str] = {}

    def __enter__(self) -> "TrainingLog":
        """Return self."""
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the bar and the file."""
        self._bar.close()
        if self._writer is not None:
            self._writer.close()

    def advance(self) -> None:
        """Count one step."""
        self._bar.update()

    def scalars(self, group: str, values: Mapping[str, float], step: int) -> None:
        """Show and write numbers under `group`."""
        if self._writer is None:
            return
        for name, value in values.items():
            self._writer.add_scalar(f"{group}/{name}", value, step)
            if "l1" in name or "kl" in name:
                self._shown[f"{group}.{name}"] = f"{value:.4g}"
        self._bar.set_postfix(self._shown, refresh=False)
