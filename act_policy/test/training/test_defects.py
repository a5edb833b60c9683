# SPDX-License-Identifier: Apache-2.0
"""Training looks at its episodes first."""

import pytest

from act_core.testing import make_sound_episode
from act_core.testing_damages import DAMAGES
from act_policy.errors import DatasetError
from act_policy.training.defects import refuse_defects


def _episodes(folder, damage=""):
    paths = [make_sound_episode(folder, seed=seed) for seed in range(2)]
    if damage:
        DAMAGES[damage](paths[1])
    return paths


def test_sound_episodes_are_taken_without_a_word(tmp_path, capsys):
    refuse_defects(_episodes(tmp_path), 100)
    assert capsys.readouterr() == ("", "")


def test_errors_refuse_and_name_the_way_round(tmp_path):
    paths = _episodes(tmp_path, "frozen camera")
    with pytest.raises(DatasetError) as refused:
        refuse_defects(paths, 100)
    assert str(refused.value) == (
        "episodes with defects are not trained on:\n"
        f"  {paths[1]}: error frozen-camera: camera 'top': one picture in rows 41 … 149 (2.2 s); "
        "73% of the episode; take the episode out; look at the camera's cable and driver\n"
        f"All of it: act dataset validate {tmp_path}; to train on them all the same: "
        "--set validate_episodes=false"
    )


def test_warnings_are_printed(tmp_path, capsys):
    paths = _episodes(tmp_path, "late leader")
    refuse_defects(paths, 200)
    lines = capsys.readouterr().err.splitlines()
    assert f"{paths[0]}: warning too-short: 150 rows, a chunk has 200" in lines[0]
    assert [line.split()[2] for line in lines] == ["too-short:", "leader-lag:", "too-short:"]
