# SPDX-License-Identifier: Apache-2.0
"""ResNet features (He et al., arXiv 1512.03385): torchvision's, without the classifier."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from act_policy.errors import CheckpointError
from act_policy.model.residual import DEPTHS, NormLayer, convolution, stages

_GROUPS = 32


class FrozenBatchNorm2d(nn.Module):
    """Batch normalisation whose statistics and affine are buffers: data never changes them."""

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.register_buffer("weight", torch.ones(num_features))
        self.register_buffer("bias", torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise `x` (B, C, H, W) with the stored statistics."""
        # One pass in x's own type; scale and shift written out would go through float32.
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps
        )


def _group_norm(num_features: int) -> nn.Module:
    return nn.GroupNorm(_GROUPS, num_features)


_NORMS: dict[str, NormLayer] = {
    "frozen_batch": FrozenBatchNorm2d,
    "batch": nn.BatchNorm2d,
    "group": _group_norm,
}


class ResNet(nn.Module):
    """Map images (B, 3, H, W) to features (B, C, ceil(H / 32), ceil(W / 32)).

    Args:
        name: `resnet18`, `resnet34` or `resnet50`.
        norm: `frozen_batch`, `batch` or `group`.
        dilate_last: stride 16 instead of 32, by dilation in the last stage (`resnet50` only).
    """

    def __init__(
        self, name: str, *, norm: str = "frozen_batch", dilate_last: bool = False
    ) -> None:
        super().__init__()
        self.conv1, self.bn1 = convolution(3, 64, 7, stride=2), _NORMS[norm](64)
        made = stages(name, _NORMS[norm], dilate_last=dilate_last)
        self.layer1, self.layer2, self.layer3, self.layer4 = made
        self.out_channels = 512 * DEPTHS[name][0].expansion
        self.stride = 16 if dilate_last else 32

    def forward(self, images: Tensor) -> Tensor:
        """Return the last stage's features."""
        x = F.relu(self.bn1(self.conv1(images)), inplace=True)
        x = F.max_pool2d(x, kernel_size=3, stride=2, padding=1)
        features: Tensor = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return features

    def feature_size(self, height_px: int, width_px: int) -> tuple[int, int]:
        """Return (rows, columns) of the features of an image of this size."""
        return -(-height_px // self.stride), -(-width_px // self.stride)


def load_backbone_weights(backbone: ResNet, path: Path) -> None:
    """Load weights under torchvision's names; its classifier `fc` is left out.

    The ResNet is found wherever it is in the file: R3M's and VIP's releases hold it under
    `r3m.module.convnet` and `vip.module.convnet`, beside a language model. Both were trained on
    images normalised as ImageNet's, which is what this network gets.

    Args:
        backbone: network to fill.
        path: a `.safetensors` file, or a `.pth` or `.pt` file of tensors alone.

    Raises:
        CheckpointError: no such file, not weights, or weights of another network.
    """
    try:
        if path.suffix == ".safetensors":
            weights = load_file(path)
        else:
            weights = torch.load(path, map_location="cpu", weights_only=True)
        weights = _only_resnet(dict(_tensors(weights)), path)
    except FileNotFoundError as error:
        raise CheckpointError(f"there is no file of backbone weights at '{path}'") from error
    except (SafetensorError, UnpicklingError, RuntimeError, AttributeError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(f"'{path}' does not hold backbone weights: {reason}") from error
    if isinstance(backbone.bn1, FrozenBatchNorm2d):
        weights = {k: v for k, v in weights.items() if not k.endswith("num_batches_tracked")}
    try:
        backbone.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(f"'{path}' holds another network's weights: {error}") from error


def _tensors(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors of nested dictionaries under their joined names."""
    for key, value in tree.items():
        if isinstance(value, Tensor):
            yield f"{prefix}{key}", value
        elif isinstance(value, Mapping):
            yield from _tensors(value, f"{prefix}{key}.")


def _only_resnet(tensors: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Return the tensors of the only ResNet among all, by torchvision's names, without `fc`."""
    first, later = "conv1.weight", "layer1.0.conv1.weight"
    places = [
        place
        for place in (name.removesuffix(first) for name in tensors if name.endswith(first))
        if f"{place}{later}" in tensors
    ]
    if len(places) != 1:
        found = f"ResNets under {', '.join(places)}" if places else "no ResNet"
        raise CheckpointError(
            f"'{path}' holds {found} among its {len(tensors)} tensors, expected one, as {first} "
            f"beside {later}"
        )
    (place,) = places
    ours = {n.removeprefix(place): t for n, t in tensors.items() if n.startswith(place)}
    return {name: tensor for name, tensor in ours.items() if not name.startswith("fc.")}
