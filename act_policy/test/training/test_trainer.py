# SPDX-License-Identifier: Apache-2.0
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from act_core.testing import make_episode
from act_policy import train
from act_policy.checkpoint.checkpoint import load_checkpoint
from act_policy.errors import DatasetError, TrainingError
from act_policy.model.statistics import Statistics
from act_policy.samples.agreement import load_episodes
from act_policy.samples.dataset_folder import DatasetFolder
from act_policy.training.trainer import Trainer
from act_policy.training.training_config import TrainingConfig
from act_policy.training.training_data import split_episodes

PACKAGE = Path(__file__).parents[2]
MODEL = {
    "chunk_size": 5,
    "dim_model": 16,
    "n_heads": 2,
    "dim_feedforward": 16,
    "n_encoder_layers": 1,
    "n_vae_encoder_layers": 1,
    "latent_dim": 2,
}


def config(**changes) -> TrainingConfig:
    settings = {
        "model": MODEL,
        "validate_episodes": False,  # test_defects.py
        "steps": 4,
        "batch_size": 2,
        "learning_rate": 1e-3,
        "backbone_learning_rate": 1e-4,
        "schedule": "one_cycle",
        "warmup_fraction": 0.3,
        "ema_decay": 0.9,
        "precision": "bf16",
        "augmentation": {
            "shift_px": 1,
            "brightness": 0.1,
            "crop": 0.1,
            "state_noise": 0.1,
            "fading": "linear",
        },
        "validation_interval_steps": 2,
        "checkpoint_interval_steps": 2,
        "num_threads": 1,
    }
    return TrainingConfig.from_dict({**settings, **changes})


