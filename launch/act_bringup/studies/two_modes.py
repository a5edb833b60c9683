# SPDX-License-Identifier: Apache-2.0
"""One observation, two right motions: what each kind of policy makes of them.

    act study two_modes [--steps 1500] [--plot two_modes.png]

Half of the demonstrations pass an obstacle on the left, half on the right, and nothing that is
observed tells which. The mean of both goes through the obstacle.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from act_bringup.studies.plots.two_modes import draw
from act_core.paths import user_path
from act_core.system.command_line import CommandLine
from act_policy.model.act import ACT
from act_policy.model.act_config import ACTConfig
from act_policy.training.loss import act_loss

CHUNK, PIXELS, BATCH, SAMPLES = 20, 32, 32, 200
OBSTACLE_M = 0.4  # its half width; a motion passes it 1 m to the side
WOBBLE_M = 0.05
HEAD = """| policy | left | right | into the obstacle | KL, nats | training L1, m |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Kind:
    """A way to learn from demonstrations.

    Attributes:
        name: for people.
        loss: `act`, or `l2` for the squared error.
        sampled: whether z is drawn from N(0, 1) when it drives, and not 0.
        model: of ACTConfig, over the small values of `network`.
    """

    name: str
    loss: str = "act"
    sampled: bool = False
    model: dict[str, Any] = field(default_factory=dict)


PLAIN = {"use_vae": False}
KINDS = (
    Kind("cloning, squared error", "l2", model=PLAIN),
    Kind("cloning, L1 (ACT without VAE)", model=PLAIN),
    Kind("ACT, KL weight 10, z = 0", model={"kl_weight": 10.0}),
    Kind("ACT, KL weight 10, z sampled", sampled=True, model={"kl_weight": 10.0}),
    Kind("ACT, KL weight 0.01, z = 0", model={"kl_weight": 0.01}),
    Kind("ACT, KL weight 0.01, z sampled", sampled=True, model={"kl_weight": 0.01}),
)


def demonstrations(count: int, generator: torch.Generator) -> Tensor:
    """Return (count, K, 2) motions in m: forward, and about 1 m to either side half way."""
    progress = torch.linspace(0.0, 1.0, CHUNK)
    sides = torch.randint(0, 2, (count, 1), generator=generator) * 2.0 - 1.0
    reach = sides * (1.0 + WOBBLE_M * torch.randn(count, 1, generator=generator))
    across = reach * torch.sin(torch.pi * progress)
    return torch.stack([progress.expand(count, CHUNK), across], dim=-1)


def network(**changes: Any) -> ACT:
    """Return a small ACT for one camera that sees nothing."""
    config = ACTConfig(**{
        "cameras": ("blank",), "image_height_px": PIXELS, "image_width_px": PIXELS,
        "state_names": ("nothing",), "action_names": ("forward", "across"), "rate_hz": 20.0,
        "chunk_size": CHUNK, "dim_model": 64, "n_heads": 4, "dim_feedforward": 128,
        "n_encoder_layers": 2, "n_vae_encoder_layers": 2, "latent_dim": 4, "dropout": 0.0,
        **changes,
    })  # fmt: skip
    return ACT(config)


def observation(count: int) -> tuple[Tensor, Tensor]:
    """Return `count` times the same state (B, 1) and image (B, 1, 3, H, W)."""
    return torch.zeros(count, 1), torch.zeros(count, 1, 3, PIXELS, PIXELS)


def trained(kind: Kind, steps: int, seed: int) -> tuple[ACT, dict[str, float]]:
    """Return a network after `steps`, and the parts of its last loss."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = network(**kind.model).train()
    model.backbone.requires_grad_(False)  # there is nothing to see
    wanted = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(wanted, lr=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    is_pad = torch.zeros(BATCH, CHUNK, dtype=torch.bool)
    values: dict[str, Tensor] = {}
    for _ in range(steps):
        actions = demonstrations(BATCH, generator)
        output = model(*observation(BATCH), actions, is_pad)
        values = act_loss(output, actions, is_pad, model.config.kl_weight)
        loss = values["loss"]
        if kind.loss == "l2":
            loss = nn.functional.mse_loss(output.actions, actions)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval(), {name: float(value.detach()) for name, value in values.items()}


@torch.inference_mode()
def driven(model: ACT, *, sampled: bool, seed: int) -> np.ndarray:
    """Return SAMPLES motions (SAMPLES, K, 2) of one observation."""
    generator = torch.Generator().manual_seed(seed)
    shape = SAMPLES, model.config.latent_dim
    latent = torch.randn(shape, generator=generator) if sampled else torch.zeros(shape)
    return np.asarray(model.decode(*observation(SAMPLES), latent))


def judged(kind: Kind, motions: np.ndarray, losses: dict[str, float]) -> dict[str, Any]:
    """Return what became of the motions, as plain values."""
    across = motions[:, CHUNK // 2, 1]
    return {
        "kind": kind.name,
        "left": float((across > OBSTACLE_M).mean()),
        "right": float((across < -OBSTACLE_M).mean()),
        "into": float((abs(across) <= OBSTACLE_M).mean()),
        "kl_nats": losses["kl"],
        "l1_training": losses["l1"],
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as Markdown."""
    return HEAD + "".join(
        f"| {r['kind']} | {r['left']:.0%} | {r['right']:.0%} | {r['into']:.0%} | "
        f"{r['kl_nats']:.2g} | {r['l1_training']:.3f} |\n"
        for r in rows
    )


def main(words: Sequence[str] | None = None) -> int:
    """Train and drive every kind, print the table, draw the motions."""
    line = CommandLine("act study two_modes", "One observation, two right motions.")
    line.add_argument("--steps", type=int, default=1500, help="of the optimiser, for each kind")
    line.add_argument("--seed", type=int, default=0, help="of weights and demonstrations")
    line.add_argument("--plot", type=user_path, help="PNG to draw")
    line.add_argument("--out", type=user_path, help="JSON file to write")
    args = line.parse(words)
    networks: dict[str, tuple[ACT, dict[str, float]]] = {}
    rows, motions = [], {}
    for kind in KINDS:
        known = json.dumps([kind.loss, kind.model])  # with z = 0 and sampled it is one training
        if known not in networks:
            sys.stderr.write(f"training: {kind.name.removesuffix(', z = 0')}\n")
            networks[known] = trained(kind, args.steps, args.seed)
        model, losses = networks[known]
        motions[kind.name] = driven(model, sampled=kind.sampled, seed=args.seed)
        rows.append(judged(kind, motions[kind.name], losses))
    sys.stdout.write(table(rows))
    if args.plot:
        shown = demonstrations(40, torch.Generator().manual_seed(args.seed)).numpy()
        draw({"demonstrations": shown, **motions}, OBSTACLE_M, args.plot)
    if args.out:
        args.out.write_text(json.dumps({"options": _plain(args.steps, args.seed), "rows": rows}))
    return 0


def _plain(steps: int, seed: int) -> dict[str, Any]:
    return {"steps": steps, "seed": seed, "kinds": [asdict(kind) for kind in KINDS]}
