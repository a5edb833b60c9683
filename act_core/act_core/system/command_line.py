# SPDX-License-Identifier: Apache-2.0
"""Command lines that show their defaults and answer a slip with a suggestion."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from act_core.errors import ParameterError, suggestion
from act_core.system.declaration import Declaration, as_text


class CommandLine(argparse.ArgumentParser):
    """argparse without abbreviations, with defaults in --help and one line for each fault.

    `name:=value`, as launch takes it, is read as `--name value`.
    """

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            allow_abbrev=False,
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )

    def parse(self, words: Sequence[str] | None) -> argparse.Namespace:
        """Read `words`, or the process's own; exits with status 2 after a line on a fault."""
        given = sys.argv[1:] if words is None else words
        options, rest = self.parse_known_args([w for word in given for w in _unfold(word)])
        if rest:
            known = [o for o in self._option_string_actions if o.startswith("--")]
            self.error(f"unknown argument '{rest[0]}'{suggestion(rest[0], known)}")
        return options

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, without the usage of many lines, and end with status 2."""
        self.exit(2, f"{self.prog}: error: {message}; see {self.prog} --help\n")

    def add_declared(self, declared: Declaration) -> None:
        """Add an option for a declaration; without it the option is not in the result."""
        self.add_argument(
            f"--{declared.name.replace('_', '-')}",
            dest=declared.name,
            default=argparse.SUPPRESS,
            type=checked(declared),
            metavar=_metavar(declared),
            # A switch may be turned on by its name alone.
            nargs="?" if declared.value_type is bool else None,
            const="true" if declared.value_type is bool else None,
            help=_help(declared).replace("%", "%%"),
        )


_METAVARS: dict[type, str] = {bool: "{true,false}", int: "N", float: "X", list: "[A, ...]"}


def _metavar(declared: Declaration) -> str:
    if declared.choices:
        return f"{{{','.join(declared.choices)}}}"
    return _METAVARS.get(declared.value_type, "TEXT")


def _help(declared: Declaration) -> str:
    notes = [] if declared.choices or not declared.range_text else [declared.range_text]
    if declared.same_as:
        notes.append(f"default: as --{declared.same_as}")
    elif declared.required:
        notes.append("has to be given")
    elif declared.default != "":
        notes.append(f"default: {as_text(declared.default)}")
    return f"{declared.description} [{'; '.join(notes)}]" if notes else declared.description


def checked(declared: Declaration) -> Callable[[str], str]:
    """Return a type for argparse: the text itself, once the declaration has taken it."""

    def check(text: str) -> str:
        try:
            declared.from_text(text)
        except ParameterError as error:
            raise argparse.ArgumentTypeError(str(error)) from error
        return text

    return check


def choose(word: str, known: Iterable[str], what: str) -> str:
    """Return `word` if it is among `known`; raises ParameterError with the nearest if not."""
    names = list(known)
    if word not in names:
        raise ParameterError(f"unknown {what} '{word}'{suggestion(word, names)}")
    return word


def _unfold(word: str) -> list[Any]:
    name, separator, value = word.partition(":=")
    if separator and name.isidentifier():
        return [f"--{name.replace('_', '-')}", value]
    if word.startswith("--"):
        option, equals, rest = word.partition("=")
        return [option.replace("_", "-") + equals + rest]
    return [word]
