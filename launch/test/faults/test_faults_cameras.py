# SPDX-License-Identifier: Apache-2.0
"""Section A of the fault table: cameras and images."""

from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fault_lab.fault_cell import ROBOT_FILE, SPEC, FaultCell, shifted, silence
from fault_lab.live_cell import LiveCell
from fault_rows.fault import NOTHING
from fault_table import FAULTS
from processes import Process, Processes

from act_core.episode.reader import EpisodeReader
from act_interfaces.action import RecordEpisode

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(120)]

TOP, WRIST = "top/image_raw", "wrist/image_raw"


def _replaced(**fields: Any) -> Callable[[Any], list[Any]]:
    def replace(message: Any) -> list[Any]:
        for name, value in fields.items():
            setattr(message, name, value)
        return [message]

    return replace


def _same_picture() -> Callable[[Any], list[Any]]:
    data = array("B", bytes(24 * 96))
    return _replaced(data=data)


def _same_message() -> Callable[[Any], list[Any]]:
    seen: list[Any] = []

    def repeat(message: Any) -> list[Any]:
        seen.append(message)
        return seen[:1]

    return repeat


def _cut_jpeg(message: Any) -> list[Any]:
    message.data = message.data[: len(message.data) // 2]
    return [message]


@pytest.mark.parametrize(
    ("code", "stream", "disturbance"),
    [
        ("A3", TOP, _replaced(height=20, data=array("B", bytes(20 * 96)))),
        ("A4", TOP, _replaced(encoding="rgb565")),
        ("A7", TOP, _replaced(data=array("B", bytes(24 * 96 - 100)))),
        ("A8", WRIST, _replaced(format="", data=array("B", b"not a jpg"))),
        ("A8b", WRIST, _cut_jpeg),
        ("A9", TOP, _same_message()),
        ("A9b", TOP, _same_picture()),
        ("A13", TOP, lambda m: [shifted(m, 0.4)]),
        ("A13b", TOP, lambda m: [shifted(m, -0.6)]),
    ],
)
def test_bad_images_are_named_and_the_arms_follow_on(
    code: str, stream: str, disturbance: Callable[[Any], Any], live: LiveCell
) -> None:
    live.cell.disturb(stream, disturbance)
    live.reads(code)
    live.follows()


@pytest.fixture
def fresh(domain: int) -> Iterator[FaultCell]:
    """A cell that commands itself, without teleoperation."""
    node = FaultCell(domain)
    node.commanding = True
    yield node
    node.close()


def _recorder(processes: Processes, folder: Path, **params: Any) -> Process:
    return processes.start(
        "act_recorder.recorder_node", robot_file=ROBOT_FILE, pace="realtime", sim=False,
        dataset_dir=folder, **params,
    )  # fmt: skip


def test_a_camera_that_stops_ends_the_episode_and_its_rows_stay(
    processes: Processes, fresh: FaultCell, tmp_path: Path
) -> None:
    recorder = _recorder(processes, tmp_path / "data")
    goal = fresh.begin_episode()
    fresh.wait_for_status("recorder", "recording", lambda s: s.num_frames > 20)
    fresh.disturb(TOP, silence)
    result = fresh.end_of(goal)
    recorder.wait_for(FAULTS["A1"].pattern)
    assert result.code == RecordEpisode.Result.INPUT_LOST
    assert Path(result.path).name == "episode_0.hdf5.partial"
    fresh.mend()
    fresh.commanding = True
    assert fresh.end_of(fresh.begin_episode(10)).code == RecordEpisode.Result.NONE


def test_a_camera_that_is_not_there_is_named_and_waited_for(
    processes: Processes, fresh: FaultCell, tmp_path: Path
) -> None:
    fresh.disturb(TOP, silence)
    recorder = _recorder(processes, tmp_path / "data", start_timeout_s=3.0)
    result = fresh.end_of(fresh.begin_episode())
    recorder.wait_for(FAULTS["A2"].pattern)
    assert result.code == RecordEpisode.Result.NOT_STARTED
    assert not list(tmp_path.glob("data/*"))
    goal = fresh.begin_episode(50)
    recorder.wait_for(FAULTS["A12"].pattern)
    fresh.disturb(TOP, lambda m: [m])
    fresh.wait_for_status("recorder", "recording", lambda s: s.num_frames)
    assert fresh.end_of(goal).code == RecordEpisode.Result.NONE
    recorder.wait_for(FAULTS["A13c"].pattern)


def _padded(message: Any) -> list[Any]:
    rows = np.zeros((24, 100), np.uint8)
    rows[:, :96] = 77
    message.step, message.data = 100, array("B", rows.tobytes())
    return [message]


def _big_endian(message: Any) -> list[Any]:
    message.encoding, message.is_bigendian, message.step = "mono16", 1, 64
    message.data = array("B", np.full((24, 32), 77 * 257, ">u2").tobytes())
    return [message]


def _big_endian_bytes(message: Any) -> list[Any]:
    message.is_bigendian, message.data = 1, array("B", bytes([77]) * (24 * 96))
    return [message]


@pytest.mark.parametrize(
    ("code", "disturbance"),
    [("A5", _padded), ("A6", _big_endian), ("A6", _big_endian_bytes)],
)
def test_unusual_images_are_read_as_they_are_meant(
    code: str, disturbance: Callable[[Any], Any], processes: Processes, fresh: FaultCell,
    tmp_path: Path,
) -> None:  # fmt: skip
    fresh.disturb(TOP, disturbance)
    recorder = _recorder(processes, tmp_path / "data")
    result = fresh.end_of(fresh.begin_episode(10))
    assert result.code == RecordEpisode.Result.NONE, recorder.text
    assert FAULTS[code].reads == NOTHING
    assert "refused" not in recorder.text
    with EpisodeReader(Path(result.path)) as episode:
        np.testing.assert_array_equal(episode.image("top", 5), 77)


def test_two_cameras_on_one_topic_are_refused(processes: Processes, tmp_path: Path) -> None:
    path = tmp_path / "robot.yaml"
    path.write_text(SPEC.yaml_text.replace("name: wrist,", "name: wrist, topic: top/image_raw,"))
    recorder = processes.start("act_recorder.recorder_node", robot_file=path)
    assert recorder.wait_for_exit() == 1
    assert FAULTS["A10"].pattern.search(recorder.text), recorder.text
