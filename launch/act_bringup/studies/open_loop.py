# SPDX-License-Identifier: Apache-2.0
"""How far predicted actions are from recorded ones, by joint and by how far ahead they are.

    act study open_loop CHECKPOINT [--dataset DIR] [--plot open_loop.png]

Without --dataset the episodes are those that the checkpoint's training held out.
"""

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_bringup.studies.plots.open_loop import draw
from act_core.episode.find_episodes import find_episodes
from act_core.errors import ActError
from act_core.paths import user_path
from act_core.robot.robot_file import parse_robot
from act_core.system.command_line import CommandLine
from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.checkpoint.find_checkpoint import find_checkpoint
from act_policy.inference.engine_names import AUTO, ENGINES
from act_policy.inference.network_policy import NetworkPolicy
from act_policy.samples.agreement import load_episodes
from act_policy.samples.dataset import EpisodeDataset

HORIZONS = (1, 5, 10, 25, 50, 100)
HEAD = """| actions ahead | mean error, rad | standing still, rad | gripper error | worst joint |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class OpenLoop:
    """Predicted and recorded chunks of the same observations.

    Attributes:
        names: (A,) of the action's columns.
        predicted: (N, K, A) rad, grippers 0 … 1.
        recorded: (N, K, A) the same.
        start: (N, A) measured positions.
        is_pad: (N, K) bool, true where nothing was recorded any more.
    """

    names: tuple[str, ...]
    predicted: NDArray[np.float32]
    recorded: NDArray[np.float32]
    start: NDArray[np.float32]
    is_pad: NDArray[np.bool_]

    @property
    def error(self) -> NDArray[np.float64]:
        """(K, A) mean absolute error over the observations; NaN where none reaches so far."""
        return self._mean(self.predicted)

    @property
    def still(self) -> NDArray[np.float64]:
        """(K, A) the same of a robot that stays where it is, to compare with."""
        return self._mean(np.broadcast_to(self.start[:, None], self.recorded.shape))

    def _mean(self, actions: NDArray[np.float32]) -> NDArray[np.float64]:
        missing = np.broadcast_to(self.is_pad[..., None], actions.shape)
        error = np.ma.masked_array(np.abs(actions - self.recorded), missing)
        return np.asarray(error.mean(axis=0).astype(np.float64).filled(np.nan))


def main(words: Sequence[str] | None = None) -> int:
    """Predict, print the table, draw."""
    args = _options(words)
    policy = NetworkPolicy.load(find_checkpoint(args.checkpoint), engine=args.engine)
    paths = held_out(policy.checkpoint) if not args.dataset else find_episodes(args.dataset)
    result = predicted(policy, paths, args.samples)
    grippers = parse_robot(policy.checkpoint.robot_yaml, "in the checkpoint").is_gripper
    sys.stdout.write(table(result, grippers))
    if args.plot:
        draw(result.names, grippers, result.error, result.still, args.plot)
    return 0


def held_out(checkpoint: Checkpoint) -> list[Path]:
    """Return the episodes that the checkpoint's training held out.

    Raises:
        ActError: it does not say, or they are no longer there.
    """
    folders = checkpoint.provenance.get("dataset", {}).get("folders", [])
    paths = [Path(f["path"], name) for f in folders for name in f["validation_episodes"]]
    missing = [path for path in paths if not path.is_file()]
    if not paths or missing:
        what = f"{missing[0]} is not there" if missing else "the checkpoint names none"
        raise ActError(f"held-out episodes: {what}; give a folder of episodes, --dataset")
    return paths


def predicted(policy: NetworkPolicy, paths: Sequence[Path], samples: int) -> OpenLoop:
    """Predict chunks for observations that are spread evenly over the episodes."""

    def spread(count: int) -> list[int]:
        return [int(row) for row in np.unique(np.linspace(0, count - 1, samples).astype(int))]

    return predicted_rows(policy, paths, spread)


def predicted_rows(
    policy: NetworkPolicy, paths: Sequence[Path], choose: Callable[[int], Sequence[int]]
) -> OpenLoop:
    """Predict chunks for the rows that `choose` picks, given how many there are."""
    config = policy.config
    robot = parse_robot(policy.checkpoint.robot_yaml, "in the checkpoint")
    episodes = load_episodes(paths, config.cameras, robot)
    size_px = config.image_height_px, config.image_width_px
    rows = EpisodeDataset(
        episodes, config.chunk_size, rate_hz=config.rate_hz, image_size_px=size_px
    )
    chunks, batches = [], [rows[[pick]] for pick in choose(len(rows))]
    for number, batch in enumerate(batches, 1):
        images = dict(zip(config.cameras, batch.images[0].numpy(), strict=True))
        chunks.append(policy.predict_chunk(batch.state[0].numpy(), images))
        sys.stderr.write(f"\r{number}/{len(batches)} observations")
    sys.stderr.write("\n")
    recorded, state, is_pad = (
        np.concatenate([getattr(batch, name).numpy() for batch in batches])
        for name in ("actions", "state", "is_pad")
    )
    start = state[:, [config.state_names.index(name) for name in config.action_names]]
    return OpenLoop(config.action_names, np.stack(chunks), recorded, start, is_pad)


def table(result: OpenLoop, is_gripper: NDArray[np.bool_]) -> str:
    """Return the errors of some horizons as Markdown."""
    error, still, lines = result.error, result.still, []
    for ahead in sorted({min(h, len(error)) for h in HORIZONS}):
        here = error[ahead - 1]
        joints = np.where(is_gripper, -np.inf, here)
        gripper = f"{here[is_gripper].mean():.4f}" if is_gripper.any() else "–"
        lines.append(
            f"| {ahead} | {here[~is_gripper].mean():.4f} | "
            f"{still[ahead - 1][~is_gripper].mean():.4f} | {gripper} | "
            f"{result.names[int(joints.argmax())]}, {joints.max():.4f} rad |\n"
        )
    return HEAD + "".join(lines)


def _options(words: Sequence[str] | None) -> Namespace:
    line = CommandLine("act study open_loop", "Predicted against recorded actions.")
    line.add_argument("checkpoint", help="checkpoint or run folder, or shipped name")
    line.add_argument("--dataset", type=user_path, help="folder of episodes")
    line.add_argument("--samples", type=int, default=300, help="observations to predict for")
    line.add_argument("--engine", default=AUTO, choices=ENGINES, help="what runs the network")
    line.add_argument("--plot", type=user_path, help="PNG to draw")
    return line.parse(words)
