# SPDX-License-Identifier: Apache-2.0
"""Verb `study`: comparisons over many rollouts."""

import sys
from collections.abc import Sequence
from importlib import import_module

from act_core.system.command_line import choose

STUDIES = {
    "modes": ("act_bringup.studies.execution_modes", "each way of executing a policy's chunks"),
    "compare": ("act_bringup.studies.compare", "two checkpoints on the same seeds"),
    "steps": ("act_bringup.studies.training_steps", "a training run, checkpoint by checkpoint"),
    "open_loop": ("act_bringup.studies.open_loop", "predicted against recorded actions"),
    "chunk_size": ("act_bringup.studies.sweeps.chunk_size", "trainings of other chunk sizes"),
    "kl_weight": (
        "act_bringup.studies.sweeps.kl_weight",
        "trainings of other KL weights",
    ),
    "data": ("act_bringup.studies.sweeps.data", "trainings on other demonstrations"),
    "realtime": ("act_bringup.studies.real_time", "what sensors and slow inference cost, driving"),
    "two_modes": ("act_bringup.studies.two_modes", "one observation, two right motions"),
    "judge": ("act_bringup.studies.gym_aloha", "the simulator against gym-aloha's environment"),
}


def main(words: Sequence[str]) -> int:
    """Run `act study STUDY …`; return its exit status."""
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write("usage: act study STUDY [OPTIONS]\n\n")
        sys.stdout.write("".join(f"  {name:10} {text}\n" for name, (_, text) in STUDIES.items()))
        return 0
    module, _ = STUDIES[choose(words[0], STUDIES, "study")]
    status: int = import_module(module).main(words[1:])
    return status
