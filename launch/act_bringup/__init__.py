# SPDX-License-Identifier: Apache-2.0
"""What brings the suite's packages together; nothing imports it."""

from act_core.public_names import public_names

_MODULES = {
    "SYSTEMS": "systems",
}
__all__ = list(_MODULES)
__getattr__ = public_names(__name__, _MODULES)
