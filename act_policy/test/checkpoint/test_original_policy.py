# SPDX-License-Identifier: Apache-2.0
"""Policies of the original code: the same actions as by its own formulas, and nothing executed.

bench/check_original_policy.py compares with the original network.
"""

import os
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

from act_core.robot.robot_file import load_robot
from act_policy.checkpoint.array_pickle import read_arrays
from act_policy.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from act_policy.checkpoint.original_act import Untold, read_original
from act_policy.checkpoint.original_writer import arguments, write_original
from act_policy.errors import CheckpointError
from act_policy.model.act import ACT
from act_policy.model.act_config import ACTConfig
from act_policy.model.normalization import IMAGENET_MEAN, IMAGENET_STD, Normalizer

CPU = torch.device("cpu")
ROBOT = load_robot("aloha_sim")
SIZE_PX = (30, 40)
UNTOLD = Untold(("top",), SIZE_PX, n_heads=2)
CONFIG = ACTConfig(
    chunk_size=4, dim_model=16, n_heads=2, dim_feedforward=32, n_encoder_layers=1,
    n_vae_encoder_layers=1, cameras=("top",), image_height_px=30, image_width_px=40,
    state_names=ROBOT.columns, action_names=ROBOT.columns, rate_hz=50.0,
)  # fmt: skip
# Our names and the original's, both without "model.".
THEIRS = {
    "encoder.": "transformer.encoder.", "decoder.": "transformer.decoder.",
    "vae_encoder.": "encoder.", "backbone.": "backbones.0.0.body.",
    "decoder_pos_embed.": "query_embed.", "encoder_img_feat_input_proj.": "input_proj.",
    "encoder_robot_state_input_proj.": "input_proj_robot_state.",
    "vae_encoder_cls_embed.": "cls_embed.",
    "vae_encoder_action_input_proj.": "encoder_action_proj.",
    "vae_encoder_robot_state_input_proj.": "encoder_joint_proj.",
    "vae_encoder_latent_output_proj.": "latent_proj.",
    "encoder_latent_input_proj.": "latent_out_proj.",
    "encoder_1d_feature_pos_embed.": "additional_pos_embed.", "action_head.": "action_head.",
}  # fmt: skip


def weights_of(model):
    stored = {}
    for name, tensor in model.state_dict().items():
        ours = next(each for each in THEIRS if name.startswith(each))
        stored["model." + THEIRS[ours] + name.removeprefix(ours)] = tensor.clone()
    layer = {k: v for k, v in stored.items() if ".decoder.layers.0." in k}
    for i in range(1, 7):  # computed and thrown away there
        stored |= {k.replace("layers.0.", f"layers.{i}."): v + 1 for k, v in layer.items()}
    return stored | {"model.is_pad_head.weight": torch.zeros(1, 16),
                     "model.is_pad_head.bias": torch.zeros(1),
                     "model.pos_table": torch.zeros(1, 6, 16)}  # fmt: skip


def statistics():
    rng = np.random.default_rng(0)
    return {f"{what}_{which}": 0.1 + 0.4 * rng.random(14, np.float32)
            for what in ("qpos", "action") for which in ("mean", "std")}  # fmt: skip


def write(folder, *, stats=None, **more):
    torch.manual_seed(0)
    model = ACT(CONFIG).eval()
    folder.mkdir()
    torch.save(weights_of(model) | more, folder / "policy_best.ckpt")
    stats = {"example_qpos": np.zeros((3, 14)), **statistics()} if stats is None else stats
    (folder / "dataset_stats.pkl").write_bytes(pickle.dumps(stats))
    return model


def test_actions_are_those_of_the_original_s_formulas(tmp_path):
    model = write(tmp_path / "theirs")
    path = tmp_path / "theirs/policy_best.ckpt"
    save_checkpoint(tmp_path / "ours", read_original(path, ROBOT, UNTOLD))
    ours = load_checkpoint(tmp_path / "ours")
    assert ours.config == CONFIG
    assert ours.provenance == {"original_policy": str(path)}
    state = torch.rand(14)
    images = torch.randint(0, 256, (1, 1, *SIZE_PX, 3), dtype=torch.uint8)
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in (IMAGENET_MEAN, IMAGENET_STD))
    found = {key: torch.from_numpy(value) for key, value in statistics().items()}
    normalizer = Normalizer(ours.statistics, CPU)
    with torch.inference_mode():
        z_state = (state - found["qpos_mean"]) / found["qpos_std"]
        z_images = (images[0].permute(0, 3, 1, 2) / 255 - mean) / std
        theirs = model(z_state[None], z_images[None]).actions
        theirs = theirs * found["action_std"] + found["action_mean"]
        got = ours.build_model(CPU)(normalizer.state(state)[None], normalizer.images(images))
        got = normalizer.physical_actions(got.actions, state)
    torch.testing.assert_close(got, theirs, atol=1e-5, rtol=0)


class Canary:
    """Executes something when it is unpickled."""

    def __init__(self, path):
        self._path = path

    def __reduce__(self):
        return os.mkdir, (str(self._path),)


def test_hostile_files_execute_nothing(tmp_path):
    canary = tmp_path / "executed"
    write(tmp_path / "stats", stats=statistics() | {"x": Canary(canary)})
    with pytest.raises(CheckpointError) as caught:
        read_original(tmp_path / "stats/policy_best.ckpt", ROBOT, UNTOLD)
    assert str(caught.value) == (
        f"'{tmp_path}/stats/dataset_stats.pkl' is no pickle of arrays alone: it asks for "
        f"{os.name}.mkdir"
    )
    write(tmp_path / "weights", canary=Canary(canary))
    with pytest.raises(CheckpointError) as caught:
        read_original(tmp_path / "weights/policy_best.ckpt", ROBOT, UNTOLD)
    assert str(caught.value) == (
        f"'{tmp_path}/weights/policy_best.ckpt' holds more than weights, or is damaged; nothing "
        "of it was executed"
    )
    assert not canary.exists()


