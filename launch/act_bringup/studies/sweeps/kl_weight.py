# SPDX-License-Identifier: Apache-2.0
"""What the weight of the KL divergence, and its annealing, make of the latent.

    act study kl_weight --dataset data/blocks --runs runs/kl_weight [--plot kl_weight.png]

Of held-out episodes: how much the latent tells (KL), how many of its units say anything at all,
and the error of the actions with the posterior's z, with z = 0 as ACT drives, and with z drawn.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from act_bringup.studies.open_loop import held_out
from act_bringup.studies.plots.kl_weight import draw
from act_bringup.studies.sweeps import sweep
from act_bringup.studies.sweeps.sweep import Variant
from act_core.robot.robot_file import parse_robot
from act_core.system.command_line import CommandLine
from act_policy.checkpoint.checkpoint import load_checkpoint
from act_policy.model.normalization import Normalizer
from act_policy.samples.agreement import load_episodes
from act_policy.samples.dataset import EpisodeDataset

VARIANTS = (
    *(Variant(f"kl_{w:g}", (f"model.kl_weight={w}",)) for w in (0.1, 1.0, 10.0, 100.0)),
    Variant("kl_10_linear", ("model.kl_weight=10.0", "loss.kl_schedule=linear")),
    Variant("kl_10_cyclical", ("model.kl_weight=10.0", "loss.kl_schedule=cyclical")),
    Variant("kl_10_free_bits", ("model.kl_weight=10.0", "loss.free_nats=0.1")),
)
# A unit whose mean varies less than this over observations is idle (Burda et al., arXiv
# 1509.00519, section 5.2).
ACTIVE_VARIANCE = 0.01
HEAD = """| variant | KL, nats | active units | L1, posterior z | L1, z = 0 | L1, z sampled |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class LatentReport:
    """What a network's latent does on held-out samples; errors are of normalised actions.

    Attributes:
        kl_nats: mean divergence of the posterior from the prior.
        active_units: of the latent.
        l1_posterior: with the mean of the posterior, which has seen the actions.
        l1_zero: with z = 0.
        l1_sampled: with z drawn from the prior.
    """

    kl_nats: float
    active_units: int
    l1_posterior: float
    l1_zero: float
    l1_sampled: float


def main(words: Sequence[str] | None = None) -> int:
    """Train, judge, print the table, draw."""
    line = CommandLine("act study kl_weight", "What the weight of the KL makes of the latent.")
    sweep.add_options(line)
    args = line.parse(words)
    reports = {
        name: latent_report(checkpoint, args.samples)
        for name, checkpoint in sweep.trained(args, VARIANTS).items()
    }
    sys.stdout.write(table(reports))
    if args.plot:
        draw(reports, args.plot)
    return 0


def table(reports: dict[str, Any]) -> str:
    """Return the reports as Markdown."""
    return HEAD + "".join(
        f"| {name} | {r.kl_nats:.3g} | {r.active_units} | {r.l1_posterior:.4f} | {r.l1_zero:.4f} "
        f"| {r.l1_sampled:.4f} |\n"
        for name, r in reports.items()
    )


@torch.inference_mode()
def latent_report(folder: Path, samples: int, seed: int = 0) -> LatentReport:
    """Judge a checkpoint on samples spread over the episodes that its training held out."""
    checkpoint = load_checkpoint(folder)
    config, cpu = checkpoint.config, torch.device("cpu")
    model = checkpoint.build_model(cpu)
    normalizer = Normalizer(checkpoint.statistics, cpu, config.delta_columns)
    robot = parse_robot(checkpoint.robot_yaml, "in the checkpoint")
    episodes = load_episodes(held_out(checkpoint), config.cameras, robot)
    size_px = config.image_height_px, config.image_width_px
    rows = EpisodeDataset(
        episodes, config.chunk_size, rate_hz=config.rate_hz, image_size_px=size_px
    )
    picks = np.unique(np.linspace(0, len(rows) - 1, samples).astype(int)).tolist()
    noise = torch.Generator().manual_seed(seed)
    errors, means, variances = [], [], []
    for start in range(0, len(picks), 16):
        batch = rows[picks[start : start + 16]]
        state, images = normalizer.state(batch.state), normalizer.images(batch.images)
        actions = normalizer.actions(batch.actions, batch.state)
        mu, log_variance = model.encode_actions(state, actions, batch.is_pad)
        drawn = torch.randn(mu.shape, generator=noise)
        real = (~batch.is_pad).unsqueeze(-1)
        for z in (mu, torch.zeros_like(mu), drawn):
            error = (model.decode(state, images, z) - actions).abs() * real
            errors.append(error.sum(dim=(1, 2)) / (real.sum(dim=(1, 2)) * actions.shape[-1]))
        means.append(mu)
        variances.append(log_variance)
    mu, log_variance = torch.cat(means), torch.cat(variances)
    kl = -0.5 * (1 + log_variance - mu.square() - log_variance.exp()).sum(dim=1)
    posterior, zero, sampled = (float(torch.cat(errors[i::3]).mean()) for i in range(3))
    active = int((mu.var(dim=0) > ACTIVE_VARIANCE).sum())
    return LatentReport(float(kl.mean()), active, posterior, zero, sampled)
