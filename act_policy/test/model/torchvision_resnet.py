# SPDX-License-Identifier: Apache-2.0
"""torchvision's ResNets, what ours are compared with."""

import sys

import torch

# Definitions live as long as the library object does.
_OPERATORS = torch.library.Library("torchvision", "FRAGMENT")

# PyPI's torchvision is built for CUDA. Beside a CPU build of torch its compiled operators do not
# load, and its import fails for want of two of them that ResNets never call; naming their schemas
# is enough.
try:
    from torchvision.models import resnet
except RuntimeError:
    for _name in ("nms", "qnms"):
        _OPERATORS.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    for _name in [n for n in sys.modules if n.split(".")[0] == "torchvision"]:
        del sys.modules[_name]  # what the failed import left half done
    from torchvision.models import resnet

__all__ = ["resnet"]
