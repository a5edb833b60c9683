# SPDX-License-Identifier: Apache-2.0
"""What people have recorded, made into one training."""

import h5py
import numpy as np
import pytest

from act_core.episode.image_rows import RAW, ImageCodec
from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.episode.writer import EpisodeWriter
from act_core.errors import EpisodeError
from act_core.robot.robot_file import load_robot
from act_core.testing import make_observation
from act_policy import train
from act_policy.checkpoint.checkpoint import load_checkpoint
from act_policy.errors import DatasetError
from act_policy.samples.dataset_folder import DatasetFolder
from act_policy.samples.sampler import Part
from act_policy.training.training_config import TrainingConfig
from act_policy.training.training_data import TrainingData

SPEC = load_robot("aloha_sim")
MODEL = {
    "chunk_size": 4, "dim_model": 8, "n_heads": 2, "dim_feedforward": 8, "n_encoder_layers": 1,
    "n_vae_encoder_layers": 1, "latent_dim": 2,
}  # fmt: skip
SIZES = {"top": (32, 48)}


def config(**changes) -> TrainingConfig:
    settings = {"model": MODEL, "steps": 2, "batch_size": 2, "validation_fraction": 0.0}
    free = {"num_threads": 1, "validate_episodes": False}  # test_defects.py
    return TrainingConfig.from_dict({**settings, **free, **changes})


def record(folder, sources=("teleop",) * 6, *, sizes=SIZES, codec=RAW, **known):
    """Record an episode of the simulated robot, one row for each source."""
    rng = np.random.default_rng(len(list(folder.glob("*"))) if folder.is_dir() else 0)
    writer = EpisodeWriter(folder, EpisodeMeta.for_robot(SPEC, sim=True, **known), sizes, codec)
    for row, source in enumerate(sources):
        stamp_ns = row * SPEC.period_ns
        writer.append(
            make_observation(stamp_ns, SPEC.dim, sizes, rng), rng.normal(size=SPEC.dim), stamp_ns,
            source=source,
        )  # fmt: skip
    return writer.finish()


def strip(path):
    """Make a file of what the original code would have written."""
    with h5py.File(path, "r+") as file:
        for name in ("meta", "stamps", "source"):
            del file[name]


def data(*folders, **changes) -> TrainingData:
    return TrainingData([DatasetFolder.parse(str(f)) for f in folders], config(**changes))


def test_cameras_of_different_sizes_are_seen_in_one(tmp_path):
    record(tmp_path, sizes={"top": (64, 96), "wrist": (32, 40)})
    made = data(tmp_path)
    assert (made.act_config.image_height_px, made.act_config.image_width_px) == (32, 40)
    assert made.training[[0]].images.shape == (1, 2, 32, 40, 3)
    assert made.notes == [
        "camera 'top': images of 1 episode(s) are 64x96, seen as 32x40 (height x width)"
    ]
    chosen = data(tmp_path, image_size_px=[48, 48], cache_images=True)
    assert (chosen.act_config.image_height_px, chosen.act_config.image_width_px) == (48, 48)
    assert chosen.training[[0]].images.shape == (1, 2, 48, 48, 3)
    assert len(chosen.notes) == 2


def test_jpeg_and_raw_files_of_any_accepted_name_go_together(tmp_path):
    record(tmp_path).rename(tmp_path / "episode_000007.hdf5")
    record(tmp_path, codec=ImageCodec(jpeg_quality=95)).rename(tmp_path / "episode_3.h5")
    made = data(tmp_path)
    assert [e.path.name for e in made.training.episodes] == ["episode_3.h5", "episode_000007.hdf5"]
    with EpisodeReader(tmp_path / "episode_3.h5") as reader:
        np.testing.assert_array_equal(made.training[[2]].images[0, 0], reader.image("top", 2))
    assert made.notes == []


def test_original_files_are_trained_on_where_they_are_once_their_robot_is_named(tmp_path):
    path = record(tmp_path)
    with EpisodeReader(path) as reader:
        actions, image = reader.actions, reader.image("top", 1)
    strip(path)
    with pytest.raises(EpisodeError, match=r"no /meta, .* name its robot \(--robot\)"):
        data(tmp_path)
    made = data(tmp_path, robot="aloha_sim")
    assert made.robot_yaml == SPEC.yaml_text
    assert made.act_config.state_names == SPEC.columns
    batch = made.training[[1]]
    np.testing.assert_array_equal(batch.actions[0], actions[1:5])
    np.testing.assert_array_equal(batch.images[0, 0], image)


def test_several_datasets_come_as_often_as_their_weights_say(tmp_path):
    record(tmp_path / "a")
    record(tmp_path / "a")
    record(tmp_path / "b", ("teleop",) * 4)
    made = data(tmp_path / "a", f"{tmp_path}/b=2.5")
    assert made.parts == [Part(12, 1.0), Part(4, 2.5)]
    folders = made.provenance["folders"]
    assert [folder["path"] for folder in folders] == [str(tmp_path / name) for name in "ab"]
    assert [folder["weight"] for folder in folders] == [1.0, 2.5]
    assert [folder["num_training_frames"] for folder in folders] == [12, 4]
    both = made.provenance["sha256_of_names_sizes_actions"]
    assert both != data(tmp_path / "a").provenance["sha256_of_names_sizes_actions"]


def test_a_dataset_is_not_given_twice_and_not_held_out_whole(tmp_path):
    record(tmp_path / "a")
    record(tmp_path / "b")
    with pytest.raises(DatasetError) as error:
        data(tmp_path / "a", tmp_path / "b" / ".." / "a")
    assert str(error.value) == (
        f"dataset {tmp_path}/a is given twice; a weight makes it count more: {tmp_path}/a=2"
    )
    with pytest.raises(
        DatasetError, match=r"no episode of .*/[ab] is left to train on: they are "
    ):
        data(tmp_path / "a", tmp_path / "b", validation_fraction=0.5)


