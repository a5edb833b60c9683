# SPDX-License-Identifier: Apache-2.0
"""Runs that go on for longer, with more episodes, or from the weights of another."""

import json
import shutil

import numpy as np
import pytest
import torch
from test_trainer import MODEL, config

from act_core.testing import make_episode
from act_policy import train
from act_policy.checkpoint.checkpoint import load_checkpoint
from act_policy.errors import CheckpointError, DatasetError, TrainingError
from act_policy.samples.dataset_folder import DatasetFolder
from act_policy.training.trainer import Trainer


def record(folder, seeds, **settings):
    folder.mkdir(exist_ok=True)
    for seed in seeds:
        settings = {"num_frames": 8, "dim": 3, "image_shape": (32, 32), **settings}
        make_episode(folder, seed=seed, **settings)
    return folder


@pytest.fixture
def dataset(tmp_path):
    return record(tmp_path / "data", range(4))


@pytest.fixture
def run(tmp_path, dataset):
    Trainer(config(), [DatasetFolder(dataset)], tmp_path / "run").train()
    return tmp_path / "run"


def _files(episodes):
    return {f"{e.path.parent.name}/{e.path.name}" for e in episodes}


def test_a_finished_run_goes_on_for_more_steps(run, dataset):
    trainer = Trainer(config(steps=6), [DatasetFolder(dataset)], run, resume=True)
    assert trainer.data.notes[-1] == (
        "6 steps instead of 4: from step 4 on the learning rate follows the one_cycle schedule "
        "of 6"
    )
    trainer.train()
    sessions = load_checkpoint(run / "step_000006").provenance["sessions"]
    assert [(s["first_step"], s["steps"]) for s in sessions] == [(0, 4), (4, 6)]
    assert "\nsteps: 6\n" in (run / "training.yaml").read_text()  # what the next one goes on with
    with pytest.raises(TrainingError, match="has 6 steps behind it, got steps 5; name more"):
        Trainer(config(steps=5), [DatasetFolder(dataset)], run, resume=True)


def test_a_run_that_only_goes_on_has_one_session(dataset, tmp_path):
    Trainer(config(), [DatasetFolder(dataset)], tmp_path / "cut").train(until_step=2)
    Trainer(config(), [DatasetFolder(dataset)], tmp_path / "cut", resume=True).train()
    assert len(load_checkpoint(tmp_path / "cut/step_000004").provenance["sessions"]) == 1


def test_added_episodes_are_trained_on_and_what_was_held_out_stays(run, dataset, tmp_path):
    before = Trainer(config(), [DatasetFolder(dataset)], run, resume=True).data
    record(dataset, [9])
    more = record(tmp_path / "more", range(20, 40))
    # In another order, and with other statistics by themselves.
    folders = [DatasetFolder(more, 2.0), DatasetFolder(dataset)]
    trainer = Trainer(config(steps=6), folders, run, resume=True)
    after = trainer.data
    assert "21 episodes were added at step 4, 2 of them held out; inputs" in after.notes[-2]
    assert _files(before.held_out.episodes) < _files(after.held_out.episodes)
    assert _files(before.training.episodes) < _files(after.training.episodes)
    assert len(after.training.episodes) + len(after.held_out.episodes) == 25
    np.testing.assert_array_equal(after.statistics.state_mean, before.statistics.state_mean)
    trainer.train()
    saved = load_checkpoint(run / "step_000006")
    np.testing.assert_array_equal(saved.statistics.action_std, before.statistics.action_std)
    counts = [s["dataset"]["num_training_episodes"] for s in saved.provenance["sessions"]]
    assert counts == [3, 22]


def test_a_state_of_another_version_is_refused_with_what_to_do(run, dataset):
    path = run / "training_state/progress.json"
    progress = json.loads(path.read_text())
    del progress["sessions"]
    path.write_text(json.dumps(progress))
    with pytest.raises(TrainingError, match="has no 'sessions'; start anew from its last check"):
        Trainer(config(), [DatasetFolder(dataset)], run, resume=True)


