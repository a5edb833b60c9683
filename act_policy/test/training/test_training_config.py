# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
import torch

from act_policy.errors import ConfigError
from act_policy.training.schedule import learning_rate_factor
from act_policy.training.training_config import TrainingConfig

PACKAGE = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"model": {"dim": 3}}, "model: unknown key 'dim'. Known: backbone_norm"),
        ({"model": {"cameras": ["top"]}}, "model: unknown key 'cameras'"),
        (
            {"augmentation": {"shift": 3}},
            "unknown key 'shift'; did you mean 'shift_px'",
        ),
        ({"augmentation": {"shift_px": -1}}, "augmentation: shift_px is -1, expected 0 …"),
        ({"steps": 0}, "steps is 0, expected 1 …"),
        ({"steps": 1.5}, "steps is 1.5, expected a whole number"),
        ({"learning_rate": "fast"}, "learning_rate is 'fast', expected a finite number"),
        ({"schedule": "linear"}, "schedule is 'linear'. Known: constant, cosine, one_cycle"),
        ({"cameras": "top"}, "cameras is 'top', expected a list"),
        ({"validation_fraction": 0.95}, "validation_fraction is 0.95, expected 0 … 0.9"),
        ({"model": 3}, "model is 3, expected a mapping"),
        ({"learning_rate": float("inf")}, "learning_rate is inf, expected a finite number"),
        ({"cameras": [{}]}, r"cameras\[0\] is {}, expected text"),
        ({"seed": 2**40}, "seed is 1099511627776, expected 0 …"),
    ],
)
def test_wrong_settings_are_named(setting, message):
    with pytest.raises(ConfigError, match=message):
        TrainingConfig.from_dict(setting)


def test_yaml_numbers_without_a_point_are_numbers(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("learning_rate: 1e-4\n")
    assert TrainingConfig.load(path).learning_rate == 1e-4
    assert TrainingConfig.load(path, ["seed=3", "cameras=[top]"]).cameras == ("top",)
    path.write_text("a: [")
    with pytest.raises(ConfigError, match="cannot read the training configuration"):
        TrainingConfig.load(path)
    path.write_text("[1, 2]")
    with pytest.raises(ConfigError, match=r"is \[1, 2\], expected a mapping"):
        TrainingConfig.load(path, ["seed=1"])


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed", "'--set seed' is not of the form key=value"),
        ("steps.x=3", "'--set steps.x=3': 'steps' is 100000, not a mapping"),
        ("model.dim_model.x=3", "'dim_model' is 512, not a mapping"),
        ("steps=[", r"'--set steps=\[': not valid YAML"),
    ],
)
def test_wrong_overrides_are_named(override, message):
    with pytest.raises(ConfigError, match=message):
        TrainingConfig.load(PACKAGE / "config" / "train_aloha.yaml", [override])


@pytest.mark.parametrize("path", sorted((PACKAGE / "config").glob("train_*.yaml")), ids=str)
def test_shipped_configurations_load(path):
    loaded = TrainingConfig.load(path)
    assert TrainingConfig.from_dict(loaded.to_dict()) == loaded


def test_schedules_have_their_shapes():
    one = [learning_rate_factor("one_cycle", step, 100, 0.3) for step in range(100)]
    assert one[0] == pytest.approx(0.04)
    assert max(one) == one[30] == 1.0
    assert 0 < one[99] < 0.001
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    # torch counts the steps of both ends in: its peak is at step 30 of 101 as ours is at 30.
    reference = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 1.0, total_steps=101, pct_start=31 / 101
    )
    for factor in one:
        assert factor == pytest.approx(reference.get_last_lr()[0], abs=1e-9)
        optimizer.step()
        reference.step()
    assert learning_rate_factor("constant", 50, 100, 0.1) == 1.0
    assert learning_rate_factor("constant", 0, 100, 0.1) == pytest.approx(1 / 11)
    assert learning_rate_factor("cosine", 55, 100, 0.1) == pytest.approx(0.5)
