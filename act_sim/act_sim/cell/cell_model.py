# SPDX-License-Identifier: Apache-2.0
"""The MJCF of a task's cell and where the robot's joints are in it."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec
from act_sim.errors import SimError
from act_sim.tasks import TASKS, Task

# The opposite finger of each gripper gets the mirrored value (tonyzhaozh/act sim_env.py).
MIRROR_FINGER = "right_finger"


def load_model(task: Task) -> mujoco.MjModel:
    """Load the task's MJCF, its own or one of the installed gym-aloha package.

    Raises:
        SimError: gym-aloha is not installed, or the file cannot be loaded.
    """
    path = task.model_file
    if not path.is_absolute():
        path = _gym_aloha_assets() / path
    try:
        return mujoco.MjModel.from_xml_path(str(path))
    except ValueError as error:
        raise SimError(f"MuJoCo cannot load {path}: {error}") from error


def _gym_aloha_assets() -> Path:
    package = find_spec("gym_aloha")  # found, not imported: importing it would load dm_control
    if package is None or not package.submodule_search_locations:
        raise SimError("package gym-aloha, which has the MJCF, is not installed; run `make setup`")
    return Path(package.submodule_search_locations[0]) / "assets"


def load_model_of(spec: RobotSpec) -> tuple[Task, mujoco.MjModel]:
    """Return the first task in whose cell the robot stands, and that cell's model.

    Raises:
        SimError: there is none; tells what does not fit the last one.
    """
    refused: SimError | None = None
    for task in TASKS.values():
        model = load_model(task)
        try:
            map_joints(model, spec)
        except SimError as error:
            refused = error
        else:
            return task, model
    raise SimError(f"no simulated cell has robot '{spec.name}'; {refused}")


@dataclass(frozen=True)
class JointMap:
    """Addresses of the robot's vector in MuJoCo's arrays.

    Attributes:
        qpos: (D,) index into qpos, one per column.
        qvel: (D,) index into qvel, one per column.
        ctrl: (D,) index into ctrl, one per column.
        mirror_names: joint names of the mirrored fingers.
        mirror_qpos, mirror_qvel, mirror_ctrl: (G,) their indices.
        mirror_columns: (G,) the column that each mirrored finger follows with opposite sign.
    """

    qpos: NDArray[np.intp]
    qvel: NDArray[np.intp]
    ctrl: NDArray[np.intp]
    mirror_names: tuple[str, ...]
    mirror_qpos: NDArray[np.intp]
    mirror_qvel: NDArray[np.intp]
    mirror_ctrl: NDArray[np.intp]
    mirror_columns: NDArray[np.intp]


def map_joints(model: mujoco.MjModel, spec: RobotSpec) -> JointMap:
    """Find the robot's joints in the model by name.

    A gripper's other finger may have an actuator of its own, as ALOHA's have.

    Raises:
        SimError: a joint of the robot file is not in the model, or an actuated joint of the
            model is not in the robot file; names both.
    """
    if spec.state.names != spec.command.names:
        raise SimError(f"robot '{spec.name}': the simulator needs equal state and command joints")
    actuators = {model.joint(int(model.actuator(i).trnid[0])).name: i for i in range(model.nu)}
    mirrors = {
        mirror: arm.state_prefix + arm.gripper.state.joint
        for arm in spec.arms
        if (mirror := arm.state_prefix + MIRROR_FINGER) in actuators
    }
    wanted = [*spec.command.names, *mirrors]
    missing = [n for n in wanted if n not in actuators]
    extra = [n for n in actuators if n not in wanted]
    if missing or extra:
        raise SimError(
            f"robot '{spec.name}' does not fit the model: "
            f"not in the model: {', '.join(missing) or '(none)'}; "
            f"not in the robot file: {', '.join(extra) or '(none)'}"
        )
    columns = {name: i for i, name in enumerate(spec.command.names)}
    names, mirrored = spec.command.names, tuple(mirrors)
    return JointMap(
        qpos=_indices([int(model.joint(n).qposadr[0]) for n in names]),
        qvel=_indices([int(model.joint(n).dofadr[0]) for n in names]),
        ctrl=_indices([actuators[n] for n in names]),
        mirror_names=mirrored,
        mirror_qpos=_indices([int(model.joint(n).qposadr[0]) for n in mirrored]),
        mirror_qvel=_indices([int(model.joint(n).dofadr[0]) for n in mirrored]),
        mirror_ctrl=_indices([actuators[n] for n in mirrored]),
        mirror_columns=_indices([columns[mirrors[n]] for n in mirrored]),
    )


def _indices(values: list[int]) -> NDArray[np.intp]:
    return np.array(values, dtype=np.intp)
