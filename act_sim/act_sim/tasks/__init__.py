# SPDX-License-Identifier: Apache-2.0
"""The tasks: what lies on the table, where it may start, and when it is done."""

from act_sim.tasks.insertion import INSERTION
from act_sim.tasks.task import Contacts, Task, task_named
from act_sim.tasks.transfer_cube import TRANSFER_CUBE

TASKS: dict[str, Task] = {task.name: task for task in (TRANSFER_CUBE, INSERTION)}

__all__ = ["INSERTION", "TASKS", "TRANSFER_CUBE", "Contacts", "Task", "task_named"]
