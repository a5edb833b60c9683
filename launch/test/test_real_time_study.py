# SPDX-License-Identifier: Apache-2.0
import cv2
import pytest

from act_bringup.studies.plots.real_time import draw
from act_bringup.studies.real_time import BASELINE, FACTORS, conditions, parameters, table
from act_core.system.declaration import declarations
from act_policy.session.policy_params import PolicyParams
from act_sim.sim_params import SimParams

PARAMS = {"sim": SimParams, "policy": PolicyParams}


def _row(factor, level, successes):
    run = {
        "chunk_age_p50_ms": 60.0, "chunk_age_p95_ms": 90.0, "inference_p50_ms": 43.0,
        "missed_ticks": 2, "commands": 4000,
    }  # fmt: skip
    return {
        "factor": factor, "level": level, "successes": successes, "rollouts": 20,
        "success": successes / 20, "success_wilson_95": [0.6, 0.95],
        "stages_reached": [20, 20, 19, successes], "mean_jerk_rad_s3": 210.4, "run": run,
    }  # fmt: skip


@pytest.mark.parametrize("name", FACTORS)
def test_every_level_is_one_that_its_node_takes(name):
    factor = FACTORS[name]
    declared = declarations(PARAMS[factor.node])[factor.parameter]
    for level in factor.levels:
        assert declared.from_text(str(level)) == level
        written = parameters(name, level)[f"/**/{factor.node}"]["ros__parameters"]
        assert written[factor.parameter] == level
    assert list(factor.levels) == sorted(factor.levels)


def test_the_baseline_is_first_and_changes_nothing_but_the_bounds():
    assert conditions(["inference", "lost frames"])[:2] == [BASELINE, ("lost frames", 0.2)]
    assert list(parameters(*BASELINE)) == ["/**/policy"]


def test_rows_are_a_table_and_a_picture(tmp_path):
    rows = [_row(*BASELINE, 20), _row("camera delay", 0.1, 17), _row("joint noise", 0.01, 3)]
    lines = table(rows).splitlines()
    assert lines[2].startswith("| as it is  | 20/20 | 0.60 … 0.95 | 20 20 19 20 | 210 |")
    assert lines[3].startswith("| camera delay 100 ms | 17/20 |")
    assert lines[3].endswith("| 60 / 90 | 43 | 2 of 4000 |")
    assert "| joint noise 10 mrad | 3/20 | 0.60 … 0.95 | 20 20 19 3 | – |" in lines[4]
    labels = {name: (f.unit, f.scale) for name, f in FACTORS.items()}
    draw(rows, labels, tmp_path / "study.png")
    picture = cv2.imread(str(tmp_path / "study.png"))
    assert picture.shape[1] == 2 * 360
    assert picture.std() > 5
