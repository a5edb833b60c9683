# SPDX-License-Identifier: Apache-2.0
"""Encodings against conversions written out by hand, compressed images against their originals."""

from array import array

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("sensor_msgs")

from sensor_msgs.msg import CompressedImage, Image  # noqa: E402

from act_core.errors import ImageError  # noqa: E402
from act_core.robot.robot_spec import CameraSpec  # noqa: E402
from act_core.ros.messages.images import read_image  # noqa: E402

pytestmark = pytest.mark.ros

HEIGHT, WIDTH = 6, 8
CAMERA = CameraSpec("top", HEIGHT, WIDTH)
RNG = np.random.default_rng(0)


def _read(stored, encoding, *, big=False, padding=3):
    """Read rows (R, bytes) as a message whose rows are longer than they need be."""
    raw = np.ascontiguousarray(stored).view(np.uint8).reshape(len(stored), -1)
    raw = np.hstack([raw, np.full((len(raw), padding), 99, np.uint8)])
    message = Image(
        height=HEIGHT, width=WIDTH, encoding=encoding, step=raw.shape[1], is_bigendian=int(big),
        data=array("B", raw.tobytes()),
    )  # fmt: skip
    return read_image(message, CAMERA)


def _bt601(y, u, v):
    """Source: ITU-R BT.601, studio swing, as OpenCV documents its YUV 4:2:2 formats."""
    y, u, v = (np.asarray(c, float) for c in (y, u, v))
    red = 1.164 * (y - 16) + 1.596 * (v - 128)
    green = 1.164 * (y - 16) - 0.813 * (v - 128) - 0.391 * (u - 128)
    blue = 1.164 * (y - 16) + 2.018 * (u - 128)
    return np.clip(np.stack([red, green, blue], -1), 0, 255)


@pytest.mark.parametrize("encoding", ["mono8", "8UC1"])
def test_grey_has_three_equal_channels(encoding):
    grey = RNG.integers(0, 256, (HEIGHT, WIDTH), np.uint8)
    np.testing.assert_array_equal(_read(grey, encoding), np.stack([grey] * 3, -1))


@pytest.mark.parametrize(("encoding", "places"), [("8UC3", (2, 1, 0)), ("8UC4", (2, 1, 0))])
def test_nameless_colours_are_bgr(encoding, places):
    raw = RNG.integers(0, 256, (HEIGHT, WIDTH, int(encoding[-1])), np.uint8)
    np.testing.assert_array_equal(_read(raw, encoding), raw[..., list(places)])


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize(
    ("encoding", "places"),
    [("mono16", (0, 0, 0)), ("rgb16", (0, 1, 2)), ("bgr16", (2, 1, 0)), ("rgba16", (0, 1, 2)),
     ("bgra16", (2, 1, 0))],
)  # fmt: skip
def test_sixteen_bits_are_scaled_and_rounded_whatever_the_byte_order(encoding, places, big):
    channels = {"mono16": 1, "rgb16": 3, "bgr16": 3}.get(encoding, 4)
    raw = RNG.integers(0, 65536, (HEIGHT, WIDTH, channels)).astype(">u2" if big else "<u2")
    expected = np.rint(raw[..., list(places)].astype(float) * 255 / 65535)
    np.testing.assert_array_equal(_read(raw, encoding, big=big), expected)


