# SPDX-License-Identifier: Apache-2.0
"""The network as it was trained, in torch's float32: what other engines are compared with."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from act_policy.inference.driving_network import DrivingNetwork
from act_policy.inference.engine_names import EXACT


class TorchEngine:
    """Runs a network in torch, operation by operation, on the network's device."""

    name = EXACT

    def __init__(self, network: DrivingNetwork) -> None:
        self._network: Callable[..., torch.Tensor] = network
        self._device = network.device

    def run(self, state: NDArray[np.float32], images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See Engine."""
        with torch.inference_mode():
            actions = self._network(
                torch.from_numpy(state).to(self._device), torch.from_numpy(images).to(self._device)
            )
        chunk: NDArray[np.float32] = actions.cpu().numpy()
        return chunk
