# SPDX-License-Identifier: Apache-2.0
"""Entry points that a Ctrl-C ends in silence while their imports are still under way."""

import signal
from collections.abc import Callable
from importlib import import_module


def executable(module: str, first: Callable[[], object] = lambda: None) -> Callable[[], object]:
    """Return a function that imports `module` and runs its `main`, and `first` before both.

    Python answers an interrupt during imports with a traceback; until `main` sets handlers of its
    own, the signal's default ends the process.
    """

    def run() -> object:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        first()
        main = import_module(module).main
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return main()

    return run
