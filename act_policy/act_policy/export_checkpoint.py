# SPDX-License-Identifier: Apache-2.0
"""Command `export_checkpoint`: copy a checkpoint, optionally with weights of half the size.

python3 -m act_policy.export_checkpoint SOURCE DESTINATION [--half]
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from act_core.errors import ActError
from act_policy.checkpoint.checkpoint import export_checkpoint


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="export_checkpoint", description="Copy a checkpoint.")
    parser.add_argument("source", type=Path, help="checkpoint folder")
    parser.add_argument("destination", type=Path, help="folder to write")
    parser.add_argument("--half", action="store_true", help="store weights as float16")
    options = parser.parse_args(arguments)
    try:
        export_checkpoint(options.source, options.destination, half=options.half)
    except (ActError, OSError) as error:
        sys.stderr.write(f"export_checkpoint: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
