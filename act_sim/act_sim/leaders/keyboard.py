# SPDX-License-Identifier: Apache-2.0
"""Keys as a gamepad: what is held, as axes and buttons of a joy message. No ROS, no terminal."""

import re

from act_sim.leaders.gamepad_params import GamepadParams
from act_sim.leaders.keyboard_params import KeyboardParams

PAD = GamepadParams()
# Key → axis and direction, key → button; as the gamepad leader's defaults read them.
AXES = {
    "w": (PAD.axis_y, 1.0), "s": (PAD.axis_y, -1.0),
    "a": (PAD.axis_x, 1.0), "d": (PAD.axis_x, -1.0),
    "r": (PAD.axis_z, 1.0), "f": (PAD.axis_z, -1.0),
    "i": (PAD.axis_pitch, 1.0), "k": (PAD.axis_pitch, -1.0),
    "j": (PAD.axis_yaw, 1.0), "l": (PAD.axis_yaw, -1.0),
    "u": (PAD.axis_roll, 1.0), "o": (PAD.axis_roll, -1.0),
}  # fmt: skip
BUTTONS = {"c": PAD.button_close, "v": PAD.button_open, "\t": PAD.button_arm}
AXIS_COUNT, BUTTON_COUNT = 8, 11  # of an Xbox gamepad
# What arrows and function keys send; their last letter is no key of its own.
_ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|O.)?")
KEY_MAP = """
  w s  away, near     a d  left, right    r f  up, down      Tab  other arm
  i k  tip up, down   j l  turn           u o  roll          c v  close, open
  with Shift: full speed        Ctrl-C: end
"""


class Keyboard:
    """Remembers when each key came last.

    The deadman button is held while any key is: letting go of the keys is letting go of it.
    """

    def __init__(self, params: KeyboardParams) -> None:
        self._params = params
        self._keys: dict[str, tuple[float, float]] = {}  # key → when, how far

    def press(self, text: str, now_s: float) -> None:
        """Take characters from the terminal; those that mean nothing are ignored."""
        for key in _ESCAPE.sub("", text):
            far = 1.0 if key.isupper() else self._params.deflection
            if key.lower() in AXES or key.lower() in BUTTONS:
                self._keys[key.lower()] = now_s, far

    def joy(self, now_s: float) -> tuple[list[float], list[int]]:
        """Return axes, −1 … 1, and buttons, 0 or 1, of what is held at `now_s`."""
        axes, buttons = [0.0] * AXIS_COUNT, [0] * BUTTON_COUNT
        for key, (at_s, far) in self._keys.items():
            if now_s - at_s > self._params.hold_s:
                continue
            buttons[PAD.button_deadman] = 1
            if key in BUTTONS:
                buttons[BUTTONS[key]] = 1
            else:
                axis, direction = AXES[key]
                axes[axis] += direction * far
        return axes, buttons
