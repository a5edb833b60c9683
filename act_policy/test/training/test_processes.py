# SPDX-License-Identifier: Apache-2.0
"""Training by several processes, in half precision, and with less memory."""

import json
import os
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file
from torch.autograd.graph import saved_tensors_hooks

from act_core.testing import make_episode
from act_policy.errors import TrainingError
from act_policy.model.act import ACT
from act_policy.model.act_config import ACTConfig
from act_policy.samples.dataset_folder import DatasetFolder
from act_policy.samples.sampler import Part, StepSampler
from act_policy.training.recomputation import recompute_activations
from act_policy.training.trainer import Trainer
from act_policy.training.training_config import TrainingConfig

MODEL = {
    "chunk_size": 5, "dim_model": 16, "n_heads": 2, "dim_feedforward": 16, "n_encoder_layers": 1,
    "n_vae_encoder_layers": 1, "latent_dim": 2, "dropout": 0.0, "use_vae": False,
}  # fmt: skip


def config(**changes) -> TrainingConfig:
    settings = {
        "model": MODEL, "validate_episodes": False, "steps": 4, "batch_size": 2,
        "learning_rate": 1e-3, "backbone_learning_rate": 1e-4, "validation_interval_steps": 2,
        "checkpoint_interval_steps": 2, "num_threads": 1, "ema_decay": 0.9,
    }  # fmt: skip
    return TrainingConfig.from_dict({**settings, **changes})


@pytest.fixture
def dataset(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    for seed in range(3):
        make_episode(folder, num_frames=8 + seed, dim=3, image_shape=(32, 32), seed=seed)
    return folder


def torchrun(processes, *words, module="act_policy.train"):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone",
               "--nproc-per-node", str(processes), "-m", module, *map(str, words)]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=110, check=False
    )


def gradients_of(run):
    """Return AdamW's running averages of them.

    Of a bias that changes nothing, as that of attention's keys, the gradient is rounding alone,
    and AdamW's step as large as any: the weights themselves cannot be compared.
    """
    state = load_file(run / "training_state" / "state.safetensors")
    return {k: v for k, v in state.items() if k.startswith("optimizer.exp_avg.")}


@pytest.mark.slow
def test_two_processes_equal_one_with_twice_the_batch(dataset, tmp_path):
    # Episodes shorter than a chunk beside longer ones: the parts do not hold as many actions.
    (tmp_path / "config.yaml").write_text(config().to_yaml())
    two = tmp_path / "two"
    words = ["--config", tmp_path / "config.yaml", "--dataset", dataset, "--out", two]
    done = torchrun(2, *words)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("checkpoint ") == 1, "only the first process speaks"
    Trainer(config(batch_size=4), [DatasetFolder(dataset)], tmp_path / "one").train()
    ours, theirs = gradients_of(tmp_path / "one"), gradients_of(two)
    assert ours.keys() == theirs.keys()
    assert len(ours) > 50
    for name, value in ours.items():
        torch.testing.assert_close(theirs[name], value, rtol=1e-3, atol=1e-6, msg=name)
    provenance = json.loads((two / "step_000004" / "provenance.json").read_text())
    assert provenance["num_processes"] == 2
    # Going on alone would be another training.
    with pytest.raises(TrainingError, match="was trained by 2 processes, got 1; each has"):
        Trainer(config(steps=6), [DatasetFolder(dataset)], two, resume=True)
    done = torchrun(2, "--out", two, "--resume", "--set", "steps=6")
    assert done.returncode == 0, done.stderr[-3000:]
    assert (two / "step_000006").is_dir()


@pytest.mark.slow
def test_a_fault_of_several_processes_is_told_once(dataset, tmp_path):
    done = torchrun(2, "--dataset", dataset, "--out", dataset)
    told = [line for line in done.stderr.splitlines() if line.startswith("act train: error:")]
    assert told == [
        f"act train: error: '{dataset}' is there already; go on with --resume or name another"
    ]


def test_shares_together_are_the_whole_step():
    parts = [Part(13), Part(7, 2.0)]
    whole = list(StepSampler(parts, 6, 1, first_step=2, end_step=9))
    shares = [
        list(StepSampler(parts, 2, 1, first_step=2, end_step=9, share=(i, 3))) for i in range(3)
    ]
    assert [sum(step, []) for step in zip(*shares, strict=True)] == whole


