# SPDX-License-Identifier: Apache-2.0
"""Section A: cameras and images."""

from fault_rows.fault import NOTHING, Fault

FOLLOW = "teleop looks at no image: they follow the leader on"
ON = "by itself with the next good image"
RECORDING = "launch/test/wire/test_real_time_recording.py"

CAMERAS = (
    Fault(
        "A1", "a camera stops in an episode", "recorder",
        "input lost, … rows: no row for … s (limit 0.5 s, max_gap_s): camera 'top': newest image "
        "is … ms old (limit 250 ms, max_age_s)",
        FOLLOW, "the episode ends, its rows stay in `episode_N.hdf5.partial`; a new one may begin",
    ),
    Fault(
        "A2", "a camera never appears", "recorder",
        "not started, 0 rows: no row for … s; waiting for camera 'top': no image yet",
        FOLLOW, "`recorder/status` lists its topic as missing from the start; no file is made",
    ),
    Fault(
        "A3", "images of another size", "recorder",
        "camera 'top': got 20x32, expected 24x32 (height x width, from the robot file; "
        "source_height_px and source_width_px let it be resized)",
        FOLLOW, f"ticks are counted as without a row; {ON}",
    ),
    Fault(
        "A4", "an unknown encoding", "recorder",
        "camera 'top': encoding 'rgb565', accepted are rgb8, bgr8",
        FOLLOW, f"ticks are counted as without a row; {ON}",
    ),
    Fault(
        "A5", "rows with padding (`step` above width x 3)", "recorder", NOTHING,
        FOLLOW, "the padding is left out, the row is the picture's",
    ),
    Fault(
        "A6", "big-endian images of 8 and of 16 bits", "recorder", NOTHING,
        FOLLOW, "8 bits have no order of bytes; 16 are read in the one that the message names",
    ),
    Fault(
        "A7", "data shorter than `step` x `height`", "recorder",
        "camera 'top': 2204 bytes with step 96, expected step x 24 rows with a step of at least "
        "96",
        FOLLOW, "the image before it serves while it is young enough (`max_age_s`)",
    ),
    Fault(
        "A8", "a compressed image that is none", "recorder",
        "camera 'wrist': 9 bytes of format '' are neither JPEG nor PNG",
        FOLLOW, "as A7; never filled in with black or grey",
    ),
    Fault(
        "A8b", "a JPEG that is cut off", "recorder",
        "camera 'wrist': … bytes of JPEG are damaged or cut off",
        FOLLOW, "as A7",
    ),
    Fault(
        "A9", "a frozen camera: one image sent again and again", "recorder",
        "tick without a row: camera 'top': newest image is … ms old (limit 250 ms, max_age_s)",
        FOLLOW, f"counts as a camera that stopped; {ON}",
    ),
    Fault(
        "A9b", "a frozen camera: one picture under new stamps", "recorder",
        "camera 'top': 25 times and more the same picture; is it frozen?",
        FOLLOW, "rows go on: pictures may be equal for good reasons; a person decides",
    ),
    Fault(
        "A10", "two cameras on one topic in the robot file", "recorder",
        "error: start: robot …: camera topic 'top/image_raw' is there twice, among",
        "nothing has started", "the node ends with status 1",
    ),
    Fault(
        "A11", "a camera slower or later than the control rate", "recorder", NOTHING,
        FOLLOW, "its newest image is used again, with its own stamp in the file; the oldest age "
        "is in the result",
        proof=f"{RECORDING}::test_a_motion_keeps_its_speed_in_what_training_learns",
    ),
    Fault(
        "A12", "the recorder is there before the cameras", "recorder",
        "waiting for camera 'top': no image yet",
        FOLLOW, "the first row within a second of the last camera's first image",
    ),
    Fault(
        "A13", "a camera stamped ahead of this machine's clock", "recorder",
        "camera 'top': stamps are 0.… s ahead of this machine's clock (limit 0.05 s, "
        "max_clock_offset_s): synchronise the clocks with chrony",
        FOLLOW, f"no row is made of such images; {ON}",
    ),
    Fault(
        "A13b", "images that are always too old when they arrive", "recorder",
        "camera 'top': stamps are at least … s old when they arrive (limit 0.25 s, max_age_s): "
        "synchronise the clocks with chrony; if they are, its driver or the network is too slow",
        FOLLOW, f"no row is made of such images; {ON}",
    ),
    Fault(
        "A13c", "images stamped when they arrive instead of when they were taken", "recorder",
        "camera 'top': arrives … ms after its stamp at the earliest",
        FOLLOW, "0 ms is such a driver, and nothing else tells: policy and rows see late images",
    ),
)  # fmt: skip
