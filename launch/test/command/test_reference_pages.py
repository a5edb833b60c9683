# SPDX-License-Identifier: Apache-2.0
"""The reference page lists what the code declares."""

import re
from pathlib import Path

import pytest

from act_bringup.reference_pages import NODES, PAGES

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", PAGES)
def test_page_is_up_to_date(name: str) -> None:
    page = ROOT / "docs" / "reference" / name
    assert page.read_text() == PAGES[name](), (
        "run: python3 -m act_bringup.reference_pages docs/reference"
    )


def test_every_node_is_listed() -> None:
    listed = {(package, executable) for package, executable, _, _ in NODES}
    found = set()
    for table in ROOT.glob("act_*/act_*/executables.py"):
        for executable, module in re.findall(r'(\w+) = executable\("([\w.]+)"', table.read_text()):
            source = table.parents[1] / f"{module.replace('.', '/')}.py"
            if "declare(" in source.read_text():
                found.add((table.parent.name, executable))
    assert found == listed
