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
       (known prefix) └────────────────────────┘

When driving there are no actions to encode and z = 0. With a `prefix_size` (not in the paper) the
decoder is told the chunk's first actions, where these are known. All vectors here are normalised.
Shapes: B batch, N cameras, S state, A action, K chunk, D model width, T tokens of the encoder.
Parameter names are those of LeRobot's ACT; attention weights lie as in nn.MultiheadAttention.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from act_policy.model.act_config import ACTConfig
from act_policy.model.backbone import ResNet
from act_policy.model.position_code import sinusoid_table, sinusoid_table_2d
from act_policy.model.transformer import Decoder, Encoder

_NHWC = torch.channels_last


class ACTOutput(NamedTuple):
    """Chunk (B, K, A) and, when actions were encoded, mean and log variance (B, L) of z."""

    actions: Tensor
    mu: Tensor | None
    log_variance: Tensor | None


class Prefix(NamedTuple):
    """First actions (B, P, A) of a chunk, and whether (B, P) each is known."""

    actions: Tensor
    is_known: Tensor


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
        if config.prefix_size:
            self.prefix_input_proj = nn.Linear(config.action_dim, dim)
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
        num_known: Tensor | None = None,
    ) -> ACTOutput:
        """Predict a chunk, with z from `actions` when given, else with z = 0.

        Args:
            state: (B, S) float32, normalised.
            images: (B, N, 3, H, W) float32, normalised, cameras in the configuration's order.
            actions: (B, K, A) float32, normalised.
            is_pad: (B, K) bool, true where `actions` lie beyond the episode's end.
            num_known: (B,) how many of the first `actions` the network is told; they come back
                as they are. None: it is told nothing.
        """
        mu = log_variance = None
        latent = state.new_zeros(len(state), self.config.latent_dim)
        if actions is not None and self.config.use_vae:
            mu, log_variance = self.encode_actions(state, actions, is_pad)
            latent = mu
            if self.training:
                latent = mu + torch.exp(0.5 * log_variance) * torch.randn_like(mu)
        if actions is None or num_known is None:
            return ACTOutput(self.decode(state, images, latent), mu, log_variance)
        is_known = torch.arange(actions.shape[1], device=actions.device) < num_known[:, None]
        size = self.config.prefix_size
        prefix = Prefix(actions[:, :size], is_known[:, :size])
        decoded = self.decode(state, images, latent, prefix)
        return ACTOutput(torch.where(is_known[..., None], actions, decoded), mu, log_variance)

    def decode(
        self, state: Tensor, images: Tensor, latent: Tensor, prefix: Prefix | None = None
    ) -> Tensor:
        """Return the chunk (B, K, A) of a latent z (B, L); see `forward`."""
        tokens, position = self._tokens(state, images, latent)
        memory = self.encoder(tokens, position)  # (B, T, D)
        query = self.decoder_pos_embed.weight
        start = memory.new_zeros(len(memory), *query.shape)
        if prefix is not None:
            told = self.prefix_input_proj(prefix.actions) * prefix.is_known[..., None]
            start = start + F.pad(told, (0, 0, 0, len(query) - told.shape[1]))
        decoded = self.decoder(start, memory, position, query)  # (B, K, D)
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
