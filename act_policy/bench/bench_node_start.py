# SPDX-License-Identifier: Apache-2.0
"""How long the policy node's imports take, and what torch would add to them.

    python3 act_policy/bench/bench_node_start.py [--runs 5]

Both are whole processes in turn, so that a drift of the machine's speed falls on both.
"""

import argparse
import statistics
import subprocess
import sys
import time

NODE = "import act_policy.policy_node"
WITH_TORCH = f"import torch; {NODE}"


def wall_s(code: str) -> float:
    """Return the wall time of a Python process that runs `code`, s."""
    started_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started_s


def main() -> None:
    """Print the median of both, and of their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    for code in (NODE, WITH_TORCH):
        wall_s(code)  # fills the file cache
    pairs = [(wall_s(NODE), wall_s(WITH_TORCH)) for _ in range(args.runs)]
    node, with_torch = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    print(
        f"policy node: {node:.2f} s until its imports are done; with torch in it "
        f"{with_torch:.2f} s, {ratio:.1f} times as long ({args.runs} pairs)"
    )


if __name__ == "__main__":
    main()
