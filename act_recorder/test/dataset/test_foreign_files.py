# SPDX-License-Identifier: Apache-2.0
"""Every verb takes the original code's files, when their robot is named."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from act_core.episode.find_episodes import find_episodes
from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import load_robot
from act_recorder.dataset.command import main

ROBOT = ["--robot", "aloha_original"]
SPEC = load_robot("aloha_original")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    for index in range(2):
        with h5py.File(folder / f"episode_{index}.hdf5", "w") as file:
            moved = np.clip(np.arange(60) - 20, 0, 20)[:, None] * 0.03
            for name in ("observations/qpos", "observations/qvel", "action"):
                file[name] = np.tile(moved, (1, 14)) + index
            file["observations/images/cam_high"] = np.full((60, 6, 8, 3), 7, np.uint8)
            file["base_action"] = np.zeros((60, 2))
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ["list"], ["info"], ["stats"], ["split", "--out", "x"], ["mirror", "--out", "x"],
        ["trim", "--out", "x"], ["merge", "--out", "x"], ["delete", "--verdict", "none"],
        ["split", "--by", "verdict", "--out", "x"],
    ],
)  # fmt: skip
def test_a_verb_takes_them_with_a_robot(
    dataset: Path, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(dataset.parent)
    verb, *options = words
    assert main([verb, str(dataset), *options, *ROBOT]) == 0
    for path in find_episodes(Path("x")) if Path("x/episode_0.hdf5").exists() else []:
        with EpisodeReader(path, None if verb in ("trim", "mirror") else SPEC) as reader:
            assert reader.meta.joint_names == SPEC.columns
    if verb in ("trim", "mirror"):
        assert "episode_0.hdf5: not in the copy: /base_action\n" in capsys.readouterr().err


def test_a_part_of_a_foreign_file_describes_itself(dataset: Path) -> None:
    out = dataset.parent / "trimmed"
    assert main(["trim", str(dataset), "--out", str(out), *ROBOT]) == 0
    with EpisodeReader(out / "episode_1.hdf5") as reader:
        assert reader.meta.format_version == 3
        assert reader.meta.origin == (
            f"trimmed from {dataset}/episode_1.hdf5; a file without description"
        )
        assert reader.num_frames == 41  # from row 10 to 50


def test_two_of_them_are_compared(dataset: Path) -> None:
    assert main(["diff", str(dataset), str(dataset), *ROBOT]) == 0
    assert main(["diff", *map(str, find_episodes(dataset)), *ROBOT]) == 1


def test_without_a_robot_the_fault_says_what_to_name(dataset: Path, capsys) -> None:
    assert main(["stats", str(dataset)]) == 1
    assert capsys.readouterr().err == (
        f"act dataset stats: error: {dataset}/episode_0.hdf5: no /meta, so it does not say which "
        "robot it is of; if the original ALOHA or ACT code wrote it, name its robot (--robot)\n"
    )
