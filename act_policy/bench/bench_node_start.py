# SPDX-License-Identifier: Apache-2.0
"""How long the policy node takes from its start until its checkpoint is loaded and warm.

    python3 act_policy/bench/bench_node_start.py [--runs 5] [--checkpoint transfer_cube]

Whole processes in turn, so that a drift of the machine's speed falls on all: the node with each
engine, and a Python that only imports torch, below which no node that uses torch can get.
"""

import argparse
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

READY = "checkpoint "  # the line that the node logs when it is ready
START = "from act_policy.executables import policy_node; policy_node()"
ENGINES = ("torch", "openvino", "auto")


def torch_alone_s() -> float:
    """Return the wall time of a Python process that imports torch, s."""
    started_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return time.perf_counter() - started_s


def node_s(checkpoint: str, engine: str) -> float:
    """Return the wall time from the start of a node until it is ready, s."""
    command = [
        sys.executable, "-c", START, "--ros-args",
        "-p", f"checkpoint:={checkpoint}", "-p", f"engine:={engine}", "-p", "autostart:=true",
    ]  # fmt: skip
    started_s = time.perf_counter()
    node = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert node.stderr is not None
    said = []
    for line in node.stderr:
        said.append(line)
        if READY in line:
            break
    else:
        raise SystemExit("".join(said))
    taken_s = time.perf_counter() - started_s
    node.send_signal(signal.SIGINT)
    node.communicate()
    return taken_s


def main(words: Sequence[str] | None = None) -> None:
    """Print the median of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--checkpoint", default="transfer_cube")
    args = parser.parse_args(words)
    measured: dict[str, Callable[[], float]] = {"import torch, nothing else": torch_alone_s}
    for engine in ENGINES:
        measured[f"node, engine {engine}"] = lambda e=engine: node_s(args.checkpoint, e)
    for measure in measured.values():
        measure()  # fills the file cache, and that of translated networks
    rounds = [{name: measure() for name, measure in measured.items()} for _ in range(args.runs)]
    for name in measured:
        times = [r[name] for r in rounds]
        print(f"{name:28}{statistics.median(times):6.2f} s  ({min(times):.2f} … {max(times):.2f})")


if __name__ == "__main__":
    main()
