# SPDX-License-Identifier: Apache-2.0
"""Command `act`: finds the verb; each verb imports what it needs only when it is called."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version

from act_bringup.cli.start import start
from act_bringup.systems import SYSTEMS
from act_core.errors import ActError, suggestion

USAGE = """usage: act VERB [OPTIONS]        act VERB --help tells a verb's options

{verbs}

  act demo                                    the shipped policy, three rollouts, a video
  act practice                                teleoperate the simulator; act keyboard beside it
  act record --episodes 50 --dataset-dir data/mine
  act train --dataset data/mine --out runs/mine
  act evaluate --checkpoint runs/mine/step_008000 --episodes 50
"""


@dataclass(frozen=True)
class Verb:
    """One job: a line about it, and what does it: words → exit status."""

    summary: str
    run: Callable[[Sequence[str]], int]


def _program(module: str, words: Sequence[str]) -> int:
    status: int = import_module(module).main(words)
    return status


# The verb, the module whose `main` does it, and a line about it.
_PROGRAMS = (
    ("keyboard", "act_bringup.cli.keyboard", "The keys of this terminal as a gamepad"),
    ("keys", "act_bringup.cli.keys", "Keys and display of a recording session, in this terminal"),
    ("dynamixel", "act_bringup.cli.dynamixel", SYSTEMS["dynamixel"].summary),
    ("dataset", "act_recorder.dataset.command", "Look at, check, mend, convert episodes: list, …"),
    (
        "demonstrate",
        "act_bringup.demonstrations.command",
        "Scripted demonstrations on all cores; corrections of a policy (DAgger)",
    ),
    ("train", "act_policy.train", "Train a policy on a folder of episodes"),
    ("robot", "act_bringup.cli.robot", "Compare a robot file with what runs: check"),
    (
        "checkpoint",
        "act_bringup.cli.checkpoint",
        "Look at a checkpoint, bring one: info, import, export, half",
    ),
    ("study", "act_bringup.cli.study", "Compare settings over many rollouts: modes, judge"),
)

VERBS = {name: Verb(s.summary, partial(start, name)) for name, s in SYSTEMS.items()} | {
    name: Verb(summary, partial(_program, module)) for name, module, summary in _PROGRAMS
}


def usage() -> str:
    """Return the overview of all verbs."""
    return USAGE.format(verbs="\n".join(f"  {n:11} {v.summary}" for n, v in VERBS.items()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb; return its exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if not words or words[0] in ("-h", "--help", "help"):
        sys.stdout.write(usage())
        return 0
    if words[0] == "--version":
        sys.stdout.write(f"act {version('act_bringup')}\n")
        return 0
    name, *rest = words
    if name not in VERBS:
        sys.stderr.write(f"act: error: unknown verb '{name}'{suggestion(name, VERBS)}\n")
        return 2
    try:
        return VERBS[name].run(rest)
    except (ActError, OSError) as error:
        sys.stderr.write(f"act {name}: error: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
