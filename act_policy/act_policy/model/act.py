# SPDX-License-Identifier: Apache-2.0
"""ACT, the Action Chunking Transformer (Zhao et al., arXiv 2304.13705), whole.

                                   images of all cameras
                                            │
                                         ResNet (shared)
    state, actions   (training only)        │ 1x1 convolution
        │                                   │ + position of row and column
    ┌───▼─────────┐   latent z   state      │
    │ vae_encoder ├──────┐         │        │
    └─────────────┘   ┌──▼─────────▼────────▼──┐
     CLS → mu, sigma  │        encoder         │
                      └───────────┬────────────┘
                                  │ keys, values
                      ┌───────────▼────────────┐
    chunk positions ──►        decoder         ├──► action_head ──► actions
                      └────────────────────────┘

When driving there are no actions to encode and z = 0. All vectors here are normalised.
Shapes: B batch, N cameras, S state, A action, K chunk, D model width, T tokens of the encoder.
Parameter names are those of LeRobot's ACT; attention weights lie as in nn.MultiheadAttention.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from act_policy.model.act_config import ACTConfig
from act_policy.model.backbone import ResNet
from act_policy.model.dropout import Dropout
from act_policy.model.position_code import sinusoid_table, sinusoid_table_2d

_NHWC = torch.channels_last


class ACTOutput(NamedTuple):
    """Chunk (B, K, A) and, when actions were encoded, mean and log variance (B, L) of z."""

    actions: Tensor
    mu: Tensor | None
    log_variance: Tensor | None


class ACT(nn.Module):
    """Predict the next K actions from a state and one image per camera."""

    vae_encoder_pos_enc: Tensor
    image_pos_enc: Tensor

    def __init__(self, config: ACTConfig) -> None:
        super().__init__()
        self.config = config
        dim, chunk = config.dim_model, config.chunk_size
        if config.use_vae:
            self.vae_encoder = Encoder(config, config.n_vae_encoder_layers)
            self.vae_encoder_cls_embed = nn.Embedding(1, dim)
            self.vae_encoder_robot_state_input_proj = nn.Linear(config.state_dim, dim)
            self.vae_encoder_action_input_proj = nn.Linear(config.action_dim, dim)
            self.vae_encoder_latent_output_proj = nn.Linear(dim, 2 * config.latent_dim)
            table = sinusoid_table(chunk + 2, dim)
            self.register_buffer("vae_encoder_pos_enc", table, persistent=False)

        self.backbone = ResNet(
            config.vision_backbone,
            norm=config.backbone_norm,
            dilate_last=config.replace_final_stride_with_dilation,
        )
        self.encoder_img_feat_input_proj = nn.Conv2d(self.backbone.out_channels, dim, 1)
        self.encoder_robot_state_input_proj = nn.Linear(config.state_dim, dim)
        self.encoder_latent_input_proj = nn.Linear(config.latent_dim, dim)
        self.encoder_1d_feature_pos_embed = nn.Embedding(2, dim)
        size = self.backbone.feature_size(config.image_height_px, config.image_width_px)
        # One table for all cameras, as published: position does not tell them apart.
        table = sinusoid_table_2d(*size, dim).repeat(len(config.cameras), 1)
        self.register_buffer("image_pos_enc", table, persistent=False)

        self.encoder = Encoder(config, config.n_encoder_layers)
        self.decoder = Decoder(config)
        self.decoder_pos_embed = nn.Embedding(chunk, dim)
        self.action_head = nn.Linear(dim, config.action_dim)
        for parameter in (*self.encoder.parameters(), *self.decoder.parameters()):
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)

    def forward(
        self,
        state: Tensor,
        images: Tensor,
        actions: Tensor | None = None,
        is_pad: Tensor | None = None,
    ) -> ACTOutput:
        """Predict a chunk, with z from `actions` when given, else with z = 0.

        Args:
            state: (B, S) float32, normalised.
            images: (B, N, 3, H, W) float32, normalised, cameras in the configuration's order.
            actions: (B, K, A) float32, normalised.
            is_pad: (B, K) bool, true where `actions` lie beyond the episode's end.
        """
        mu = log_variance = None
        latent = state.new_zeros(len(state), self.config.latent_dim)
        if actions is not None and self.config.use_vae:
            mu, log_variance = self.encode_actions(state, actions, is_pad)
            latent = mu
            if self.training:
                latent = mu + torch.exp(0.5 * log_variance) * torch.randn_like(mu)
        return ACTOutput(self.decode(state, images, latent), mu, log_variance)

    def decode(self, state: Tensor, images: Tensor, latent: Tensor) -> Tensor:
        """Return the chunk (B, K, A) of a latent z (B, L); see `forward`."""
        tokens, position = self._tokens(state, images, latent)
        memory = self.encoder(tokens, position)  # (B, T, D)
        decoded = self.decoder(memory, position, self.decoder_pos_embed.weight)  # (B, K, D)
        # bfloat16 would round every action to three digits.
        with torch.autocast(decoded.device.type, enabled=False):
            actions: Tensor = self.action_head(decoded.float())
        return actions

    def encode_actions(
        self, state: Tensor, actions: Tensor, is_pad: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return mean and log variance (B, L) of the latent's posterior."""
        cls = self.vae_encoder_cls_embed.weight.expand(len(state), -1, -1)
        state_token = self.vae_encoder_robot_state_input_proj(state).unsqueeze(1)
        action_tokens = self.vae_encoder_action_input_proj(actions)
        tokens = torch.cat([cls, state_token, action_tokens], dim=1)  # (B, K+2, D)
        key_is_pad = None if is_pad is None else F.pad(is_pad, (2, 0), value=False)
        encoded = self.vae_encoder(tokens, self.vae_encoder_pos_enc, key_is_pad)[:, 0]
        mu, log_variance = self.vae_encoder_latent_output_proj(encoded).float().chunk(2, dim=-1)
        return mu, log_variance

    def _tokens(self, state: Tensor, images: Tensor, latent: Tensor) -> tuple[Tensor, Tensor]:
        """Return the encoder's tokens (B, T, D) and their positions (T, D)."""
        batch = len(images)
        features = self.backbone(images.flatten(0, 1).contiguous(memory_format=_NHWC))
        features = self.encoder_img_feat_input_proj(features)  # (B N, D, rows, columns)
        image_tokens = features.permute(0, 2, 3, 1).reshape(batch, -1, self.config.dim_model)
        latent_token = self.encoder_latent_input_proj(latent).unsqueeze(1)
        state_token = self.encoder_robot_state_input_proj(state).unsqueeze(1)
        tokens = torch.cat([latent_token, state_token, image_tokens], dim=1)
        position = torch.cat([self.encoder_1d_feature_pos_embed.weight, self.image_pos_enc])
        return tokens, position


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

    def forward(self, memory: Tensor, memory_position: Tensor, position: Tensor) -> Tensor:
        """Return (B, K, D) for memory (B, T, D) and positions (T, D) and (K, D)."""
        x = memory.new_zeros(len(memory), *position.shape)
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
