# SPDX-License-Identifier: Apache-2.0
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from act_policy.inference.wire import (
    CHUNK,
    FAULT,
    READY,
    Reply,
    pack_reply,
    pack_request,
    unpack_reply,
    unpack_request,
)

stamps = st.integers(0, 2**63 - 1)


@given(
    stamps,
    arrays(np.float64, st.integers(0, 20), elements=st.floats()),
    arrays(np.float64, st.tuples(st.integers(0, 5), st.integers(0, 5)), elements=st.floats()),
)
def test_request_comes_back_as_it_went(stamp_ns, positions, prefix):
    stamp, values, known = unpack_request(pack_request(stamp_ns, positions, prefix))
    assert stamp == stamp_ns
    np.testing.assert_array_equal(values, positions)
    np.testing.assert_array_equal(known, prefix)


@given(
    stamps,
    st.floats(0, 1e6),
    arrays(np.float32, array_shapes(min_dims=2, max_dims=2), elements=st.floats(width=32)),
)
def test_chunk_comes_back_as_it_went(stamp_ns, duration_s, chunk):
    reply = unpack_reply(pack_reply(Reply(CHUNK, stamp_ns, duration_s, chunk)))
    assert (reply.code, reply.stamp_ns, reply.duration_s) == (CHUNK, stamp_ns, duration_s)
    assert reply.chunk.dtype == np.float32
    np.testing.assert_array_equal(reply.chunk, chunk)


@given(st.sampled_from([READY, FAULT]), st.text(max_size=20))
def test_text_comes_back_as_it_went(code, text):
    reply = unpack_reply(pack_reply(Reply(code, text=text)))
    assert (reply.code, reply.text, reply.chunk) == (code, text, None)


def test_transposed_chunk_keeps_its_rows():
    chunk = np.arange(6, dtype=np.float32).reshape(2, 3).T
    np.testing.assert_array_equal(unpack_reply(pack_reply(Reply(CHUNK, chunk=chunk))).chunk, chunk)
