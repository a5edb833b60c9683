# SPDX-License-Identifier: Apache-2.0
"""Light image augmentation, drawn from the step's own random numbers."""

from typing import Annotated

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from act_core.checked import CHECKED


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Augmentation:
    """How much training images are changed; all zero leaves them as they are.

    Attributes:
        shift_px: largest shift of rows and of columns; the border is repeated.
        brightness: largest change of brightness, as a part of the full range.
        contrast: largest relative change of contrast.
    """

    shift_px: Annotated[int, Field(ge=0)] = 0
    brightness: Annotated[float, Field(ge=0.0)] = 0.0
    contrast: Annotated[float, Field(ge=0.0)] = 0.0

    def __call__(self, images: Tensor, seed: int) -> Tensor:
        """Return changed copies of images (B, N, H, W, 3) uint8; equal seeds, equal changes."""
        generator = torch.Generator().manual_seed(seed)
        flat = images.flatten(0, 1)
        if self.shift_px:
            flat = self._shifted(flat, generator)
        if self.brightness or self.contrast:
            flat = self._recoloured(flat, generator)
        return flat.view_as(images)

    def _shifted(self, flat: Tensor, generator: torch.Generator) -> Tensor:
        n, (height, width) = self.shift_px, flat.shape[1:3]
        # Padding of uint8 by repetition is not implemented.
        padded = F.pad(flat.movedim(-1, 1).float(), (n, n, n, n), mode="replicate")
        padded = padded.movedim(1, -1).to(torch.uint8)
        corners = torch.randint(0, 2 * n + 1, (len(flat), 2), generator=generator).tolist()
        return torch.stack(
            [p[y : y + height, x : x + width] for p, (y, x) in zip(padded, corners, strict=True)]
        )

    def _recoloured(self, flat: Tensor, generator: torch.Generator) -> Tensor:
        draws = 2.0 * torch.rand(2, len(flat), 1, 1, 1, generator=generator).to(flat.device) - 1.0
        gain, offset = 1.0 + self.contrast * draws[0], 255.0 * self.brightness * draws[1]
        pixels = flat.float()
        mean = pixels.mean(dim=(1, 2, 3), keepdim=True)
        return ((pixels - mean) * gain + mean + offset).round_().clamp_(0, 255).to(torch.uint8)
