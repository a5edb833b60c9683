# SPDX-License-Identifier: Apache-2.0
"""Verb `browse`: a page about a dataset, in the browser of this machine."""

import os
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from act_core.episode.find_episodes import find_episodes, find_partials
from act_core.errors import ParameterError
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.browse.catalogue import Catalogue
from act_recorder.dataset.browse.defects import Inspect, findings
from act_recorder.dataset.browse.open_readers import OpenReaders
from act_recorder.dataset.browse.server import BrowseServer
from act_recorder.dataset.mend.trash import TRASH
from act_recorder.dataset.selection import named_robot, verb_line

SWITCH_INTERVAL_S = 5e-4


def main(words: Sequence[str]) -> int:
    """Serve the page until Ctrl-C."""
    line = verb_line("browse", "A page to look at episodes, judge, label, delete.", episodes=False)
    line.add_argument("--port", type=int, default=0, help="of the page; 0 takes a free one")
    line.add_argument("--no-open", action="store_true", help="do not open the browser")
    options = line.parse(words)
    robot = named_robot(options)
    server = serve(options.dataset, robot, options.port, findings(robot))
    sys.stdout.write(f"{server.url}\nserves {options.dataset} to this machine only; Ctrl-C ends\n")
    sys.stdout.flush()
    if not options.no_open and _has_display():
        webbrowser.open(server.url)
    # While files are read, requests shall not wait long for Python's lock.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
    return 0


def serve(
    dataset: Path, robot: RobotSpec | None, port: int = 0, inspect: Inspect | None = None
) -> BrowseServer:
    """Return a server that listens; `serve_forever` answers.

    Args:
        dataset: folder of episodes.
        robot: whose the files are that do not say so themselves.
        port: 0 for a free one.
        inspect: finds defects; None where none are looked for.

    Raises:
        EpisodeError: there is no such folder, or nothing in it.
        ParameterError: the port is taken, or none.
    """
    if not find_partials(dataset) and not (dataset / TRASH).is_dir():
        find_episodes(dataset)  # says what is there instead
    readers = OpenReaders(robot)
    catalogue = Catalogue(dataset, readers, inspect)
    try:
        server = BrowseServer(catalogue, readers, port)
    except (OSError, OverflowError) as error:
        raise ParameterError(
            f"cannot listen on port {port}: {error}; --port 0 takes a free one"
        ) from error
    catalogue.start()
    return server


def _has_display() -> bool:
    """Whether there is a screen: without one a browser of the terminal would take it over."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return named or sys.platform == "darwin"
