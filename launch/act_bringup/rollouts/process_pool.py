# SPDX-License-Identifier: Apache-2.0
"""Calls spread over processes: by Ray where it is installed, over machines too; else by joblib."""

from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from typing import Any, TypeVar

import joblib

from act_core.errors import ActError

Result = TypeVar("Result")
Call = Callable[..., Result]
Arguments = Sequence[tuple[Any, ...]]


def spread(call: Call[Result], arguments: Arguments, processes: int = -1) -> Iterator[Result]:
    """Yield the result of `call` for each of `arguments`, as they come.

    Args:
        call: a function of a module, and its arguments what pickle takes.
        arguments: of the calls.
        processes: -1 for one on each core; with Ray, of all machines that it has (RAY_ADDRESS
            names the cluster; each needs this workspace, and the files, under the same paths).
            1 for this process alone.

    Raises:
        ActError: `processes` is neither; and whatever a call raises.
    """
    if processes < -1 or not processes:
        raise ActError(f"{processes} processes: expected -1 (one on each core) or 1 …")
    ray = find_spec("ray")
    if processes != 1 and ray and ray.origin:  # a folder of that name has none
        return _by_ray(call, arguments, processes)
    pool = joblib.Parallel(n_jobs=processes, return_as="generator_unordered")
    results: Iterator[Result] = pool(joblib.delayed(call)(*each) for each in arguments)
    return results


def _by_ray(call: Call[Result], arguments: Arguments, processes: int) -> Iterator[Result]:
    import ray  # noqa: PLC0415 (optional)

    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False, logging_level="error")
    cores = int(ray.cluster_resources().get("CPU", 1))
    remote = ray.remote(_called)
    started: list[Any] = []
    todo = iter(arguments)
    try:
        while True:
            free = (cores if processes < 0 else processes) - len(started)
            started += [
                remote.remote(call, each) for _, each in zip(range(free), todo, strict=False)
            ]
            if not started:
                return
            (done, *_), started = ray.wait(started)
            yield ray.get(done)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None  # its own text would be a stack
    except ray.exceptions.RayError as error:
        raise ActError(f"Ray: {error}") from error
    finally:
        for each in started:
            ray.cancel(each)


def _called(call: Call[Result], arguments: tuple[Any, ...]) -> Result:
    return call(*arguments)
