# SPDX-License-Identifier: Apache-2.0
"""The fault table, its tests and its page say the same."""

import ast
import re
from pathlib import Path

import pytest
from fault_rows.fault import Fault
from fault_table import FAULTS, PAGE, SECTIONS, page

ROOT = Path(__file__).resolve().parents[3]
TESTS = list(Path(__file__).parent.glob("test_faults_*.py"))


def _codes_in(path: Path) -> set[str]:
    """Return every string in a file that is the code of a row."""
    nodes = ast.walk(ast.parse(path.read_text()))
    words = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return {w for w in words if re.fullmatch(r"[A-H]\d+[a-z]?", w)}


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run: python3 launch/test/faults/fault_table.py"


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    own = {code for code, fault in FAULTS.items() if not fault.proof}
    assert set().union(*map(_codes_in, TESTS)) == own


def test_codes_are_there_once() -> None:
    assert len(FAULTS) == sum(map(len, SECTIONS.values()))


@pytest.mark.parametrize("fault", [f for f in FAULTS.values() if f.proof], ids=lambda f: f.code)
def test_a_row_that_another_test_proves_names_it_and_its_text(fault: Fault) -> None:
    path, _, name = fault.proof.partition("::")
    text = (ROOT / path).read_text()
    assert f"def {name}(" in text
    parts = [part.strip() for part in re.split("…", fault.reads)]
    assert all(part in text.replace('"\n        "', "") for part in parts), parts
