# SPDX-License-Identifier: Apache-2.0
"""What a checkpoint folder says of itself, read without torch: all that a node must know of it.

model.safetensors   weights, which only `checkpoint.py` reads
config.json         ACTConfig
stats.json          Statistics
robot.yaml          the robot that the episodes were recorded on
provenance.json     where the weights come from
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from act_policy.errors import CheckpointError, ConfigError
from act_policy.model.act_config import ACTConfig
from act_policy.model.statistics import Statistics

WEIGHTS_FILE = "model.safetensors"
MOST_BYTES = 2**22  # a hundred times what ours have
FILES = (WEIGHTS_FILE, "config.json", "stats.json", "robot.yaml", "provenance.json")


@dataclass(frozen=True)
class CheckpointDescription:
    """A checkpoint without its weights.

    Attributes:
        config: of the network.
        statistics: of the training episodes.
        robot_yaml: text of the robot file.
        provenance: dataset, training configuration, step, versions, machine.
    """

    config: ACTConfig
    statistics: Statistics
    robot_yaml: str
    provenance: Mapping[str, Any]

    def in_words(self) -> list[str]:
        """Return what it is of and for, a line each."""
        config = self.config
        columns = ", ".join(config.action_names)
        origins = {"lerobot_policy": "LeRobot's", "original_policy": "the original code's"}
        step = self.provenance.get("step")
        lines = [
            f"ACT, chunks of {config.chunk_size} actions at {config.rate_hz:g} Hz"
            f" ({config.chunk_size / config.rate_hz:.2f} s)",
            f"network: {config.vision_backbone}, width {config.dim_model}, "
            f"{config.n_encoder_layers} encoder and {config.n_decoder_layers} decoder layers",
            f"cameras: {', '.join(config.cameras)}, seen in {config.image_height_px}x"
            f"{config.image_width_px}",
            f"columns: {columns}",
        ]
        lines += [f"step: {step}"] if step is not None else []
        return lines + [
            f"from {whose} {self.provenance[key]}"
            for key, whose in origins.items()
            if key in self.provenance
        ]

    def write(self, folder: Path) -> None:
        """Write every file but the weights into `folder`."""
        for name, values in (
            ("config.json", self.config.to_dict()),
            ("stats.json", self.statistics.to_dict()),
            ("provenance.json", self.provenance),
        ):
            (folder / name).write_text(json.dumps(values, indent=2) + "\n")
        (folder / "robot.yaml").write_text(self.robot_yaml)


def read_description(folder: Path) -> CheckpointDescription:
    """Read a checkpoint folder but its weights, which have to be there.

    Raises:
        CheckpointError: the folder or a file is missing, damaged, or at odds with another.
    """
    if not folder.is_dir():
        raise CheckpointError(f"there is no checkpoint folder '{folder}'")
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise CheckpointError(
            _what_it_is(folder)
            or (f"checkpoint '{folder}' lacks {missing}; it needs {list(FILES)}")
        )
    try:
        config = ACTConfig.from_dict(read_json(folder / "config.json"))
    except ConfigError as error:
        raise CheckpointError(f"checkpoint '{folder}', config.json: {error}") from error
    try:
        statistics = Statistics.from_dict(read_json(folder / "stats.json"))
    except CheckpointError as error:
        raise CheckpointError(f"checkpoint '{folder}', stats.json: {error}") from error
    for name, size in (("state", config.state_dim), ("action", config.action_dim)):
        got = len(getattr(statistics, f"{name}_mean"))
        if got != size:
            raise CheckpointError(
                f"checkpoint '{folder}': stats.json has {got} {name} columns, "
                f"config.json names {size}"
            )
    colours = statistics.image_mean
    if colours is not None and len(colours) != len(config.cameras):
        raise CheckpointError(
            f"checkpoint '{folder}': stats.json has image_mean of {len(colours)} cameras, "
            f"config.json names {len(config.cameras)}"
        )
    provenance = read_json(folder / "provenance.json")
    return CheckpointDescription(config, statistics, _read_text(folder / "robot.yaml"), provenance)


def _what_it_is(folder: Path) -> str:
    """Return what people take for a checkpoint, in words, or ""."""
    if inside := sorted(each.name for each in folder.glob("step_*") if each.is_dir()):
        return f"'{folder}' is a training's folder; its checkpoints are {', '.join(inside)}"
    for policy in (folder, folder / "pretrained_model"):
        if (policy / "config.json").is_file() and (
            kind := read_json(policy / "config.json").get("type")
        ):
            return (
                f"'{folder}' is a LeRobot policy of type '{kind}'; act checkpoint import makes a "
                "checkpoint of one of type 'act'"
            )
    if any(folder.glob("*.ckpt")):
        return (
            f"'{folder}' is of the original code; act checkpoint import makes a checkpoint of it"
        )
    return ""


def _read_text(path: Path) -> str:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise CheckpointError(f"'{path}' is damaged: {size} bytes, expected at most {MOST_BYTES}")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CheckpointError(f"'{path}' is damaged: not UTF-8 text: {error}") from error


def read_json(path: Path) -> dict[str, Any]:
    """Return what a JSON file says; raises CheckpointError if it is damaged or no object."""
    try:
        values = json.loads(_read_text(path), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"'{path}' is damaged: not JSON: {error}") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"'{path}' is damaged: got {type(values).__name__}, not an object")
    return values


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError(f"a key is there twice, among {', '.join(key for key, _ in pairs)}")
    return values
