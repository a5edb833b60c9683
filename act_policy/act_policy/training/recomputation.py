# SPDX-License-Identifier: Apache-2.0
"""Activation checkpointing: less memory in training, for a second forward pass of each part."""

from functools import partial

from torch import nn
from torch.utils.checkpoint import checkpoint

from act_policy.model.act import ACT
from act_policy.model.transformer import DecoderLayer, EncoderLayer


def recompute_activations(model: ACT) -> None:
    """Let the backbone's stages and the transformers' layers forget what they compute again.

    Weights and their names stay; dropout draws the same numbers the second time.
    """
    backbone = model.backbone
    parts: list[nn.Module] = [backbone.layer1, backbone.layer2, backbone.layer3, backbone.layer4]
    layers = (EncoderLayer, DecoderLayer)
    for part in (*parts, *(m for m in model.modules() if isinstance(m, layers))):
        part.forward = partial(checkpoint, part.forward, use_reentrant=False)
