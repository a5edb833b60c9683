# SPDX-License-Identifier: Apache-2.0
"""Verb `info` tells everything of an episode, of a file of others, and of a broken one."""

import json
from pathlib import Path

import h5py
import numpy as np
from written_episode import JPEG, begin, written

from act_recorder.dataset.command import main


def test_everything_about_a_dataset_as_an_object(tmp_path: Path, capsys) -> None:
    written(tmp_path)
    written(tmp_path, codec=JPEG, seed=1)
    main(["label", str(tmp_path), "--episodes", "1", "--verdict", "failure", "--add", "spill"])
    begin(tmp_path).keep_partial()
    capsys.readouterr()
    assert main(["info", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    size = sum(path.stat().st_size for path in tmp_path.glob("*.hdf5"))
    assert {key: told[key] for key in ("episodes", "rows", "duration_s", "size_bytes")} == {
        "episodes": 2, "rows": 80, "duration_s": 1.6, "size_bytes": size,
    }  # fmt: skip
    assert told["robots"] == {"aloha_2": 2}
    assert told["rate_hz"] == {"50": 2}
    assert told["codecs"] == {"raw": 1, "jpeg": 1}
    assert told["cameras"][0] == {"name": "cam_high", "size_px": "16x24", "episodes": 2}
    assert told["tasks"] == {"pour": 2}
    assert told["verdicts"] == {"success by operator": 1, "failure by operator": 1}
    assert told["labels"] == {"dusk": 2, "spill": 1}
    assert told["source_rows"] == {"teleop": 40, "policy": 40}
    assert told["ages_ms"]["joint_states"] == {"p50": 4.0, "p99": 4.0, "max": 4.0}
    assert told["ages_ms"]["action"]["p50"] == 2.0
    assert told["ages_ms"]["cam_right_wrist"]["max"] == 7.0
    assert told["frames"]["cam_high"] == {
        "used": 80, "repeated": 0, "unused": 0, "lost": 0, "not_counted": 0,
    }  # fmt: skip
    assert told["partials"] == ["episode_2.hdf5.partial"]
    assert told["origins"] == {"the lab": 2}


def test_one_episode_in_words(tmp_path: Path, capsys) -> None:
    path = written(tmp_path)
    with h5py.File(path, "r+") as file:
        file["meta"].attrs.update({"skipped_ticks": 3, "skipped_reason": "the camera was late"})
        file["meta"].attrs["software_version"] = "0.1.0"
        del file["observations/images/cam_high"].attrs["frames_lost"]
    assert main(["info", str(path)]) == 0
    text = capsys.readouterr().out
    for line in (
        "1 episodes, 40 rows, 0.0 min, 0 MB",
        "verdicts:                  success by operator",
        "source rows:               teleop (20), policy (20)",
        "age of cam_high:           p50 5.0 ms, p99 5.0 ms, max 5.0 ms",
        "frames of cam_high:        not counted",
        "frames of cam_left_wrist:  40 used, 0 repeated, 0 unused, 0 lost",
        "skipped ticks:             3",
        "skipped reasons:           the camera was late",
        "software versions:         0.1.0",
    ):
        assert f"{line}\n" in text


def test_broken_files_are_told_beside_the_others(tmp_path: Path, capsys) -> None:
    written(tmp_path)
    (tmp_path / "episode_1.hdf5").write_bytes(b"junk")
    with h5py.File(tmp_path / "episode_2.hdf5", "w") as file:
        file["action"] = np.zeros((3, 14))
    for verb in ("info", "list"):
        assert main([verb, str(tmp_path)]) == 1
        text = capsys.readouterr().out
        assert "cannot be opened: no HDF5 file" in text
        assert "no /observations/qpos; not an episode of this suite" in text
        assert "40 rows" in text


def test_many_are_listed_by_several_processes_in_their_order(tmp_path: Path, capsys) -> None:
    data = written(tmp_path).read_bytes()
    for index in range(1, 210):
        (tmp_path / f"episode_{index}.hdf5").write_bytes(data)
    (tmp_path / "episode_5.hdf5").write_bytes(b"junk")
    assert main(["list", str(tmp_path), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [line["index"] for line in told] == list(range(210))
    assert [line["index"] for line in told if line["fault"]] == [5]
    assert told[209]["num_frames"] == 40