@pytest.mark.parametrize(
    ("encoding", "order"),
    [("uyvy", "UYVY"), ("yuv422", "UYVY"), ("yuyv", "YUYV"), ("yuv422_yuy2", "YUYV")],
)
def test_two_pixels_share_their_colour(encoding, order):
    y = RNG.integers(16, 236, (HEIGHT, WIDTH), np.uint8)
    u, v = RNG.integers(60, 200, (2, HEIGHT, WIDTH // 2), np.uint8)
    pairs = {"Y": iter((y[:, 0::2], y[:, 1::2])), "U": iter((u,)), "V": iter((v,))}
    raw = np.stack([next(pairs[letter]) for letter in order], -1).reshape(HEIGHT, -1)
    expected = _bt601(y, u.repeat(2, 1), v.repeat(2, 1))
    np.testing.assert_allclose(_read(raw, encoding), expected, atol=1.5)


def test_nv21_keeps_colours_of_four_pixels_below_the_image():
    y = RNG.integers(16, 236, (HEIGHT, WIDTH), np.uint8)
    v, u = RNG.integers(60, 200, (2, HEIGHT // 2, WIDTH // 2), np.uint8)
    raw = np.vstack([y, np.stack([v, u], -1).reshape(HEIGHT // 2, WIDTH)])
    u, v = (c.repeat(2, 0).repeat(2, 1) for c in (u, v))
    np.testing.assert_allclose(_read(raw, "nv21"), _bt601(y, u, v), atol=1.5)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("pattern", ["rggb", "bggr", "gbrg", "grbg"])
def test_bayer_pixels_keep_their_own_colour_and_take_the_mean_of_neighbours(pattern, bits):
    mosaic = RNG.integers(0, 256, (HEIGHT, WIDTH))
    raw = (mosaic * (257 if bits == 16 else 1)).astype(f"<u{bits // 8}")
    rgb = _read(raw, f"bayer_{pattern}{bits}").astype(int)
    for i, j in np.ndindex(HEIGHT, WIDTH):
        if 0 < i < HEIGHT - 1 and 0 < j < WIDTH - 1:
            own = "rgb".index(pattern[2 * (i % 2) + j % 2])
            assert rgb[i, j, own] == mosaic[i, j]
            if own != 1:
                cross = [mosaic[i - 1, j], mosaic[i + 1, j], mosaic[i, j - 1], mosaic[i, j + 1]]
                assert rgb[i, j, 1] == pytest.approx(np.mean(cross), abs=1)


def test_an_impossible_width_is_refused_by_name():
    message = Image(height=2, width=3, encoding="uyvy", step=6, data=array("B", bytes(12)))
    with pytest.raises(ImageError, match=r"camera 'odd': uyvy of 2x3: "):
        read_image(message, CameraSpec("odd", 2, 3))


def _compressed(image, suffix):
    ok, data = cv2.imencode(suffix, image[..., ::-1])
    assert ok
    return CompressedImage(format=suffix[1:], data=array("B", data.tobytes()))


def _smooth(height=48, width=64):
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows * 4, columns * 3, rows + columns], -1).astype(np.uint8)


SMOOTH = CameraSpec("top", 48, 64, transport="compressed")


@pytest.mark.parametrize(("suffix", "off"), [(".png", 0), (".jpg", 6)])
def test_compressed_images_come_back_as_rgb(suffix, off):
    got = read_image(_compressed(_smooth(), suffix), SMOOTH)
    np.testing.assert_allclose(got.astype(int), _smooth(), atol=off)


@settings(deadline=None, max_examples=60)
@given(suffix=st.sampled_from([".jpg", ".png"]), share=st.floats(0.0, 0.999))
def test_a_cut_off_image_is_refused_and_never_filled_in(suffix, share):
    message = _compressed(_smooth(), suffix)
    message.data = message.data[: int(share * len(message.data))]
    with pytest.raises(ImageError, match="camera 'top': [0-9]+ bytes of "):
        read_image(message, SMOOTH)


@given(data=st.binary(max_size=200))
def test_random_bytes_are_refused_by_name(data):
    message = CompressedImage(format="jpeg", data=array("B", data))
    with pytest.raises(ImageError, match="camera 'top': [0-9]+ bytes of "):
        read_image(message, SMOOTH)


def test_another_format_is_named():
    message = CompressedImage(format="16UC1; compressedDepth", data=array("B", b"0123456789"))
    text = "camera 'top': 10 bytes of format '16UC1; compressedDepth' are neither JPEG nor PNG"
    with pytest.raises(ImageError, match=text):
        read_image(message, SMOOTH)


def test_only_the_size_that_the_robot_file_names_as_the_source_is_resized():
    camera = CameraSpec("top", 24, 32, source_height_px=48, source_width_px=64)
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (48, 64, 3), np.uint8)
    message = Image(
        height=48, width=64, encoding="rgb8", step=192, data=array("B", image.tobytes())
    )
    means = image.reshape(24, 2, 32, 2, 3).mean((1, 3))
    np.testing.assert_allclose(read_image(message, camera), means, atol=0.51)
    with pytest.raises(ImageError, match="got 24x32, expected 48x64"):
        read_image(_compressed(_smooth(24, 32), ".png"), camera)
