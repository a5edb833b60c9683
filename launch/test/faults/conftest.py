# SPDX-License-Identifier: Apache-2.0
"""A cell for each module of fault tests; what it runs is started once."""

from collections.abc import Iterator

import pytest
from domain_coordinator import domain_id
from fault_lab.fault_cell import FaultCell
from fault_lab.live_cell import LiveCell
from processes import Processes


@pytest.fixture(scope="module")
def cell_domain() -> Iterator[int]:
    with domain_id() as number:
        yield number


@pytest.fixture(scope="module")
def cell_processes(
    tmp_path_factory: pytest.TempPathFactory, cell_domain: int
) -> Iterator[Processes]:
    started = Processes(tmp_path_factory.mktemp("cell"), cell_domain)
    yield started
    started.close()


@pytest.fixture(scope="module")
def cell_of_module(cell_domain: int) -> Iterator[FaultCell]:
    node = FaultCell(cell_domain)
    yield node
    node.close()


@pytest.fixture
def cell(cell_of_module: FaultCell) -> Iterator[FaultCell]:
    """The module's cell, mended after each test."""
    yield cell_of_module
    cell_of_module.mend()


@pytest.fixture(scope="module")
def live_cell(cell_of_module: FaultCell, cell_processes: Processes) -> LiveCell:
    return LiveCell(cell_of_module, cell_processes)


@pytest.fixture
def live(live_cell: LiveCell) -> Iterator[LiveCell]:
    """The module's recording and teleoperation, well before and after each test."""
    yield live_cell
    live_cell.settle()
