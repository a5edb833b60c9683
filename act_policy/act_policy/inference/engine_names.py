# SPDX-License-Identifier: Apache-2.0
"""Names of the engines, for those who must not load torch."""

EXACT = "torch"
AUTO = "auto"
ON_PROCESSOR = ("openvino", "openvino_bf16")
ON_GPU = ("cuda_graph", "cuda_graph_bf16")
ENGINES = (AUTO, EXACT, *ON_PROCESSOR, *ON_GPU)
