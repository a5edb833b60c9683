# SPDX-License-Identifier: Apache-2.0
"""The network as one CUDA graph: no launch of a kernel waits for Python."""

import numpy as np
import torch
from numpy.typing import NDArray

from act_policy.errors import EngineError
from act_policy.inference.driving_network import DrivingNetwork

WARM_UP_RUNS = 3  # libraries choose their kernels, which no graph may record


class CudaGraphEngine:
    """Replays a network that was recorded once, in float32 or in bfloat16.

    Args:
        name: `cuda_graph` or `cuda_graph_bf16`.
        network: on a GPU.

    Raises:
        EngineError: the network is elsewhere.
    """

    def __init__(self, name: str, network: DrivingNetwork) -> None:
        self.name = name
        if network.device.type != "cuda":
            raise EngineError(
                f"engine {name} runs on a GPU, not on {network.device}; use device cuda, or "
                "engine auto"
            )
        self._inputs = [tensor.to(network.device) for tensor in network.example_inputs()]
        half = torch.autocast("cuda", torch.bfloat16, enabled=name == "cuda_graph_bf16")
        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.inference_mode(), half, torch.cuda.stream(beside):
            for _ in range(WARM_UP_RUNS):
                network(*self._inputs)
        torch.cuda.current_stream().wait_stream(beside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.inference_mode(), half, torch.cuda.graph(self._graph):
            self._actions = network(*self._inputs).float()

    def run(self, state: NDArray[np.float32], images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See Engine."""
        with torch.inference_mode():
            for buffer, values in zip(self._inputs, (state, images), strict=True):
                buffer.copy_(torch.from_numpy(values))
            self._graph.replay()
            chunk: NDArray[np.float32] = self._actions.cpu().numpy()
        return chunk
