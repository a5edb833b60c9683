# SPDX-License-Identifier: Apache-2.0
"""`act dataset validate`: what it prints, and how it ends."""

import json
import shutil
from pathlib import Path

import pytest

from act_core.episode.checks.check_episode import CHECKS
from act_core.testing import make_sound_episode
from act_core.testing_damages import DAMAGES
from act_recorder.dataset.checks.validate import main
from act_recorder.dataset.checks.validate_page import page

PAGE = Path(__file__).parents[3] / "docs/reference/dataset_checks.md"


@pytest.fixture
def folder(tmp_path):
    for seed in range(2):
        make_sound_episode(tmp_path, num_frames=60, seed=seed)
    return tmp_path


def test_a_sound_folder_ends_with_0(folder, capsys):
    assert main([str(folder), "--chunk-size", "50", "--strict"]) == 0
    assert capsys.readouterr().out.endswith(" MB: 2 without a finding; 0 errors, 0 warnings\n")


def test_findings_stand_under_their_episode_with_a_remedy(folder, capsys):
    DAMAGES["NaN in positions"](folder / "episode_1.hdf5")
    assert main([str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "episode_0.hdf5",
        "  warning  too-short: 60 rows, a chunk has 100",
        "           -> train with a smaller model.chunk_size, or take the episode out",
        "episode_1.hdf5",
    ]
    assert lines[4:6] == [
        "  error    not-finite: 1 of 840 positions, the first in row 7, column "
        "'left_forearm_roll'",
        "           -> cut those rows off or take the episode out: act dataset trim, delete",
    ]
    assert lines[6].endswith(" 0 without a finding; 1 errors, 1 warnings")


def test_warnings_fail_only_when_asked_to(folder, capsys):
    assert main([str(folder)]) == 0
    assert main([str(folder), "--strict", "--episodes", "1"]) == 1
    assert "episode_0" not in capsys.readouterr().out.split("0 errors, 2 warnings\n")[1]


def test_programs_get_an_object(folder, capsys):
    shutil.copy(folder / "episode_0.hdf5", folder / "episode_2.hdf5")
    assert main([str(folder), "--json"]) == 0
    got = json.loads(capsys.readouterr().out)
    assert (got["errors"], got["warnings"]) == (0, 4)
    assert [each["index"] for each in got["episodes"]] == [0, 1, 2]
    assert got["episodes"][0]["findings"][0]["code"] == "too-short"
    assert got["folder"] == [
        {
            "code": "near-duplicates",
            "severity": "warning",
            "text": "episode_0.hdf5, episode_2.hdf5",
            "remedy": "keep one of them: act dataset delete",
        }
    ]


def test_all_checks_are_listed(capsys):
    with pytest.raises(SystemExit) as ending:
        main(["--list-checks"])
    assert ending.value.code == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        check.code for check in CHECKS
    ]


def test_the_page_is_that_of_the_code():
    assert PAGE.read_text() == page(), (
        "run: python3 -m act_recorder.dataset.checks.validate_page > "
        "docs/reference/dataset_checks.md"
    )
