# SPDX-License-Identifier: Apache-2.0
"""What people say of episodes is in their files, and their rows are untouched."""

from pathlib import Path

import h5py
import pytest
from written_episode import written

from act_core.episode.find_episodes import find_episodes
from act_recorder.dataset.command import main
from act_recorder.dataset.selection import read_meta


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    for seed in range(3):
        written(tmp_path, seed=seed)
    return tmp_path


def test_verdict_labels_and_task_of_the_chosen_ones(dataset: Path, capsys) -> None:
    words = ["label", str(dataset), "--episodes", "1-2"]
    assert (
        main([*words, "--verdict", "failure", "--add", "spill", "dusk", "--task", "pour 2"]) == 0
    )
    assert capsys.readouterr().out == (
        "episode_1.hdf5: failure, labels dusk spill, task pour 2\n"
        "episode_2.hdf5: failure, labels dusk spill, task pour 2\n"
    )
    metas = [read_meta(path) for path in find_episodes(dataset)]
    assert [(m.verdict, m.labels, m.task) for m in metas] == [
        ("success", ("dusk",), "pour"), *[("failure", ("dusk", "spill"), "pour 2")] * 2,
    ]  # fmt: skip
    assert main([*words, "--verdict", "none", "--remove", "dusk"]) == 0
    meta = read_meta(dataset / "episode_1.hdf5")
    assert (meta.verdict, meta.judge, meta.labels) == ("", "", ("spill",))
    assert main(["list", str(dataset)]) == 0


def test_one_that_cannot_be_changed_keeps_all_from_it(dataset: Path, capsys) -> None:
    with h5py.File(dataset / "episode_2.hdf5", "r+") as file:
        del file["meta"]
    assert main(["label", str(dataset), "--verdict", "failure"]) == 1
    assert capsys.readouterr().err == (
        f"act dataset label: error: {dataset}/episode_2.hdf5: no /meta: not recorded by this "
        "suite; convert it, then edit the copy\n"
    )
    assert read_meta(dataset / "episode_0.hdf5").verdict == "success"


def test_nothing_to_change_and_labels_of_two_words_are_refused(dataset: Path, capsys) -> None:
    assert main(["label", str(dataset)]) == 1
    assert capsys.readouterr().err == (
        "act dataset label: error: nothing to change; give --verdict, --add, --remove or --task\n"
    )
    assert main(["label", str(dataset), "--add", "two words"]) == 1
    assert capsys.readouterr().err.endswith(
        "error: label 'two words', expected a word without blanks\n"
    )
