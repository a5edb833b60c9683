# SPDX-License-Identifier: Apache-2.0
"""A trained policy: observation in, chunk of actions out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from act_core.images.pixels import resize
from act_policy.checkpoint.checkpoint import Checkpoint, load_checkpoint
from act_policy.errors import CheckpointError, PolicyInputError
from act_policy.model.act_config import ACTConfig
from act_policy.model.normalization import Normalizer


class TorchPolicy:
    """Predict action chunks with z = 0: equal observations give equal chunks.

    Args:
        checkpoint: what to run.
        device: `cpu` or `cuda`.

    Raises:
        CheckpointError: the weights do not fit, or there is no such device.
    """

    def __init__(self, checkpoint: Checkpoint, device: str = "cpu") -> None:
        if device == "cuda" and not torch.cuda.is_available():
            raise CheckpointError("device cuda was asked for, but torch finds none; use cpu")
        self.checkpoint = checkpoint
        self._device = torch.device(device)
        self._model = checkpoint.build_model(self._device)
        self._normalizer = Normalizer(checkpoint.statistics, self._device)

    @classmethod
    def load(cls, folder: Path, device: str = "cpu", num_threads: int = 0) -> "TorchPolicy":
        """Load a checkpoint folder.

        Args:
            folder: checkpoint.
            device: `cpu` or `cuda`.
            num_threads: threads of torch in this whole process; 0 leaves torch's choice.

        Raises:
            CheckpointError: the checkpoint or the device cannot be used.
        """
        if num_threads:
            torch.set_num_threads(num_threads)
        return cls(load_checkpoint(folder), device)

    @property
    def config(self) -> ACTConfig:
        """Return the network's configuration."""
        return self.checkpoint.config

    def predict_chunk(
        self, positions: NDArray[Any], images: Mapping[str, NDArray[np.uint8]]
    ) -> NDArray[np.float32]:
        """Return the next K actions, (K, A) float32, in the units of the training episodes.

        Args:
            positions: (S,), in the order of the configuration's `state_names`.
            images: (H, W, 3) uint8, RGB, of every camera of the configuration; more are ignored.
                Those of another size are resized as training did.

        Raises:
            PolicyInputError: a camera is missing, or a shape, type or value is wrong.
        """
        state = self._checked_positions(positions)
        stacked = np.stack([self._checked_image(name, images) for name in self.config.cameras])
        with torch.inference_mode():
            output = self._model(
                self._normalizer.state(torch.from_numpy(state).to(self._device)[None]),
                self._normalizer.images(torch.from_numpy(stacked).to(self._device)[None]),
            )
            actions = self._normalizer.physical_actions(output.actions[0])
        return actions.cpu().numpy()

    def example_observation(self) -> tuple[NDArray[np.float32], dict[str, NDArray[np.uint8]]]:
        """Return mean positions and black images, as arguments of `predict_chunk`."""
        shape = (self.config.image_height_px, self.config.image_width_px, 3)
        images = {name: np.zeros(shape, dtype=np.uint8) for name in self.config.cameras}
        return self.checkpoint.statistics.state_mean.copy(), images

    def describe(self) -> dict[str, Any]:
        """Return what the policy takes and gives, and where it comes from, for people to read."""
        config, provenance = self.config, self.checkpoint.provenance
        return {
            "state_names": list(config.state_names),
            "action_names": list(config.action_names),
            "cameras": list(config.cameras),
            "image_size_px": [config.image_height_px, config.image_width_px],
            "rate_hz": config.rate_hz,
            "chunk_size": config.chunk_size,
            "parameters": sum(p.numel() for p in self._model.parameters()),
            "device": str(self._device),
            "step": provenance.get("step"),
            "validation": provenance.get("validation"),
        }

    def _checked_positions(self, positions: NDArray[Any]) -> NDArray[np.float32]:
        state = np.array(positions, dtype=np.float32)
        if state.shape != (self.config.state_dim,):
            raise PolicyInputError(
                f"positions have shape {state.shape}, the policy takes "
                f"({self.config.state_dim},): {', '.join(self.config.state_names)}"
            )
        finite = np.isfinite(state)
        if not finite.all():
            bad = [n for n, ok in zip(self.config.state_names, finite, strict=True) if not ok]
            raise PolicyInputError(f"positions are not finite: {bad}")
        return state

    def _checked_image(
        self, name: str, images: Mapping[str, NDArray[np.uint8]]
    ) -> NDArray[np.uint8]:
        if name not in images:
            raise PolicyInputError(
                f"no image of camera '{name}'; got {', '.join(images) or '(none)'}"
            )
        image = images[name]
        size_px = self.config.image_height_px, self.config.image_width_px
        if image.shape[2:] != (3,) or not image.size or image.dtype != np.uint8:
            raise PolicyInputError(
                f"image of camera '{name}' has shape {image.shape} and type {image.dtype}, "
                f"the policy takes (height, width, 3) uint8, best {size_px[0]}x{size_px[1]}"
            )
        return resize(image, *size_px)
