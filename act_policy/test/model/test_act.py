# SPDX-License-Identifier: Apache-2.0
import math

import pytest
import torch

from act_policy.model.act import ACT
from act_policy.model.act_config import ACTConfig
from act_policy.model.dropout import Dropout
from act_policy.model.position_code import sinusoid_table, sinusoid_table_2d
from act_policy.model.transformer import Attention
from act_policy.training.loss import act_loss

torch.set_num_threads(1)


def tiny(**changes) -> ACTConfig:
    settings = {
        "cameras": ("top", "wrist"),
        "image_height_px": 32,
        "image_width_px": 48,
        "state_names": tuple("abcde"),
        "action_names": tuple("xyz"),
        "rate_hz": 50.0,
        "chunk_size": 6,
        "dim_model": 32,
        "n_heads": 4,
        "dim_feedforward": 48,
        "n_encoder_layers": 2,
        "n_vae_encoder_layers": 2,
        "latent_dim": 4,
    }
    return ACTConfig(**{**settings, **changes})


def example(config: ACTConfig, batch: int = 3):
    generator = torch.Generator().manual_seed(0)
    size = (config.image_height_px, config.image_width_px)
    state = torch.randn(batch, config.state_dim, generator=generator)
    images = torch.randn(batch, len(config.cameras), 3, *size, generator=generator)
    actions = torch.randn(batch, config.chunk_size, config.action_dim, generator=generator)
    is_pad = torch.zeros(batch, config.chunk_size, dtype=torch.bool)
    is_pad[0, 4:] = True
    return state, images, actions, is_pad


def build(config: ACTConfig) -> ACT:
    torch.manual_seed(0)
    return ACT(config)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"pre_norm": True, "feedforward_activation": "gelu"},
        {"use_vae": False},
        {"cameras": ("only",), "action_names": ("x", "y", "z"), "n_decoder_layers": 2},
        {"backbone_norm": "group"},
        {"backbone_norm": "batch"},
        {"vision_backbone": "resnet50", "replace_final_stride_with_dilation": True},
    ],
)
def test_every_parameter_learns_and_shapes_fit(changes):
    config = tiny(**changes)
    model, (state, images, actions, is_pad) = build(config).train(), example(tiny(**changes))
    output = model(state, images, actions, is_pad)
    assert output.actions.shape == actions.shape
    act_loss(output, actions, is_pad, config.kl_weight)["loss"].backward()
    without = {n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()}
    # The first decoder layer starts from zeros, and so does z without a VAE: what scales them
    # has nothing to scale yet.
    first = "decoder.layers.0."
    still = {f"{first}self_attn.in_proj_weight", f"{first}self_attn.out_proj.weight"}
    still |= {f"{first}norm1.weight", f"{first}norm2.weight", "encoder_latent_input_proj.weight"}
    assert without <= still


def test_attention_equals_torch():
    config = tiny(dropout=0.0)
    torch.manual_seed(0)
    ours = Attention(config)
    torch.nn.init.normal_(ours.in_proj_bias)
    theirs = torch.nn.MultiheadAttention(config.dim_model, config.n_heads, batch_first=True)
    theirs.load_state_dict(ours.state_dict())
    query, value = torch.randn(2, 7, 32), torch.randn(2, 7, 32)
    pad = torch.zeros(2, 7, dtype=torch.bool)
    pad[0, 5:] = True
    for key in (query, torch.randn(2, 7, 32)):
        expected, _ = theirs(query, key, value, key_padding_mask=pad, need_weights=False)
        torch.testing.assert_close(ours(query, key, value, pad), expected)


def test_attention_with_dropout_is_the_same_function_but_for_the_drops():
    torch.manual_seed(0)
    attention = Attention(tiny(dropout=1e-6)).train()
    x, pad = torch.randn(2, 7, 32), torch.zeros(2, 7, dtype=torch.bool)
    pad[1, 3:] = True
    training = attention(x, x, x, pad)
    torch.testing.assert_close(training, attention.eval()(x, x, x, pad), rtol=1e-4, atol=1e-5)


def test_dropout_drops_the_right_share_and_keeps_the_mean():
    torch.manual_seed(0)
    dropout, x = Dropout(0.1).train(), torch.ones(1001, 1001, requires_grad=True)
    y = dropout(x)
    assert y.unique().tolist() == [0.0, pytest.approx(1 / 0.9)]
    assert (y == 0).float().mean() == pytest.approx(0.1, abs=0.002)
    y.sum().backward()
    torch.testing.assert_close(x.grad, y.detach())
    assert dropout.eval()(x) is x


def test_driving_is_deterministic_and_ignores_the_vae():
    model = build(tiny()).eval()
    state, images, actions, is_pad = example(tiny())
    with torch.inference_mode():
        first, again = model(state, images), model(state, images)
        posterior = model(state, images, actions, is_pad)
    assert torch.equal(first.actions, again.actions)
    assert first.mu is None
    assert not torch.equal(first.actions, posterior.actions)