def test_episodes_are_selected_over_all_datasets(tmp_path):
    record(tmp_path / "a", verdict="success", labels=("clean",))
    record(tmp_path / "a", verdict="failure")
    record(tmp_path / "b", verdict="success")
    made = data(tmp_path / "a", tmp_path / "b", select={"verdicts": ["success"]})
    assert [e.path.parent.name for e in made.training.episodes] == ["a", "b"]
    assert made.notes == ["2 of 3 episodes are selected; out are 1 by verdicts"]
    with pytest.raises(DatasetError) as error:
        data(tmp_path / "a", tmp_path / "b", select={"labels": ["clea"]})
    assert str(error.value) == "no episode has label 'clea'; labels there: clean (1)"


def test_an_episode_that_is_not_selected_may_be_unfit(tmp_path):
    record(tmp_path, verdict="success")
    with h5py.File(record(tmp_path, verdict="failure"), "r+") as file:
        file["action"][2, 1] = np.nan
    with pytest.raises(DatasetError, match="not finite"):
        data(tmp_path)
    assert len(data(tmp_path, select={"verdicts": ["success"]}).training) == 6


def test_corrections_alone_are_learned_from_and_end_where_the_policy_takes_over(tmp_path):
    path = record(tmp_path, ("policy",) * 3 + ("teleop",) * 3 + ("policy",) * 2)
    record(tmp_path, ("policy",) * 4)
    made = data(tmp_path, select={"sources": ["teleop"]})
    assert len(made.training) == 3
    assert made.notes == ["3 of 12 rows are selected, in 1 of 2 episodes; their source is teleop"]
    assert made.parts == [Part(3)]
    with EpisodeReader(path) as reader:
        positions, actions = reader.positions, reader.actions
    batch = made.training[[0, 1, 2]]
    np.testing.assert_array_equal(batch.state, positions[3:6])
    assert batch.is_pad.tolist() == [
        [False, False, False, True], [False, False, True, True], [False, True, True, True],
    ]  # fmt: skip
    np.testing.assert_array_equal(batch.actions[0], actions[[3, 4, 5, 5]])
    # What is never seen does not count in the statistics either.
    np.testing.assert_allclose(made.statistics.action_mean, actions[3:6].mean(axis=0), atol=1e-6)
    assert len(data(tmp_path, select={"sources": ["teleop", "policy"]}).training) == 12


def test_deltas_are_scaled_by_what_chunks_add_to_the_positions_they_begin_at(tmp_path):
    path = record(tmp_path)
    made = data(tmp_path, model={**MODEL, "delta_actions": True})
    with EpisodeReader(path) as reader:
        positions, actions = reader.positions, reader.actions
    deltas = np.concatenate([actions[t : t + 4] - positions[t] for t in range(6)])
    np.testing.assert_allclose(made.statistics.action_mean, deltas.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(made.statistics.action_std, deltas.std(axis=0), atol=1e-6)
    np.testing.assert_allclose(made.statistics.state_mean, positions.mean(axis=0), atol=1e-6)


def test_a_source_that_no_row_has_is_refused_with_those_there(tmp_path):
    record(tmp_path, ("policy",) * 3 + ("",) * 2)
    with pytest.raises(DatasetError) as error:
        data(tmp_path, select={"sources": ["teleop"]})
    assert str(error.value) == (
        "no row has source 'teleop'; sources there: policy (3), unknown (2)"
    )


def test_the_rate_is_that_of_the_first_episode_or_the_one_asked_for(tmp_path):
    record(tmp_path)
    assert data(tmp_path).act_config.rate_hz == 50.0
    made = data(tmp_path, rate_hz=25.0)
    assert made.act_config.rate_hz == 25.0
    with EpisodeReader(tmp_path / "episode_0.hdf5") as reader:
        np.testing.assert_array_equal(made.training[[0]].actions[0, :3], reader.actions[:6:2])


def test_the_command_trains_on_several_datasets_and_resumes_them(tmp_path, capsys):
    record(tmp_path / "a", sizes={"top": (64, 96)})
    strip(record(tmp_path / "b"))
    path, run = tmp_path / "config.yaml", tmp_path / "run"
    path.write_text(config().to_yaml())
    datasets = ["--dataset", str(tmp_path / "a"), "--dataset", f"{tmp_path}/b=3"]
    arguments = ["--config", str(path), "--out", str(run), *datasets, "--robot", "aloha_sim"]
    assert train.main([*arguments, "--set", "checkpoint_interval_steps=1"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("camera 'top': images of 1 episode(s) are 64x96, seen as 32x48 ")
    checkpoint = load_checkpoint(run / "step_000002")
    assert (checkpoint.config.image_height_px, checkpoint.config.image_width_px) == (32, 48)
    assert checkpoint.provenance["training"]["robot"] == "aloha_sim"
    assert [f["weight"] for f in checkpoint.provenance["dataset"]["folders"]] == [1.0, 3.0]
    # It knows its datasets, weights and robot by itself, and keeps them.
    assert train.main(["--out", str(run), "--resume"]) == 0
    again = ["--out", str(run), "--resume", "--dataset", str(tmp_path / "a"), "--dataset"]
    assert train.main([*again, str(tmp_path / "b")]) == 1
    assert capsys.readouterr().err.endswith(
        f"act train: error: '{run}' was trained with weight 3 of {tmp_path / 'b'}, got 1; a "
        "resumed run keeps it\n"
    )
    assert train.main([*again, f"{tmp_path}/b=much"]) == 1
    assert "the weight is 'much', expected a number above 0" in capsys.readouterr().err
