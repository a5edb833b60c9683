# SPDX-License-Identifier: Apache-2.0
"""Parameter files that ROS would ignore: missing ones, and those for nodes that are not there."""

from collections.abc import Sequence
from contextlib import suppress
from fnmatch import fnmatchcase

from act_core.errors import ParameterError, suggestion
from act_core.paths import user_path
from act_core.yaml_file import parse_yaml


def check_params_file(path: str, namespace: str, names: Sequence[str]) -> None:
    """Check that each entry of the file at `path` is for one of the nodes `names`; "" is no file.

    Raises:
        ParameterError: the file cannot be read, or has an entry that no node would take.
    """
    if not path:
        return
    prefix = f"/{namespace.strip('/')}" if namespace.strip("/") else ""
    nodes = [f"{prefix}/{name}" for name in names]
    for key in read_params_file(path):
        if not any(key_matches(key, node) for node in nodes):
            raise ParameterError(
                f"params_file {path}: '{key}' is none of the nodes{suggestion(key, nodes)}; "
                "write /**/NAME for a node in any namespace"
            )


def check_own_entries(words: Sequence[str], node: str, executable: str) -> None:
    """Check the parameter files that a process was given for entries meant for its node.

    Files may hold other nodes' entries; one that ends in this node's name, or in its
    executable's, but is for another full name, is a slip that ROS ignores.

    Args:
        words: command line of the process.
        node: full name of the node.
        executable: its program's name.

    Raises:
        ParameterError: names the file, its entry and the node.
    """
    for option, path in zip(words, words[1:], strict=False):
        entries: dict[str, object] = {}
        if option == "--params-file":
            # ROS has read it already; those that launch writes have tags of Python's.
            with suppress(ParameterError):
                entries = read_params_file(path)
        for key in entries:
            meant = key.split("/")[-1] in (node.split("/")[-1], executable)
            if meant and not key_matches(key, node):
                raise ParameterError(
                    f"params_file {path}: '{key}' is another node than this, {node}; write "
                    f"/**/{node.split('/')[-1]} for it in any namespace"
                )


def read_params_file(path: str) -> dict[str, object]:
    """Return the file's entries by node name; raises ParameterError."""
    try:
        content = parse_yaml(user_path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParameterError(f"params_file {path}: {error}") from error
    if not isinstance(content, dict):
        raise ParameterError(f"params_file {path}: got {content!r:.40}, expected nodes by name")
    return content


def key_matches(key: str, node: str) -> bool:
    """Tell whether rcl gives the entry `key` to the node with the full name `node`.

    `*` stands for one part of a name, `**` for any number of them.
    """
    pattern = key if key.startswith("/") else f"/{key}"
    if "*" not in pattern:
        return pattern == node
    parts, names = pattern.split("/")[1:], node.split("/")[1:]
    return _parts_match(parts, names)


def _parts_match(parts: list[str], names: list[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_parts_match(parts[1:], names[i:]) for i in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], parts[0]) and _parts_match(parts[1:], names[1:])
