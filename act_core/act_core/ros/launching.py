# SPDX-License-Identifier: Apache-2.0
"""What the launch files share; needs `launch`, which PyPI lacks, and which no node imports."""

from launch import LaunchContext
from launch.actions import Shutdown
from launch.events.process import ProcessExited

# Of a process that was asked to end: by our own signal handling, and by Python's.
_INTERRUPTED = (130, -2)


def end_all(event: ProcessExited, context: LaunchContext) -> list[Shutdown] | None:
    """Bring the whole launch down when a process ends, as a node's `on_exit`.

    Raises:
        RuntimeError: the process failed; launch logs this in one line, ends the other processes
            and exits with status 1, where Shutdown alone would have it exit with 0.
    """
    if context.is_shutdown:
        return None
    if event.returncode and event.returncode not in _INTERRUPTED:
        raise RuntimeError(
            f"{event.process_name} ended with status {event.returncode}, its output says why"
        )
    return [Shutdown(reason=f"{event.process_name} has ended")]
