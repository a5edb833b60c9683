# SPDX-License-Identifier: Apache-2.0
"""The keyboard as a gamepad: real keys of a real terminal, and joy that comes of them."""

import os
import signal
import termios
from collections.abc import Iterator

import pytest
from processes import Processes, wait_until
from sensor_msgs.msg import Joy
from spun_node import SpunNode

from act_core.ros import qos
from act_sim.leaders.gamepad_params import GamepadParams

pytestmark = [pytest.mark.ros, pytest.mark.timeout(120)]

MODULE = "act_sim.leaders.keyboard_node"
PAD = GamepadParams()


class JoyEar(SpunNode):
    """Hears joy."""

    def __init__(self, domain: int):
        super().__init__("joy_ear", domain)
        self.heard: list[Joy] = []
        self.create_subscription(Joy, "joy", self.heard.append, qos.JOY)
        self.start()

    def wait_for(self, axes: dict[int, float], buttons: set[int]) -> None:
        """Wait for a message with just these axes and buttons, later than this call."""
        self.heard.clear()
        wanted = [axes.get(i, 0.0) for i in range(8)]

        def come() -> bool:
            return any(
                m.axes.tolist() == pytest.approx(wanted)
                and {i for i, pressed in enumerate(m.buttons) if pressed} == buttons
                for m in self.heard
            )

        wait_until(come, 10.0, f"no joy with axes {axes} and buttons {buttons}")


@pytest.fixture
def ear(domain: int) -> Iterator[JoyEar]:
    node = JoyEar(domain)
    yield node
    node.close()


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal: the person's and the program's."""
    person, program = os.openpty()
    yield person, program
    for end in (person, program):
        os.close(end)


def test_keys_are_sticks_and_buttons_until_they_are_let_go(
    processes: Processes, ear: JoyEar, terminal: tuple[int, int]
) -> None:
    person, program = terminal
    before = termios.tcgetattr(program)
    keyboard = processes.start(MODULE, stdin=program, hold_s=1.0, deflection=0.25)
    keyboard.wait_for("Ctrl-C: end")
    ear.wait_for({}, set())
    deadman = PAD.button_deadman
    for keys, axes, button in [
        (b"w", {PAD.axis_y: 0.25}, None),
        (b"WD", {PAD.axis_y: 1.0, PAD.axis_x: -1.0}, None),
        (b"fj", {PAD.axis_z: -0.25, PAD.axis_yaw: 0.25}, None),
        (b"\t", {}, PAD.button_arm),
        (b"c\xff\x1b[A?", {}, PAD.button_close),  # what is no key of the map is nothing
    ]:
        os.write(person, keys)
        ear.wait_for(axes, {deadman} | ({button} if button is not None else set()))
        ear.wait_for({}, set())
    assert keyboard.text.count("Ctrl-C: end") == 1

    assert termios.tcgetattr(program)[3] & termios.ICANON == 0
    keyboard.popen.send_signal(signal.SIGINT)
    assert keyboard.wait_for_exit(10.0) == 0
    assert termios.tcgetattr(program) == before
    assert "Traceback" not in keyboard.text


def test_the_terminal_is_given_back_when_a_start_fails(
    processes: Processes, terminal: tuple[int, int]
) -> None:
    before = termios.tcgetattr(terminal[1])
    override = {"qos_overrides./jo.publisher.reliability": "best_effort"}
    keyboard = processes.start(MODULE, stdin=terminal[1], **override)
    assert keyboard.wait_for_exit() == 1
    assert termios.tcgetattr(terminal[1]) == before


def test_without_a_terminal_it_ends_in_one_line(processes: Processes) -> None:
    with open(os.devnull) as nothing:
        keyboard = processes.start(MODULE, stdin=nothing.fileno())
        assert keyboard.wait_for_exit() == 1
    assert keyboard.text == (
        "error: start: standard input is no terminal, and keys come from one; run `act keyboard` "
        "or `ros2 run act_sim keyboard_node` in a terminal of its own, ros2 launch has none\n"
    )


def test_it_ends_when_its_terminal_is_closed(processes: Processes) -> None:
    person, program = os.openpty()
    keyboard = processes.start(MODULE, stdin=program)
    keyboard.wait_for("Ctrl-C: end")
    os.close(program)
    os.close(person)
    assert keyboard.wait_for_exit(10.0) == 1
    assert keyboard.text.endswith("error: keyboard: the terminal was closed\n")
