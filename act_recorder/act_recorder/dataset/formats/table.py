# SPDX-License-Identifier: Apache-2.0
"""The formats that `act dataset convert` knows; each is imported when it is needed."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

from act_core.errors import EpisodeError
from act_core.system.command_line import choose
from act_recorder.dataset.formats import recognition
from act_recorder.dataset.formats.source import ReadOptions, Source, WriteOptions

_HERE = "act_recorder.dataset.formats"


class Reader(Protocol):
    """A format's module that can read."""

    def read(self, path: Path, options: ReadOptions) -> Source:
        """Check the whole source but for its rows; raises EpisodeError in one line."""


class Writer(Protocol):
    """A format's module that can write."""

    def check(self, source: Source, options: WriteOptions) -> tuple[str, ...]:
        """Return what will be lost, in words; raises EpisodeError where it cannot be written.

        Nothing is created yet.
        """

    def write(
        self, source: Source, folder: Path, options: WriteOptions, progress: Callable[[], object]
    ) -> None:
        """Write all episodes into `folder`, which is empty; call `progress` after each row."""


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        summary: one line.
        recognised: tells by a look at names whether a path holds it.
        reader: module of its `read`; empty if it is only written.
        writer: module of its `check` and `write`; empty if it is only read.
        needs: packages from PyPI that it takes.
    """

    summary: str
    recognised: Callable[[Path], bool]
    reader: str = ""
    writer: str = ""
    needs: tuple[str, ...] = ()


# The first that recognises a source is taken.
FORMATS = {
    "rosbag": Format(
        "recordings of `ros2 bag`, MCAP or sqlite3; MCAP is written", recognition.is_rosbag,
        "rosbag.bag_reader", "rosbag.bag_writer", ("rosbags",),
    ),
    "lerobot": Format(
        "LeRobot datasets: v3, and v2 to read", recognition.is_lerobot, "lerobot.reader",
        "lerobot.writer", ("pyarrow", "av"),
    ),
    "interbotix": Format(
        "Interbotix 2.0: right arm first, cameras camera_*", recognition.is_interbotix,
        "interbotix",
    ),
    "aloha": Format(
        "this suite's episodes; those of ALOHA, ACT and mobile ALOHA", recognition.is_aloha,
        "aloha_reader", "aloha_writer",
    ),
}  # fmt: skip


def recognise(path: Path) -> str:
    """Return the name of the format that `path` holds; raises EpisodeError if none does."""
    if not path.exists():
        raise EpisodeError(f"{path} does not exist")
    for name, entry in FORMATS.items():
        if entry.reader and entry.recognised(path):
            return name
    readable = ", ".join(name for name, entry in FORMATS.items() if entry.reader)
    raise EpisodeError(f"{path}: no format is recognised; name it by --from, one of {readable}")


def reader(name: str) -> Reader:
    """Return the module that reads a format; raises EpisodeError or ParameterError."""
    known = [each for each, entry in FORMATS.items() if entry.reader]
    entry = FORMATS[choose(name, known, "format to read")]
    return cast(Reader, _module(name, entry.reader, entry.needs))


def writer(name: str) -> Writer:
    """Return the module that writes a format; raises EpisodeError or ParameterError."""
    known = [each for each, entry in FORMATS.items() if entry.writer]
    entry = FORMATS[choose(name, known, "format to write")]
    return cast(Writer, _module(name, entry.writer, entry.needs))


def _module(name: str, module: str, needs: tuple[str, ...]) -> object:
    lacking = [package for package in needs if find_spec(package) is None]
    if lacking:
        raise EpisodeError(
            f"format '{name}' needs {' and '.join(lacking)}; python3 -m pip install "
            f"{' '.join(lacking)}"
        )
    return import_module(f"{_HERE}.{module}")