def test_padded_actions_change_neither_posterior_nor_loss():
    model = build(tiny()).eval()
    state, images, actions, is_pad = example(tiny())
    other = actions.clone()
    other[is_pad] = 99.0
    with torch.inference_mode():
        for values in zip(*(_losses(model, a) for a in (actions, other)), strict=True):
            torch.testing.assert_close(*values)


def _losses(model, actions):
    state, images, _, is_pad = example(tiny())
    output = model(state, images, actions, is_pad)
    return tuple(act_loss(output, actions, is_pad, 10.0).values())


def test_batch_is_not_mutated_and_samples_do_not_mix():
    model, batch = build(tiny()).eval(), example(tiny())
    before = [tensor.clone() for tensor in batch]
    with torch.inference_mode():
        whole = model(*batch).actions
        alone = model(*(tensor[1:2] for tensor in batch)).actions
    assert all(torch.equal(a, b) for a, b in zip(batch, before, strict=True))
    torch.testing.assert_close(whole[1:2], alone, rtol=1e-4, atol=1e-5)


def test_overfits_one_batch():
    config = tiny(dropout=0.0, kl_weight=0.0, image_width_px=32, cameras=("top",))
    model, (state, images, actions, is_pad) = build(config), example(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(100):
        loss = act_loss(model(state, images), actions, is_pad, 0.0)["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.25 * losses[0]


def test_every_camera_is_looked_at():
    model, (state, images, *_) = build(tiny()).eval(), example(tiny())
    with torch.inference_mode():
        before = model(state, images).actions
        for camera in range(2):
            changed = images.clone()
            changed[:, camera] += 1.0
            assert not torch.allclose(model(state, changed).actions, before, atol=1e-6)


def test_bf16_autocast_stays_close_and_gives_float32():
    model, batch = build(tiny(dropout=0.0)).eval(), example(tiny())
    with torch.inference_mode():
        exact = model(*batch)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rough = model(*batch)
    assert all(tensor.dtype == torch.float32 for tensor in rough)
    torch.testing.assert_close(rough.actions, exact.actions, atol=0.05, rtol=0.05)


def test_weights_have_lerobots_names():
    names = set(build(tiny()).state_dict())
    outside_backbone = {n for n in names if not n.startswith("backbone.")}
    tops = {n.split(".")[0] for n in outside_backbone}
    assert tops == {
        "vae_encoder",
        "vae_encoder_cls_embed",
        "vae_encoder_robot_state_input_proj",
        "vae_encoder_action_input_proj",
        "vae_encoder_latent_output_proj",
        "encoder",
        "encoder_img_feat_input_proj",
        "encoder_robot_state_input_proj",
        "encoder_latent_input_proj",
        "encoder_1d_feature_pos_embed",
        "decoder",
        "decoder_pos_embed",
        "action_head",
    }
    layer = {
        n.removeprefix("decoder.layers.0.") for n in names if n.startswith("decoder.layers.0")
    }
    assert layer == {
        f"{part}.{kind}"
        for part in ("linear1", "linear2", "norm1", "norm2", "norm3")
        for kind in ("weight", "bias")
    } | {
        f"{part}.{kind}"
        for part in ("self_attn", "multihead_attn")
        for kind in ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
    }


def test_sinusoid_tables_equal_their_formulas():
    table = sinusoid_table(5, 8)
    assert float(table[3, 4]) == pytest.approx(math.sin(3 / 10000 ** (4 / 8)), abs=1e-6)
    assert float(table[3, 5]) == pytest.approx(math.cos(3 / 10000 ** (4 / 8)), abs=1e-6)
    table = sinusoid_table_2d(2, 3, 8)
    row, column = (1 + 1) / 2 * math.tau, (2 + 1) / 3 * math.tau
    cell = 1 * 3 + 2
    assert float(table[cell, 2]) == pytest.approx(math.sin(row / 10000 ** (2 / 4)), abs=1e-5)
    assert float(table[cell, 5]) == pytest.approx(math.cos(column), abs=1e-5)


def test_known_actions_come_back_and_change_what_follows_and_unknown_ones_do_not():
    config = tiny(prefix_size=3, use_vae=False)
    model, (state, images, actions, is_pad) = build(config).eval(), example(config)
    with torch.inference_mode():
        untold = model(state, images).actions
        told = model(state, images, actions, is_pad, torch.tensor([0, 1, 3])).actions
        other = actions + 1.0
        other[:, 0] = actions[:, 0]
        changed = model(state, images, other, is_pad, torch.tensor([0, 1, 3])).actions
    torch.testing.assert_close(told[0], untold[0])
    for sample, known in ((1, 1), (2, 3)):
        assert torch.equal(told[sample, :known], actions[sample, :known])
        assert (told[sample, known:] - untold[sample, known:]).abs().max() > 1e-4
    torch.testing.assert_close(changed[:2], told[:2])  # only what is not known differs there
    assert (changed[2, 3:] - told[2, 3:]).abs().max() > 1e-4
