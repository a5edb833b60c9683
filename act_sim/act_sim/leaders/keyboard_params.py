# SPDX-License-Identifier: Apache-2.0
"""Parameters of the keyboard."""

from dataclasses import dataclass

from act_core.system.declaration import param


@dataclass(frozen=True)
class KeyboardParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    hold_s: float = param(
        0.2, "How long a key counts as held after it came, since a terminal tells no release, s; "
        "longer than the pause between a held key's repetitions.", low=0.02, high=2.0,
    )  # fmt: skip
    deflection: float = param(
        0.3, "How far a key moves its stick; with shift all the way.", low=0.05, high=1.0
    )
