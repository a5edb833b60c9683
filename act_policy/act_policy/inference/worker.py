# SPDX-License-Identifier: Apache-2.0
"""The process that runs the network, apart from the one that must publish on time.

Torch in a thread of the node's process cost gaps of 133 ms at 50 Hz; in a process of its own
with one thread the worst gap was 23 ms (measured on two cores).
"""

import argparse
import json
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_core.errors import ActError
from act_policy.errors import CheckpointError
from act_policy.inference.network_policy import NetworkPolicy
from act_policy.inference.shared_images import SharedImages
from act_policy.inference.wire import (
    CHUNK,
    FAULT,
    NOTE,
    READY,
    WARNING,
    Reply,
    pack_reply,
    unpack_request,
)  # fmt: skip

WARM_UP_RUNS = 2


def serve(
    policy: NetworkPolicy,
    connection: Connection,
    images: dict[str, NDArray[np.uint8]],
    tolerance: float,
    least_s: float = 0.0,
) -> None:
    """Answer requests until the other side is gone; say at the first what the engine is worth."""
    checked = False
    while True:
        try:
            stamp_ns, positions, prefix = unpack_request(connection.recv_bytes())
        except (EOFError, OSError):  # closed in order, or reset by a kill
            return
        try:
            if not checked:
                checked = tell_difference(policy, connection, positions, images, tolerance)
            started_s = time.perf_counter()
            chunk = policy.predict_chunk(positions, images, prefix)
            time.sleep(max(0.0, least_s - (time.perf_counter() - started_s)))
            reply = Reply(CHUNK, stamp_ns, time.perf_counter() - started_s, chunk)
        except (ActError, RuntimeError) as error:  # RuntimeError: torch, out of memory included
            reply = Reply(FAULT, text=f"inference failed: {error}")
        if not send(connection, reply):
            return


def tell_difference(
    policy: NetworkPolicy,
    connection: Connection,
    positions: NDArray[np.float64],
    images: dict[str, NDArray[np.uint8]],
    tolerance: float,
) -> bool:
    """Compare the engine with torch on this observation, and say the difference; return True."""
    name = policy.engine
    difference = policy.check_engine(positions, images, tolerance)
    if difference is not None:
        text = f"engine {name} differs from torch's float32 by {difference:.2g} at most"
        code = NOTE
        if policy.engine != name:
            code = WARNING
            text += f", more than engine_tolerance {tolerance:g}: torch takes over"
        send(connection, Reply(code, text=f"{text} (first observation, rad or gripper opening)"))
    return True


def send(connection: Connection, reply: Reply) -> bool:
    """Send; False when the other side is gone."""
    try:
        connection.send_bytes(pack_reply(reply))
    except BrokenPipeError:
        return False
    return True


def main() -> None:
    """Hear what to load, load, warm up, report, serve."""
    parser = argparse.ArgumentParser(description="Inference process of the policy node.")
    parser.add_argument("connection", type=int, help="inherited descriptor")
    parser.add_argument("images", type=int, help="inherited descriptor")
    args = parser.parse_args()
    connection = Connection(args.connection)
    try:
        job = json.loads(connection.recv_bytes())
    except (EOFError, OSError):  # nobody wanted it
        return
    try:
        policy = NetworkPolicy.load(
            Path(job["checkpoint"]), job["device"], job["num_threads"], job["engine"]
        )
        positions, example = policy.example_observation()
        for _ in range(WARM_UP_RUNS):
            policy.predict_chunk(positions, example)
        if not policy.predicts_finite():
            raise CheckpointError("the network predicts values that are not finite")
        images = SharedImages(policy.config, args.images).by_camera
    except (ActError, RuntimeError, MemoryError) as error:
        send(connection, Reply(FAULT, text=" ".join(str(error).split())))
        return
    if send(connection, Reply(READY, text=json.dumps(policy.describe()))):
        serve(policy, connection, images, job["tolerance"], job["least_s"])


if __name__ == "__main__":
    main()
