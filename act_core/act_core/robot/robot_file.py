# SPDX-License-Identifier: Apache-2.0
"""Robot files: YAML to RobotSpec, with every fault named before anything moves."""

from importlib.resources import files
from pathlib import Path

from act_core.checked import checked
from act_core.errors import RobotSpecError, suggestion
from act_core.paths import user_path
from act_core.robot.robot_spec import RobotSpec
from act_core.yaml_file import parse_yaml


def shipped_robots() -> dict[str, str]:
    """Return name → YAML text of the robots that come with the suite."""
    folder = files("act_core") / "robots"
    return {
        Path(f.name).stem: f.read_text(encoding="utf-8")
        for f in folder.iterdir()
        if f.name.endswith(".yaml")
    }


def load_robot(name_or_path: str) -> RobotSpec:
    """Load a shipped robot by name, or any robot by the path of its YAML file.

    Raises:
        RobotSpecError: no such robot, or the file has a fault (which is named).
    """
    shipped = shipped_robots()
    if name_or_path in shipped:
        return parse_robot(shipped[name_or_path], name_or_path)
    path = user_path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        raise RobotSpecError(
            f"no robot '{name_or_path}'{suggestion(name_or_path, shipped)}; "
            "or give the path of a .yaml file"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RobotSpecError(f"robot file {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RobotSpecError(f"robot file {path}: not UTF-8 text: {error}") from error
    except ValueError as error:  # a path with a NUL
        raise RobotSpecError(f"robot file {name_or_path!r}: {error}") from error
    return parse_robot(text, str(path))


def parse_robot(text: str, source: str) -> RobotSpec:
    """Build a RobotSpec from YAML text; `source` names it in errors.

    Raises:
        RobotSpecError: the text has a fault (which is named).
    """
    try:
        data = parse_yaml(text)
        if isinstance(data, dict):
            data.pop("anchors", None)  # the place of what a file says once and uses twice
        spec = checked(RobotSpec, data)
    except ValueError as error:
        raise RobotSpecError(f"robot {source}: {error}") from error
    object.__setattr__(spec, "yaml_text", text)
    return spec
