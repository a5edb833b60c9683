# SPDX-License-Identifier: Apache-2.0
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_trainer import config

from act_core.testing import make_episode
from act_policy.errors import ConfigError
from act_policy.model.act import ACTOutput
from act_policy.samples.dataset_folder import DatasetFolder
from act_policy.training.loss import LossConfig, act_loss, count
from act_policy.training.trainer import Trainer
from act_policy.training.training_config import TrainingConfig


def _example(seed, samples=2):
    generator = torch.Generator().manual_seed(seed)
    predicted, actions = (torch.randn(samples, 5, 3, generator=generator) for _ in range(2))
    mu, log_variance = (torch.randn(samples, 4, generator=generator) for _ in range(2))
    is_pad = torch.rand(samples, 5, generator=generator) < 0.4
    is_pad[:, 0] = False
    return ACTOutput(predicted, mu, log_variance), actions, is_pad


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), kl_weight=st.floats(0, 100))
def test_loss_equals_its_definition(seed, kl_weight):
    output, actions, is_pad = _example(seed)
    assert output.mu is not None
    assert output.log_variance is not None
    errors = [
        abs(float(output.actions[b, k, a] - actions[b, k, a]))
        for b in range(2)
        for k in range(5)
        for a in range(3)
        if not is_pad[b, k]
    ]
    posterior = torch.distributions.Normal(output.mu, (0.5 * output.log_variance).exp())
    prior = torch.distributions.Normal(torch.zeros(2, 4), torch.ones(2, 4))
    divergence = torch.distributions.kl_divergence(posterior, prior)
    kl = float(divergence.sum(1).mean())
    values = act_loss(output, actions, is_pad, kl_weight)
    l1 = sum(errors) / len(errors)
    assert float(values["l1"]) == pytest.approx(l1, rel=1e-4)
    assert float(values["kl"]) == pytest.approx(kl, rel=1e-3)
    assert float(values["loss"]) == pytest.approx(l1 + kl_weight * kl, rel=1e-3)

    counted = act_loss(output, actions, is_pad, kl_weight, LossConfig(padding="counted"))
    assert float(counted["l1"]) == pytest.approx(sum(errors) / 30, rel=1e-4)

    free = act_loss(output, actions, is_pad, kl_weight, LossConfig(free_nats=0.5))
    cost = sum(max(0.5, float(nats)) for nats in divergence.mean(0))
    assert float(free["loss"]) == pytest.approx(l1 + kl_weight * cost, rel=1e-3)
    assert float(free["kl"]) == pytest.approx(kl, rel=1e-3)  # what it is, not what it costs


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    cut=st.integers(1, 5),
    padding=st.sampled_from(["masked", "counted"]),
)
def test_the_losses_of_parts_add_up_to_the_whole_batchs(seed, cut, padding):
    loss = LossConfig(padding=padding)
    output, actions, is_pad = _example(seed, 6)
    whole = act_loss(output, actions, is_pad, 3.0, loss)
    parts = [
        act_loss(ACTOutput(*(t[rows] for t in output)), actions[rows], is_pad[rows], 3.0, loss,
                 count(is_pad, loss))
        for rows in (slice(cut), slice(cut, None))
    ]  # fmt: skip
    for name, value in whole.items():
        torch.testing.assert_close(sum(part[name] for part in parts), value)


def test_the_weight_of_kl_rises_once_or_in_cycles():
    def factors(**changes):
        loss = LossConfig(**changes)
        return [loss.kl_factor(step, 80) for step in (0, 10, 20, 39, 40, 50, 60, 79)]

    assert factors() == [1.0] * 8
    linear = factors(kl_schedule="linear", kl_rise=0.5)
    assert linear == [0.0, 0.25, 0.5, 39 / 40, 1.0, 1.0, 1.0, 1.0]
    cyclical = factors(kl_schedule="cyclical", kl_rise=0.5, kl_cycles=2)
    assert cyclical == [0.0, 0.5, 1.0, 1.0, 0.0, 0.5, 1.0, 1.0]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"kl_schedule": "cosine"}, "loss: kl_schedule is 'cosine'. Known: constant, cyclical, l"),
        ({"kl_rise": 0.0}, "loss: kl_rise is 0, expected 0.01 … 1"),
        ({"free_bits": 1.0}, "loss: unknown key 'free_bits'"),
    ],
)
def test_wrong_settings_are_named(setting, message):
    with pytest.raises(ConfigError, match=message):
        TrainingConfig.from_dict({"loss": setting})


def _step(tmp_path, name, **changes):
    """Return the gradients of a first step."""
    settings = {"precision": "fp32", "augmentation": {}, "batch_size": 6, "steps": 8}
    made = config(**settings, **changes)
    trainer = Trainer(made, [DatasetFolder(tmp_path / "data")], tmp_path / name)
    torch.manual_seed(0)
    values = trainer.learner.train_step(trainer.data.training[range(6, 12)], 1)
    gradients = {n: p.grad for n, p in trainer.learner.model.named_parameters()}
    return values, gradients


def test_a_step_in_parts_is_the_step_as_a_whole(tmp_path):
    for seed in range(3):
        make_episode(tmp_path / "data", num_frames=8, dim=3, image_shape=(32, 32), seed=seed)
    model = {**config().to_dict()["model"], "dropout": 0.0, "use_vae": False}
    values, whole = _step(tmp_path, "whole", model=model)
    in_parts, parts = _step(tmp_path, "parts", model=model, micro_batches=3)
    assert float(in_parts["l1"]) == pytest.approx(float(values["l1"]), rel=1e-5)
    for name, gradient in whole.items():
        if gradient is not None:
            torch.testing.assert_close(parts[name], gradient, rtol=1e-3, atol=1e-6, msg=name)


def test_kl_that_has_no_weight_yet_does_not_pull(tmp_path):
    for seed in range(3):
        make_episode(tmp_path / "data", num_frames=8, dim=3, image_shape=(32, 32), seed=seed)
    loss = {"kl_schedule": "linear", "kl_rise": 1.0}
    values, _ = _step(tmp_path, "rising", loss=loss)
    expected = float(values["l1"]) + config().model.kl_weight / 8 * float(values["kl"])
    assert float(values["loss"]) == pytest.approx(expected, rel=1e-5)