@pytest.mark.parametrize(
    ("untold", "text"),
    [
        (Untold(("angle",), SIZE_PX),
         "camera 'angle' is not among the robot's: top; --camera says which is which"),
        (Untold(("top",), (32, 64)), "'top': checkpoint 32x64, robot 120x160 (height x width)"),
        (Untold(("top",), SIZE_PX, n_heads=3), "n_heads 3, expected a dim_model"),
        (Untold(("top", "top"), SIZE_PX, n_heads=2), "'top' is there twice"),
    ],
)  # fmt: skip
def test_what_is_said_has_to_fit(tmp_path, untold, text):
    write(tmp_path / "theirs")
    with pytest.raises(CheckpointError) as caught:
        read_original(tmp_path / "theirs/policy_best.ckpt", ROBOT, untold)
    assert text in str(caught.value)


def test_what_does_not_fit_is_refused_by_name(tmp_path):
    write(tmp_path / "vq", **{"model.vq.weight": torch.zeros(1)})
    path = tmp_path / "vq/policy_best.ckpt"
    for robot, text in (
        (ROBOT, "is no ACT policy of the original code: it has model.vq.weight"),
        (load_robot("ros2_control_arm"), "it has model.vq.weight"),
    ):
        with pytest.raises(CheckpointError, match=text):
            read_original(path, robot, UNTOLD)
    write(tmp_path / "sound")
    path = tmp_path / "sound/policy_best.ckpt"
    arm = load_robot("ros2_control_arm")
    with pytest.raises(CheckpointError, match="has actions of 14 columns, robot 'ros2_control"):
        read_original(path, arm, Untold((arm.cameras[0].name,), SIZE_PX, 2))
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(CheckpointError, match=r"policy_best\.ckpt' "):
        read_original(path, ROBOT, UNTOLD)
    bad = {k: v for k, v in statistics().items() if k != "action_mean"}
    write(tmp_path / "less", stats=bad)
    with pytest.raises(CheckpointError, match=r"dataset_stats\.pkl' has no action_mean"):
        read_original(tmp_path / "less/policy_best.ckpt", ROBOT, UNTOLD)


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_arrays_of_python_3_are_read(tmp_path, protocol):
    path = tmp_path / "stats.pkl"
    path.write_bytes(pickle.dumps(statistics(), protocol))
    found = read_arrays(path)
    for key, value in statistics().items():
        np.testing.assert_array_equal(found[key], value)


def test_what_is_no_dict_of_arrays_is_refused(tmp_path):
    path = tmp_path / "stats.pkl"
    for data, text in (
        (pickle.dumps([1]), "holds list, expected a dict of arrays"),
        (b"no pickle", "is no pickle of arrays alone"),
        (bytes(2**20 + 1), "has more than 1048576 bytes"),
    ):
        path.write_bytes(data)
        with pytest.raises(CheckpointError, match=text):
            read_arrays(path)
    with pytest.raises(CheckpointError, match="cannot be read"):
        read_arrays(tmp_path / "none.pkl")


def test_what_is_exported_is_what_was_imported(tmp_path):
    write(tmp_path / "theirs")
    one = read_original(tmp_path / "theirs/policy_best.ckpt", ROBOT, UNTOLD)
    write_original(tmp_path / "back", one)
    two = read_original(tmp_path / "back/policy_best.ckpt", ROBOT, UNTOLD)
    assert (two.config, two.statistics.to_dict()) == (one.config, one.statistics.to_dict())
    assert two.weights.keys() == one.weights.keys()
    assert all(torch.equal(two.weights[name], one.weights[name]) for name in one.weights)
    # Its strict loading: every name, and none besides.
    theirs, ours = (
        torch.load(tmp_path / name / "policy_best.ckpt", weights_only=True)
        for name in ("theirs", "back")
    )
    assert ours.keys() == theirs.keys()
    assert {name: t.shape for name, t in ours.items()} == {n: t.shape for n, t in theirs.items()}
    # Names that a NumPy of before 2 has.
    pickled = (tmp_path / "back/dataset_stats.pkl").read_bytes()
    assert b"numpy.core.multiarray" in pickled
    assert b"numpy._core" not in pickled
    assert arguments(one.config) == (
        "--chunk_size 4 --hidden_dim 16 --dim_feedforward 32, and in its code enc_layers 1, "
        "nheads 2; in its constants camera_names top, in this order; images of 30x40, which it "
        "does not resize"
    )


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"backbone_norm": "group"}, "backbone_norm is group, there frozen_batch"),
        ({"use_vae": False}, "use_vae is False, there True"),
        ({"delta_actions": True}, "delta_actions is True, there False"),
        ({"n_vae_encoder_layers": 2},
         "n_encoder_layers is 1 and n_vae_encoder_layers 2, there one number for both"),
    ],
)  # fmt: skip
def test_a_network_that_the_original_does_not_have_is_not_exported(tmp_path, changed, text):
    write(tmp_path / "theirs")
    one = read_original(tmp_path / "theirs/policy_best.ckpt", ROBOT, UNTOLD)
    other = replace(one, config=replace(one.config, **changed))
    with pytest.raises(CheckpointError) as caught:
        write_original(tmp_path / "back", other)
    assert str(caught.value) == f"the original code has no such policy: {text}"
    assert not (tmp_path / "back").exists()
