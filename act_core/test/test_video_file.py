# SPDX-License-Identifier: Apache-2.0
import imageio.v2 as imageio
import numpy as np

from act_core.images.video_file import VideoFile


def frames(count):
    return [np.full((16, 32, 3), 20 * index, np.uint8) for index in range(count)]


def test_frames_are_read_back_in_order_at_the_rate(tmp_path):
    path = tmp_path / "new" / "film.mp4"
    with VideoFile(path, 10.0) as video:
        for frame in frames(8):
            video.add(frame)
    assert [p.name for p in path.parent.iterdir()] == ["film.mp4"]
    with imageio.get_reader(path) as reader:
        assert reader.get_meta_data()["fps"] == 10.0
        means = [frame.mean() for frame in reader]
    np.testing.assert_allclose(means, np.arange(8) * 20, atol=6)


def test_what_was_broken_off_leaves_nothing(tmp_path):
    video = VideoFile(tmp_path / "film.mp4", 10.0)
    video.add(frames(1)[0])
    video.__exit__(KeyError, KeyError(), None)
    assert not list(tmp_path.iterdir())


def test_an_older_film_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")
    with VideoFile(path, 10.0) as video:
        video.add(frames(1)[0])
        assert path.read_bytes() == b"old"
    assert path.stat().st_size > 100
