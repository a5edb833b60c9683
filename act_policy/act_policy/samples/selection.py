# SPDX-License-Identifier: Apache-2.0
"""Which of the recorded episodes, and which of their rows, are trained on."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator
from pydantic.dataclasses import dataclass

from act_core.checked import CHECKED, Names, unique
from act_core.episode.meta import EpisodeMeta
from act_policy.errors import DatasetError

UNJUDGED, UNKNOWN = "unjudged", "unknown"
Verdicts = Annotated[tuple[Literal["success", "failure", "unjudged"], ...], AfterValidator(unique)]


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class Selection:
    """What to train on; what is empty leaves nothing out.

    Attributes:
        verdicts: episodes judged so: `success`, `failure`, or `unjudged`.
        labels: episodes that have at least one of these labels.
        without_labels: episodes that have none of these.
        tasks: episodes of these tasks.
        sources: rows that were commanded by these, for example `teleop` for what an operator
            did who took over from a policy; `unknown` where the file does not say. Chunks begin
            at such rows, and end with them.
    """

    verdicts: Verdicts = ()
    labels: Names = ()
    without_labels: Names = ()
    tasks: Names = ()
    sources: Names = ()

    def rows(self, sources: Sequence[str]) -> NDArray[np.bool_]:
        """Return (T,) which rows of an episode are trained on, by who commanded each."""
        if not self.sources:
            return np.ones(len(sources), dtype=np.bool_)
        return np.array([(source or UNKNOWN) in self.sources for source in sources], np.bool_)


_WORDS: Mapping[str, Callable[[EpisodeMeta], tuple[str, ...]]] = {
    "verdict": lambda meta: (meta.verdict or UNJUDGED,),
    "label": lambda meta: meta.labels,
    "task": lambda meta: (meta.task,),
}


def choose_episodes(
    described: Mapping[Path, EpisodeMeta], selection: Selection
) -> tuple[list[Path], list[str]]:
    """Return the episodes that `selection` leaves, in their order, and what to tell of it.

    Raises:
        DatasetError: no episode has what is asked for, or none is left; says what there is.
    """
    left_out: dict[str, set[Path]] = {}
    for kind, words_of in _WORDS.items():
        wanted = getattr(selection, f"{kind}s")
        check_there(
            kind, wanted, Counter(w for meta in described.values() for w in words_of(meta))
        )
        if wanted:
            left_out[f"{kind}s"] = {
                path for path, meta in described.items() if not set(words_of(meta)) & set(wanted)
            }
    unwanted = set(selection.without_labels)
    if unwanted:
        left_out["without_labels"] = {
            path for path, meta in described.items() if unwanted & set(meta.labels)
        }
    chosen = [path for path in described if not any(path in out for out in left_out.values())]
    counts = ", ".join(f"{len(out)} by {name}" for name, out in left_out.items() if out)
    if not chosen:
        raise DatasetError(
            f"select leaves none of the {len(described)} episodes: out are {counts}"
        )
    note = f"{len(chosen)} of {len(described)} episodes are selected; out are {counts}"
    return chosen, [note] if len(chosen) < len(described) else []


def check_there(
    kind: str, wanted: Iterable[str], there: Counter[str], holder: str = "episode"
) -> None:
    """Check that each wanted word is there.

    Args:
        kind: of word: label, task, ….
        wanted: words.
        there: those there are, counted.
        holder: what has them.

    Raises:
        DatasetError: one is not; lists those there are.
    """
    for word in wanted:
        if word not in there:
            counts = (f"{name or '(empty)'} ({count})" for name, count in there.most_common())
            known = ", ".join(counts) or "(none)"
            raise DatasetError(f"no {holder} has {kind} '{word}'; {kind}s there: {known}")
