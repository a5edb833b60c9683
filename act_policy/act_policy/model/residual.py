# SPDX-License-Identifier: Apache-2.0
"""Residual stages (He et al., arXiv 1512.03385), with torchvision's names and layout of weights.

Written out here, since importing torchvision's ResNets imports all of torchvision and torch's
compiler: two seconds at each start of a policy.
"""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

NormLayer = Callable[[int], nn.Module]


def convolution(
    channels: int, out_channels: int, kernel: int, stride: int = 1, dilation: int = 1
) -> nn.Conv2d:
    """Return a convolution without bias that keeps the size, but for the stride.

    Its weights are He's for rectifiers, scaled by what goes out (arXiv 1502.01852).
    """
    padding = dilation * (kernel // 2)
    layer = nn.Conv2d(channels, out_channels, kernel, stride, padding, dilation, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return layer


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut; the first has the stride.

    Args:
        channels: of its input.
        width: of its convolutions, and of its output.
        stride: of the block.
        dilation: of the 3x3 convolutions.
        norm: makes the layer after a convolution.
    """

    expansion = 1

    def __init__(
        self, channels: int, width: int, stride: int, dilation: int, norm: NormLayer
    ) -> None:
        super().__init__()
        self.conv1, self.bn1 = convolution(channels, width, 3, stride, dilation), norm(width)
        self.conv2, self.bn2 = convolution(width, width, 3, 1, dilation), norm(width)
        self.downsample = shortcut(channels, width, stride, norm)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, channels, H, W) to (B, width, ceil(H / stride), ceil(W / stride))."""
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        return F.relu(y + self.downsample(x), inplace=True)


class Bottleneck(nn.Module):
    """Convolutions of 1x1, 3x3 and 1x1, narrow in the middle, beside a shortcut.

    The 3x3 has the stride, as in torchvision; in the paper it is the first. Arguments as those of
    BasicBlock; the output has four times `width`.
    """

    expansion = 4

    def __init__(
        self, channels: int, width: int, stride: int, dilation: int, norm: NormLayer
    ) -> None:
        super().__init__()
        out = width * self.expansion
        self.conv1, self.bn1 = convolution(channels, width, 1), norm(width)
        self.conv2, self.bn2 = convolution(width, width, 3, stride, dilation), norm(width)
        self.conv3, self.bn3 = convolution(width, out, 1), norm(out)
        self.downsample = shortcut(channels, out, stride, norm)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, channels, H, W) to (B, 4 width, ceil(H / stride), ceil(W / stride))."""
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        y = self.bn3(self.conv3(y))
        return F.relu(y + self.downsample(x), inplace=True)


def shortcut(channels: int, out_channels: int, stride: int, norm: NormLayer) -> nn.Module:
    """Return what leads past a block: nothing at all, or a 1x1 where the shape changes."""
    if stride == 1 and channels == out_channels:
        return nn.Identity()
    return nn.Sequential(convolution(channels, out_channels, 1, stride), norm(out_channels))


# name → block, and how many of them each of the four stages has (table 1 of the paper).
DEPTHS: dict[str, tuple[type[BasicBlock] | type[Bottleneck], tuple[int, ...]]] = {
    "resnet18": (BasicBlock, (2, 2, 2, 2)),
    "resnet34": (BasicBlock, (3, 4, 6, 3)),
    "resnet50": (Bottleneck, (3, 4, 6, 3)),
}


def stages(name: str, norm: NormLayer, *, dilate_last: bool) -> list[nn.Sequential]:
    """Return the four stages of a ResNet, from 64 channels on.

    Args:
        name: one of DEPTHS.
        norm: makes the layer after a convolution.
        dilate_last: the last stage has dilation instead of a stride, from its second block on.
    """
    block, depths = DEPTHS[name]
    channels, made = 64, []
    for stage, depth in enumerate(depths):
        width, dilates = 64 * 2**stage, dilate_last and stage == len(depths) - 1
        stride = 1 if stage == 0 or dilates else 2
        blocks = []
        for index in range(depth):
            first = index == 0
            dilation = 2 if dilates and not first else 1
            blocks.append(block(channels, width, stride if first else 1, dilation, norm))
            channels = width * block.expansion
        made.append(nn.Sequential(*blocks))
    return made
