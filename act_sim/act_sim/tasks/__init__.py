# SPDX-License-Identifier: Apache-2.0
"""The tasks: each module of this folder that has a TASK is one."""

from importlib import import_module
from pkgutil import iter_modules

from act_core.errors import suggestion
from act_sim.errors import SimError
from act_sim.tasks.task import Contacts, Task, Waypoint

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
TASKS: dict[str, Task] = {m.TASK.name: m.TASK for m in _MODULES if hasattr(m, "TASK")}


def task_named(name: str) -> Task:
    """Return the task called `name`; raises SimError listing those there are."""
    if name not in TASKS:
        raise SimError(f"no task '{name}'{suggestion(name, TASKS)}")
    return TASKS[name]


__all__ = ["TASKS", "Contacts", "Task", "Waypoint", "task_named"]
