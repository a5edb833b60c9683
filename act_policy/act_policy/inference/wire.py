# SPDX-License-Identifier: Apache-2.0
"""What the policy node and its inference worker say to each other: bytes, no pickle.

A request is a stamp, the positions and the known actions; its images lie in memory that both
processes map.
A reply is READY with a description, CHUNK with a prediction, FAULT with a text, or NOTE or
WARNING with one for the log.
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

READY, CHUNK, FAULT, NOTE, WARNING = range(5)
_REQUEST = struct.Struct("<qII")
_REPLY = struct.Struct("<BqdII")


@dataclass(frozen=True)
class Reply:
    """One message of the worker.

    Attributes:
        code: READY, CHUNK, FAULT, NOTE or WARNING.
        stamp_ns: of the observation, for CHUNK.
        duration_s: of the inference, for CHUNK.
        chunk: (K, D) float32 for CHUNK, else empty.
        text: description (JSON) for READY; what there is to say for FAULT, NOTE and WARNING.
    """

    code: int
    stamp_ns: int = 0
    duration_s: float = 0.0
    chunk: NDArray[np.float32] | None = None
    text: str = ""


def pack_request(
    stamp_ns: int, positions: NDArray[np.float64], prefix: NDArray[np.float64]
) -> bytes:
    """Return a request for the observation of `stamp_ns`; `prefix` is (p, A)."""
    head = _REQUEST.pack(stamp_ns, *prefix.shape)
    return head + b"".join(np.asarray(a, dtype="<f8").tobytes() for a in (prefix, positions))


def unpack_request(data: bytes) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
    """Return stamp, (S,) positions and (p, A) known actions of a request."""
    stamp_ns, rows, columns = _REQUEST.unpack_from(data)
    numbers = np.frombuffer(data, "<f8", offset=_REQUEST.size)
    return stamp_ns, numbers[rows * columns :], numbers[: rows * columns].reshape(rows, columns)


def pack_reply(reply: Reply) -> bytes:
    """Return `reply` as bytes."""
    chunk = reply.chunk
    rows, columns = (0, 0) if chunk is None else chunk.shape
    body = reply.text.encode() if chunk is None else chunk.astype("<f4").tobytes()
    head = _REPLY.pack(reply.code, reply.stamp_ns, reply.duration_s, rows, columns)
    return head + body


def unpack_reply(data: bytes) -> Reply:
    """Return the reply that `data` holds."""
    code, stamp_ns, duration_s, rows, columns = _REPLY.unpack_from(data)
    body = data[_REPLY.size :]
    if code != CHUNK:
        return Reply(code, text=body.decode())
    chunk = np.frombuffer(body, "<f4").reshape(rows, columns)
    return Reply(code, stamp_ns, duration_s, chunk)
