# SPDX-License-Identifier: Apache-2.0
import torch

from act_core.testing import make_episode
from act_policy.samples.dataset_folder import DatasetFolder
from act_policy.training.trainer import Trainer
from act_policy.training.training_config import TrainingConfig

MODEL = {
    "chunk_size": 5, "dim_model": 16, "n_heads": 2, "dim_feedforward": 16, "n_encoder_layers": 1,
    "n_vae_encoder_layers": 1, "latent_dim": 2, "dropout": 0.0,
}  # fmt: skip


def test_noise_of_the_state_is_trained_with_and_not_judged_with(tmp_path):
    (tmp_path / "data").mkdir()
    for seed in range(3):
        make_episode(tmp_path / "data", num_frames=8, dim=3, image_shape=(32, 32), seed=seed)
    learners = []
    for name, augmentation in (("exact", {}), ("noisy", {"state_noise": 0.5})):
        config = TrainingConfig.from_dict(
            {"model": MODEL, "validate_episodes": False, "augmentation": augmentation}
        )
        trainer = Trainer(config, [DatasetFolder(tmp_path / "data")], tmp_path / name)
        learners.append(trainer.learner)
        data = trainer.data
    exact, noisy = (learner.validate(data.held_out) for learner in learners)
    assert exact == noisy
    batch = data.training[[0, 1]]
    exact, noisy = (float(learner.train_step(batch, 0)["l1"]) for learner in learners)
    assert exact != noisy


def trainer_of(folder, model, **settings) -> Trainer:
    """Return a training of three short episodes that it makes in `folder`."""
    data = folder / "data"
    data.mkdir()
    for seed in range(3):
        make_episode(data, num_frames=8, dim=3, image_shape=(32, 32), seed=seed)
    config = TrainingConfig.from_dict(
        {"model": MODEL | model, "validate_episodes": False, **settings}
    )
    return Trainer(config, [DatasetFolder(data)], folder / "run")


def test_a_prefix_is_trained_with_and_not_judged_with(tmp_path):
    trainer = trainer_of(tmp_path, {"prefix_size": 3}, weight_decay=0.0)
    learner, data = trainer.learner, trainer.data
    seen = []
    learner.model.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[4:]))
    before = learner.model.prefix_input_proj.weight.clone()
    for step in range(8):
        learner.train_step(data.training[[0, 1, 2]], step)
    counts = {int(count) for (each,) in seen for count in each}
    assert counts == {0, 1, 2, 3}
    assert not torch.equal(learner.model.prefix_input_proj.weight, before)
    seen.clear()
    learner.validate(data.held_out)
    assert set(seen) == {()}


def test_what_the_network_is_told_is_not_judged(tmp_path, monkeypatch):
    trainer = trainer_of(tmp_path, {"prefix_size": 3}, micro_batches=2)
    learner, batch = trainer.learner, trainer.data.training[[0, 5]]
    counts = torch.tensor([2, 3])
    monkeypatch.setattr(learner, "_drawn_prefix", lambda _: counts)
    seen = []
    learner.model.register_forward_hook(lambda _, inputs, output: seen.append((inputs, output)))
    told = learner.train_step(batch, 0)
    errors, judged = 0.0, 0
    for ((_, _, actions, is_pad, known), output), count in zip(seen, counts, strict=True):
        assert known.tolist() == [count]
        left = ~is_pad
        left[:, :count] = False
        errors += float((output.actions.detach() - actions).abs()[left].sum())
        judged += int(left.sum()) * actions.shape[-1]
    assert abs(float(told["l1"]) - errors / judged) < 1e-5


def test_deltas_count_from_the_state_that_the_network_sees(tmp_path):
    augmentation = {"state_noise": 0.5}
    trainer = trainer_of(tmp_path, {"delta_actions": True}, augmentation=augmentation)
    learner, batch, scale = trainer.learner, trainer.data.training[[0, 5]], trainer.data.statistics
    seen = []
    learner.model.register_forward_pre_hook(lambda _, inputs: seen.append(inputs))
    learner.train_step(batch, 0)
    ((state, _, actions, _),) = seen
    measured = state * torch.from_numpy(scale.state_std) + torch.from_numpy(scale.state_mean)
    assert (measured - batch.state).abs().max() > 0.01
    deltas = actions * torch.from_numpy(scale.action_std) + torch.from_numpy(scale.action_mean)
    torch.testing.assert_close(deltas + measured[:, None], batch.actions, atol=1e-4, rtol=0)
