# SPDX-License-Identifier: Apache-2.0
"""A package's public names, each imported when it is first asked for.

So that a package can list what it offers without loading all of it: `import act_policy` must not
bring torch into a node.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def public_names(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a `__getattr__` for `package`; `modules` is public name → module below it."""

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        return getattr(import_module(f"{package}.{modules[name]}"), name)

    return get
