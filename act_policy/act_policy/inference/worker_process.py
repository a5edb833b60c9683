# SPDX-License-Identifier: Apache-2.0
"""The worker's process, which may be started before anybody knows what it is to load."""

import atexit
import os
import subprocess
import sys
from multiprocessing import Pipe


class WorkerProcess:
    """A worker that loads its libraries, then waits for its first message.

    Attributes:
        popen: the process; it ends by itself when the other end of `connection` does.
        connection: to it.
        images: descriptor of the memory that images go through.
    """

    def __init__(self) -> None:
        self.connection, theirs = Pipe()
        # Anonymous: the kernel frees it with the last of the two processes, however they end.
        self.images = os.memfd_create("act_policy_images")
        descriptors = theirs.fileno(), self.images
        words = [sys.executable, "-m", "act_policy.inference.worker", *map(str, descriptors)]
        # A process group of its own: Ctrl-C is for the node, which then ends its worker.
        self.popen = subprocess.Popen(words, pass_fds=descriptors, process_group=0)
        theirs.close()


_ahead: list[WorkerProcess] = []


def start_ahead() -> None:
    """Start the worker that the first `take_worker` returns.

    Torch takes longer to import than all that a node does before it knows its checkpoint.
    """
    worker = WorkerProcess()
    _ahead.append(worker)
    atexit.register(worker.popen.terminate)  # a node that is refused does not wait for torch


def take_worker() -> WorkerProcess:
    """Return a worker that nobody else has."""
    return _ahead.pop() if _ahead else WorkerProcess()