@pytest.mark.parametrize("use_vae", [True, False])
def test_recomputed_activations_give_the_same_gradients_and_keep_less(use_vae):
    settings = {**MODEL, "dropout": 0.3, "use_vae": use_vae, "n_encoder_layers": 3}
    names = ("a", "b", "c")
    act_config = ACTConfig(
        **settings, cameras=("top",), image_height_px=64, image_width_px=64, state_names=names,
        action_names=names, rate_hz=50.0,
    )  # fmt: skip
    torch.manual_seed(0)
    plain = ACT(act_config)
    thrifty = ACT(act_config)
    thrifty.load_state_dict(plain.state_dict())
    recompute_activations(thrifty)
    assert thrifty.state_dict().keys() == plain.state_dict().keys()
    state, images = torch.randn(2, 3), torch.randn(2, 1, 3, 64, 64)
    actions, is_pad = torch.randn(2, 5, 3), torch.zeros(2, 5, dtype=torch.bool)
    gradients, kept = [], []
    for model in (plain, thrifty):
        saved = []

        def pack(tensor, saved=saved):
            saved.append(tensor.numel())
            return tensor

        torch.manual_seed(1)
        with saved_tensors_hooks(pack, lambda tensor: tensor):
            output = model(state, images, actions, is_pad)
        output.actions.square().sum().backward()
        gradients.append([p.grad for p in model.parameters()])
        kept.append(sum(saved))
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(other, one)
    assert kept[1] < 0.5 * kept[0]


def test_fp16_leaves_out_a_step_whose_gradient_overflows_and_goes_on(dataset, tmp_path):
    run = tmp_path / "run"
    trainer = Trainer(config(precision="fp16"), [DatasetFolder(dataset)], run)
    scaler = trainer.fabric.strategy.precision.scaler
    scaler._init_scale = 2.0**120  # no gradient is finite then
    assert scaler.is_enabled()
    before = {k: v.clone() for k, v in trainer.learner.model.state_dict().items()}
    trainer.train(until_step=2)
    assert scaler.get_scale() < 2.0**120
    assert all(torch.equal(v, before[k]) for k, v in trainer.learner.model.state_dict().items())
    # The scale goes on where it was.
    resumed = Trainer(config(precision="fp16"), [DatasetFolder(dataset)], run, resume=True)
    assert resumed.fabric.strategy.precision.scaler.get_scale() == scaler.get_scale()
    resumed.fabric.strategy.precision.scaler._scale = None
    resumed.fabric.strategy.precision.scaler._init_scale = 2.0**10
    resumed.train()
    assert not torch.equal(resumed.learner.model.action_head.weight, before["action_head.weight"])


def test_fp16_that_only_overflows_diverged(dataset, tmp_path):
    trainer = Trainer(
        config(precision="fp16", steps=100), [DatasetFolder(dataset)], tmp_path / "r"
    )
    trainer.learner._overflows = 29
    trainer.fabric.strategy.precision.scaler._init_scale = 2.0**120
    with pytest.raises(
        TrainingError, match="training diverged at step 0: .* gradient norm (inf|nan)"
    ):
        trainer.train()


def test_a_start_that_fails_leaves_no_folder_and_a_later_failure_keeps_it(dataset, tmp_path):
    for poisoned in (0, 3):
        run = tmp_path / f"run_{poisoned}"
        trainer = Trainer(config(), [DatasetFolder(dataset)], run)
        step_of, learner = trainer.learner.train_step, trainer.learner

        def fails(batch, step, step_of=step_of, poisoned=poisoned, learner=learner):
            if step == poisoned:
                with torch.no_grad():
                    learner.model.action_head.bias.fill_(float("nan"))
            return step_of(batch, step)

        learner.train_step = fails
        with pytest.raises(TrainingError, match=f"diverged at step {poisoned}"):
            trainer.train()
        assert run.exists() == (poisoned == 3)
    assert (tmp_path / "run_3" / "step_000002").is_dir()
