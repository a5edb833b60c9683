# SPDX-License-Identifier: Apache-2.0
"""Do the stamps of an episode tell one time, at the rate that it names?"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from act_core.episode.checks.finding import Check, Finding
from act_core.episode.checks.rows import Rows

# Commands further apart than this are two motions: nothing is known of what lay between, and
# training cuts its chunks there.
MAX_GAP_TICKS = 10
_RATE_PART = 0.1
_SKIPPED_PART = 0.05
_SKEW_S = 0.2  # the recorder's max_skew_s
_ANOTHER_CLOCK_S = 1.0
_OLD_COMMAND_S = 0.1
_PART = 0.05
_STALE_PART = 0.5

BACK = Check(
    "time-goes-back", "error",
    "Stamps of rows, joints, actions or images decrease: a clock was set, or rows were mixed up.",
    "there is no motion to learn from it: take the episode out",
)  # fmt: skip
TWO_CLOCKS = Check(
    "two-clocks", "error",
    f"Joints and actions are stamped more than {MAX_GAP_TICKS} control ticks apart, or joints and "
    f"images more than {_ANOTHER_CLOCK_S:g} s, in more than half of the rows.",
    "synchronise the machines' clocks (chrony) and record again",
)  # fmt: skip
RATE = Check(
    "wrong-rate", "warning",
    f"The rows' median distance is more than {_RATE_PART:.0%} away from the rate in the file. "
    "Training goes by the stamps; other software believes the rate.",
    "look at the load of the recording machine, or correct the rate when converting",
)  # fmt: skip
GAPS = Check(
    "gap", "warning",
    f"Two rows are more than {MAX_GAP_TICKS} control ticks apart: training takes what is before "
    "and after for two motions.",
    "find what was late (/meta skipped_reason); split or record again",
)  # fmt: skip
SKIPPED = Check(
    "skipped-ticks", "warning",
    f"More than {_SKIPPED_PART:.0%} of the control ticks have no row.",
    "find what was late (/meta skipped_reason): the machine's load, a camera, the network",
)  # fmt: skip
SKEW = Check(
    "camera-skew", "warning",
    f"In more than {_PART:.0%} of the rows a camera's image was taken more than {_SKEW_S:g} s "
    "before or after the joints were measured (the recorder's own default for max_skew_s).",
    "look at the camera's rate, exposure and transport",
)  # fmt: skip
STALE = Check(
    "stale-joints", "warning",
    f"More than {_STALE_PART:.0%} of the rows hold the joint sample of the row before: the "
    "driver is slower than half the control rate.",
    "raise the driver's rate, or record at a lower one",
)  # fmt: skip
LEADER_LAG = Check(
    "leader-lag", "warning",
    f"In more than {_PART:.0%} of the rows the command is more than {_OLD_COMMAND_S:g} s older "
    "than the joints: leader, teleoperation or policy were late.",
    "look at the leader's rate and at the load of the machine that commands",
)  # fmt: skip
CHECKS = (BACK, TWO_CLOCKS, RATE, GAPS, SKIPPED, SKEW, STALE, LEADER_LAG)


def time_findings(rows: Rows) -> Iterator[Finding]:
    """Give what is wrong with the stamps of an episode that has rows."""
    if not rows.has_stamps or len(rows) < 2:  # noqa: PLR2004
        return
    back = list(_going_back(rows))
    yield from back
    apart = list(_clocks(rows))
    yield from apart
    if not back:
        yield from _ticks(rows)
    if not back and not apart:
        yield from _ages(rows)


def _going_back(rows: Rows) -> Iterator[Finding]:
    named = {"rows": rows.row_ns, "joints": rows.joint_ns, "actions": rows.action_ns}
    named |= {f"images of '{camera}'": ns for camera, ns in rows.image_ns.items()}
    for name, stamps_ns in named.items():
        steps_ns = np.diff(stamps_ns)
        if steps_ns.min() < 0:
            row = int(np.argmax(steps_ns < 0))
            yield BACK.found(
                f"{name}: row {row + 1} is stamped {-steps_ns[row] / 1e9:.3f} s before row {row}; "
                f"{int((steps_ns < 0).sum())} such steps"
            )


def _clocks(rows: Rows) -> Iterator[Finding]:
    limit_s = MAX_GAP_TICKS * rows.period_s
    named = {"actions": (rows.action_ns, limit_s)}
    named |= {f"images of '{c}'": (ns, _ANOTHER_CLOCK_S) for c, ns in rows.image_ns.items()}
    for name, (stamps_ns, limit_s) in named.items():
        apart_s = _median_s(stamps_ns, rows.joint_ns)
        if abs(apart_s) > limit_s:
            side = "after" if apart_s > 0 else "before"
            yield TWO_CLOCKS.found(
                f"{name} are stamped {abs(apart_s):.3f} s {side} the joints (limit {limit_s:g} s)"
            )


def _median_s(stamps_ns: NDArray[np.int64], others_ns: NDArray[np.int64]) -> float:
    # As floats: a damaged stamp may be anywhere in 64 bits.
    return float(np.median(stamps_ns.astype(np.float64) - others_ns.astype(np.float64))) / 1e9


def _ticks(rows: Rows) -> Iterator[Finding]:
    steps_s = np.diff(rows.row_ns) / 1e9
    typical_s = float(np.median(steps_s))
    if abs(typical_s - rows.period_s) > _RATE_PART * rows.period_s:
        rate_hz = 1 / typical_s if typical_s else np.inf
        yield RATE.found(f"rows come at {rate_hz:.1f} Hz, the file says {rows.meta.rate_hz:g} Hz")
        return
    wide = np.flatnonzero(steps_s > MAX_GAP_TICKS * rows.period_s)
    if len(wide):
        row = int(wide[np.argmax(steps_s[wide])])
        yield GAPS.found(
            f"{len(wide)} gaps of more than {MAX_GAP_TICKS * rows.period_s:g} s, the longest "
            f"{steps_s[row]:.2f} s after row {row}"
        )
    ticks = round(float(steps_s.sum()) / rows.period_s) + 1
    skipped = ticks - len(rows)
    if skipped > _SKIPPED_PART * ticks:
        reason = f", most of them since {r}" if (r := rows.meta.skipped_reason) else ""
        yield SKIPPED.found(f"{skipped} of {ticks} control ticks have no row{reason}")


def _ages(rows: Rows) -> Iterator[Finding]:
    for camera, stamps_ns in rows.image_ns.items():
        skew_s = np.abs(stamps_ns - rows.joint_ns) / 1e9
        many = float((skew_s > _SKEW_S).mean())
        if many > _PART:
            yield SKEW.found(
                f"camera '{camera}': {many:.0%} of the rows, {skew_s.max():.2f} s at most"
            )
    stale = float((np.diff(rows.joint_ns) == 0).mean())
    if stale > _STALE_PART:
        yield STALE.found(f"{stale:.0%} of the rows")
    late_s = (rows.joint_ns - rows.action_ns) / 1e9
    many = float((late_s > _OLD_COMMAND_S).mean())
    if many > _PART:
        yield LEADER_LAG.found(f"{many:.0%} of the rows, {late_s.max():.2f} s at most")
