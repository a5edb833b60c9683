# SPDX-License-Identifier: Apache-2.0
"""ACT policies in LeRobot's layout: the same actions as by its own formulas, or a refusal.

bench/check_lerobot_policy.py compares with LeRobot itself.
"""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from act_core.robot.robot_file import parse_robot, shipped_robots
from act_policy.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from act_policy.checkpoint.description import read_description
from act_policy.checkpoint.lerobot import read_lerobot
from act_policy.checkpoint.lerobot_writer import write_lerobot
from act_policy.errors import CheckpointError
from act_policy.model.act import ACT
from act_policy.model.act_config import ACTConfig, ACTHyperparameters
from act_policy.model.normalization import IMAGENET_MEAN, IMAGENET_STD, Normalizer

CPU = torch.device("cpu")
SIZE_PX = (32, 48)
ROBOT = parse_robot(
    shipped_robots()["aloha_sim"].partition("\ncameras:")[0] + "\ncameras:\n"
    "  - {name: top, height_px: 32, width_px: 48}\n"
    "  - {name: left, height_px: 32, width_px: 48}\n",
    "of the test",
)
CONFIG = ACTConfig(
    chunk_size=4, dim_model=16, n_heads=2, dim_feedforward=32, n_encoder_layers=1,
    n_vae_encoder_layers=1, cameras=("top", "left"), image_height_px=32, image_width_px=48,
    state_names=ROBOT.columns, action_names=ROBOT.columns, rate_hz=50.0,
)  # fmt: skip
FEATURES = {
    "observation.state": {"type": "STATE", "shape": [ROBOT.dim]},
    "observation.images.top": {"type": "VISUAL", "shape": [3, *SIZE_PX]},
    "observation.images.left": {"type": "VISUAL", "shape": [3, *SIZE_PX]},
}
MODES = {"VISUAL": "MEAN_STD", "STATE": "MEAN_STD", "ACTION": "MEAN_STD"}


def statistics():
    rng = np.random.default_rng(0)
    found = {}
    for key, shape in (("observation.state", (14,)), ("action", (14,)),
                       ("observation.images.top", (3, 1, 1)),
                       ("observation.images.left", (3, 1, 1))):  # fmt: skip
        mean, std = 0.4 * rng.random(shape), 0.1 + rng.random(shape)
        values = {"mean": mean, "std": std, "min": mean - std, "max": mean + 1.5 * std}
        found[key] = {k: torch.from_numpy(v.astype(np.float32)) for k, v in values.items()}
    return found


def write(folder, era, *, modes=MODES, found=None, steps=(), **changed):
    """Write a policy as LeRobot does, and return its network."""
    found = statistics() if found is None else found
    torch.manual_seed(0)
    model = ACT(CONFIG).eval()
    folder.mkdir(parents=True)
    weights = {f"model.{k}": v.clone() for k, v in model.state_dict().items()}
    weights["model.vae_encoder_pos_enc"] = torch.zeros(1, 6, 16)
    own = {k: v for k, v in asdict(CONFIG).items() if hasattr(ACTHyperparameters, k)}
    for name in ("backbone_norm", "delta_actions", "prefix_size"):
        own.pop(name)
    config = {
        "type": "act", "n_obs_steps": 1, "n_action_steps": 4, "input_features": FEATURES,
        "output_features": {"action": {"type": "ACTION", "shape": [ROBOT.dim]}},
        "normalization_mapping": modes, **own, "device": "cuda", "optimizer_lr": 1e-5,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config | changed))
    if era == "buffers":
        for key, values in found.items():
            owner = "unnormalize_outputs" if key == "action" else "normalize_inputs"
            for what, tensor in values.items():
                weights[f"{owner}.buffer_{key.replace('.', '_')}.{what}"] = tensor.clone()
    else:
        inputs = [{"registry_name": n} for n in ("rename_observations_processor",
                  "to_batch_processor", "device_processor")]  # fmt: skip
        for name, step, others in (("pre", "normalizer", inputs), ("post", "unnormalizer", [])):
            state_file = f"policy_{name}processor_step_{len(others)}.safetensors"
            scaler = {"registry_name": f"{step}_processor", "config": {"norm_map": modes},
                      "state_file": state_file}  # fmt: skip
            pipeline = folder / f"policy_{name}processor.json"
            pipeline.write_text(json.dumps({"steps": [*others, scaler, *steps]}))
            tensors = {f"{key}.{what}": tensor.clone() for key, values in found.items()
                       for what, tensor in values.items()}  # fmt: skip
            save_file(tensors, folder / state_file)
    save_file(weights, folder / "model.safetensors")
    return model


