# SPDX-License-Identifier: Apache-2.0
"""Section H: parameters, launch, actions, lifecycle."""

from fault_rows.fault import Fault

STILL = "nothing moves"
ENDS = "the node ends with status 1, a launch with it"
REFUSALS = "launch/test/wire/test_refusals.py"

LAUNCH = (
    Fault(
        "H1", "a misspelt parameter", "teleop",
        "unknown parameter 'input_timeout'; did you mean 'input_timeout_s'?", STILL, ENDS,
        proof=f"{REFUSALS}::test_misspelt_parameter",
    ),
    Fault(
        "H1b", "a parameter file for a node of another name", "teleop",
        "'teleop_node' is another node than this, /teleop; write /**/teleop", STILL, ENDS,
        proof=f"{REFUSALS}::test_parameters_under_the_executables_name",
    ),
    Fault(
        "H2", "a parameter of the wrong type", "teleop",
        "node 'teleop': parameter input_timeout_s is 'soon', expected a number", STILL,
        f"{ENDS}; a whole number where a float is expected is taken",
    ),
    Fault(
        "H3", "a parameter out of its range", "teleop",
        "node 'teleop': parameter input_timeout_s is 1000, expected 0.02 … 60", STILL, ENDS,
    ),
    Fault(
        "H3b", "a parameter that is NaN", "teleop",
        "node 'teleop': parameter input_timeout_s is nan, expected", STILL, ENDS,
    ),
    Fault(
        "H4", "a parameter file that is not YAML", "teleop", "error: Failed to parse ROS "
        "arguments: Couldn't parse params file: … Error parsing a event near line 3",
        STILL, "the node ends with status 2",
    ),
    Fault(
        "H4b", "a parameter file that is not there", "teleop", "gone.yaml", STILL,
        "the node ends with status 2",
        proof=f"{REFUSALS}::test_arguments_that_rclpy_would_ignore_or_choke_on",
    ),
    Fault(
        "H5", "an unknown camera", "sim",
        "the model has no camera 'tpo'; did you mean 'top'?", STILL, ENDS,
        proof=f"{REFUSALS}::test_unknown_camera",
    ),
    Fault(
        "H6", "a parameter is changed while the node runs", "recorder",
        "Trying to set a read-only parameter: max_gap_s.", "go on",
        "the call is refused; parameters are read once, when the node starts",
    ),
    Fault(
        "H7", "a second goal while an episode is recorded", "recorder",
        "goal rejected: an episode is being recorded already", "go on",
        "the first goal goes on",
    ),
    Fault(
        "H8", "the recording is cancelled", "recorder", "canceled, … rows", "go on",
        "the file is kept, whole",
    ),
    Fault(
        "H9", "the client that asked for an episode is gone", "recorder", "saved, 100 rows",
        "go on", "the episode is recorded to its agreed end: rows are dear",
    ),
    Fault(
        "H11", "a goal whose task is a path: `../../elsewhere`", "recorder", "saved, 10 rows",
        "go on", "the task is text in the file; the file is called by its number, in the dataset "
        "folder",
    ),
    Fault(
        "H12", "configuring the policy fails", "policy",
        "model.safetensors is damaged (truncated?): ", STILL,
        "the node stays unconfigured; once the fault is mended it can be configured",
    ),
    Fault(
        "H13", "the policy is deactivated while it drives", "policy",
        "deactivated; the robot holds", "hold", "it is activated again, from the measured pose",
    ),
)  # fmt: skip
