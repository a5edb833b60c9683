# SPDX-License-Identifier: Apache-2.0
"""Reads episodes written by EpisodeWriter, and those of the original code."""

from contextlib import ExitStack
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from act_core.episode.editing.edit_journal import settle
from act_core.episode.frame_blocks import RawFrames
from act_core.episode.frame_counts import FrameCounts
from act_core.episode.hdf5_faults import hdf5_faults, open_faults
from act_core.episode.jpeg import ColorOrder, JpegImage, decode
from act_core.episode.meta import EpisodeMeta
from act_core.episode.original_file import describe_original
from act_core.episode.stored_rows import check_layout, count_rows, usable_cameras
from act_core.errors import EpisodeError, ImageError
from act_core.robot.robot_spec import RobotSpec

_REQUIRED = {
    "action": h5py.Dataset,
    "observations/qpos": h5py.Dataset,
    "observations/images": h5py.Group,
}


class EpisodeReader:
    """An open episode file. Use as a context manager.

    Args:
        path: the file; raw or JPEG images, of this suite's layout or the original's.
        robot: whose a file is that does not say so itself; not asked where it does.
        with_base: whether such a file may have a mobile base's columns behind the robot's, which
            are left out.

    Raises:
        EpisodeError: missing, damaged, or not an episode.

    Attributes:
        path: the file.
        meta: what it says of itself.
        num_frames: whole rows, T; a writer killed in the middle of a row leaves it out.
        cameras: names of the colour cameras, sorted.
        is_jpeg: whether images are stored as JPEG.
    """

    def __init__(
        self, path: Path, robot: RobotSpec | None = None, *, with_base: bool = False
    ) -> None:
        self.path = path
        # To find a dataset takes longer than to read one of its rows.
        self._datasets: dict[str, h5py.Dataset] = {}
        self._sizes_px: dict[str, tuple[int, int]] = {}
        with open_faults(path):
            settle(path)
            self._file = h5py.File(path, "r")
        with ExitStack() as unless_whole, hdf5_faults(str(path)):
            unless_whole.callback(self._file.close)
            self._open(path, robot, with_base=with_base)
            unless_whole.pop_all()

    def _open(self, path: Path, robot: RobotSpec | None, *, with_base: bool) -> None:
        for name, node_type in _REQUIRED.items():
            if not isinstance(self._file.get(name), node_type):
                raise EpisodeError(f"{path}: no /{name}; not an episode of this suite")
        columns = check_layout(self._file, path)
        if "meta" in self._file:
            self.meta = EpisodeMeta.from_attributes(self._file["meta"].attrs, str(path))
            self._check_columns(columns)
        else:
            self.meta = describe_original(self._file, path, robot, with_base=with_base)
        self.is_jpeg = bool(self._file.attrs.get("compress", False))
        self.cameras = usable_cameras(self._file, is_jpeg=self.is_jpeg)
        self.num_frames = count_rows(self._file, path, self.cameras, self.meta)

    def __enter__(self) -> "EpisodeReader":
        """Return self."""
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @cached_property
    def positions(self) -> NDArray[np.float32]:
        """(T, D) float32, rad; grippers 0 closed … 1 open."""
        return self._joints("observations/qpos")

    @cached_property
    def velocities(self) -> NDArray[np.float32]:
        """(T, D) float32, rad/s; grippers per s; NaN = not measured."""
        return self._joints("observations/qvel")

    @cached_property
    def efforts(self) -> NDArray[np.float32]:
        """(T, D) float32, as the driver sends them; NaN = not measured."""
        return self._joints("observations/effort")

    @cached_property
    def actions(self) -> NDArray[np.float32]:
        """(T, D) float32, rad; grippers 0 closed … 1 open."""
        return self._joints("action")

    @cached_property
    def stamps_ns(self) -> NDArray[np.int64]:
        """(T,) int64, stamps of the joint states."""
        return self._stamps("joint_states")

    @cached_property
    def action_stamps_ns(self) -> NDArray[np.int64]:
        """(T,) int64, stamps of the commands."""
        return self._stamps("action")

    @cached_property
    def row_stamps_ns(self) -> NDArray[np.int64]:
        """(T,) int64, the control ticks; minus a stamp: that sample's age."""
        name = "row" if self._has("stamps/row") else "joint_states"  # version 1 has none
        return self._stamps(name)

    def image_stamps_ns(self, camera: str) -> NDArray[np.int64]:
        """Return (T,) int64, stamps of a camera's images."""
        self._check(camera)
        return self._stamps(f"images/{camera}")

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """(T,) who commanded each row: policy, teleop, …; "" where it is not known."""
        if not self._has("source"):
            return ("",) * self.num_frames
        with hdf5_faults(f"{self.path}: /source"):
            return tuple(s.decode() for s in self._file["source"][: self.num_frames])

    def frame_counts(self, camera: str) -> FrameCounts | None:
        """Return what became of a camera's frames; None where nobody has counted."""
        attributes = self._images(camera).attrs
        names = [field.name for field in fields(FrameCounts)]
        with hdf5_faults(f"{self.path}: attributes of camera '{camera}'"):
            if any(name not in attributes for name in names):
                return None
            return FrameCounts(**{name: int(attributes[name]) for name in names})

    def raw_frames(self, camera: str) -> RawFrames:
        """Return a camera's raw images to be read in blocks; raises EpisodeError."""
        return RawFrames(self.path, self._images(camera))

    def image(self, camera: str, index: int) -> NDArray[np.uint8]:
        """Return frame `index` of `camera`: (H, W, 3) uint8, RGB.

        Raises:
            EpisodeError: there is no such camera, or the image is damaged.
        """
        stored = self._stored(camera, index)
        if not self.is_jpeg:
            return stored
        where = f"{self.path}: camera '{camera}', row {index}"
        try:
            return decode(stored.tobytes(), self.color_order(camera), where)
        except ImageError as error:
            raise EpisodeError(str(error)) from error

    def stored_image(self, camera: str, index: int) -> NDArray[np.uint8] | JpegImage:
        """Return frame `index` as it is stored, for another file; raises EpisodeError."""
        if not self.is_jpeg:
            return self.image(camera, index)
        data = self._stored(camera, index).tobytes()
        # What is behind the end mark are zeros; lengths differ in meaning between writers.
        end = data.rfind(b"\xff\xd9") + 2
        if end < 2:  # noqa: PLR2004 - not found
            raise EpisodeError(
                f"{self.path}: camera '{camera}', row {index}: no JPEG image, or a damaged one"
            )
        return JpegImage(data[:end], *self.image_shape(camera), self.color_order(camera))

    def image_shape(self, camera: str) -> tuple[int, int]:
        """Return (height, width) of `camera` in pixels."""
        images = self._images(camera)
        if not self.is_jpeg:
            return int(images.shape[1]), int(images.shape[2])
        with hdf5_faults(f"{self.path}: size of camera '{camera}'"):
            if "height_px" in images.attrs:
                return int(images.attrs["height_px"]), int(images.attrs["width_px"])
        if camera not in self._sizes_px:
            height, width, _ = self.image(camera, 0).shape
            self._sizes_px[camera] = height, width
        return self._sizes_px[camera]

    def color_order(self, camera: str) -> ColorOrder:
        """Return what OpenCV's decoder makes of a camera's JPEGs."""
        with hdf5_faults(f"{self.path}: color_order of camera '{camera}'"):
            order = self._images(camera).attrs.get("color_order", "rgb")
            return "bgr" if order == "bgr" else "rgb"

    def _check(self, camera: str) -> None:
        if camera not in self.cameras:
            known = ", ".join(self.cameras) or "none"
            raise EpisodeError(f"{self.path}: no camera '{camera}'; has {known}")

    def _images(self, camera: str) -> Any:
        self._check(camera)
        if camera not in self._datasets:
            with hdf5_faults(f"{self.path}: camera '{camera}'"):
                self._datasets[camera] = self._file[f"observations/images/{camera}"]
        return self._datasets[camera]

    def _stored(self, camera: str, index: int) -> NDArray[np.uint8]:
        with hdf5_faults(f"{self.path}: camera '{camera}', row {index}"):
            return np.asarray(self._images(camera)[index])

    def _has(self, name: str) -> bool:
        with hdf5_faults(f"{self.path}: /{name}"):
            return name in self._file

    def _check_columns(self, columns: int) -> None:
        names, units = len(self.meta.joint_names), len(self.meta.joint_units)
        if not columns == names == units:
            raise EpisodeError(
                f"{self.path}: /action has {columns} columns, /meta names {names} joints and "
                f"{units} units, expected one number of all three"
            )

    def _joints(self, name: str) -> NDArray[np.float32]:
        dim = len(self.meta.joint_names)
        if not self._has(name):
            return np.full((self.num_frames, dim), np.nan, np.float32)
        with hdf5_faults(f"{self.path}: /{name}"):
            return np.asarray(self._file[name][: self.num_frames, :dim], np.float32)

    def _stamps(self, name: str) -> NDArray[np.int64]:
        if self._has(f"stamps/{name}"):
            with hdf5_faults(f"{self.path}: /stamps/{name}"):
                return np.asarray(self._file[f"stamps/{name}"][: self.num_frames], np.int64)
        period_ns = round(1e9 / self.meta.rate_hz)
        return np.arange(self.num_frames, dtype=np.int64) * period_ns
