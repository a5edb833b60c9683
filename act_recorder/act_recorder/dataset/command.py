# SPDX-License-Identifier: Apache-2.0
"""Command `act dataset`: finds the verb, which imports what it needs only when it is called."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from act_core.errors import ActError
from act_core.system.command_line import choose

_HERE = "act_recorder.dataset"


@dataclass(frozen=True)
class Verb:
    """One thing to do with a folder of episodes.

    Attributes:
        module: under `act_recorder.dataset`; its `main(words) -> status` does it.
        summary: one line.
    """

    module: str
    summary: str


VERBS = {
    "list": Verb("look.list_episodes", "One line an episode: rows, length, task, verdict, size"),
    "info": Verb(
        "look.info", "All that a dataset, or an episode, says: cameras, ages, sources, …"
    ),
    "stats": Verb("look.stats", "Ranges, mean and spread of every column and camera"),
    "plot": Verb("pictures.plot_episodes", "A picture of each episode's joints, commands, errors"),
    "video": Verb("pictures.film_episodes", "A video of each episode: cameras over curves"),
    "browse": Verb("browse.browse", "A page in the browser: look at, judge, label, delete"),
    "diff": Verb("look.diff", "In what two datasets or episodes differ, and which are equal"),
    "validate": Verb("checks.validate", "Defects: files, clocks, cameras, motion, the folder"),
    "label": Verb("mend.label", "Judge episodes, label them, name their task"),
    "recover": Verb("mend.recover", "Episodes of what an interrupted recording left"),
    "trim": Verb("mend.trim", "Episodes without idle time at beginning and end"),
    "delete": Verb("mend.delete", "Episodes into the dataset's trash"),
    "restore": Verb("mend.restore", "Episodes out of the trash"),
    "split": Verb("mend.split", "One dataset as several folders"),
    "merge": Verb("mend.merge", "Several datasets as one"),
    "mirror": Verb("mend.mirror", "Episodes with left and right exchanged"),
    "replay": Verb(
        "replay.replay_episode", "An episode's commands into the sim or onto the robot"
    ),
    "convert": Verb(
        "formats.convert", "Episodes of another project into ours, or ours into theirs"
    ),
}


def usage() -> str:
    """Return the overview of all verbs."""
    lines = "\n".join(f"  {name:9} {verb.summary}" for name, verb in VERBS.items())
    return (
        "usage: act dataset VERB DATASET [OPTIONS]     act dataset VERB --help tells its options\n"
        f"\n{lines}\n"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb; return its exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if not words or words[0] in ("-h", "--help", "help"):
        sys.stdout.write(usage())
        return 0
    name = words[0]
    try:
        verb = VERBS[choose(name, VERBS, "verb")]
        status: int = import_module(f"{_HERE}.{verb.module}").main(words[1:])
        return status
    except BrokenPipeError:  # the reader, `head` for one, has seen enough
        sys.stderr.close()
        return 1
    except (ActError, OSError) as error:
        sys.stderr.write(f"act dataset {name}: error: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
