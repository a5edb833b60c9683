# SPDX-License-Identifier: Apache-2.0
"""Does a camera still see, or does its driver send the same picture over and over? No ROS."""

from array import array

# Half a second at 50 Hz. A living sensor's noise changes a picture each time.
FROZEN_AFTER = 25
# Compares every 97th byte, a prime number of them, so that all columns and colours take part.
_STRIDE = 97


class FrozenWatch:
    """Counts pictures of one camera that are equal though their stamps differ."""

    def __init__(self) -> None:
        self._stamp_ns, self._seen, self._times = 0, array("B"), 1

    def see(self, data: array, stamp_ns: int) -> bool:  # type: ignore[type-arg]
        """Take a picture's bytes; tell whether FROZEN_AFTER and more were the same."""
        if stamp_ns == self._stamp_ns:  # sent twice
            return False
        sample = data[::_STRIDE]
        self._times = self._times + 1 if sample == self._seen else 1
        self._stamp_ns, self._seen = stamp_ns, sample
        return self._times >= FROZEN_AFTER
