# SPDX-License-Identifier: Apache-2.0
"""Names of the engines, for those who must not load torch."""

EXACT = "torch"
AUTO = "auto"
COMPILED = "torch_compile"  # on both
ONNX = "onnxruntime"
CALIBRATED = "openvino_int8"
ON_PROCESSOR = ("openvino", "openvino_bf16", CALIBRATED, ONNX)
ON_GPU = ("cuda_graph", "cuda_graph_bf16")
ENGINES = (AUTO, EXACT, COMPILED, *ON_PROCESSOR, *ON_GPU)

# Largest difference from torch's float32 in any action of a chunk, rad or gripper opening, with
# which an engine may drive. One that is broken is off by a tenth and more.
ENGINE_TOLERANCE = 0.02
