# SPDX-License-Identifier: Apache-2.0
import json

from act_policy.driving.command_loop import State
from act_policy.driving.run_record import MOST_REASONS, RunRecord, in_words


def _drive(record: RunRecord, times_s: list[float]) -> None:
    for now_s in times_s:
        record.entered(State.DRIVING, "", now_s)
        record.sent(now_s, chunk_age_s=0.1, spread=0.01)


def test_a_run_with_a_late_command_and_a_hold():
    record = RunRecord(0.02, now_s=100.0)
    _drive(record, [101.0, 101.02, 101.04, 101.1, 101.12])  # two ticks left out
    record.inferred(0.05)
    record.inferred(0.07)
    record.rejected()
    record.entered(State.HOLDING, "camera 'top' is lost", 101.5)
    record.entered(State.HOLDING, "camera 'top' is still lost", 102.0)  # the same hold
    record.entered(State.WAITING, "", 103.5)
    _drive(record, [103.6, 103.62])
    report = record.report(now_s=104.0)
    assert json.loads(json.dumps(report)) == {
        "duration_s": 4.0, "driving_s": 0.9, "commands": 7, "rate_hz": 35.7,
        "late_commands": 1, "missed_ticks": 2, "longest_gap_ms": 60.0,
        "predictions": 2, "inference_p50_ms": 60.0, "inference_p95_ms": 69.0,
        "chunk_age_p50_ms": 100.0, "chunk_age_p95_ms": 100.0, "largest_spread": 0.01,
        "rejected": 1,
        "holds": [{"reason": "camera 'top' is lost", "times": 1, "seconds": 2.0}],
    }  # fmt: skip
    assert in_words(report).splitlines() == [
        "run of 4.0 s, 0.9 s of it driving",
        "  commands: 7 at 35.7 Hz, 1 late, 2 ticks missed, longest gap 60 ms",
        "  chunk age: p50 100 ms, p95 100 ms; chunks disagree by 0.01 rad or gripper opening "
        "at most",
        "  predictions: 2, p50 60 ms, p95 69 ms",
        "  refused: 1 observations or predictions",
        "  held 1 times, 2.0 s: camera 'top' is lost",
    ]


def test_a_report_in_the_middle_of_a_run_counts_nothing_twice():
    record = RunRecord(0.02, now_s=0.0)
    _drive(record, [1.0, 1.02])
    record.entered(State.PAUSED, "as asked", 2.0)
    assert record.report(3.0)["holds"] == [{"reason": "as asked", "times": 1, "seconds": 1.0}]
    report = record.report(4.0)
    assert report["holds"] == [{"reason": "as asked", "times": 1, "seconds": 2.0}]
    assert report["driving_s"] == 1.0


def test_without_a_clock_nothing_is_late_and_without_commands_nothing_is_told_of_them():
    record = RunRecord(0.0, now_s=0.0)
    assert in_words(record.report(1.0)) == "run of 1.0 s, 0.0 s of it driving"
    _drive(record, [1.0, 5.0])
    report = record.report(6.0)
    assert (report["late_commands"], report["missed_ticks"]) == (None, None)
    assert "late" not in in_words(report)


def test_reasons_beyond_a_number_are_put_together():
    record = RunRecord(0.02, now_s=0.0)
    for i in range(MOST_REASONS + 5):
        record.entered(State.HOLDING, f"reason {i}", float(i))
        record.entered(State.WAITING, "", i + 0.5)
    holds = record.report(100.0)["holds"]
    assert len(holds) == MOST_REASONS + 1
    assert holds[-1] == {"reason": "other reasons", "times": 5, "seconds": 2.5}
