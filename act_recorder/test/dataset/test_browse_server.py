# SPDX-License-Identifier: Apache-2.0
"""What the page is told of a dataset, and what it can change in it."""

import shutil
import struct
from collections.abc import Sequence
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest
from browse_client import Client, browsed

from act_core.episode.image_rows import ImageCodec
from act_core.episode.jpeg import encode
from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.episode.writer import EpisodeWriter
from act_core.errors import EpisodeError, ParameterError
from act_core.observation import JointSample, Observation
from act_core.robot.robot_file import load_robot
from act_core.testing import make_episode
from act_recorder.dataset.browse.browse import serve
from act_recorder.dataset.browse.defects import Defect

ROBOT = load_robot("aloha_sim")
ROWS = 5
RED, GREEN = (220, 20, 20), (20, 200, 30)
CAMERAS = {"left": RED, "top": GREEN}


def coloured(folder: Path, codec: ImageCodec, *, finish: bool = True, given: str = "") -> Path:
    """Write an episode whose cameras see one colour each; `given`: as JPEG of that order."""
    shapes = dict.fromkeys(CAMERAS, (24, 32))
    meta = EpisodeMeta.for_robot(ROBOT, sim=True, task="cube", verdict="", labels=("first",))
    writer = EpisodeWriter(folder, meta, shapes, codec)
    for row in range(ROWS):
        joints = JointSample(row * 10**9, *(np.full(14, row + i / 10) for i in range(3)))
        images = {name: np.full((24, 32, 3), rgb, np.uint8) for name, rgb in CAMERAS.items()}
        if given:
            images = {name: encode(image, 95, given) for name, image in images.items()}
        stamps = dict.fromkeys(CAMERAS, row * 10**9)
        obs = Observation(row * 10**9, joints, images, stamps)
        source = "policy" if row < 2 else "teleop"
        writer.append(obs, np.full(14, row + 0.5), row * 10**9, source=source)
    return writer.finish() if finish else writer.keep_partial()


def unbundled(body: bytes) -> list[bytes]:
    images = []
    while body:
        (length,) = struct.unpack_from("<I", body)
        images.append(body[4 : 4 + length])
        body = body[4 + length :]
    return images


def mean_rgb(jpeg: bytes) -> list[float]:
    """Return what a browser shows: the JPEG's colours are as JPEG says they are."""
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1)[..., ::-1].mean((0, 1)).tolist()


