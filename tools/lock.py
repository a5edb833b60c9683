# SPDX-License-Identifier: Apache-2.0
"""Let pip resolve what the pinned packages pull in, and write it to tools/constraints.txt.

    make lock                    # keeps the versions that still fit
    make lock LOCK_ARGS=--upgrade

The packages that the suite itself uses are pinned in pyproject.toml, by hand. What those pull in
is not for hands: this asks pip, which installs nothing here. Set-up takes the file as constraints,
so that a set-up next year installs what this one did.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "tools" / "constraints.txt"
GROUPS = ("runtime", "ros-wheels", "dev")
ROS_INSTALLED = ("runtime-ros-installed", "dev")
HEAD = "# Written by `make lock`: what the packages pinned in pyproject.toml pull in.\n"


def canonical(name: str) -> str:
    """Return a package's name as pip compares it."""
    return name.lower().replace("_", "-").replace(".", "-")


def resolve(groups: tuple[str, ...], *, upgrade: bool) -> dict[str, str]:
    """Return package → version of everything that installing `groups` would install."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--ignore-installed", "--report", str(report)]
        if FILE.exists() and not upgrade:
            command += ["--constraint", str(FILE)]
        for group in groups:
            command += ["--group", group]
        subprocess.run(command, cwd=ROOT, check=True)
        installed = json.loads(report.read_text())["install"]
    metadata = [item["metadata"] for item in installed]
    # A local version, as of PyTorch's CPU build, is one machine's choice.
    return {canonical(m["name"]): m["version"].partition("+")[0] for m in metadata}


def pinned() -> set[str]:
    """Return the packages that pyproject.toml pins."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    lines = [line for group in groups.values() for line in group if isinstance(line, str)]
    return {canonical(line.partition("==")[0].partition("[")[0]) for line in lines}


def main() -> int:
    """Write the file; say how many packages are in it."""
    resolved = resolve(GROUPS, upgrade="--upgrade" in sys.argv)
    indirect = {n: v for n, v in sorted(resolved.items()) if n not in pinned()}
    # CUDA's libraries come with one build of PyTorch and not with the other.
    kept = {n: v for n, v in indirect.items() if not n.startswith(("nvidia-", "cuda-", "triton"))}
    FILE.write_text(HEAD + "".join(f"{name}=={version}\n" for name, version in kept.items()))
    resolve(ROS_INSTALLED, upgrade=False)  # its NumPy is older, and the versions have to suit both
    print(f"{FILE.relative_to(ROOT)}: {len(kept)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
