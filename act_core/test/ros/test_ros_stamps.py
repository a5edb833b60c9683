# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("builtin_interfaces")

from act_core.ros.messages.stamps import to_ns, to_stamp  # noqa: E402

pytestmark = pytest.mark.ros


@given(st.integers(0, 2**31 * 10**9 - 1))
def test_no_nanosecond_is_lost(time_ns):
    stamp = to_stamp(time_ns)
    assert 0 <= stamp.nanosec < 10**9
    assert to_ns(stamp) == time_ns