def scaled(values, found, mode, *, back=False):
    """LeRobot's NormalizerProcessorStep, forwards and back."""
    if mode == "IDENTITY":
        return values
    if mode == "MEAN_STD":
        mean, std = found["mean"], found["std"]
        return values * std + mean if back else (values - mean) / (std + 1e-8)
    low, span = found["min"], found["max"] - found["min"]
    return (values + 1) / 2 * span + low if back else 2 * (values - low) / span - 1


@pytest.mark.parametrize("era", ["buffers", "processors"])
@pytest.mark.parametrize("mode", ["MEAN_STD", "MIN_MAX", "IDENTITY"])
def test_actions_are_those_of_lerobots_formulas(tmp_path, era, mode):
    modes = {"VISUAL": "MEAN_STD", "STATE": mode, "ACTION": mode}
    found = statistics()
    model = write(tmp_path / "000123/pretrained_model", era, modes=modes)
    save_checkpoint(tmp_path / "ours", read_lerobot(tmp_path / "000123", ROBOT))
    ours = load_checkpoint(tmp_path / "ours")
    assert ours.config == CONFIG
    assert ours.provenance["step"] == 123
    state = torch.rand(14)
    images = torch.randint(0, 256, (1, 2, *SIZE_PX, 3), dtype=torch.uint8)
    z_images = torch.stack([
        scaled(image.permute(2, 0, 1) / 255, found[f"observation.images.{camera}"], "MEAN_STD")
        for camera, image in zip(("top", "left"), images[0], strict=True)
    ])  # fmt: skip
    normalizer = Normalizer(ours.statistics, CPU)
    with torch.inference_mode():
        z_state = scaled(state, found["observation.state"], mode)
        theirs = scaled(
            model(z_state[None], z_images[None]).actions, found["action"], mode, back=True
        )
        got = ours.build_model(CPU)(normalizer.state(state)[None], normalizer.images(images))
        torch.testing.assert_close(
            normalizer.physical_actions(got.actions, state), theirs, atol=1e-5, rtol=0
        )


def test_what_is_exported_is_what_was_imported(tmp_path):
    write(tmp_path / "theirs", "processors")
    one = read_lerobot(tmp_path / "theirs", ROBOT)
    write_lerobot(tmp_path / "back", one)
    two = read_lerobot(tmp_path / "back", ROBOT)
    assert two.config == one.config
    for name, values in one.statistics.to_dict().items():
        np.testing.assert_allclose(two.statistics.to_dict()[name], values, rtol=1e-6)
    assert two.weights.keys() == one.weights.keys()
    assert all(torch.equal(two.weights[name], one.weights[name]) for name in one.weights)
    # Of our own training, whose images are ImageNet's.
    plain = replace(one.statistics, image_mean=None, image_std=None)
    write_lerobot(tmp_path / "ours", replace(one, statistics=plain))
    found = read_lerobot(tmp_path / "ours", ROBOT).statistics
    np.testing.assert_allclose(found.image_mean, [IMAGENET_MEAN] * 2)
    np.testing.assert_allclose(found.image_std, [IMAGENET_STD] * 2, rtol=1e-6)


def test_a_network_that_lerobot_does_not_have_is_not_exported(tmp_path):
    write(tmp_path / "theirs", "processors")
    one = read_lerobot(tmp_path / "theirs", ROBOT)
    for changed, text in (
        (
            {"backbone_norm": "group"},
            "LeRobot's ACT has no backbone_norm group, only frozen_batch",
        ),
        (
            {"delta_actions": True, "prefix_size": 2},
            "LeRobot's ACT has no delta_actions True, only False; no prefix_size 2, only 0",
        ),
    ):
        other = replace(one, config=replace(one.config, **changed))
        with pytest.raises(CheckpointError, match=text):
            write_lerobot(tmp_path / "back", other)
    assert not (tmp_path / "back").exists()


