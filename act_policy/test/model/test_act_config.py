# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from act_policy.errors import ConfigError
from act_policy.model.act_config import ACTConfig

DATA = {
    "cameras": ("top",),
    "image_height_px": 24,
    "image_width_px": 32,
    "state_names": ("a", "b"),
    "action_names": ("a", "b", "c"),
    "rate_hz": 50.0,
}


def test_defaults_are_the_published_ones():
    config = ACTConfig(**DATA)
    assert (config.dim_model, config.dim_feedforward, config.chunk_size) == (512, 3200, 100)
    assert (config.n_encoder_layers, config.n_decoder_layers) == (4, 1)
    assert (config.state_dim, config.action_dim) == (2, 3)
    assert (config.n_heads, config.latent_dim, config.n_vae_encoder_layers) == (8, 32, 4)
    assert (config.kl_weight, config.dropout, config.pre_norm) == (10.0, 0.1, False)
    assert (config.vision_backbone, config.backbone_norm) == ("resnet18", "frozen_batch")


def test_survives_json():
    config = ACTConfig(**DATA, dim_model=64, use_vae=False)
    assert ACTConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_unknown_key_names_the_nearest_known_one():
    with pytest.raises(ConfigError, match=r"'dim_modle'; did you mean 'dim_model'\?"):
        ACTConfig.from_dict({**DATA, "dim_modle": 4})


def test_missing_key_is_named():
    with pytest.raises(ConfigError, match="rate_hz"):
        ACTConfig.from_dict({k: v for k, v in DATA.items() if k != "rate_hz"})


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            {"dim_model": 100},
            "dim_model is 100 and n_heads 8, expected",
        ),
        ({"dim_model": 6, "n_heads": 3}, "dim_model is 6 and n_heads 3"),
        ({"chunk_size": 0}, "chunk_size is 0, expected 1 … 65536"),
        ({"latent_dim": 1.5}, "latent_dim is 1.5, expected a whole number"),
        ({"n_encoder_layers": True}, "n_encoder_layers is True, expected a whole number"),
        ({"dropout": 1.0}, "dropout is 1, expected 0 … less than 1"),
        ({"rate_hz": float("nan")}, "rate_hz is nan, expected a finite number"),
        ({"kl_weight": -1.0}, "kl_weight is -1, expected 0 …"),
        (
            {"vision_backbone": "vgg"},
            "vision_backbone is 'vgg'. Known: resnet18",
        ),
        (
            {"backbone_norm": "layer"},
            "backbone_norm is 'layer'. Known: batch",
        ),
        (
            {"feedforward_activation": "elu"},
            "is 'elu'; did you mean 'relu'?",
        ),
        ({"replace_final_stride_with_dilation": True}, "vision_backbone 'resnet18'"),
        (
            {"delta_actions": True, "action_names": ("a", "z")},
            "delta_actions needs the measured position of z; state_names are a, b",
        ),
        (
            {"prefix_size": 4, "chunk_size": 4},
            "prefix_size is 4, expected less than the chunk_size of 4",
        ),
        ({"cameras": ()}, r"cameras is \(\), expected a list with at least one entry"),
        ({"cameras": ("top", "top")}, "cameras: 'top' is there twice, among top, top"),
    ],
)
def test_impossible_settings_are_refused(setting, message):
    with pytest.raises(ConfigError, match=message):
        ACTConfig.from_dict({**DATA, **setting})
