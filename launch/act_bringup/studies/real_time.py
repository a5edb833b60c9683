# SPDX-License-Identifier: Apache-2.0
"""What imperfect sensors and a slow computer cost a policy that drives in real time.

    act study realtime --checkpoint CHECKPOINT [--episodes 20] [--out FILE.json] [--plot FILE.png]

Each condition is an `act evaluate --pace realtime` of its own: the deployed nodes over topics.
Rows already in the output file are kept, so that an interrupted study goes on.
"""

import json
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from act_bringup.rollouts.options import add_checkpoint, add_options, checkpoint_of, subject_of
from act_bringup.studies.kept_rows import KeptRows
from act_bringup.studies.plots.real_time import draw
from act_core.paths import user_path
from act_core.system.command_line import CommandLine
from act_policy.inference.engine_names import EXACT

# What is studied is how the policy copes, not when it is told to hold: images may be old.
PATIENCE = {"max_age_s": 1.0, "max_skew_s": 1.0}


@dataclass(frozen=True)
class Factor:
    """One thing that can be wrong, by degrees.

    Attributes:
        node: that has the parameter.
        parameter: of the node.
        levels: its values, from better to worse; the baseline is 0.
        unit: of the levels, in the table and the plot.
        scale: of a level there.
    """

    node: str
    parameter: str
    levels: tuple[float, ...]
    unit: str = ""
    scale: float = 1.0

    def text(self, level: float) -> str:
        """Return a level for people."""
        return f"{level * self.scale:g}{self.unit}"


FACTORS = {
    "camera delay": Factor("sim", "camera_delay_s", (0.04, 0.1, 0.2, 0.4), " ms", 1000),
    "lost frames": Factor("sim", "frame_loss", (0.2, 0.5, 0.8, 0.95), " %", 100),
    "joint noise": Factor("sim", "joint_noise_rad", (0.005, 0.01, 0.02, 0.05), " mrad", 1000),
    "image noise": Factor("sim", "image_noise", (5.0, 10.0, 20.0, 40.0), " of 255"),
    "inference": Factor("policy", "least_inference_s", (0.1, 0.2, 0.4, 0.8), " ms", 1000),
}
BASELINE = ("as it is", 0.0)


def conditions(factors: Sequence[str]) -> list[tuple[str, float]]:
    """Return the baseline and each level of each factor, in the order of FACTORS."""
    chosen = [(n, level) for n, f in FACTORS.items() if n in factors for level in f.levels]
    return [BASELINE, *chosen]


def parameters(name: str, level: float) -> dict[str, Any]:
    """Return the contents of a ROS parameter file for one condition."""
    nodes: dict[str, dict[str, float]] = {"policy": dict(PATIENCE), "sim": {}}
    if name in FACTORS:
        factor = FACTORS[name]
        nodes[factor.node][factor.parameter] = level
    return {f"/**/{node}": {"ros__parameters": p} for node, p in nodes.items() if p}


def evaluate(args: Namespace, name: str, level: float) -> dict[str, Any]:
    """Roll out under one condition; return its row.

    Raises:
        SystemExit: the evaluation failed; it has said why.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "params.yaml"
        file.write_text(json.dumps(parameters(name, level)))
        words = [
            "evaluate", "--pace", "realtime", "--episodes", str(args.episodes),
            "--first-seed", str(args.first_seed), "--task", args.task, "--robot", args.robot,
            "--checkpoint", args.checkpoint or args.task, "--engine", args.engine,
            "--output-dir", folder, "--params-file", str(file), "--log-level", "warn",
        ]  # fmt: skip
        command = [sys.executable, "-m", "act_bringup.cli.main", *words]
        done = subprocess.run(command, check=False)
        if done.returncode:
            raise SystemExit(done.returncode)
        results = json.loads((Path(folder) / "results.json").read_text())
    return {"factor": name, "level": level, **results["summary"], "run": results["policy_run"]}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| condition | success | 95 % interval | stages 1 … 4 | jerk, rad/s³ | chunk age, p50 / "
        "p95 ms | inference p50, ms | ticks missed |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        factor, run = FACTORS.get(row["factor"]), row["run"]
        low, high = row["success_wilson_95"]
        # With noise on the joints the jerk would be the noise's.
        jerk = "–" if row["factor"] == "joint noise" else f"{row['mean_jerk_rad_s3']:.0f}"
        lines.append(
            f"| {row['factor']} {factor.text(row['level']) if factor else ''} | "
            f"{row['successes']}/{row['rollouts']} | {low:.2f} … {high:.2f} | "
            f"{' '.join(map(str, row['stages_reached']))} | {jerk} | "
            f"{run['chunk_age_p50_ms']:.0f} / {run['chunk_age_p95_ms']:.0f} | "
            f"{run['inference_p50_ms']:.0f} | {run['missed_ticks']} of {run['commands']} |"
        )
    return "\n".join(lines)


def _options(words: Sequence[str] | None) -> Namespace:
    line = CommandLine("act study realtime", "What imperfect sensors and slow inference cost.")
    add_checkpoint(line)
    add_options(line, 20, engine=EXACT, processes=False)
    line.add_argument(
        "--factors", nargs="*", default=list(FACTORS), choices=list(FACTORS), help="to study"
    )
    line.add_argument("--out", type=user_path, help="JSON file to write, and to go on with")
    line.add_argument("--plot", type=user_path, help="PNG file of success and jerk")
    return line.parse(words)


def main(words: Sequence[str] | None = None) -> int:
    """Run the study; print it as a Markdown table, and draw it."""
    args = _options(words)
    order = conditions(args.factors)
    every = conditions([*FACTORS])
    kept = KeptRows(
        args.out, {**subject_of(args, checkpoint_of(args)), "engine": args.engine},
        lambda row: every.index((row["factor"], row["level"])),
    )  # fmt: skip
    for name, level in order:
        if (name, level) not in [(r["factor"], r["level"]) for r in kept.rows]:
            print(f"{name} {level:g}: {args.episodes} rollouts", flush=True)
            kept.add(evaluate(args, name, level))
    rows = [row for row in kept.rows if (row["factor"], row["level"]) in order]
    print(table(rows))
    if args.plot:
        labels = {name: (f.unit.strip(), f.scale) for name, f in FACTORS.items()}
        draw(rows, labels, args.plot)
    return 0
