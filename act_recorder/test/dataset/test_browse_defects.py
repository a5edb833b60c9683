# SPDX-License-Identifier: Apache-2.0
"""The page shows what `validate` finds."""

from pathlib import Path

from browse_client import browsed

from act_core.episode.checks.check_episode import check_episode
from act_core.robot.robot_file import load_robot
from act_core.testing import make_episode
from act_recorder.dataset.browse.defects import findings

ROBOT = load_robot("aloha_sim")
ROWS = 5
RED, GREEN = (220, 20, 20), (20, 200, 30)
CAMERAS = {"left": RED, "top": GREEN}


def test_defects_are_those_of_validate(tmp_path: Path) -> None:
    path = make_episode(tmp_path, num_frames=2)
    found = check_episode(path).findings
    assert found
    with browsed(tmp_path, inspect=findings(None)) as client:
        shown = client.rows(inspected=True)[0]["defects"]
    assert {each["code"] for each in shown} == {each.check.code for each in found}
