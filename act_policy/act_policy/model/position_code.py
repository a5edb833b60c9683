# SPDX-License-Identifier: Apache-2.0
"""Fixed position codes of sines and cosines."""

import math

import torch
from torch import Tensor


def sinusoid_table(length: int, dim: int) -> Tensor:
    """Return the code (length, dim) of a sequence's positions.

    Source: "Attention Is All You Need" (arXiv 1706.03762), section 3.5.
    """
    position = torch.arange(length, dtype=torch.float64)
    return _code(position, dim).float()


def sinusoid_table_2d(rows: int, columns: int, dim: int) -> Tensor:
    """Return the code (rows * columns, dim) of an image's cells: half for rows, then columns.

    Source: DETR (arXiv 2005.12872): positions count from 1 and are scaled to a full turn.
    """
    half = dim // 2
    by_row, by_column = (
        _code(torch.arange(1, size + 1, dtype=torch.float64) / (size + 1e-6) * math.tau, half)
        for size in (rows, columns)
    )
    cells = [
        by_row[:, None].expand(rows, columns, half),
        by_column[None].expand(rows, columns, half),
    ]
    return torch.cat(cells, dim=-1).reshape(rows * columns, dim).float()


def _code(position: Tensor, dim: int) -> Tensor:
    wavelength = 10000.0 ** (torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    angle = position[:, None] / wavelength
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)
