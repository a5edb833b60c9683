# SPDX-License-Identifier: Apache-2.0
"""Parameters of an evaluation."""

from dataclasses import dataclass

from act_core.system.declaration import param
from act_sim.tasks import TASKS


@dataclass(frozen=True)
class EvaluateParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    robot_file: str = param("aloha_sim", "Shipped robot's name, or path of a robot YAML file.")
    task: str = param("transfer_cube", "Task of the scene.", choices=tuple(TASKS))
    episodes: int = param(50, "Number of rollouts; 0 = until it is stopped.", low=0)
    first_seed: int = param(
        100000, "Seed of the first rollout; demonstrations use small seeds.", low=0
    )
    disturbance: float = param(
        0.0, "Random motion added to arm commands; 1 = the documented size.", low=0.0, high=10.0
    )
    output_dir: str = param("runs/evaluation", "Folder for results.json and video.mp4.")
    video_camera: str = param(
        "", "Camera to film, as name:HEIGHTxWIDTH of a published one; empty = the robot's first."
    )
    video_episodes: int = param(3, "Rollouts to film; 0 = no video.", low=0)
    save_trajectories: bool = param(False, "Also write joint positions of all rollouts as JSON.")
    policy_node: str = param("policy", "Node whose parameters are written to the results.")
    take_over: bool = param(
        False,
        "Somebody else may publish joint_commands as well, an operator who takes over; else two "
        "publishers of it end the evaluation, whose results would be a mix.",
    )
    wait_s: float = param(180.0, "How long to wait for simulator and policy, s.", low=1.0)
    episode_timeout_s: float = param(
        600.0, "Longest a rollout may take on the wall clock, s.", low=1.0
    )
