# SPDX-License-Identifier: Apache-2.0
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_sim.leaders.gamepad import Gamepad, JoyError
from act_sim.leaders.gamepad_params import GamepadParams

PARAMS = GamepadParams()
AXES, BUTTONS = 8, 11


@pytest.fixture
def gamepad():
    gamepad = Gamepad(PARAMS, ["left", "right"])
    see(gamepad, 0.0)
    return gamepad


def see(gamepad, now_s, *pressed, **axes):
    values = [0.0] * AXES
    for name, value in axes.items():
        values[getattr(PARAMS, f"axis_{name}")] = value
    buttons = [getattr(PARAMS, f"button_{name}") for name in pressed]
    gamepad.see(values, [int(i in buttons) for i in range(BUTTONS)], now_s)


def test_nothing_moves_before_a_gamepad_is_heard():
    gamepad = Gamepad(PARAMS, ["left", "right"])
    assert gamepad.idle(0.0).startswith("joy: nothing usable yet; run joy_node with a gamepad")


def test_sticks_count_while_the_deadman_button_is_held(gamepad):
    see(gamepad, 0.1, x=-1.0)
    assert gamepad.idle(0.1) == "hold button 5 to move the left arm"
    see(gamepad, 0.2, "deadman", x=-1.0)
    assert gamepad.idle(0.2) == ""
    np.testing.assert_allclose(gamepad.steering().shift, [1.0, 0.0, 0.0])
    see(gamepad, 0.3, x=-1.0)
    assert gamepad.idle(0.3) == "hold button 5 to move the left arm"


def test_a_button_that_was_held_from_the_beginning_does_not_count():
    gamepad = Gamepad(PARAMS, ["left"])
    see(gamepad, 0.0, "deadman")
    assert gamepad.idle(0.0) == "joy: let go of button 5 first"
    see(gamepad, 0.1)
    see(gamepad, 0.2, "deadman")
    assert gamepad.idle(0.2) == ""


@given(st.lists(st.tuples(st.booleans(), st.floats(0.0, 1.0)), min_size=1, max_size=30))
def test_it_steers_only_while_the_button_is_pressed_anew_and_heard_of(messages):
    gamepad, now_s, released = Gamepad(PARAMS, ["left"]), 0.0, False
    for pressed, pause_s in messages:
        see(gamepad, now_s, *["deadman"] * pressed, x=1.0)
        released |= not pressed
        assert (gamepad.idle(now_s) == "") == (pressed and released)
        now_s += pause_s
        if gamepad.idle(now_s) == "":
            assert pause_s <= PARAMS.joy_timeout_s + 1e-9
        released &= bool(gamepad.refusal(now_s) == "")


def test_silence_stops_it_until_the_button_was_released(gamepad):
    see(gamepad, 0.1, "deadman", y=1.0)
    assert gamepad.idle(0.55) == ""
    assert gamepad.idle(0.7) == "joy: nothing for 0.6 s (limit 0.5 s); is it unplugged?"
    see(gamepad, 0.8, "deadman", y=1.0)
    assert gamepad.idle(0.8) == "joy: let go of button 5 first"


def test_after_a_pause_of_the_robot_the_button_has_to_be_released(gamepad):
    see(gamepad, 0.1, "deadman")
    gamepad.demand_release()
    see(gamepad, 0.2, "deadman")
    assert gamepad.idle(0.2) == "joy: let go of button 5 first"


def test_a_press_goes_over_to_the_other_arm_once(gamepad):
    for now_s, pressed, arm in [(0.1, 1, "right"), (0.2, 1, "right"), (0.3, 0, "right"),
                                (0.4, 1, "left")]:  # fmt: skip
        see(gamepad, now_s, *["arm"] * pressed)
        assert gamepad.arm == arm
    see(gamepad, 9.0, "arm")  # pressed in a silence: nobody saw that
    assert gamepad.arm == "left"


def test_axes_and_buttons_mean_what_their_parameters_say(gamepad):
    see(gamepad, 0.1, "open", y=1.0, z=-1.0, roll=1.0, pitch=1.0, yaw=1.0)
    steering = gamepad.steering()
    np.testing.assert_allclose(steering.shift, [0.0, 1.0, -1.0])
    np.testing.assert_allclose(steering.turn, [-1.0, -1.0, 1.0])
    assert steering.grip == 1.0
    see(gamepad, 0.2, "close")
    assert gamepad.steering().grip == -1.0


@pytest.mark.parametrize(
    ("stick", "expected"), [(0.1, 0.0), (-0.05, 0.0), (0.55, 0.5), (-1.0, -1.0), (7.0, 1.0)]
)
def test_dead_zone_is_cut_out_without_a_step(gamepad, stick, expected):
    see(gamepad, 0.1, y=stick)
    assert gamepad.steering().shift[1] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("axes", "buttons", "fault"),
    [
        ([0.0, 0.0], [0, 0, 1], "joy: got 2 axes and 3 buttons, expected at least 8 and 6; set"),
        ([math.nan, *[0.0] * 7], [0] * 11, "joy: axes are .nan, 0.0, .*, expected numbers from"),
    ],
)
def test_what_does_not_fit_is_refused_and_stops_the_motion(gamepad, axes, buttons, fault):
    see(gamepad, 0.1, "deadman", y=1.0)
    with pytest.raises(JoyError, match=fault):
        gamepad.see(axes, buttons, 0.2)
    assert gamepad.idle(0.2).startswith("joy: nothing usable yet")
