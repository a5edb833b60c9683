# SPDX-License-Identifier: Apache-2.0
"""The policy node's side of the inference worker: one request at a time, newest wins."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_core.observation import Observation
from act_policy.errors import InferenceError
from act_policy.inference.engine_names import EXACT
from act_policy.inference.shared_images import SharedImages
from act_policy.inference.wire import (
    CHUNK,
    NOTE,
    READY,
    WARNING,
    Reply,
    pack_request,
    unpack_reply,
)  # fmt: skip
from act_policy.inference.worker_process import take_worker
from act_policy.model.act_config import ACTConfig

END_S = 2.0
NOTHING_KNOWN = np.zeros((0, 0))


@dataclass(frozen=True)
class InferenceOptions:
    """How the worker predicts.

    Attributes:
        device: cpu or cuda.
        num_threads: threads of the engine.
        engine: one of engine_names.ENGINES.
        tolerance: by how much it may differ from torch's float32, rad or gripper opening.
        least_s: that a prediction takes, as on a slower computer.
    """

    device: str = "cpu"
    num_threads: int = 1
    engine: str = EXACT
    tolerance: float = 0.0
    least_s: float = 0.0


class InferenceClient:
    """Starts the worker process, hands it observations, hears its death.

    The worker loads in the background until `wait_ready`.

    Args:
        checkpoint: folder that the worker loads.
        config: of that checkpoint, for the size of the shared images.
        options: how it predicts.
        on_reply: called from a thread of this object when `take` has something new.
    """

    def __init__(
        self,
        checkpoint: Path,
        config: ACTConfig,
        options: InferenceOptions = InferenceOptions(),  # noqa: B008 # frozen
        *,
        on_reply: Callable[[], None] = lambda: None,
    ) -> None:
        self.description: dict[str, Any] = {}
        worker = take_worker()
        self._process, self._connection = worker.popen, worker.connection
        self._images = SharedImages(config, worker.images)
        os.close(worker.images)
        job = {"checkpoint": str(checkpoint), **asdict(options)}
        with suppress(BrokenPipeError):  # who is gone is noticed by the listening thread
            self._connection.send_bytes(json.dumps(job).encode())
        self._busy_since_s: float | None = None
        self._next: tuple[Observation, NDArray[np.float64]] | None = None
        self._replies: list[Reply] = []
        self._fault = ""
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._on_reply = on_reply
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def wait_ready(self, limit_s: float) -> None:
        """Wait until the worker has loaded and warmed up.

        Raises:
            InferenceError: it reported a fault, died, or needs longer than `limit_s`.
        """
        if not self._ready.wait(limit_s):
            raise InferenceError(f"the inference worker was not ready after {limit_s:g} s")
        self.check()

    @property
    def waiting_s(self) -> float:
        """How long the present request has been under way, 0 without one."""
        since_s = self._busy_since_s
        return 0.0 if since_s is None else time.monotonic() - since_s

    def check(self) -> None:
        """Raise InferenceError if the worker reported a fault or is gone."""
        if self._fault:
            raise InferenceError(self._fault)

    def request(
        self, observation: Observation, prefix: NDArray[np.float64] = NOTHING_KNOWN
    ) -> None:
        """Ask for a prediction; while another is under way, the newest request waits for it.

        `prefix` (p, A): see `NetworkPolicy.predict_chunk`.

        When the worker is gone nothing happens: `check` tells.
        """
        with self._lock:
            if self._busy_since_s is None:
                self._send(observation, prefix)
            else:
                self._next = observation, prefix

    def _send(self, observation: Observation, prefix: NDArray[np.float64]) -> None:
        self._images.write(observation.images)
        self._busy_since_s = time.monotonic()
        request = pack_request(observation.stamp_ns, observation.joints.positions, prefix)
        # A worker that is gone is noticed, and named, by the listening thread.
        with suppress(BrokenPipeError):
            self._connection.send_bytes(request)

    def take(self) -> list[Reply]:
        """Return the predictions, notes and warnings that came since the last call."""
        with self._lock:
            replies, self._replies = self._replies, []
        return replies

    def close(self) -> None:
        """End the worker; it ends by itself when this process does."""
        self._on_reply = lambda: None
        self._process.terminate()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:  # stopped by a signal, or stuck in a driver
            self._process.kill()
            self._process.wait()
        self._thread.join()
        self._connection.close()

    def _listen(self) -> None:
        while True:
            try:
                reply = unpack_reply(self._connection.recv_bytes())
            except (EOFError, OSError):
                self._fault = self._fault or self._obituary()
                break
            if reply.code == CHUNK:
                self._on_chunk(reply)
            elif reply.code in (NOTE, WARNING):
                with self._lock:
                    self._replies.append(reply)
            elif reply.code == READY:
                self.description = json.loads(reply.text)
                self._ready.set()
            else:
                self._fault = reply.text
                break
            self._on_reply()
        self._ready.set()
        self._on_reply()

    def _on_chunk(self, reply: Reply) -> None:
        with self._lock:
            self._replies.append(reply)
            self._busy_since_s = None
            following, self._next = self._next, None
            if following is not None:
                self._send(*following)

    def _obituary(self) -> str:
        status = self._process.wait()
        return f"the inference worker (pid {self._process.pid}) is gone, exit status {status}"
