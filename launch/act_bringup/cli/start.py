# SPDX-License-Identifier: Apache-2.0
"""Starts a system's processes without launch, and ends them all when one ends."""

import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from honcho.manager import Manager

from act_bringup.systems import SYSTEMS
from act_core.errors import ActError
from act_core.paths import user_path
from act_core.ros.params_file import check_params_file
from act_core.ros.process.environment import STARTER_VARIABLE, environment_defaults
from act_core.system.command_line import CommandLine
from act_core.system.system import Process, own_clock, started, whole

END_S = 5.0


def start(name: str, words: Sequence[str]) -> int:
    """Run the system called `name` with the options `words`; return its exit status.

    That is the status of the process that ended first, or 130 after Ctrl-C.

    Raises:
        ActError: an option is not allowed, or something is not installed.
    """
    commands = commands_of(name, words)
    terminal = _own_terminal()
    foreground = {process.name for process in SYSTEMS[name].processes if process.terminal}
    if foreground & set(commands) and not terminal:
        for process in foreground:
            commands.pop(process, None)
        sys.stderr.write(
            f"no terminal here: act {', '.join(foreground)} in another has the keys\n"
        )
    environment = {
        **environment_defaults(), **os.environ,
        "PYTHONUNBUFFERED": "1", STARTER_VARIABLE: str(os.getpid()),
    }  # fmt: skip
    manager = Manager()
    for process, command in commands.items():
        # `exec`: a shell in between would keep the signals.
        line = f"exec {shlex.join(command)}"
        if process in foreground:
            line += f" <{shlex.quote(terminal)} >{shlex.quote(terminal)}"
        manager.add_process(process, line, env=environment)
    try:
        manager.loop()
    finally:  # an exception, as that of a closed output, must not leave nodes that drive
        _end_children()
    return int(manager.returncode or 0)


def _end_children() -> None:
    """End whatever runs below this process; nothing does after a loop that ended as it should."""
    children = psutil.Process().children(recursive=True)
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.terminate()
    for child in psutil.wait_procs(children, END_S)[1]:
        with suppress(psutil.NoSuchProcess):
            child.kill()


def _own_terminal() -> str:
    """Return the path of the terminal that this command has for input and output, or ""."""
    if not (os.isatty(0) and os.isatty(1)):
        return ""
    path = os.ttyname(0)
    # That of another user, after su, cannot be opened again.
    return path if os.access(path, os.R_OK | os.W_OK) else ""


def commands_of(name: str, words: Sequence[str]) -> dict[str, list[str]]:
    """Return process name → command line; raises ActError, and SystemExit for --help."""
    system = SYSTEMS[name]
    parser = CommandLine(f"act {name}", system.summary)
    for declared in whole(system, SYSTEMS).values():
        parser.add_declared(declared)
    given = vars(parser.parse(words))
    common = system.values(given)
    processes = {p.name: (p, values) for p, values in started(system, SYSTEMS, given)}
    check_params_file(common["params_file"], common["namespace"], list(processes))
    return {name: command(process, values) for name, (process, values) in processes.items()}


def command(process: Process, values: Mapping[str, Any]) -> list[str]:
    """Return the command line that runs `process` as the node it is to be."""
    words = [_executable(process.package, process.executable), *process.arguments, "--ros-args"]
    words += ["-r", f"__node:={process.name}", "--log-level", values["log_level"]]
    if values["namespace"]:
        words += ["-r", f"__ns:=/{values['namespace'].strip('/')}"]
        words += ["-r", f"/clock:={own_clock(values)}"]
    for name, value in process.parameters(values).items():
        # JSON is YAML, and keeps a text from being read as a number.
        words += ["-p", f"{name}:={json.dumps(value, ensure_ascii=False)}"]
    if values["params_file"]:
        words += ["--params-file", str(user_path(values["params_file"]))]
    return words


def _executable(package: str, name: str) -> str:
    try:
        path = Path(get_package_prefix(package)) / "lib" / package / name
    except PackageNotFoundError as error:
        raise ActError(
            f"ROS package '{package}' is not installed; with ROS 2 Jazzy: "
            f"sudo apt install ros-jazzy-{package.replace('_', '-')}"
        ) from error
    if not path.exists():
        raise ActError(f"package '{package}' has no executable '{name}': no {path}")
    return str(path)
