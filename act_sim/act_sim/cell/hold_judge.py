# SPDX-License-Identifier: Apache-2.0
"""Whether a success is kept, where contacts come and go for a tick."""

from collections import deque

# The scripted demonstrator's insertions are at the highest reward in 99 % of the ticks after the
# first (96 % in the worst tenth of the seeds), and in all of the last 25 of an episode.
SHARE = 0.95
UNBROKEN = 1 / 3


class HoldJudge:
    """Looks at each tick of one episode.

    A success is held when, the time after its first tick, it was there in 95 % of that time, and
    in the last third without a break. One tick without contact, as a peg has that settles in its
    socket, is not the loss of it.

    Args:
        ticks: how long it has to be kept.
    """

    def __init__(self, ticks: int) -> None:
        self._ticks = ticks
        self._recent: deque[bool] = deque(maxlen=ticks)
        self._since_first = self._run = 0

    def see(self, success: bool) -> bool:
        """Take whether the present tick is one of success; return whether it is held."""
        self._recent.append(success)
        self._run = self._run + 1 if success else 0
        self._since_first += bool(success or self._since_first)
        return (
            self._since_first >= self._ticks
            and self._run >= UNBROKEN * self._ticks
            and sum(self._recent) >= SHARE * self._ticks
        )
