# SPDX-License-Identifier: Apache-2.0
"""What every test run of the suite shares."""

import contextlib
import importlib.util
import os
import tempfile

import pytest

_session = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Give this run, and the nodes it starts, a ROS domain and a cache of their own.

    Otherwise a second run, or a demo left running, on the same machine would answer, and the
    networks of tests would crowd those of people out.
    """
    os.environ["ACT_CACHE_DIR"] = _session.enter_context(tempfile.TemporaryDirectory())
    if "ROS_DOMAIN_ID" in os.environ or importlib.util.find_spec("domain_coordinator") is None:
        return
    import domain_coordinator  # part of ROS 2, absent where only the pure tests run

    os.environ["ROS_DOMAIN_ID"] = str(_session.enter_context(domain_coordinator.domain_id()))


def pytest_report_header(config: pytest.Config) -> str:
    """Name the domain, so that a hanging node can be looked at from outside."""
    return f"ROS_DOMAIN_ID: {os.environ.get('ROS_DOMAIN_ID', 'not set')}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Hand the domain back."""
    _session.close()
