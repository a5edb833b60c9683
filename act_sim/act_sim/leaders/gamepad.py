# SPDX-License-Identifier: Apache-2.0
"""What a gamepad asks for: axes and buttons to steering. No ROS."""

import math
from collections.abc import Sequence

import numpy as np

from act_core.errors import ActError
from act_sim.leaders.gamepad_params import GamepadParams
from act_sim.leaders.tool_step import Steering


class JoyError(ActError):
    """A joy message does not fit the gamepad's parameters."""


class Gamepad:
    """Knows the arm that is steered, and whether the operator means it.

    The deadman button has to be seen released before it counts, at first, after a silence and
    after `demand_release`: a thing that lies on it moves nothing.

    Args:
        params: indices, dead zone and timeout.
        arms: names, in the order in which the arm button goes through them.

    Attributes:
        arm: the one that is steered.
    """

    def __init__(self, params: GamepadParams, arms: Sequence[str]) -> None:
        self.arm = arms[0]
        self._params, self._arms = params, list(arms)
        self._axes: Sequence[float] = ()
        self._buttons: Sequence[int] = ()
        self._heard_at_s = -math.inf
        self._released = self._switching = False

    def demand_release(self) -> None:
        """Let nothing move before the deadman button was released."""
        self._released = False

    def see(self, axes: Sequence[float], buttons: Sequence[int], now_s: float) -> None:
        """Take a joy message.

        Raises:
            JoyError: too few axes or buttons, or an axis is not finite; nothing moves then.
        """
        if now_s - self._heard_at_s > self._params.joy_timeout_s:
            self._released, self._switching = False, True
        self._heard_at_s = -math.inf
        self._check(axes, buttons)
        self._axes, self._buttons, self._heard_at_s = axes, buttons, now_s
        self._released |= not buttons[self._params.button_deadman]
        pressed = bool(buttons[self._params.button_arm])
        if pressed and not self._switching:
            self.arm = self._arms[(self._arms.index(self.arm) + 1) % len(self._arms)]
        self._switching = pressed

    def refusal(self, now_s: float) -> str:
        """Say why sticks do not count though they may be pushed; empty while they would."""
        silent_s, limit_s = now_s - self._heard_at_s, self._params.joy_timeout_s
        if math.isinf(silent_s):
            return "joy: nothing usable yet; run joy_node with a gamepad, or act keyboard"
        if silent_s > limit_s:
            return f"joy: nothing for {silent_s:.1f} s (limit {limit_s:g} s); is it unplugged?"
        deadman = self._params.button_deadman
        # It counts from its next press on.
        return "" if self._released else f"joy: let go of button {deadman} first"

    def idle(self, now_s: float) -> str:
        """Say why nothing moves; empty while the operator steers."""
        deadman = self._params.button_deadman
        if refusal := self.refusal(now_s):
            return refusal
        held = self._buttons[deadman]
        return "" if held else f"hold button {deadman} to move the {self.arm} arm"

    def steering(self) -> Steering:
        """Return what the last message asks for; see `idle` for whether it counts."""
        p = self._params
        axis = [self._axis(i) for i in (p.axis_x, p.axis_y, p.axis_z)]
        turn = [-self._axis(i) for i in (p.axis_pitch, p.axis_roll)]
        # A stick to the left is positive, and x goes to the right.
        shift = np.array([-axis[0], axis[1], axis[2]])
        grip = bool(self._buttons[p.button_open]) - bool(self._buttons[p.button_close])
        return Steering(shift, np.array([*turn, self._axis(p.axis_yaw)]), float(grip))

    def _axis(self, index: int) -> float:
        value, dead = float(np.clip(self._axes[index], -1, 1)), self._params.deadzone
        return math.copysign(max(0.0, abs(value) - dead) / (1 - dead), value)

    def _check(self, axes: Sequence[float], buttons: Sequence[int]) -> None:
        p = self._params
        most_axis = max(p.axis_x, p.axis_y, p.axis_z, p.axis_roll, p.axis_pitch, p.axis_yaw)
        most_button = max(p.button_close, p.button_open, p.button_arm, p.button_deadman)
        if len(axes) <= most_axis or len(buttons) <= most_button:
            raise JoyError(
                f"joy: got {len(axes)} axes and {len(buttons)} buttons, expected at least "
                f"{most_axis + 1} and {most_button + 1}; set the axis_… and button_… parameters"
            )
        if not all(map(math.isfinite, axes)):
            raise JoyError(f"joy: axes are {list(axes)}, expected numbers from -1 to 1")
