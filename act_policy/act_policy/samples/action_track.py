# SPDX-License-Identifier: Apache-2.0
"""The commands of an episode as a function of time, from which training cuts its chunks."""

import numpy as np
from numpy.typing import NDArray

from act_core.episode.checks.time_checks import MAX_GAP_TICKS


class ActionTrack:
    """Commands by their stamps, linear in between, as the policy's ensembler reads a chunk.

    Stamps alone say when a command was meant. Rows that a recorder left out, or that hold a
    command twice, therefore change nothing about the speed of a motion, nor does the rate at
    which it was recorded.

    Args:
        stamps_ns: (T,) int64, never decreasing.
        actions: (T, A) float32.
        tick_ns: control tick of the recording.
        chosen: (T,) bool, rows to learn from; after the last of some in a row a motion ends. None
            for all.
    """

    def __init__(
        self,
        stamps_ns: NDArray[np.int64],
        actions: NDArray[np.float32],
        tick_ns: int,
        chosen: NDArray[np.bool_] | None = None,
    ) -> None:
        self._stamps_ns, rows = np.unique(stamps_ns, return_index=True)
        self._actions, self._tick_ns = actions[rows], tick_ns
        self._max_gap_ns = MAX_GAP_TICKS * tick_ns
        ends = np.diff(self._stamps_ns) > self._max_gap_ns
        if chosen is not None:
            ends |= chosen[rows][:-1] & ~chosen[rows][1:]
        self._last_rows = np.append(np.flatnonzero(ends), len(self._stamps_ns) - 1)

    def chunk(
        self, start_ns: int, size: int, period_ns: int
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the commands of `start_ns` and the `size` - 1 periods after it.

        Returns:
            (K, A) float32 actions and (K,) bool, true beyond the end of the motion, where the
            last action is repeated. It ends with the episode, a gap, or the last chosen row.
        """
        stamps_ns = self._stamps_ns
        times_ns = start_ns + np.arange(size) * period_ns
        before = np.maximum(np.searchsorted(stamps_ns, times_ns, side="right") - 1, 0)
        last = self._last_rows[np.searchsorted(self._last_rows, before[0])]
        before = np.minimum(before, last)
        after = np.minimum(before + 1, last)
        span_ns = np.maximum(stamps_ns[after] - stamps_ns[before], 1)
        part = np.clip((times_ns - stamps_ns[before]) / span_ns, 0.0, 1.0)[:, None]
        # Before the first command and after the last they hold what there is.
        actions = (1 - part) * self._actions[before] + part * self._actions[after]
        # Half a tick, since the last command of a row may be a little older than its joints.
        is_pad = times_ns > stamps_ns[last] + self._tick_ns // 2
        is_pad |= times_ns < stamps_ns[0] - self._max_gap_ns
        return actions.astype(np.float32), is_pad
