# SPDX-License-Identifier: Apache-2.0
"""The reference page lists what the code declares."""

from pathlib import Path

from act_bringup.parameter_reference import NODES, page

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "parameters.md"


def test_page_is_up_to_date() -> None:
    if not PAGE.exists():  # an installed package without the repository around it
        raise AssertionError(f"{PAGE} is missing")
    assert PAGE.read_text() == page(), (
        "run: python3 -m act_bringup.parameter_reference > docs/reference/parameters.md"
    )


def test_every_node_is_listed() -> None:
    listed = {(package, executable) for package, executable, _, _ in NODES}
    for setup in (Path(__file__).parents[3]).glob("act_*/setup.py"):
        package = setup.parent.name
        for line in setup.read_text().splitlines():
            executable, _, target = line.strip().strip('",').partition(" = ")
            module, colon, _ = target.partition(":main")
            if not colon:
                continue
            source = setup.parent / f"{module.replace('.', '/')}.py"
            if "declare(" in source.read_text():
                assert (package, executable) in listed
