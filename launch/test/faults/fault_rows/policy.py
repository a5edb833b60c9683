# SPDX-License-Identifier: Apache-2.0
"""Section D: policy and checkpoints."""

from fault_rows.fault import NOTHING, Fault

STILL = "nothing moves"
ENDS = "the node ends with status 1 before it commands"
RESUME = "`policy/resume`, or by itself with `resume:=auto`; from the measured pose"
REFUSALS = "launch/test/wire/test_refusals.py"
KILLED = "launch/test/wire/test_killed_nodes.py"

POLICY = (
    Fault(
        "D1", "an inference that takes 0.5 s", "policy", NOTHING,
        "go on by the chunk there is, at the full rate",
        "`chunk_age_s` and `inference_ms` of `policy/status` tell; chunks are keyed by time, so "
        "none is late",
    ),
    Fault(
        "D2", "inference that does not return", "policy",
        "no prediction for … s; holding; call ~/resume to go on",
        "go on to the chunk's end, then hold", RESUME,
    ),
    Fault(
        "D2b", "the inference process is killed", "policy",
        "the inference worker (pid …) is gone, exit status -9", "hold",
        "the policy node ends with status 1, and with it the launch: nothing is started anew "
        "behind an operator's back",
        proof=f"{KILLED}::test_killed_inference_worker_ends_the_policy_node",
    ),
    Fault(
        "D4", "`device:=cuda` where there is none", "policy",
        "device cuda was asked for, but torch finds none; use cpu", STILL,
        f"{ENDS}; never another device in silence",
    ),
    Fault(
        "D5", "weights that are cut off", "policy",
        "model.safetensors is damaged (truncated?): ", STILL, ENDS,
    ),
    Fault(
        "D6", "a pickle in the place of the weights", "policy",
        "model.safetensors is damaged (truncated?): ", STILL,
        f"{ENDS}; what the pickle would run is not run",
    ),
    Fault(
        "D9", "a checkpoint of another robot: joints", "policy",
        "only in the checkpoint: left_elbow, right_elbow", STILL, ENDS,
        proof=f"{REFUSALS}::test_checkpoint_of_another_robot",
    ),
    Fault(
        "D9b", "a checkpoint of another robot: cameras", "policy",
        "camera 'top' is not among the robot's: side", STILL, ENDS,
        proof=f"{REFUSALS}::test_camera_of_the_checkpoint_missing",
    ),
    Fault(
        "D10", "a standard deviation of 0 in stats.json", "policy",
        "stats.json: statistics: state_std is [0.0, …], expected 3 numbers above 0", STILL,
        f"{ENDS}; training itself writes 0.01 or more",
    ),
    Fault(
        "D11", "a policy that wants to start elsewhere", "policy", NOTHING,
        "leave the measured pose within speed and acceleration, without a jump",
        "they go where the policy wants them",
    ),
    Fault(
        "D12", "a network that predicts NaN", "policy",
        "the network predicts values that are not finite", STILL,
        f"{ENDS}; while driving, such a chunk is refused whole, and after D2's time they hold",
    ),
    Fault(
        "D13", "a camera stops while the policy drives", "policy",
        "camera 'top': newest image is … ms old (limit 250 ms, max_age_s); holding; call ~/resume "
        "to go on",
        "hold after `max_age_s`", RESUME,
    ),
    Fault(
        "D13b", "the joint states stop while the policy drives", "policy",
        "joint_states: newest sample is … ms old (limit 250 ms, max_age_s); holding; call "
        "~/resume to go on",
        "hold after `max_age_s`", RESUME,
    ),
    Fault(
        "D13c", "one image that cannot be decoded", "policy",
        "camera 'wrist': … bytes of JPEG are damaged or cut off", "go on",
        "the image before it serves while it is young enough",
    ),
    Fault(
        "D14", "`policy/pause`, and the robot is moved before `policy/resume`", "policy",
        "paused: as asked; call ~/resume to go on", "hold",
        "from the measured pose, without a jump; predictions from before are void",
    ),
    Fault(
        "D15", "trained at another rate than the robot's", "policy",
        ", chunks at 30 Hz, commands at 50 Hz",
        "move as trained: between two rows of a chunk lies what is interpolated", "as it is",
    ),
)  # fmt: skip
