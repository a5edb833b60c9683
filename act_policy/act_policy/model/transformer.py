# SPDX-License-Identifier: Apache-2.0
"""Transformer encoder and decoder that add positions to queries and keys in every layer (DETR's).

Shapes: B batch, T tokens of the encoder, K queries of the decoder, D width.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from act_policy.model.act_config import ACTConfig
from act_policy.model.dropout import Dropout


class Encoder(nn.Module):
    """Transformer encoder that adds the position to queries and keys in every layer."""

    def __init__(self, config: ACTConfig, n_layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(n_layers))
        self.norm = nn.LayerNorm(config.dim_model) if config.pre_norm else nn.Identity()

    def forward(self, x: Tensor, position: Tensor, key_is_pad: Tensor | None = None) -> Tensor:
        """Return `x` (B, T, D) encoded; `key_is_pad` (B, T) tokens are not attended to."""
        for layer in self.layers:
            x = layer(x, position, key_is_pad)
        return self.norm(x)


class Decoder(nn.Module):
    """Transformer decoder that turns K positions into K outputs, all at once."""

    def __init__(self, config: ACTConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.n_decoder_layers))
        self.norm = nn.LayerNorm(config.dim_model)

    def forward(
        self, x: Tensor, memory: Tensor, memory_position: Tensor, position: Tensor
    ) -> Tensor:
        """Return `x` (B, K, D) decoded, for memory (B, T, D), positions (T, D) and (K, D)."""
        for layer in self.layers:
            x = layer(x, memory, memory_position, position)
        return self.norm(x)


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each with a residual connection and a norm."""

    def __init__(self, config: ACTConfig) -> None:
        super().__init__()
        self.pre_norm, self.activation = config.pre_norm, config.feedforward_activation
        self.self_attn = Attention(config)
        self.linear1 = nn.Linear(config.dim_model, config.dim_feedforward)
        self.dropout = Dropout(config.dropout)
        self.linear2 = nn.Linear(config.dim_feedforward, config.dim_model)
        self.norm1, self.norm2 = (nn.LayerNorm(config.dim_model) for _ in range(2))
        self.dropout1, self.dropout2 = (Dropout(config.dropout) for _ in range(2))

    def forward(self, x: Tensor, position: Tensor, key_is_pad: Tensor | None) -> Tensor:
        """Return (B, T, D)."""
        if self.pre_norm:
            y = self.norm1(x)
            x = x + self.dropout1(self.self_attn(y + position, y + position, y, key_is_pad))
            return x + self.dropout2(_feed_forward(self, self.norm2(x)))
        query = x + position
        x = self.norm1(x + self.dropout1(self.self_attn(query, query, x, key_is_pad)))
        return self.norm2(x + self.dropout2(_feed_forward(self, x)))


class DecoderLayer(nn.Module):
    """Self-attention, attention to the encoder's output, and feed-forward."""

    def __init__(self, config: ACTConfig) -> None:
        super().__init__()
        self.pre_norm, self.activation = config.pre_norm, config.feedforward_activation
        self.self_attn = Attention(config)
        self.multihead_attn = Attention(config)
        self.linear1 = nn.Linear(config.dim_model, config.dim_feedforward)
        self.dropout = Dropout(config.dropout)
        self.linear2 = nn.Linear(config.dim_feedforward, config.dim_model)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(config.dim_model) for _ in range(3))
        self.dropout1, self.dropout2, self.dropout3 = (Dropout(config.dropout) for _ in range(3))

    def forward(
        self, x: Tensor, memory: Tensor, memory_position: Tensor, position: Tensor
    ) -> Tensor:
        """Return (B, K, D)."""
        keys = memory + memory_position
        if self.pre_norm:
            y = self.norm1(x)
            x = x + self.dropout1(self.self_attn(y + position, y + position, y))
            x = x + self.dropout2(self.multihead_attn(self.norm2(x) + position, keys, memory))
            return x + self.dropout3(_feed_forward(self, self.norm3(x)))
        query = x + position
        x = self.norm1(x + self.dropout1(self.self_attn(query, query, x)))
        x = self.norm2(x + self.dropout2(self.multihead_attn(x + position, keys, memory)))
        return self.norm3(x + self.dropout3(_feed_forward(self, x)))


def _feed_forward(layer: EncoderLayer | DecoderLayer, x: Tensor) -> Tensor:
    hidden = layer.linear1(x)
    hidden = F.gelu(hidden) if layer.activation == "gelu" else F.relu(hidden, inplace=True)
    return layer.linear2(layer.dropout(hidden))


class Attention(nn.Module):
    """Multi-head attention with the parameters of nn.MultiheadAttention, batch first."""

    def __init__(self, config: ACTConfig) -> None:
        super().__init__()
        dim = config.dim_model
        self.n_heads = config.n_heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim))
        self.out_proj = nn.Linear(dim, dim)
        self.dropout = Dropout(config.dropout)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_is_pad: Tensor | None = None
    ) -> Tensor:
        """Return (B, Tq, D) for query (B, Tq, D), key and value (B, Tk, D)."""
        dim = query.shape[-1]
        weight, bias = self.in_proj_weight, self.in_proj_bias
        if query is key:
            q, k = F.linear(query, weight[: 2 * dim], bias[: 2 * dim]).chunk(2, dim=-1)
        else:
            q = F.linear(query, weight[:dim], bias[:dim])
            k = F.linear(key, weight[dim : 2 * dim], bias[dim : 2 * dim])
        v = F.linear(value, weight[2 * dim :], bias[2 * dim :])
        q, k, v = (t.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for t in (q, k, v))
        mask = None
        if key_is_pad is not None:
            mask = torch.zeros_like(key_is_pad, dtype=q.dtype).masked_fill_(key_is_pad, -math.inf)
            mask = mask[:, None, None, :]
        attended = self._attend(q, k, v, mask)  # (B, heads, Tq, D / heads)
        return self.out_proj(attended.transpose(1, 2).flatten(2))

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
        p = self.dropout.p if self.training else 0.0
        if p == 0.0 or q.device.type != "cpu":
            return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=p)
        # With dropout torch's CPU kernel takes this path too, and draws slowly.
        scores = (q / math.sqrt(q.shape[-1])) @ k.transpose(-2, -1)
        weights = (scores if mask is None else scores + mask).softmax(dim=-1)
        return self.dropout(weights) @ v
