# SPDX-License-Identifier: Apache-2.0
"""What the keys of a session do. No ROS, no terminal."""

import re

from act_recorder.session.session_types import Command, State

_KEYS = {
    "s": Command.SUCCESS, "f": Command.FAILURE, "d": Command.DISCARD, "r": Command.RE_RECORD,
    "p": Command.PAUSE, "q": Command.QUIT,
}  # fmt: skip
# What arrows and function keys send; their last letter is no key of its own.
_ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|O.)?")
_CLOSED = "s success   f failure   space neither   d drop   r drop, again"
_HELP = {
    State.WAITING: "space start   q quit",
    State.COUNTDOWN: "space now   d call off   p pause   q quit",
    State.RECORDING: f"{_CLOSED}   p pause after it   q quit after it",
    State.ENDING: "p pause after it   q quit after it",
    State.JUDGING: "s success   f failure   d drop   r drop, again   space leave it   q quit",
    State.RESET: "space start   p pause   q quit",
}
_CORRECT = "the last one: s success   f failure   d drop   r drop, again"


def commands(text: str, state: State) -> list[Command]:
    """Return what characters of the terminal ask for; those that mean nothing are ignored."""
    asked = []
    for key in _ESCAPE.sub("", text).lower():
        if key in " \r\n":
            asked.append(Command.END if state is State.RECORDING else Command.START)
        elif key in _KEYS:
            asked.append(_KEYS[key])
    return asked


def key_help(state: State, *, last: bool) -> list[str]:
    """Return in lines what keys do in a state; `last`: whether an episode could be corrected."""
    lines = [_HELP[state]] if state in _HELP else []
    return [*lines, _CORRECT] if last and state in (State.WAITING, State.RESET) else lines