def test_smaller_images_that_are_added_do_not_change_the_network(run, dataset):
    record(dataset, [9], image_shape=(16, 16))
    data = Trainer(config(), [DatasetFolder(dataset)], run, resume=True).data
    assert (data.act_config.image_height_px, data.act_config.image_width_px) == (32, 32)


def test_a_run_whose_episodes_are_gone_or_changed_is_refused(run, dataset, tmp_path):
    other = record(tmp_path / "other", range(2))
    with pytest.raises(DatasetError) as error:
        Trainer(config(), [DatasetFolder(other)], run, resume=True)
    said = str(error.value)
    assert said.startswith(f"'{run}' was trained on 4 episode(s) that are not among those given")
    assert said.endswith(f"it needs --dataset {dataset}, and may have more")
    shutil.copy(dataset / "episode_0.hdf5", dataset / "episode_1.hdf5")
    with pytest.raises(DatasetError, match="trained on other episodes: names, sizes or actions"):
        Trainer(config(), [DatasetFolder(dataset)], run, resume=True)


def test_a_run_starts_from_the_weights_and_the_scaling_of_a_checkpoint(run, tmp_path):
    start = load_checkpoint(run / "step_000004")
    other = record(tmp_path / "other", range(50, 53))
    trainer = Trainer(
        config(), [DatasetFolder(other)], tmp_path / "tuned", weights=run / "step_000004"
    )
    for network in (trainer.learner.model, trainer.learner.averaged):
        weights = network.state_dict()
        assert all(torch.equal(weights[name], start.weights[name]) for name in start.weights)
    np.testing.assert_array_equal(trainer.data.statistics.state_std, start.statistics.state_std)
    trainer.train(until_step=2)
    Trainer(config(), [DatasetFolder(other)], tmp_path / "tuned", resume=True).train()
    for step in (2, 4):
        provenance = load_checkpoint(tmp_path / f"tuned/step_{step:06d}").provenance
        assert provenance["started_from"]["checkpoint"] == str(run / "step_000004")
        assert provenance["started_from"]["step"] == 4


@pytest.mark.parametrize(
    ("changes", "episodes", "text"),
    [
        (
            {"model": {**MODEL, "dim_model": 8}}, {},
            "has dim_model 16, this training 8; to start from its weights: --set "
            "model.dim_model=16",
        ),
        ({}, {"dim": 2}, "has state_names joint_0, joint_1, joint_2, the episodes joint_0, join"),
        ({}, {"cameras": ("low",)}, "has cameras top, the episodes low; its weights are for"),
    ],
)  # fmt: skip
def test_weights_of_another_network_are_refused(run, tmp_path, changes, episodes, text):
    other = record(tmp_path / "other", range(2), **episodes)
    with pytest.raises(CheckpointError, match=text):
        Trainer(
            config(**changes), [DatasetFolder(other)], tmp_path / "no", weights=run / "step_000004"
        )
    assert not (tmp_path / "no").exists()


def test_the_command_goes_on_with_what_came_since_and_starts_from_weights(
    run, dataset, tmp_path, capsys
):
    record(dataset, [9])
    assert train.main(["--out", str(run), "--resume", "--set", "steps=5"]) == 0
    said = capsys.readouterr().out
    assert "1 episodes were added at step 4, 0 of them held out" in said
    assert f"\ncheckpoint {run / 'step_000005'}\n" in said
    words = ["--out", str(tmp_path / "tuned"), "--weights", str(run / "step_000005")]
    with pytest.raises(SystemExit):
        train.main([*words, "--resume"])
    assert "--resume: not allowed with argument --weights" in capsys.readouterr().err
    path = tmp_path / "config.yaml"
    path.write_text(config(steps=1).to_yaml())
    assert train.main([*words, "--config", str(path), "--dataset", str(dataset)]) == 0
