# SPDX-License-Identifier: Apache-2.0
"""Light augmentation of images and states, drawn from the step's own random numbers."""

from typing import Annotated, Literal

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from act_core.checked import CHECKED

# How much red, green and blue contribute to brightness (ITU-R BT.601).
_LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Augmentation:
    """How much training images and states are changed; all zero leaves them as they are.

    Attributes:
        crop: largest part of each side that is cut away, at random on either side; what is left
            is scaled up to the whole size.
        shift_px: largest shift of rows and of columns; the border is repeated.
        brightness: largest change of brightness, as a part of the full range.
        contrast: largest relative change of contrast.
        saturation: largest relative change of saturation.
        state_noise: standard deviation of noise on the measured joints, in their own standard
            deviations over the dataset.
        fading: `none`, or `linear`: all of it shrinks to nothing towards the last step.
    """

    crop: Annotated[float, Field(ge=0.0, le=0.5)] = 0.0
    shift_px: Annotated[int, Field(ge=0)] = 0
    brightness: Annotated[float, Field(ge=0.0)] = 0.0
    contrast: Annotated[float, Field(ge=0.0)] = 0.0
    saturation: Annotated[float, Field(ge=0.0)] = 0.0
    state_noise: Annotated[float, Field(ge=0.0)] = 0.0
    fading: Literal["none", "linear"] = "none"

    def strength(self, step: int, steps: int) -> float:
        """Return what all of it is multiplied by at `step` of `steps`."""
        return 1.0 - step / steps if self.fading == "linear" else 1.0

    def __call__(self, images: Tensor, seed: int, strength: float = 1.0) -> Tensor:
        """Return changed copies of images (B, N, H, W, 3) uint8; equal seeds, equal changes."""
        generator = torch.Generator().manual_seed(seed)
        flat = images.flatten(0, 1)
        if self.crop:
            flat = _cropped(flat, self.crop * strength, generator)
        if shift_px := round(self.shift_px * strength):
            flat = _shifted(flat, shift_px, generator)
        if self.brightness or self.contrast or self.saturation:
            flat = self._recoloured(flat, strength, generator)
        return flat.view_as(images)

    def _recoloured(self, flat: Tensor, strength: float, generator: torch.Generator) -> Tensor:
        draws = 2.0 * torch.rand(3, len(flat), 1, 1, 1, generator=generator).to(flat.device) - 1.0
        gain, offset, colour = (
            strength * draw * most
            for draw, most in zip(
                draws, (self.contrast, 255.0 * self.brightness, self.saturation), strict=True
            )
        )
        pixels = flat.float()
        if self.saturation:
            grey = (pixels * pixels.new_tensor(_LUMA)).sum(dim=-1, keepdim=True)
            pixels = grey + (pixels - grey) * (1.0 + colour)
        mean = pixels.mean(dim=(1, 2, 3), keepdim=True)
        changed = (pixels - mean) * (1.0 + gain) + mean + offset
        return changed.round_().clamp_(0, 255).to(torch.uint8)


def _cropped(flat: Tensor, most: float, generator: torch.Generator) -> Tensor:
    """Return images (M, H, W, 3) uint8 with up to `most` of each side cut away."""
    cut, across, down = torch.rand(3, len(flat), generator=generator).to(flat.device)
    cut = most * cut
    corners = torch.zeros(len(flat), 2, 3, device=flat.device)
    corners[:, 0, 0] = corners[:, 1, 1] = 1.0 - cut
    corners[:, 0, 2], corners[:, 1, 2] = cut * (2.0 * across - 1.0), cut * (2.0 * down - 1.0)
    pixels = flat.movedim(-1, 1).float()
    where = F.affine_grid(corners, list(pixels.shape), align_corners=False)
    seen = F.grid_sample(pixels, where, padding_mode="border", align_corners=False)
    return seen.round_().clamp_(0, 255).movedim(1, -1).to(torch.uint8).contiguous()


def _shifted(flat: Tensor, most_px: int, generator: torch.Generator) -> Tensor:
    n, (height, width) = most_px, flat.shape[1:3]
    # Padding of uint8 by repetition is not implemented.
    padded = F.pad(flat.movedim(-1, 1).float(), (n, n, n, n), mode="replicate")
    padded = padded.movedim(1, -1).to(torch.uint8)
    corners = torch.randint(0, 2 * n + 1, (len(flat), 2), generator=generator).tolist()
    return torch.stack(
        [p[y : y + height, x : x + width] for p, (y, x) in zip(padded, corners, strict=True)]
    )
