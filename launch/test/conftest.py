# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests that run the whole suite as processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from domain_coordinator import domain_id
from processes import Processes
from spun_node import SpunNode

from act_policy.checkpoint.find_checkpoint import find_checkpoint


@pytest.fixture
def domain() -> Iterator[int]:
    """A ROS domain that no other test uses, in which nobody speaks when the test has ended."""
    with domain_id() as number:
        yield number
        SpunNode.close_all(number)


@pytest.fixture
def processes(request: pytest.FixtureRequest, tmp_path: Path, domain: int) -> Iterator[Processes]:
    """A starter of processes in the test's domain; when it fails, they tell where they stood."""
    started = Processes(tmp_path, domain)
    failed = request.session.testsfailed
    yield started
    if request.session.testsfailed > failed:
        started.tell()
    started.close()


@pytest.fixture(scope="session")
def checkpoint() -> Path:
    """The checkpoint that the suite ships."""
    return find_checkpoint("transfer_cube")