@pytest.fixture
def dataset(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for seed in range(3):
        make_episode(folder, num_frames=8 + seed, dim=3, image_shape=(32, 32), seed=seed)
    return folder


def _state(run):
    return load_file(run / "training_state" / "state.safetensors")


def _assert_same_run(first, second):
    one, two = _state(first), _state(second)
    assert one.keys() == two.keys()
    assert any(name.startswith("optimizer.exp_avg_sq.") for name in one)
    assert [name for name in one if not torch.equal(one[name], two[name])] == []
    weights = [load_checkpoint(run / "step_000004").weights for run in (first, second)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.mark.parametrize("changes", [{}, {"ema_decay": 0.0, "model": {**MODEL, "use_vae": False}}])
def test_two_steps_and_two_resumed_equal_four(dataset, tmp_path, changes):
    Trainer(config(**changes), [DatasetFolder(dataset)], tmp_path / "whole").train()
    Trainer(config(**changes), [DatasetFolder(dataset)], tmp_path / "cut").train(until_step=2)
    # A new process starts with other random numbers.
    torch.manual_seed(99)
    Trainer(config(**changes), [DatasetFolder(dataset)], tmp_path / "cut", resume=True).train()
    _assert_same_run(tmp_path / "whole", tmp_path / "cut")


def test_loading_in_workers_changes_nothing(dataset, tmp_path):
    Trainer(config(), [DatasetFolder(dataset)], tmp_path / "alone").train()
    Trainer(
        config(num_workers=1, cache_images=True), [DatasetFolder(dataset)], tmp_path / "workers"
    ).train()
    _assert_same_run(tmp_path / "alone", tmp_path / "workers")


def test_a_killed_run_resumes_to_the_same_weights(dataset, tmp_path, capsys):
    Trainer(config(steps=4), [DatasetFolder(dataset)], tmp_path / "whole").train()
    code = (
        "import os, signal\n"
        "from act_policy.checkpoint import atomic_folder\n"
        "flush, calls = atomic_folder._flush, []\n"
        "def killing(path):\n"
        "    calls.append(path)\n"
        "    if path.name == 'state.safetensors' and len(calls) > 12:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    flush(path)\n"
        "atomic_folder._flush = killing\n"
        "from act_policy.train import main\n"
        "import sys\n"
        "sys.exit(main())\n"
    )
    path = tmp_path / "config.yaml"
    path.write_text(config(steps=4).to_yaml())
    run = tmp_path / "killed"
    arguments = ["--config", str(path), "--dataset", str(dataset), "--out", str(run)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert (run / "training_state.partial").is_dir()
    assert int(json.loads((run / "training_state" / "progress.json").read_text())["step"]) == 2
    # Its own settings and episodes, without naming them again.
    assert train.main(["--out", str(run), "--resume"]) == 0
    assert f"\ncheckpoint {run / 'step_000004'}\n" in capsys.readouterr().out
    _assert_same_run(tmp_path / "whole", run)


def test_checkpoints_hold_what_driving_needs(dataset, tmp_path):
    trainer = Trainer(config(), [DatasetFolder(dataset)], tmp_path / "run")
    trainer.train()
    checkpoint = load_checkpoint(tmp_path / "run" / "step_000004")
    provenance = checkpoint.provenance
    assert checkpoint.config.state_names == ("joint_0", "joint_1", "joint_2")
    assert provenance["step"] == 4
    assert provenance["dataset"]["num_training_episodes"] == 2
    assert len(provenance["dataset"]["folders"][0]["validation_episodes"]) == 1
    assert provenance["training"]["learning_rate"] == 1e-3
    judged = trainer.learner.validate(trainer.data.held_out)
    assert provenance["validation"] == pytest.approx(judged)
    assert list((tmp_path / "run" / "tensorboard").iterdir())


def test_statistics_come_from_the_training_episodes_alone(dataset, tmp_path):
    data = Trainer(config(), [DatasetFolder(dataset)], tmp_path / "run").data
    kept = data.training.episodes
    expected = Statistics.fit([e.positions for e in kept], [e.actions for e in kept])
    np.testing.assert_array_equal(data.statistics.state_mean, expected.state_mean)
    names = {e.path for e in kept} | {e.path for e in data.held_out.episodes}
    assert len(names) == len(kept) + len(data.held_out.episodes) == 3


def test_validation_drives_with_z_zero(dataset, tmp_path):
    trainer = Trainer(config(), [DatasetFolder(dataset)], tmp_path / "run")
    before = trainer.learner.validate(trainer.data.held_out)
    with torch.no_grad():
        trainer.learner.averaged.encoder_latent_input_proj.weight.mul_(100.0)
    after = trainer.learner.validate(trainer.data.held_out)
    assert after["l1"] == pytest.approx(before["l1"])
    assert after["l1_posterior"] != pytest.approx(before["l1_posterior"])


def test_training_learns(dataset, tmp_path):
    settings = {"precision": "fp32", "schedule": "constant", "warmup_fraction": 0.0}
    trainer = Trainer(
        config(**settings, augmentation={}), [DatasetFolder(dataset)], tmp_path / "run"
    )
    batch = trainer.data.training[range(0, 16, 2)]
    losses = [float(trainer.learner.train_step(batch, 0)["l1"]) for _ in range(40)]
    assert losses[-1] < 0.5 * losses[0]


def test_existing_run_is_refused_and_missing_one_cannot_be_resumed(dataset, tmp_path):
    (tmp_path / "run").mkdir()
    with pytest.raises(TrainingError, match="is there already; go on with --resume"):
        Trainer(config(), [DatasetFolder(dataset)], tmp_path / "run")
    with pytest.raises(TrainingError, match=r"it has no training\.yaml"):
        Trainer(config(), [DatasetFolder(dataset)], tmp_path / "run", resume=True)


def test_resuming_with_other_settings_or_episodes_is_refused(dataset, tmp_path):
    run = tmp_path / "run"
    Trainer(config(), [DatasetFolder(dataset)], run).train(until_step=1)
    with pytest.raises(TrainingError, match=r"learning_rate 0\.001, got 0\.01"):
        Trainer(config(learning_rate=0.01), [DatasetFolder(dataset)], run, resume=True)
    with pytest.raises(TrainingError, match="trained with weight 1 of .*, got 2; a resumed run"):
        Trainer(config(), [DatasetFolder(dataset, 2.0)], run, resume=True)


def test_damaged_training_state_is_named(dataset, tmp_path):
    run = tmp_path / "run"
    Trainer(config(), [DatasetFolder(dataset)], run).train(until_step=1)
    path = run / "training_state" / "state.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(TrainingError, match="is damaged"):
        Trainer(config(), [DatasetFolder(dataset)], run, resume=True)


def test_divergence_stops_with_the_step(dataset, tmp_path):
    trainer = Trainer(config(), [DatasetFolder(dataset)], tmp_path / "run")
    with torch.no_grad():
        trainer.learner.model.action_head.bias.fill_(float("nan"))
    with pytest.raises(TrainingError, match="diverged at step 0: loss nan"):
        trainer.train()
    assert not list((tmp_path / "run").glob("step_*"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="only without a CUDA device")
def test_missing_cuda_is_an_error_not_a_fallback(dataset, tmp_path):
    with pytest.raises(TrainingError, match="torch finds no CUDA device"):
        Trainer(config(device="cuda"), [DatasetFolder(dataset)], tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_splits_are_seeded_and_never_empty(dataset):
    episodes = load_episodes(sorted(dataset.iterdir()))
    assert split_episodes(episodes, 0.0, 0) == (episodes, [])
    one, two = split_episodes(episodes, 0.1, 3), split_episodes(episodes, 0.1, 3)
    assert one == two
    assert [len(part) for part in one] == [2, 1]
    with pytest.raises(DatasetError, match=r"1 episode\(s\) cannot be split"):
        split_episodes(episodes[:1], 0.1, 0)


def test_command_trains_and_reports_errors(dataset, tmp_path, capsys):
    path = tmp_path / "config.yaml"
    path.write_text(config().to_yaml())
    arguments = ["--config", str(path), "--dataset", str(dataset), "--out", str(tmp_path / "run")]
    assert train.main([*arguments, "--set", "steps=2", "--set", "model.dim_model=8"]) == 0
    assert load_checkpoint(tmp_path / "run" / "step_000002").config.dim_model == 8
    assert train.main(arguments) == 1
    assert f"act train: error: '{tmp_path / 'run'}' is there already" in capsys.readouterr().err
    assert train.main([*arguments, "--set", "stepps=2"]) == 1
    assert "unknown key 'stepps'; did you mean 'steps'?" in capsys.readouterr().err


def test_saved_weights_are_the_running_average(dataset, tmp_path):
    trainer = Trainer(config(ema_decay=0.5), [DatasetFolder(dataset)], tmp_path / "run")
    expected = {k: v.clone() for k, v in trainer.learner.averaged.named_parameters()}
    for step in range(3):
        trainer.learner.train_step(trainer.data.training[range(8)], step)
        decay = min(0.5, (1 + step) / (10 + step))
        for name, value in trainer.learner.model.named_parameters():
            expected[name] = decay * expected[name] + (1 - decay) * value.detach()
    trainer.step = 2
    trainer.save()
    saved = load_checkpoint(tmp_path / "run" / "step_000002").weights
    for name, value in expected.items():
        torch.testing.assert_close(saved[name], value, msg=name)


def test_long_gradients_are_scaled_down(dataset, tmp_path):
    moved = []
    for limit in (1e9, 1e-9):
        run = tmp_path / str(limit)
        trainer = Trainer(
            config(grad_clip_norm=limit, weight_decay=0.0), [DatasetFolder(dataset)], run
        )
        trainer.learner.train_step(trainer.data.training[range(8)], 0)
        gradients = [p.grad for p in trainer.learner.model.parameters() if p.grad is not None]
        moved.append(float(torch.stack([g.norm() for g in gradients]).norm()))
    assert moved[0] > 1e-3
    assert moved[1] <= 1.01e-9


def test_backbone_has_a_learning_rate_of_its_own(dataset, tmp_path):
    settings = {"learning_rate": 1e-3, "backbone_learning_rate": 0.0, "weight_decay": 0.0}
    trainer = Trainer(config(**settings), [DatasetFolder(dataset)], tmp_path / "run")
    before = {k: v.clone() for k, v in trainer.learner.model.state_dict().items()}
    trainer.learner.train_step(trainer.data.training[range(8)], 2)  # past the warm-up
    after = trainer.learner.model.state_dict()
    changed = {k for k, v in after.items() if not torch.equal(v, before[k])}
    assert changed
    assert not [name for name in changed if name.startswith("backbone.")]


def test_asked_to_stop_it_saves_and_stops(dataset, tmp_path):
    trainer = Trainer(config(), [DatasetFolder(dataset)], tmp_path / "run")
    trainer.stop()
    trainer.train()
    assert trainer.step == 1
    assert load_checkpoint(tmp_path / "run" / "step_000001").provenance["step"] == 1
