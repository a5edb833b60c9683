# SPDX-License-Identifier: Apache-2.0
"""The network as torch.compile makes it: kernels written and compiled for this machine."""

import os
from typing import Any

import torch

from act_policy.errors import EngineError
from act_policy.inference.driving_network import DrivingNetwork
from act_policy.inference.engine_cache import cache_folder
from act_policy.inference.engine_names import COMPILED
from act_policy.inference.torch_engine import TorchEngine

KERNELS = "TORCHINDUCTOR_CACHE_DIR"


class CompiledEngine(TorchEngine):
    """Runs a network that is compiled at the first start on a machine, a minute or two.

    Args:
        network: on any device.

    Raises:
        EngineError: it cannot be compiled here, as without a C++ compiler.
    """

    name = COMPILED

    def __init__(self, network: DrivingNetwork) -> None:
        super().__init__(network)
        os.environ.setdefault(KERNELS, str(cache_folder().parent / "kernels"))
        # Weights become constants of the kernels; on a GPU no kernel waits for Python.
        on_gpu = network.device.type == "cuda"
        options: dict[str, Any] = {"freezing": True, "triton.cudagraphs": on_gpu}
        self._network = torch.compile(network, fullgraph=True, dynamic=False, options=options)
        state, images = network.example_inputs()
        try:
            self.run(state.numpy(), images.numpy())
        except RuntimeError as error:
            first = next(iter(str(error).splitlines()), type(error).__name__)
            raise EngineError(
                f"engine {COMPILED}: torch cannot compile here: {first}; it needs a C++ compiler "
                "(g++), or use engine torch"
            ) from error