def test_cameras_of_other_names_are_said(tmp_path):
    features = {k.replace("left", "wrist"): v for k, v in FEATURES.items()}
    found = {k.replace("left", "wrist"): v for k, v in statistics().items()}
    write(tmp_path / "p", "processors", found=found, input_features=features)
    with pytest.raises(CheckpointError) as caught:
        read_lerobot(tmp_path / "p", ROBOT)
    assert str(caught.value) == (
        "the policy does not fit robot 'aloha_sim': camera 'wrist' is not among the robot's: top, "
        "left; --camera says which is which"
    )
    assert read_lerobot(tmp_path / "p", ROBOT, {"wrist": "left"}).config == CONFIG


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"type": "diffusion"}, "is a LeRobot policy of type 'diffusion', expected 'act'"),
        ({"input_features": {}}, "takes nothing and gives action; expected observation.state"),
        ({"output_features": {"action": {"shape": [7]}}}, "action has shape [7], robot"),
        ({"vision_backbone": "vit"}, "vision_backbone is 'vit'"),
        ({"dim_model": 32}, "has shape"),
        ({"normalization_mapping": MODES | {"STATE": "ODD"}}, "is normalised by ODD, of which"),
        ({"input_features": FEATURES | {"observation.state": {}}},
         "is not as LeRobot writes it: KeyError: 'shape'"),
        ({"input_features": 3}, "is not as LeRobot writes it: AttributeError"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(tmp_path, changed, text):
    write(tmp_path / "p", "buffers", **changed)
    with pytest.raises(CheckpointError) as caught:
        read_lerobot(tmp_path / "p", ROBOT)
    assert text in str(caught.value)


def test_outputs_are_scaled_by_what_is_beside_the_outputs(tmp_path):
    write(tmp_path / "p", "processors")
    other = {f"action.{k}": 2 * v for k, v in statistics()["action"].items()}
    save_file(other, tmp_path / "p/policy_postprocessor_step_0.safetensors")
    found = read_lerobot(tmp_path / "p", ROBOT).statistics
    np.testing.assert_array_equal(found.action_std, other["action.std"])


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ([{"registry_name": "relative_actions"}],
         "has a step 'relative_actions', which is not known here: what it does to the values"),
        ([{}], "is not as LeRobot writes it: KeyError: 'registry_name'"),
        (["x"], "is not as LeRobot writes it: TypeError"),
        ([{"registry_name": "normalizer_processor"}],
         "policy_preprocessor.json has 2 steps 'normalizer_processor', expected one"),
    ],
)  # fmt: skip
def test_a_step_that_would_be_left_out_is_refused(tmp_path, steps, text):
    write(tmp_path / "p", "processors", steps=steps)
    with pytest.raises(CheckpointError) as caught:
        read_lerobot(tmp_path / "p", ROBOT)
    assert text in str(caught.value)


def test_pictures_of_another_shape_and_numbers_that_are_none_are_refused(tmp_path):
    wide = {k: v | ({"shape": [3, 32, 64]} if "images" in k else {}) for k, v in FEATURES.items()}
    write(tmp_path / "wide", "processors", input_features=wide)
    with pytest.raises(CheckpointError, match="'top': checkpoint 32x64, robot 32x48"):
        read_lerobot(tmp_path / "wide", ROBOT)
    found = statistics()
    found["observation.state"]["mean"][3] = torch.nan
    write(tmp_path / "nan", "processors", found=found)
    with pytest.raises(CheckpointError, match="not finite numbers"):
        read_lerobot(tmp_path / "nan", ROBOT)
    found = statistics()
    found["action"]["max"][3] = found["action"]["min"][3]
    write(tmp_path / "still", "processors", found=found, modes=MODES | {"ACTION": "MIN_MAX"})
    with pytest.raises(CheckpointError, match="a column that never moved has no scale"):
        read_lerobot(tmp_path / "still", ROBOT)


def test_damaged_folders_and_units(tmp_path):
    with pytest.raises(CheckpointError, match="is no LeRobot policy: it has no config.json"):
        read_lerobot(tmp_path, ROBOT)
    write(tmp_path / "bare", "buffers", found={})
    with pytest.raises(CheckpointError, match="has no statistics, neither in policy_preprocessor"):
        read_lerobot(tmp_path / "bare", ROBOT)
    degrees = statistics()
    degrees["action"]["mean"] = 57.3 * degrees["action"]["mean"] + 20
    write(tmp_path / "degrees", "processors", found=degrees)
    with pytest.raises(CheckpointError, match="or another unit"):
        read_lerobot(tmp_path / "degrees", ROBOT)
    write(tmp_path / "cut", "processors")
    weights = tmp_path / "cut/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match=r"model\.safetensors cannot be read"):
        read_lerobot(tmp_path / "cut", ROBOT)


def test_what_people_take_for_a_checkpoint_is_named(tmp_path):
    write(tmp_path / "lerobot/pretrained_model", "processors")
    (tmp_path / "run/step_000004").mkdir(parents=True)
    (tmp_path / "act").mkdir()
    (tmp_path / "act/policy_best.ckpt").touch()
    for name, text in (
        ("lerobot", "is a LeRobot policy of type 'act'; act checkpoint import makes"),
        ("run", "is a training's folder; its checkpoints are step_000004"),
        ("act", "is of the original code; act checkpoint import makes"),
    ):
        with pytest.raises(CheckpointError, match=text):
            read_description(tmp_path / name)
