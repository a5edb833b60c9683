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
from act_policy.inference.driving_network import DrivingNetwork
from act_policy.inference.engine import Engine, build_engine, largest_difference
from act_policy.inference.engine_names import EXACT
from act_policy.model.act_config import ACTConfig
from act_policy.model.network_input import network_input


class NetworkPolicy:
    """Predict action chunks with z = 0: equal observations give equal chunks.

    Args:
        checkpoint: what to run.
        device: `cpu` or `cuda`.
        engine: one of engine_names.ENGINES.
        num_threads: of the engine; 0 leaves the choice to it.

    Raises:
        CheckpointError: the weights do not fit, or there is no such device.
        EngineError: the engine cannot be used here.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        device: str = "cpu",
        engine: str = EXACT,
        num_threads: int = 0,
    ) -> None:
        if device == "cuda" and not torch.cuda.is_available():
            raise CheckpointError("device cuda was asked for, but torch finds none; use cpu")
        self.checkpoint = checkpoint
        self._network = DrivingNetwork(checkpoint, torch.device(device)).eval()
        self._exact = build_engine(EXACT, self._network)
        self._engine: Engine = self._exact
        if engine != EXACT:  # `auto` may find that it is
            self._engine = build_engine(engine, self._network, num_threads)

    @classmethod
    def load(
        cls, folder: Path, device: str = "cpu", num_threads: int = 0, engine: str = EXACT
    ) -> "NetworkPolicy":
        """Load a checkpoint folder.

        Args:
            folder: checkpoint.
            device: `cpu` or `cuda`.
            num_threads: threads of torch in this whole process, and of the engine; 0 leaves them
                their choice.
            engine: one of engine_names.ENGINES.

        Raises:
            CheckpointError: the checkpoint or the device cannot be used.
            EngineError: the engine cannot be used here.
        """
        if num_threads:
            torch.set_num_threads(num_threads)
        return cls(load_checkpoint(folder), device, engine, num_threads)

    @property
    def config(self) -> ACTConfig:
        """Return the network's configuration."""
        return self.checkpoint.config

    def predict_chunk(
        self,
        positions: NDArray[Any],
        images: Mapping[str, NDArray[np.uint8]],
        prefix: NDArray[np.floating] | None = None,
    ) -> NDArray[np.float32]:
        """Return the next K actions, (K, A) float32, in the units of the training episodes.

        Args:
            positions: (S,), in the order of the configuration's `state_names`.
            images: (H, W, 3) uint8, RGB, of every camera of the configuration; more are ignored.
                Those of another size are resized as training did.
            prefix: (p, A), the first actions where they are certain already; the chunk begins
                with them. At most the configuration's `prefix_size`.

        Raises:
            PolicyInputError: a camera is missing, or a shape, type or value is wrong.
        """
        chunk = self._engine.run(*self._checked(positions, images, prefix))
        if prefix is not None and len(prefix):
            chunk[: len(prefix)] = prefix
        return chunk

    def check_engine(
        self, positions: NDArray[Any], images: Mapping[str, NDArray[np.uint8]], tolerance: float
    ) -> float | None:
        """Compare the engine with torch in float32, which takes over where it is too far off.

        Args:
            positions: as for `predict_chunk`.
            images: as for `predict_chunk`.
            tolerance: largest difference of an action of the chunk, rad or gripper opening.

        Returns:
            The difference; None where torch itself is the engine.

        Raises:
            PolicyInputError: as `predict_chunk`.
        """
        if self._engine.name == EXACT:
            return None
        inputs = self._checked(positions, images)
        exact = self._exact.run(*inputs)
        difference = largest_difference(self._engine.run(*inputs), exact)
        if size := self.config.prefix_size:  # and once with all known that can be
            inputs = self._checked(positions, images, exact[:size])
            chunks = self._engine.run(*inputs), self._exact.run(*inputs)
            difference = max(difference, largest_difference(*chunks))
        if difference > tolerance:
            self._engine = self._exact
        return difference

    def predicts_finite(self) -> bool:
        """Tell whether engine and torch predict finite numbers of an example observation.

        Both, since an engine that folds scales into weights may not overflow where torch does.
        """
        inputs = self._checked(*self.example_observation())
        chunks = self._exact.run(*inputs), self._engine.run(*inputs)
        return all(bool(np.isfinite(chunk).all()) for chunk in chunks)

    @property
    def engine(self) -> str:
        """Name of the engine that predicts."""
        return self._engine.name

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
            "parameters": sum(p.numel() for p in self._network.model.parameters()),
            "device": str(self._network.device),
            "engine": self.engine,
            "step": provenance.get("step"),
            "validation": provenance.get("validation"),
        }

    def _checked(
        self,
        positions: NDArray[Any],
        images: Mapping[str, NDArray[np.uint8]],
        prefix: NDArray[np.floating] | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        stacked = np.stack([self._checked_image(name, images) for name in self.config.cameras])
        return network_input(self.config, self._checked_positions(positions), prefix), stacked

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
