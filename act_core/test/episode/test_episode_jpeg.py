# SPDX-License-Identifier: Apache-2.0
"""Episodes whose images are JPEG: red stays red, whoever encoded it and whoever reads it."""

from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest

from act_core.episode.image_rows import ImageCodec
from act_core.episode.jpeg import JpegImage, encode
from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.episode.writer import EpisodeWriter
from act_core.errors import EpisodeError
from act_core.observation import Observation
from act_core.testing import make_observation

SHAPES = {"top": (48, 64), "angle": (24, 32)}
META = EpisodeMeta(("a", "b"), ("rad", "1"), 50.0, "", sim=True)


def picture(shape: tuple[int, int], red: int) -> np.ndarray:
    """Return a smooth picture, redder from left to right."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return np.stack([red + columns, 60 + rows, 0 * rows + 20], axis=-1).astype(np.uint8)


def observation(index: int, images: dict) -> Observation:
    joints = make_observation(index, 2, {}, np.random.default_rng(index)).joints
    return Observation(index, joints, images, dict.fromkeys(images, index))


def write(folder: Path, rows: list[dict], codec: ImageCodec) -> Path:
    writer = EpisodeWriter(folder, META, SHAPES, codec)
    for index, images in enumerate(rows):
        writer.append(observation(index, images), np.zeros(2), index)
    return writer.finish(verdict="success")


def pictures(count: int = 5) -> list[dict]:
    return [{c: picture(shape, 20 * i) for c, shape in SHAPES.items()} for i in range(count)]


def camera_jpeg(image: np.ndarray) -> JpegImage:
    """Return what a camera sends: a JPEG that every program shows in the right colours."""
    data = cv2.imencode(".jpg", image[..., ::-1])[1].tobytes()
    return JpegImage(data, *image.shape[:2])


@pytest.mark.parametrize("order", ["rgb", "bgr"])
def test_pixels_come_back_within_the_codec(tmp_path: Path, order) -> None:
    rows = pictures()
    with EpisodeReader(write(tmp_path, rows, ImageCodec(95, order))) as reader:
        assert reader.is_jpeg
        assert reader.image_shape("angle") == (24, 32)
        for index, images in enumerate(rows):
            for camera, image in images.items():
                off = reader.image(camera, index).astype(int) - image
                assert np.abs(off).max() <= 6


def test_the_layout_is_that_of_act_plus_plus(tmp_path: Path) -> None:
    """Its loader: the file's `compress`, then cv2.imdecode(row, 1), and RGB comes out."""
    rows = pictures()
    path = write(tmp_path, rows, ImageCodec(95))
    with h5py.File(path) as file:
        assert file.attrs["compress"]
        assert file["compress_len"].shape == (2, 5)
        assert file["compress_len"].dtype == np.float32
        for number, camera in enumerate(file["observations/images"]):
            padded = file[f"observations/images/{camera}"][()]
            lengths = file["compress_len"][number].astype(int)
            for index, row in enumerate(padded):
                off = cv2.imdecode(row, 1).astype(int) - rows[index][camera]
                assert np.abs(off).max() <= 6
                assert row[: lengths[index]][-2:].tobytes() == b"\xff\xd9"
                assert not row[lengths[index] :].any()


def test_a_cameras_own_jpeg_is_stored_as_it_came(tmp_path: Path) -> None:
    rows = pictures()
    sent = [{c: camera_jpeg(image) for c, image in images.items()} for images in rows]
    with EpisodeReader(write(tmp_path, sent, ImageCodec(50))) as reader:
        for index, images in enumerate(sent):
            for camera, image in images.items():
                assert reader.stored_image(camera, index) == image
                off = reader.image(camera, index).astype(int) - rows[index][camera]
                assert np.abs(off).max() <= 6


def test_jpeg_of_two_kinds_in_one_camera_becomes_one_kind(tmp_path: Path) -> None:
    rows = pictures(2)
    mixed = [
        {c: camera_jpeg(image) for c, image in rows[0].items()},
        {c: encode(image, 95) for c, image in rows[1].items()},
    ]
    with EpisodeReader(write(tmp_path, mixed, ImageCodec(95))) as reader:
        for index in range(2):
            off = reader.image("top", index).astype(int) - rows[index]["top"]
            assert np.abs(off).max() <= 8


def test_jpeg_into_a_raw_file_is_decoded(tmp_path: Path) -> None:
    rows = pictures(1)
    sent = [{c: camera_jpeg(image) for c, image in rows[0].items()}]
    with EpisodeReader(write(tmp_path, sent, ImageCodec())) as reader:
        assert not reader.is_jpeg
        assert np.abs(reader.image("top", 0).astype(int) - rows[0]["top"]).max() <= 6


def test_row_cut_off_in_the_middle_does_not_count(tmp_path: Path) -> None:
    writer = EpisodeWriter(tmp_path, META, SHAPES, ImageCodec(95))
    for index, images in enumerate(pictures(3)):
        writer.append(observation(index, images), np.zeros(2), index)
    path = writer.keep_partial()
    with h5py.File(path, "r+") as file:
        file["compress_len"].resize(2, axis=1)
    with EpisodeReader(path) as reader:
        assert reader.num_frames == 2


def test_a_damaged_image_is_named_with_its_row(tmp_path: Path) -> None:
    path = write(tmp_path, pictures(2), ImageCodec(95))
    with h5py.File(path, "r+") as file:
        file["observations/images/top"][1] = 0
    with EpisodeReader(path) as reader:
        reader.image("top", 0)
        with pytest.raises(
            EpisodeError, match=r"camera 'top', row 1: \d+ bytes are no JPEG image"
        ):
            reader.image("top", 1)
