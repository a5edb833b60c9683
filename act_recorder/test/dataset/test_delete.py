# SPDX-License-Identifier: Apache-2.0
"""Deleted episodes can be brought back, and nothing in their place is lost."""

from pathlib import Path

import pytest
from written_episode import written

from act_core.episode.find_episodes import find_episodes
from act_recorder.dataset.command import main


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    for seed in range(4):
        written(tmp_path, seed=seed)
    return tmp_path


def names(dataset: Path) -> list[str]:
    return [path.name for path in find_episodes(dataset)]


def test_deleted_episodes_come_back_as_they_were(dataset: Path, capsys) -> None:
    before = {path.name: path.read_bytes() for path in find_episodes(dataset)}
    assert main(["delete", str(dataset), "--episodes", "1-2", "--dry-run"]) == 0
    assert capsys.readouterr().out.endswith("2 episodes would go; nothing was moved\n")
    assert main(["delete", str(dataset), "--episodes", "1-2"]) == 0
    told = capsys.readouterr().out
    assert told.endswith(
        f"2 episodes are in {dataset}/.trash; `act dataset restore {dataset}` brings them back, "
        "removing that folder frees the disk. The others keep their numbers\n"
    )
    assert names(dataset) == ["episode_0.hdf5", "episode_3.hdf5"]
    assert main(["restore", str(dataset), "--episodes", "2"]) == 0
    assert capsys.readouterr().out == f"{dataset}/episode_2.hdf5\n1 episodes are back\n"
    assert main(["restore", str(dataset)]) == 0
    assert {path.name: path.read_bytes() for path in find_episodes(dataset)} == before


def test_what_is_to_go_has_to_be_said(dataset: Path, capsys) -> None:
    assert main(["delete", str(dataset)]) == 1
    assert capsys.readouterr().err == (
        "act dataset delete: error: say which: --episodes, --verdict or --label\n"
    )
    assert main(["delete", str(dataset), "--verdict", "failure"]) == 1
    assert capsys.readouterr().err.endswith(f"error: {dataset} has no such episode\n")
    main(["label", str(dataset), "--episodes", "3", "--verdict", "failure", "--add", "bad"])
    for words in (["--verdict", "failure"], ["--label", "bad"]):
        assert main(["delete", str(dataset), *words]) == 0
        assert names(dataset) == ["episode_0.hdf5", "episode_1.hdf5", "episode_2.hdf5"]
        assert main(["restore", str(dataset)]) == 0


def test_a_taken_place_is_left_alone_unless_a_swap_is_asked_for(dataset: Path, capsys) -> None:
    first = (dataset / "episode_1.hdf5").read_bytes()
    main(["delete", str(dataset), "--episodes", "1"])
    second = written(dataset, seed=9).read_bytes()  # the number is free again
    capsys.readouterr()
    assert main(["restore", str(dataset)]) == 1
    assert capsys.readouterr().err == (
        f"act dataset restore: error: {dataset} has episode_1.hdf5 again; --swap puts what is "
        "there now into the trash\n"
    )
    assert (dataset / "episode_1.hdf5").read_bytes() == second
    assert main(["restore", str(dataset), "--swap"]) == 0
    assert (dataset / "episode_1.hdf5").read_bytes() == first
    assert main(["restore", str(dataset), "--swap"]) == 0
    assert (dataset / "episode_1.hdf5").read_bytes() == second
    main(["delete", str(dataset), "--episodes", "1"])
    assert len(list((dataset / ".trash").iterdir())) == 2
    assert main(["restore", str(dataset)]) == 0
    assert (dataset / "episode_1.hdf5").read_bytes() == second, "the last one of two of a name"


def test_an_empty_trash_says_so(dataset: Path, capsys) -> None:
    assert main(["restore", str(dataset)]) == 1
    assert capsys.readouterr().err == (
        f"act dataset restore: error: {dataset}/.trash is empty; no episode was deleted here\n"
    )
