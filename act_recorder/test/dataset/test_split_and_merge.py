# SPDX-License-Identifier: Apache-2.0
"""Folders taken apart and put together hold every episode, once."""

from pathlib import Path

import h5py
import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_episode import ROBOT, written

from act_core.episode.find_episodes import find_episodes
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.robot.robot_file import parse_robot
from act_recorder.dataset.command import main
from act_recorder.dataset.mend.split import by_chance, by_word
from act_recorder.dataset.output_folder import new_folder
from act_recorder.dataset.selection import read_meta


@given(st.integers(2, 60), st.floats(0.01, 0.5), st.integers(0, 9))
def test_each_episode_is_in_one_of_two_parts(count: int, fraction: float, seed: int) -> None:
    paths = [Path(f"episode_{i}.hdf5") for i in range(count)]
    parts = by_chance(paths, fraction, seed)
    assert sorted(parts["train"] + parts["val"]) == sorted(paths)
    assert len(parts["val"]) == max(1, round(fraction * count))
    assert by_chance(paths, fraction, seed) == parts


def test_a_split_that_leaves_a_part_empty_is_refused() -> None:
    with pytest.raises(EpisodeError, match=r"^1 episode\(s\) cannot be split; one folder would"):
        by_chance([Path("a")], 0.5, 0)
    with pytest.raises(EpisodeError, match="^--fraction 1, expected more than 0 and less than 1$"):
        by_chance([Path("a"), Path("b")], 1.0, 0)


def test_words_become_folder_names_and_never_one_of_two() -> None:
    one, other = Path("a"), Path("b")
    assert by_word([one, other], {one: ("x/y", "z"), other: ("z",)}) == {
        "x_y": [one], "z": [one, other],
    }  # fmt: skip
    with pytest.raises(EpisodeError, match="^'x y' and 'x/y' would share the folder x_y$"):
        by_word([one, other], {one: ("x/y",), other: ("x y",)})


def test_parts_are_links_that_take_no_room_or_copies(tmp_path: Path, capsys) -> None:
    paths = [written(tmp_path / "a", seed=seed) for seed in range(4)]
    main(["label", str(tmp_path / "a"), "--episodes", "0", "--verdict", "failure"])
    assert (
        main(["split", str(tmp_path / "a"), "--by", "verdict", "--out", str(tmp_path / "b")]) == 0
    )
    assert (tmp_path / "b/failure/episode_0.hdf5").samefile(paths[0])
    assert len(find_episodes(tmp_path / "b/success")) == 3
    assert "hard links" in capsys.readouterr().out
    words = ["split", str(tmp_path / "a"), "--copy", "--fraction", "0.5"]
    assert main([*words, "--out", str(tmp_path / "c")]) == 0
    copies = find_episodes(tmp_path / "c/train") + find_episodes(tmp_path / "c/val")
    assert sorted(p.name for p in copies) == [p.name for p in paths]
    assert all(p.stat().st_nlink == 1 for p in copies)


def test_merged_episodes_are_numbered_anew_and_say_where_they_were(tmp_path: Path, capsys) -> None:
    for folder, count in (("a", 2), ("b", 1)):
        for seed in range(count):
            written(tmp_path / folder, seed=seed)
    words = ["merge", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "c")]
    assert main(words) == 0
    assert capsys.readouterr().out.startswith(f"{tmp_path}/c: 3 episodes from 2 places; ")
    merged = find_episodes(tmp_path / "c")
    assert [p.name for p in merged] == [f"episode_{i}.hdf5" for i in range(3)]
    assert read_meta(merged[2]).origin == f"{tmp_path}/b/episode_0.hdf5; the lab"
    with EpisodeReader(merged[1]) as new, EpisodeReader(tmp_path / "a/episode_1.hdf5") as old:
        assert (new.positions == old.positions).all()


def test_other_robots_rates_and_cameras_are_refused_with_the_difference(
    tmp_path: Path, capsys
) -> None:
    written(tmp_path / "a")
    text = ROBOT.yaml_text.replace("open: 0.0579", "open: 0.0600").replace(
        "rate_hz: 50.0", "rate_hz: 30.0"
    )
    other = written(tmp_path / "b", spec=parse_robot(text, "other"))
    with h5py.File(other, "r+") as file:
        del file["observations/images/cam_left_wrist"]
    words = ["merge", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "c")]
    assert main(words) == 1
    assert capsys.readouterr().err == (
        f"act dataset merge: error: {tmp_path}/a/episode_0.hdf5 and {tmp_path}/b/episode_0.hdf5 "
        "cannot be in one dataset: rate_hz: 50 and 30; cameras: cam_high 16x24, cam_left_wrist "
        "16x24, cam_right_wrist 16x24 and cam_high 16x24, cam_right_wrist 16x24; robot: arms "
        "'left': gripper: state: open: one 0.0579, the other 0.06; robot: arms 'right': gripper: "
        "state: open: one 0.0579, the other 0.06\n"
    )
    assert not (tmp_path / "c").exists()


def test_a_comment_in_the_robot_file_is_no_difference(tmp_path: Path) -> None:
    written(tmp_path / "a")
    written(tmp_path / "b", spec=parse_robot("# mine\n" + ROBOT.yaml_text, "other"))
    words = ["merge", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "c")]
    assert main(words) == 0


def _interrupted_filling(target: Path) -> None:
    with new_folder(target) as folder:
        (folder / "half").touch()
        assert not target.exists()
        with pytest.raises(EpisodeError) as caught, new_folder(target):
            pass
        assert str(caught.value) == (
            f"{target}.partial exists: another run fills it, or was killed; remove it or name "
            "another folder"
        )
        raise KeyboardInterrupt


def test_a_folder_is_there_when_it_is_whole_and_not_before(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _interrupted_filling(tmp_path / "x")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "x").mkdir()  # empty: as good as none
    with new_folder(tmp_path / "x") as folder:
        (folder / "whole").touch()
    assert [p.name for p in (tmp_path / "x").iterdir()] == ["whole"]
