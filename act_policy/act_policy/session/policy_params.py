# SPDX-License-Identifier: Apache-2.0
"""Parameters of the policy node."""

from dataclasses import dataclass

from act_core.streams.input_bounds import InputBounds
from act_core.system.declaration import param
from act_policy.driving.ensembler import MODES
from act_policy.inference.engine_names import AUTO, ENGINE_TOLERANCE, ENGINES


@dataclass(frozen=True)
class PolicyParams(InputBounds):
    """See each field's description; `docs/reference/parameters.md` lists them."""

    checkpoint: str = param(
        "transfer_cube", "Checkpoint folder, or the name of one that the suite ships."
    )
    robot_file: str = param("aloha_sim", "Shipped robot's name, or path of a robot YAML file.")
    pace: str = param(
        "realtime",
        "realtime: newest observation, commands by the ROS clock. lockstep: every tick is "
        "answered with a command of its stamp.",
        choices=("realtime", "lockstep"),
    )
    ensemble: str = param(
        "paper",
        "How overlapping predictions are blended. paper: oldest weighs most; none: newest chunk "
        "alone.",
        choices=MODES,
    )
    ensemble_coefficient: float = param(
        0.01, "m of the weights exp(-m j); 0.01 as published.", low=0.0, high=10.0
    )
    query_interval_ticks: int = param(
        1, "Ticks from one query to the next; 0 = when the chunk has run out.", low=0, high=10000
    )
    device: str = param("cpu", "Device of the network.", choices=("cpu", "cuda"))
    engine: str = param(
        AUTO,
        "What runs the network. torch: as it was trained, float32. openvino: the same numbers, "
        "faster on a processor. openvino_bf16: bfloat16, faster again where the processor has it. "
        "openvino_int8: eight bits, calibrated before by act checkpoint compile. onnxruntime, "
        "torch_compile: torch's numbers; the latter compiles for a minute at its first start. "
        "cuda_graph, cuda_graph_bf16: with device cuda, no kernel waits for Python. auto: "
        "openvino_bf16 where the processor has it, else openvino; cuda_graph on a GPU.",
        choices=ENGINES,
    )
    engine_tolerance: float = param(
        ENGINE_TOLERANCE,
        "Largest difference of another engine from torch's float32, in any action of the first "
        "observation's chunk, rad or gripper opening; beyond it torch takes over.",
        low=0.0,
        high=10.0,
    )
    inference_threads: int = param(1, "Threads of the inference process.", low=1, high=128)
    least_inference_s: float = param(
        0.0, "A prediction takes at least this long, as on a slower computer; for studies, s.",
        low=0.0, high=10.0,
    )  # fmt: skip
    load_timeout_s: float = param(
        120.0, "Longest the checkpoint may take to load and warm up, s.", low=1.0, high=3600.0
    )
    input_timeout_s: float = param(
        1.0, "Complain, and hold, when joint_states stay out this long, s.", low=0.05, high=60.0
    )
    autostart: bool = param(False, "Configure and activate at start, without a lifecycle manager.")
    resume: str = param(
        "manual",
        "After a lost input: manual waits for ~/resume; auto goes on by itself, from the measured "
        "pose at limited speed. auto is for simulators.",
        choices=("manual", "auto"),
    )
    pose_speed_rad_s: float = param(
        0.5, "Speed of motions to the start pose and to the park pose, rad/s.", low=0.01, high=3.0
    )
    publish_trajectory: bool = param(
        False, "Publish each prediction as trajectory_msgs/JointTrajectory too, on "
        "~/chunk_trajectory; nothing executes it.",
    )  # fmt: skip
    run_report_file: str = param(
        "", "JSON file for the report of a run when it ends, over the last one's; empty for none."
    )
