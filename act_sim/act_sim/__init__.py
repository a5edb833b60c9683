# SPDX-License-Identifier: Apache-2.0
"""MuJoCo ALOHA cell as a ROS 2 robot: tasks, scripted demonstrator, evaluation of policies."""

from act_core.public_names import public_names

_MODULES = {
    "CellRenderer": "cell.renderer",
    "Demonstrator": "demonstrator.demonstrator",
    "GymAlohaTransferCube": "evaluation.gym_aloha_judge",
    "LocalRollout": "evaluation.local_rollout",
    "SimSession": "cell.session",
    "TASKS": "tasks",
    "Task": "tasks",
    "World": "cell.world",
    "roll_out": "evaluation.local_rollout",
    "task_named": "tasks",
}
__all__ = list(_MODULES)
__getattr__ = public_names(__name__, _MODULES)
