# SPDX-License-Identifier: Apache-2.0
"""Point the CMake files of the ROS 2 wheels at this machine.

The wheels export the paths of the machine that built them, ``/opt/python/cp311-cp311/…``, so that
building a message package against them fails until the paths name this virtual environment.
Run it with the virtual environment's own interpreter; running it again changes nothing.
"""

import re
import sys
import sysconfig
from pathlib import Path

import numpy as np

BUILDER = r"/opt/python/cp3\d+-cp3\d+"


def replacements() -> list[tuple[re.Pattern[str], str]]:
    """Return what to replace by what; the bare prefix is last since the others begin with it."""
    return [
        (re.compile(BUILDER + r"/include/python3\.\d+"), sysconfig.get_paths()["include"]),
        (
            re.compile(BUILDER + r"/lib/python3\.\d+/site-packages/numpy/_core/include"),
            np.get_include(),
        ),
        (re.compile(BUILDER + r"(?=$|[;\"\s])", re.MULTILINE), sys.prefix),
    ]


def exported_files(prefix: Path) -> list[Path]:
    """List the files under ``prefix`` in which the wheels name their build machine."""
    index = prefix / "share/ament_index/resource_index/parent_prefix_path"
    return [
        *(prefix / "share").rglob("*.cmake"),
        *(prefix / "lib/cmake").rglob("*.cmake"),
        *(path for path in index.glob("*") if path.is_file()),
    ]


def main() -> int:
    """Rewrite the files and say how many; return 1 if a path of the build machine is left."""
    rules = replacements()
    changed, left = 0, []
    for path in exported_files(Path(sys.prefix)):
        old = path.read_text(encoding="utf-8")
        new = old
        for pattern, value in rules:
            new = pattern.sub(value.replace("\\", r"\\"), new)
        if new != old:
            path.write_text(new, encoding="utf-8")
            changed += 1
        if re.search(BUILDER, new):
            left.append(path)
    print(f"relocated {changed} exported files of the ROS 2 wheels")
    for path in left:
        print(f"relocate_wheels.py: unknown build path left in {path}", file=sys.stderr)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
