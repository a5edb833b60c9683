# SPDX-License-Identifier: Apache-2.0
"""Parameters of a recording session with an operator."""

from dataclasses import dataclass

from act_core.system.declaration import param


@dataclass(frozen=True)
class SessionParams:
    """See each field's description; `docs/reference/parameters.md` lists them.

    Two buttons may be one: it does what is possible then, start before all others.
    """

    dataset_dir: str = param(
        "data/episodes", "The recorder's folder; episodes of the task in it count."
    )
    task: str = param("", "What is done, written to each file.")
    episodes: int = param(
        50, "How many episodes of the task to have in the folder; those that are there count.",
        low=1,
    )  # fmt: skip
    max_frames: int = param(
        0, "Rows after which an episode ends by itself; 0: the recorder's max_frames.", low=0
    )
    countdown_s: float = param(3.0, "From start to the first row, s.", low=0.0, high=600.0)
    reset_s: float = param(
        0.0, "Time to make the scene ready, after which the next countdown begins by itself, s; "
        "0: when start comes.", low=0.0, high=3600.0,
    )  # fmt: skip
    only_successful: bool = param(
        False, "Delete what is judged a failure; each episode then has to be judged."
    )
    sim: bool = param(
        False, "Reset the simulator's scene as each episode begins, with the next seed."
    )
    first_seed: int = param(0, "In simulation: seed of the first episode.", low=0)
    disturbance: float = param(
        0.0, "In simulation: random motion added to arm commands; 1 = the documented size.",
        low=0.0, high=10.0,
    )  # fmt: skip
    start_button: int = param(
        -1, "Index of the joy button or pedal that starts the countdown; -1 for none.",
        low=-1, high=63,
    )  # fmt: skip
    end_button: int = param(-1, "… that ends the episode without a verdict.", low=-1, high=63)
    success_button: int = param(
        -1, "… that ends it as a success, or judges the last one.", low=-1, high=63
    )
    failure_button: int = param(
        -1, "… that ends it as a failure, or judges the last one.", low=-1, high=63
    )
    discard_button: int = param(
        -1, "… that ends and drops it, or drops the last one.", low=-1, high=63
    )
    re_record_button: int = param(
        -1, "… that drops it, or the last one, and starts the next countdown.", low=-1, high=63
    )
    pause_button: int = param(
        -1, "… that stops countdown and reset phase, or waits after the episode.", low=-1, high=63
    )
    quit_button: int = param(
        -1, "… that ends the session, after the episode in progress.", low=-1, high=63
    )
    wait_s: float = param(
        60.0, "How long to wait for the recorder at the start, s.", low=1.0, high=600.0
    )
