# SPDX-License-Identifier: Apache-2.0
"""Ways in which an episode's file can be damaged, for tests: each is done to a sound one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

Damage = Callable[[Path], None]


def change(name: str, edit: Callable[[NDArray[Any]], object]) -> Damage:
    """Return a damage that edits the values of one dataset in place."""

    def damage(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            values = file[name][()]
            edit(values)
            file[name][...] = values

    return damage


def put(name: str, make: Callable[[h5py.File], Any]) -> Damage:
    """Return a damage that has another object stand under a name; None for nothing."""

    def damage(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            node = make(file)
            del file[name]
            if node is not None:
                file[name] = node

    return damage


def describe(**attributes: Any) -> Damage:
    """Return a damage that sets attributes of /meta."""

    def damage(path: Path) -> None:
        with h5py.File(path, "r+") as file:
            file["meta"].attrs.update(attributes)

    return damage


def content(edit: Callable[[bytes], bytes]) -> Damage:
    """Return a damage of the file's bytes."""

    def damage(path: Path) -> None:
        path.write_bytes(edit(path.read_bytes()))

    return damage


def _set(index: Any, value: Any) -> Callable[[NDArray[Any]], object]:
    return lambda values: values.__setitem__(index, value)


def _shift(index: Any, by: float) -> Callable[[NDArray[Any]], object]:
    return lambda values: values.__setitem__(index, values[index] + by)


def _freeze(first: int, end: int) -> Callable[[NDArray[Any]], object]:
    return lambda values: values.__setitem__(slice(first, end), values[first])


def _never_written(path: Path) -> None:
    """Give a camera one row more than was ever written: what a killed writer leaves."""
    with h5py.File(path, "r+") as file:
        images = file["observations/images/top"]
        images.resize(60, axis=0)
        images.resize(150, axis=0)


def _state_ahead(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        actions = file["action"][()]
        file["observations/qpos"][:-3] = actions[3:]


def _state_behind(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        positions = file["observations/qpos"]
        positions[20:] = positions[:-20]


def _echo(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file["action"][...] = file["observations/qpos"][()]


def _twins(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file["observations/images/wrist"][...] = file["observations/images/top"][()]


QPOS, ACTION, TOP = "observations/qpos", "action", "observations/images/top"
_MS = 1_000_000

# File: it cannot be read, or does not hold what it should.
FILE_DAMAGES: dict[str, Damage] = {
    "zero bytes": content(lambda _: b""),
    "not HDF5": content(lambda _: b"PK\x03\x04 is the beginning of a ZIP file" * 100),
    "cut off": content(lambda data: data[: len(data) // 2]),
    "no action": put(ACTION, lambda _: None),
    "action is a group": put(ACTION, lambda file: file.create_group("other")),
    "action of one dimension": put(ACTION, lambda _: np.zeros(150, np.float32)),
    "action of texts": put(ACTION, lambda _: np.full((150, 14), b"a")),
    "one column less": put(QPOS, lambda file: file[QPOS][:, :13]),
    "one row less": put(QPOS, lambda file: file[QPOS][:-1]),
    "stamps as fractions": put("stamps/row", lambda _: np.linspace(0, 1, 150)),
    "link to itself": put(QPOS, lambda _: h5py.SoftLink("/observations/qpos")),
    "link to no file": put(QPOS, lambda _: h5py.ExternalLink("none.hdf5", "/x")),
    "future version": describe(format_version=99),
    "rate NaN": describe(rate_hz=np.nan),
    "garbled task": describe(task=np.array(b"\xff", h5py.string_dtype())),
    "robot of nonsense": describe(robot_yaml="name: [\n"),
    "NaN in positions": change(QPOS, _set((7, 3), np.nan)),
    "not closed": describe(complete=False),
    "no images": put(TOP, lambda _: None),
}
# Recording: it can be read, and shows what went wrong.
RECORDING_DAMAGES: dict[str, Damage] = {
    "time goes back": change("stamps/joint_states", _shift(slice(50, None), -300 * _MS)),
    "two clocks": change("stamps/action", _shift(slice(None), 3_600_000 * _MS)),
    "camera on another clock": change("stamps/images/top", _shift(slice(None), -5000 * _MS)),
    "half the rate": describe(rate_hz=25.0),
    "gap": change("stamps/row", _shift(slice(60, None), 600 * _MS)),
    "late camera": change("stamps/images/top", _shift(slice(None), -300 * _MS)),
    "late leader": change("stamps/action", _shift(slice(None), -150 * _MS)),
    "image never written": _never_written,
    "frozen camera": change(TOP, _freeze(40, 150)),
    "camera stalls": change(TOP, _freeze(40, 68)),
    "black camera": change(TOP, lambda images: np.minimum(images, 3, out=images)),
    "white flash": change(TOP, _set(slice(30, 33), 255)),
    "same camera twice": _twins,
    "glitch": change(QPOS, _set(30, 0.0)),
    "command jumps": change(ACTION, _shift((slice(60, None), 0), 0.6)),
    "degrees": change(QPOS, lambda q: np.multiply(q, 57.3, out=q)),
    "gripper in another unit": change(QPOS, _set((slice(None), 6), -0.6)),
    "at a limit": change(ACTION, _set((slice(20, 100), 2), 1.6057)),
    "frozen joint": change(QPOS, _freeze(30, 90)),
    "stands still": change(ACTION, _set(slice(None), 0.5)),
    "astray": change(QPOS, _shift((slice(None), 0), 0.8)),
    "state ahead": _state_ahead,
    "state behind": _state_behind,
    "state as command": _echo,
}
DAMAGES = FILE_DAMAGES | RECORDING_DAMAGES