def foreign(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        for name in ("observations/qpos", "action"):
            file[name] = np.zeros((ROWS, 14), "f4")
        file["observations/images/cam_high"] = np.full((ROWS, 24, 32, 3), RED, np.uint8)
    return path


def test_the_table_tells_what_each_file_is(tmp_path: Path) -> None:
    whole = coloured(tmp_path, ImageCodec())
    (tmp_path / "episode_1.hdf5").write_bytes(b"no HDF5")
    foreign(tmp_path / "episode_000002.h5")
    coloured(tmp_path, ImageCodec(), finish=False).rename(tmp_path / "episode_4.hdf5.partial")
    with browsed(tmp_path) as client:
        rows = client.rows()
        assert {key: row["state"] for key, row in rows.items()} == {
            0: "whole", 1: "broken", 2: "broken", 4: "partial",
        }  # fmt: skip
        assert rows[1]["fault"].startswith("cannot be opened: ")
        assert rows[2]["fault"].startswith("no /meta, so it does not say which robot it is of; ")
        assert str(tmp_path) not in rows[1]["fault"]
        row = rows[0]
        assert (row["task"], row["labels"], row["num_frames"]) == ("cube", ["first"], ROWS)
        assert row["duration_s"] == pytest.approx(ROWS / 50)
        assert (row["size_bytes"], row["cameras"]) == (whole.stat().st_size, ["left", "top"])
        assert rows[4]["num_frames"] == ROWS


def test_a_file_that_is_being_recorded_is_left_alone(tmp_path: Path) -> None:
    coloured(tmp_path, ImageCodec())
    writer = EpisodeWriter(tmp_path, EpisodeMeta.for_robot(ROBOT, sim=True), {})
    with browsed(tmp_path) as client:
        assert client.rows()[1]["state"] == "recording"
        text = "episode_1.hdf5.partial is being recorded; end the recording first"
        assert client.refused("POST", "/api/episodes/1/delete") == (409, text)
        writer.keep_partial()
        row = until(client, lambda rows: rows[1]["state"] != "recording")[1]
        assert row["state"] == "partial"


def until(client: Client, holds) -> dict:
    for _ in range(500):
        rows = client.rows()
        if holds(rows):
            return rows
    raise AssertionError(rows)


@pytest.mark.parametrize(
    ("codec", "given"),
    [
        (ImageCodec(), ""),
        (ImageCodec(95, "rgb"), ""),
        (ImageCodec(95, "bgr"), ""),
        (ImageCodec(95), "bgr"),
    ],
)
def test_frames_show_their_colours_however_they_are_stored(
    tmp_path: Path, codec: ImageCodec, given: str
) -> None:
    path = coloured(tmp_path, codec, given=given)
    with browsed(tmp_path) as client:
        client.rows()
        status, body, headers = client.ask("GET", "/api/episodes/0/frames/3/8")
        images = unbundled(body)
        assert (status, len(images)) == (200, 2 * 2)  # two rows are left, of two cameras
        for image, rgb in zip(images, [RED, GREEN] * 2, strict=True):
            assert mean_rgb(image) == pytest.approx(rgb, abs=6)
        assert "immutable" in headers["Cache-Control"]
        picture = client.ask("GET", "/api/episodes/0/thumbnail")[1]
        assert mean_rgb(picture) == pytest.approx(RED, abs=6)
    if "bgr" in (codec.order, given) and codec.is_jpeg:
        with EpisodeReader(path) as reader:
            assert images[0] == reader.stored_image("left", 3).data  # passed on as it is


def test_a_damaged_image_is_missing_and_the_others_are_there(tmp_path: Path) -> None:
    path = coloured(tmp_path, ImageCodec(95))
    with h5py.File(path, "r+") as file:
        file["observations/images/left"][1] = 0
    with browsed(tmp_path) as client:
        client.rows()
        images = unbundled(client.ask("GET", "/api/episodes/0/frames/0/3")[1])
        assert [len(image) > 0 for image in images] == [True, True, False, True, True, True]


def test_rows_that_are_not_there_are_refused(tmp_path: Path) -> None:
    path = coloured(tmp_path, ImageCodec())
    with browsed(tmp_path) as client:
        client.rows()
        text = f"{path}: rows 5 … 12 asked for, of 5; at most 16 at once"
        assert client.refused("GET", "/api/episodes/0/frames/5/8") == (409, text)
        assert client.refused("GET", "/api/episodes/0/frames/0/17")[0] == 409
        text = f"{tmp_path}: no episode 7, or no longer"
        assert client.refused("GET", "/api/episodes/7") == (409, text)


def test_curves_and_description_are_those_of_the_file(tmp_path: Path) -> None:
    path = coloured(tmp_path, ImageCodec())
    with browsed(tmp_path) as client:
        client.rows()
        told = client.get("/api/episodes/0")
        table = np.frombuffer(client.ask("GET", "/api/episodes/0/curves")[1], "<f4")
    table = table.reshape(1 + 2 * 14, ROWS)
    with EpisodeReader(path) as reader:
        assert table[0].tolist() == [0, 1, 2, 3, 4]  # from the stamps, not from the rate
        assert (reader.positions == table[1:15].T).all()
        assert (reader.actions == table[15:].T).all()
    assert told["joint_names"] == list(ROBOT.columns)
    assert told["sources"] == [[0, 2, "policy"], [2, 3, "teleop"]]
    assert [camera["width_px"] for camera in told["cameras"]] == [32, 32]
    assert ["robot", "aloha_sim"] in told["facts"]


def test_verdict_and_labels_are_written_into_the_file(tmp_path: Path) -> None:
    path = coloured(tmp_path, ImageCodec())
    with browsed(tmp_path) as client:
        client.rows()
        client.ask("GET", "/api/episodes/0/frames/0/1")  # open for reading
        row = client.post("/api/episodes/0/verdict", {"verdict": "failure"})
        assert (row["verdict"], row["judge"]) == ("failure", "operator")
        client.post("/api/episodes/0/labels", {"labels": [" dropped ", "late", "dropped", " "]})
        with EpisodeReader(path) as reader:
            assert (reader.meta.verdict, reader.meta.judge) == ("failure", "operator")
            assert reader.meta.labels == ("dropped", "late")
        client.post("/api/episodes/0/verdict", {"verdict": ""})
        assert client.rows()[0]["verdict"] == ""
        assert client.rows()[0]["judge"] == ""
        status, text = client.refused("POST", "/api/episodes/0/verdict", {"verdict": "splendid"})
        assert status == 409
        assert "splendid" in text
        text = 'expected {"verdict": "success", "failure" or ""}'
        assert client.refused("POST", "/api/episodes/0/verdict", {}) == (400, text)
        text = 'expected {"labels": ["…", …]}'
        assert client.refused("POST", "/api/episodes/0/labels", {"labels": [1]}) == (400, text)


def test_foreign_files_are_shown_as_the_named_robot_and_not_judged(tmp_path: Path) -> None:
    path = foreign(tmp_path / "episode_0.hdf5")
    before = path.read_bytes()
    with browsed(tmp_path, load_robot("aloha_original")) as client:
        row = client.rows()[0]
        assert (row["state"], row["is_ours"], row["cameras"]) == ("whole", False, ["cam_high"])
        image = unbundled(client.ask("GET", "/api/episodes/0/frames/0/1")[1])[0]
        assert mean_rgb(image) == pytest.approx(RED, abs=6)
        status, text = client.refused("POST", "/api/episodes/0/verdict", {"verdict": "success"})
        assert status == 409
        assert text.startswith(f"{path}: no /meta")
    assert path.read_bytes() == before


def test_an_episode_is_deleted_and_brought_back(tmp_path: Path) -> None:
    path = coloured(tmp_path, ImageCodec())
    make_episode(tmp_path, num_frames=2)
    before = path.read_bytes()
    with browsed(tmp_path) as client:
        client.rows()
        client.ask("GET", "/api/episodes/0/frames/0/1")
        deleted = client.post("/api/episodes/0/delete")["deleted"]
        assert set(client.rows()) == {1}
        assert (tmp_path / ".trash" / "episode_0.hdf5").read_bytes() == before
        assert [each["name"] for each in client.get("/api/episodes")["deleted"]] == [
            "episode_0.hdf5"
        ]
        shutil.copy(tmp_path / "episode_1.hdf5", path)  # somebody records anew
        restore = f"/api/deleted/{deleted}/restore"
        status, text = client.refused("POST", restore)
        assert (status, text.startswith(f"{path} exists")) == (409, True)
        path.unlink()
        assert client.post(restore) == {"key": 0}
        assert path.read_bytes() == before
        assert client.rows()[0]["labels"] == ["first"]
        assert client.refused("POST", "/api/deleted/9/restore")[0] == 409


def test_files_that_come_change_and_go_are_followed(tmp_path: Path) -> None:
    first = make_episode(tmp_path, num_frames=2)
    with browsed(tmp_path) as client:
        serial = client.get("/api/episodes")["serial"]
        client.rows()
        make_episode(tmp_path, num_frames=4)
        assert client.rows()[1]["num_frames"] == 4
        assert client.get("/api/episodes")["serial"] > serial
        serial = client.get("/api/episodes")["serial"]
        assert client.get(f"/api/episodes?since={serial}")["rows"] == []
        first.unlink()
        known = client.get(f"/api/episodes?since={serial}")
        assert known["keys"] == [1]
        text = "since=x: expected a number"
        assert client.refused("GET", "/api/episodes?since=x") == (400, text)


def test_twins_of_one_number_have_their_own_keys(tmp_path: Path) -> None:
    path = make_episode(tmp_path, num_frames=2)
    shutil.copy(path, tmp_path / "episode_000.hdf5")
    with browsed(tmp_path) as client:
        rows = client.rows()
        assert {row["name"] for row in rows.values()} == {"episode_0.hdf5", "episode_000.hdf5"}
        assert [row["index"] for row in rows.values()] == [0, 0]


def test_findings_come_later_and_one_that_fails_is_told(tmp_path: Path) -> None:
    make_episode(tmp_path, num_frames=2)
    make_episode(tmp_path, num_frames=3)

    def inspect(path: Path) -> Sequence[Defect]:
        if path.name == "episode_1.hdf5":
            raise EpisodeError("cannot be inspected")
        return [Defect("short", "warning", "2 rows")]

    with browsed(tmp_path, inspect=inspect) as client:
        rows = client.rows(inspected=True)
        assert rows[0]["defects"] == [{"code": "short", "severity": "warning", "text": "2 rows"}]
        assert rows[1]["defects"][0]["text"] == "cannot be inspected"
        client.post("/api/episodes/0/labels", {"labels": ["kept"]})
        assert client.rows()[0]["defects"][0]["code"] == "short"


def test_a_folder_without_episodes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EpisodeError, match="holds no episode_<i>.hdf5"):
        serve(tmp_path, None)
    with pytest.raises(EpisodeError, match="does not exist"):
        serve(tmp_path / "none", None)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    make_episode(tmp_path, num_frames=2)
    with browsed(tmp_path) as client, pytest.raises(ParameterError) as caught:
        serve(tmp_path, None, client.server.server_port)
    assert str(caught.value) == (
        f"cannot listen on port {client.server.server_port}: [Errno 98] Address already in use; "
        "--port 0 takes a free one"
    )
