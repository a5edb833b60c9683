# SPDX-License-Identifier: Apache-2.0
"""Whether an answer belongs to its question, by the motors' own millisecond clocks."""

from collections.abc import Mapping

from act_teleop.dynamixel.bus.control_table import TICKS_OF_CLOCK
from act_teleop.dynamixel.bus.errors import AnswerError

# A count of slack on both readings, and a quartz's drift with much to spare.
_SLACK_MS = 3.0
_DRIFT = 0.01


class ServoClocks:
    """Compares Realtime Tick with the time that passed here, from one sample to the next.

    The protocol numbers no questions: the late answer to a question that was given up looks like
    the answer to the next one, and a motor that lost power for a moment answers as before. Both
    have a clock that went on less, or more, than this machine's.
    """

    def __init__(self) -> None:
        self._ticks: dict[int, int] = {}
        self._asked_ms = self._answered_ms = 0.0

    def check(self, ticks: Mapping[int, int], asked_s: float, answered_s: float) -> None:
        """Take the ticks (id → ms) of a sample, read between two times of a steady clock.

        Raises:
            AnswerError: some motor's reading was not taken between `asked_s` and `answered_s`;
                the sample does not count.
        """
        asked_ms, answered_ms = 1e3 * asked_s, 1e3 * answered_s
        least, most = asked_ms - self._answered_ms, answered_ms - self._asked_ms
        slack = _SLACK_MS + _DRIFT * most
        known = most + slack < TICKS_OF_CLOCK / 2  # after half a turn it could be either way
        for motor_id, tick in ticks.items() if known else ():
            passed = (tick - self._ticks.get(motor_id, tick)) % TICKS_OF_CLOCK
            if motor_id in self._ticks and not least - slack <= passed <= most + slack:
                raise AnswerError(
                    "stale",
                    f"motor {motor_id}: its clock went on {passed} ms in {least:.0f} … "
                    f"{most:.0f} ms; a late answer, or it has restarted",
                )
        self._ticks, self._asked_ms, self._answered_ms = dict(ticks), asked_ms, answered_ms
