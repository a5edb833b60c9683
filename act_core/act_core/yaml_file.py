# SPDX-License-Identifier: Apache-2.0
"""YAML with the one check that PyYAML leaves out: a key given twice is an error."""

from collections.abc import Hashable
from typing import Any

import yaml


class _UniqueKeyLoader(yaml.SafeLoader):
    """SafeLoader that refuses doubled keys, of which plain YAML keeps the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                continue  # a list or mapping as key: the base class refuses it
            if key in seen:
                line = key_node.start_mark.line + 1
                raise ValueError(f"key '{key}' is there twice (line {line})")
            seen.add(key)
        return super().construct_mapping(node, deep)


def parse_yaml(text: str) -> Any:
    """Parse YAML text.

    Raises:
        ValueError: not YAML, or a key is there twice; the text names the line.
    """
    try:
        # A subclass of SafeLoader: no tag of the file can construct Python objects.
        return yaml.load(text, Loader=_UniqueKeyLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ValueError(f"not valid YAML: {error.problem} (line {line})") from error
    except yaml.YAMLError as error:  # a character that YAML does not allow; carries no mark
        raise ValueError(f"not valid YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ValueError("not valid YAML: nested too deeply") from error
