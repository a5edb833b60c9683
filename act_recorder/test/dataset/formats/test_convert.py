# SPDX-License-Identifier: Apache-2.0
import h5py
import pytest

from act_core.episode.reader import EpisodeReader
from act_core.testing import make_episode
from act_recorder.dataset.command import main


@pytest.fixture
def dataset(tmp_path):
    for seed in range(3):
        make_episode(tmp_path / "here", num_frames=4, seed=seed)
    return tmp_path / "here"


def convert(*words):
    return main(["convert", *map(str, words)])


def test_copy_keeps_values_and_tells_where_it_came_from(dataset, tmp_path, capsys):
    assert convert(dataset, tmp_path / "there", "--episodes", "0,2") == 0
    out = capsys.readouterr().out
    assert "aloha → aloha, 2 episodes" in out
    assert "lost: nothing" in out
    with (
        EpisodeReader(dataset / "episode_2.hdf5") as old,
        EpisodeReader(tmp_path / "there/episode_1.hdf5") as new,
    ):
        assert (old.positions == new.positions).all()
        assert (old.image("top", 3) == new.image("top", 3)).all()
        assert new.meta.origin == f"converted from {dataset / 'episode_2.hdf5'}"
        assert new.meta.verdict == "success"


def test_empty_folder_is_a_destination(dataset, tmp_path):
    (tmp_path / "there").mkdir()
    assert convert(dataset, tmp_path / "there") == 0
    assert (tmp_path / "there/episode_2.hdf5").is_file()


def test_nothing_is_written_over(dataset, tmp_path, capsys):
    before = sorted(tmp_path.rglob("*"))
    assert convert(dataset, dataset) == 1
    assert "exists and is not empty; nothing is written over it" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_what_another_has_begun_is_left_alone(dataset, tmp_path, capsys):
    (tmp_path / "there.partial").mkdir()
    assert convert(dataset, tmp_path / "there") == 1
    assert "there.partial exists: a conversion goes on, or was killed" in capsys.readouterr().err
    assert (tmp_path / "there.partial").is_dir()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--to", "lerobt"), "unknown format to write 'lerobt'; did you mean 'lerobot'?"),
        (("--to", "interbotix"), "unknown format to write 'interbotix'"),
        (("--from", "mcp"), "unknown format to read 'mcp'"),
        (("--episodes", "7"), "has no episode 7; it has 3, from 0 to 2"),
        (("--degrees",), "--degrees: episodes in HDF5 have rad"),
        (("--robot", "alhoa_sim"), "no robot 'alhoa_sim'; did you mean 'aloha_sim'?"),
    ],
)
def test_slips_create_nothing(dataset, tmp_path, capsys, words, message):
    assert convert(dataset, tmp_path / "there", *words) == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.glob("there*"))


def test_a_quality_that_is_none(dataset, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        convert(dataset, tmp_path / "there", "--jpeg-quality", "101")
    assert ended.value.code == 2
    assert "--jpeg-quality 101: expected 0 to 100" in capsys.readouterr().err


def test_a_source_that_nobody_knows(tmp_path, capsys):
    (tmp_path / "here").mkdir()
    (tmp_path / "here/readme.txt").touch()
    assert convert(tmp_path / "here", tmp_path / "there") == 1
    assert "here: no format is recognised; name it by --from, one of" in capsys.readouterr().err
    assert convert(tmp_path / "nowhere", tmp_path / "there") == 1
    assert "nowhere does not exist" in capsys.readouterr().err


def test_half_a_conversion_is_taken_away(dataset, tmp_path, capsys):
    """An image that is damaged shows only when it is read."""
    convert(dataset, tmp_path / "jpeg", "--jpeg-quality", "90")
    with h5py.File(tmp_path / "jpeg/episode_1.hdf5", "r+") as file:
        file["observations/images/top"][2] = 0
    capsys.readouterr()
    assert convert(tmp_path / "jpeg", tmp_path / "there", "--jpeg-quality", "0") == 1
    assert "episode_1.hdf5" in capsys.readouterr().err
    assert not list(tmp_path.glob("there*"))


def test_jpeg_stays_as_it_is_and_pixels_become_jpeg(dataset, tmp_path, capsys):
    convert(dataset, tmp_path / "jpeg", "--jpeg-quality", "90")
    assert "lost: image detail, by JPEG" in capsys.readouterr().out
    convert(tmp_path / "jpeg", tmp_path / "again")
    assert "lost: nothing" in capsys.readouterr().out
    with (
        EpisodeReader(tmp_path / "jpeg/episode_0.hdf5") as old,
        EpisodeReader(tmp_path / "again/episode_0.hdf5") as new,
    ):
        assert old.stored_image("top", 1) == new.stored_image("top", 1)
