# SPDX-License-Identifier: Apache-2.0
"""A study that goes on, and one whose file is of something else."""

from pathlib import Path

import pytest

from act_bringup.studies.kept_rows import KeptRows, Row
from act_core.errors import ActError


def place(row: Row) -> int:
    return int(row["step"])


def test_rows_come_back_in_order_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "new" / "study.json"
    for step in (3, 1, 2):
        KeptRows(file, {"task": "insertion", "episodes": 5}, place).add({"step": step})
    assert [r["step"] for r in KeptRows(file, {"task": "insertion"}, place).rows] == [1, 2, 3]
    assert [path.name for path in file.parent.iterdir()] == ["study.json"]


def test_rows_of_something_else_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "study.json"
    KeptRows(file, {"task": "insertion", "episodes": 5}, place).add({"step": 1})
    with pytest.raises(ActError) as caught:
        KeptRows(file, {"task": "transfer_cube", "episodes": 20, "engine": "torch"}, place)
    assert str(caught.value) == (
        f"'{file}' is of task insertion, not transfer_cube; episodes 5, not 20; engine (none), "
        "not torch; name another file, --out"
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"subject": {}, "rows": [{"other": 1}]}'])
def test_what_is_no_study_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "study.json"
    file.write_text(text)
    with pytest.raises(ActError, match="has no rows of this study"):
        KeptRows(file, {}, place)


def test_without_a_file_rows_are_kept_for_the_run_alone(tmp_path: Path) -> None:
    rows = KeptRows(None, {}, place)
    rows.add({"step": 2})
    rows.add({"step": 1})
    assert rows.rows == [{"step": 1}, {"step": 2}]
    assert list(tmp_path.iterdir()) == []
