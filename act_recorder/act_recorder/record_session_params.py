# SPDX-License-Identifier: Apache-2.0
"""Parameters of a recording session."""

from dataclasses import dataclass

from act_core.system.declaration import param


@dataclass(frozen=True)
class RecordParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    dataset_dir: str = param("data/episodes", "The recorder's folder; seeds in it are skipped.")
    task: str = param("transfer_cube", "Task of the scene.")
    episodes: int = param(
        50, "How many episodes to have from first_seed on; those that are there count.", low=1
    )
    first_seed: int = param(0, "Seed of the first episode; the next ones follow.", low=0)
    disturbance: float = param(
        0.0, "Random motion added to arm commands; 1 = the documented size.", low=0.0, high=10.0
    )
    only_successful: bool = param(True, "Drop episodes whose success was not held to the end.")
    wait_s: float = param(
        60.0, "How long to wait for simulator and recorder at the start, s.", low=1.0, high=600.0
    )
    episode_timeout_s: float = param(
        300.0, "Longest an episode may take on the wall clock, s.", low=1.0
    )
