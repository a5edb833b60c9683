# SPDX-License-Identifier: Apache-2.0
"""Every kind of damage through the checks, and the text of each."""

import shutil

import h5py
import pytest

from act_core.episode.checks.check_episode import Thoroughness, check_episode
from act_core.episode.image_rows import RAW, ImageCodec
from act_core.robot.robot_file import load_robot
from act_core.testing import make_sound_episode
from act_core.testing_damages import DAMAGES

LEFT_GRIPPER = load_robot("aloha_sim").columns.index("left_gripper")

# Damage → the codes that are found, with their texts.
FOUND = {
    "zero bytes": (("unreadable", "cannot be opened: 0 bytes"),),
    "not HDF5": (("unreadable", "cannot be opened: no HDF5 file"),),
    "cut off": (("unreadable", "cannot be opened: cut off after 419352 of 838704 bytes"),),
    "no action": (("unreadable", "no /action; not an episode of this suite"),),
    "action is a group": (("unreadable", "no /action; not an episode of this suite"),),
    "action of one dimension": (
        ("unreadable", "/action is float32 (150,), expected numbers (rows, columns)"),
    ),
    "action of texts": (
        ("unreadable", "/action is |S1 (150, 14), expected numbers (rows, columns)"),
    ),
    "one column less": (
        ("unreadable", "/observations/qpos has 13 columns, /action has 14, expected one number"),
    ),
    "one row less": (
        (
            "unreadable",
            "/observations/qpos has 149 rows and /action has 150, expected one number of "
            "rows in all",
        ),
    ),
    "stamps as fractions": (
        ("unreadable", "/stamps/row is float64 (150,), expected whole numbers (rows,)"),
    ),
    "link to itself": (("unreadable", "Special link traversal failed (too many links)"),),
    "link to no file": (("unreadable", "no /observations/qpos; not an episode of this suite"),),
    "future version": (("unreadable", "format version 99, this software reads 1, 2, 3"),),
    "rate NaN": (("unreadable", "attributes of /meta: rate_hz is nan, expected a finite number"),),
    "garbled task": (("unreadable", "attribute task of /meta is no UTF-8 text"),),
    "robot of nonsense": (
        (
            "bad-robot",
            "robot in the episode file: not valid YAML: expected the node content, but found "
            "'<stream end>' (line 2)",
        ),
    ),
    "NaN in positions": (
        ("not-finite", "1 of 2100 positions, the first in row 7, column 'left_forearm_roll'"),
    ),
    "not closed": (("unfinished", "150 rows, and no end"),),
    "no images": (("no-camera", "no images of top; the file has wrist"),),
    "time goes back": (
        ("time-goes-back", "joints: row 50 is stamped 0.280 s before row 49; 1 such steps"),
        ("two-clocks", "actions are stamped 0.300 s after the joints (limit 0.2 s)"),
    ),
    "two clocks": (
        ("two-clocks", "actions are stamped 3600.000 s after the joints (limit 0.2 s)"),
    ),
    "camera on another clock": (
        ("two-clocks", "images of 'top' are stamped 5.000 s before the joints (limit 1 s)"),
    ),
    "half the rate": (("wrong-rate", "rows come at 50.0 Hz, the file says 25 Hz"),),
    "gap": (
        ("gap", "1 gaps of more than 0.2 s, the longest 0.62 s after row 59"),
        ("skipped-ticks", "30 of 180 control ticks have no row"),
    ),
    "late camera": (("camera-skew", "camera 'top': 100% of the rows, 0.30 s at most"),),
    "late leader": (("leader-lag", "100% of the rows, 0.15 s at most"),),
    "image never written": (("damaged-image", "camera 'top': row 60 was never written"),),
    "frozen camera": (
        (
            "frozen-camera",
            "camera 'top': one picture in rows 40 … 149 (2.2 s); 73% of the episode",
        ),
    ),
    "camera stalls": (
        ("camera-stalls", "camera 'top': one picture in rows 40 … 67 (0.6 s); 19% of the episode"),
    ),
    "black camera": (
        (
            "blank-camera",
            "camera 'top': 150 of 150 pictures looked at are black, the first in row 0",
        ),
    ),
    "white flash": (
        (
            "blank-images",
            "camera 'top': 3 of 150 pictures looked at are white, the first in row 30",
        ),
    ),
    "same camera twice": (
        ("twin-cameras", "cameras 'top' and 'wrist' have the same pictures in all rows"),
    ),
    "glitch": (
        (
            "joint-jump",
            "'right_elbow' moves 1.45 rad in 20 ms after row 29 (limit 0.26 rad); 2 such steps",
        ),
    ),
    "command jumps": (
        (
            "command-jump",
            "'left_waist' moves 0.59 rad in 20 ms after row 59 (limit 0.26 rad); 1 such steps",
        ),
        ("tracking-error", "'left_waist' is up to 0.64 rad from its command in rows 60 … 149"),
    ),
    "degrees": (
        ("gripper-range", "position of 'left_gripper' runs from 7.55 to 49.76, expected 0 … 1"),
        ("gripper-range", "position of 'right_gripper' runs from 10.17 to 47.14, expected 0 … 1"),
        (
            "outside-range",
            "positions: 'right_elbow' is 83.43 rad in row 120, its limits are -1.76 … 1.61",
        ),
        (
            "tracking-error",
            "'right_elbow' is up to 81.98 rad from its command in rows 0 … 149; 11 more joints",
        ),
    ),
    "gripper in another unit": (
        ("gripper-range", "position of 'left_gripper' runs from -0.60 to -0.60, expected 0 … 1"),
        ("inert-gripper", "'left_gripper' is commanded over 0.74 of its range and moves 0.000"),
    ),
    "at a limit": (
        (
            "command-jump",
            "'left_elbow' moves 0.35 rad in 20 ms after row 99 (limit 0.26 rad); 1 such steps",
        ),
        ("at-limit", "'left_elbow' is commanded to its upper limit 1.61 rad in rows 20 … 99"),
        ("tracking-error", "'left_elbow' is up to 0.69 rad from its command in rows 53 … 92"),
    ),
    "frozen joint": (
        (
            "joint-jump",
            "'right_elbow' moves 0.40 rad in 20 ms after row 89 (limit 0.26 rad); 1 such steps",
        ),
        (
            "frozen-joint",
            "'right_elbow' stays 1.4432 rad in rows 30 … 89, its command moves 0.57 rad; 11 "
            "more joints",
        ),
    ),
    "stands still": (
        ("no-motion", "150 rows, 3.0 s"),
        (
            "tracking-error",
            "'right_shoulder' is up to 1.73 rad from its command in rows 0 … 149; 11 more joints",
        ),
    ),
    "astray": (
        ("tracking-error", "'left_waist' is up to 0.84 rad from its command in rows 0 … 149"),
    ),
    "state ahead": (("state-leads", "positions are 3 ticks (0.06 s) ahead of the commands"),),
    "state behind": (
        (
            "joint-jump",
            "'right_elbow' moves 0.31 rad in 20 ms after row 19 (limit 0.26 rad); 1 such steps",
        ),
        ("command-lag", "positions follow the commands 0.44 s (22 ticks) later"),
    ),
    "state as command": (("echoed-state", "100% of the rows"),),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return make_sound_episode(tmp_path_factory.mktemp("sound"))


@pytest.mark.parametrize("codec", [RAW, ImageCodec(90)], ids=["raw", "jpeg"])
@pytest.mark.parametrize("num_images", [0, 12])
def test_nothing_is_found_in_a_sound_episode(tmp_path, codec, num_images):
    path = make_sound_episode(tmp_path, codec=codec)
    assert check_episode(path, Thoroughness(num_images=num_images)).findings == ()


def test_every_damage_has_its_texts():
    assert FOUND.keys() == DAMAGES.keys()


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damage_is_found_by_name(tmp_path, sound, name):
    path = tmp_path / "episode_0.hdf5"
    shutil.copy(sound, path)
    DAMAGES[name](path)
    found = [(finding.check.code, finding.text) for finding in check_episode(path).findings]
    assert found == list(FOUND[name])


@pytest.mark.parametrize(("opening", "found"), [(0.6, []), (1.0, ["inert-gripper"])])
def test_a_gripper_that_holds_something_all_the_time_is_not_inert(tmp_path, opening, found):
    path = make_sound_episode(tmp_path)
    with h5py.File(path, "r+") as file:
        state, action = file["observations/qpos"], file["action"]
        state[:, LEFT_GRIPPER] = opening
        action[:, LEFT_GRIPPER] = 0.0
        action[0, LEFT_GRIPPER] = opening
    codes = [finding.check.code for finding in check_episode(path).findings]
    assert [code for code in codes if code == "inert-gripper"] == found
