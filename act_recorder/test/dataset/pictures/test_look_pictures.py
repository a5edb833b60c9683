# SPDX-License-Identifier: Apache-2.0
"""Pictures and videos of real files, made by the verbs and read back."""

import cv2
import h5py
import imageio.v2 as imageio
import numpy as np
import pytest

from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.episode.writer import EpisodeWriter
from act_core.robot.robot_file import load_robot
from act_core.testing import make_episode, make_observation
from act_recorder.dataset.command import main
from act_recorder.dataset.pictures.curve_axes import source_colors
from act_recorder.dataset.pictures.curve_strip import CURSOR, CurveStrip
from act_recorder.dataset.pictures.episode_curves import read_curves
from act_recorder.dataset.pictures.episode_figure import episode_figure
from act_recorder.dataset.pictures.episode_film import STRIP_PX, WIDTH_PX, EpisodeFilm

SPEC = load_robot("aloha_sim")
SIZES = {"top": (24, 32), "wrist": (30, 20)}  # of different shape
ROWS, GAP_ROW = 40, 25
GAP_NS = 200_000_000
# What each camera shows in row i: one plain colour.
COLORS = {"top": (200, 0, 0), "wrist": (0, 200, 0)}


@pytest.fixture
def dataset(tmp_path):
    """Two arms, two cameras, 50 Hz, a gap of 0.2 s, a policy and then an operator."""
    folder = tmp_path / "data"
    meta = EpisodeMeta.for_robot(SPEC, sim=True, task="transfer_cube", seed=3, verdict="failure")
    writer = EpisodeWriter(folder, meta, SIZES)
    rng = np.random.default_rng(0)
    for row in range(ROWS):
        stamp_ns = 5_000_000_000 + row * SPEC.period_ns + (GAP_NS if row >= GAP_ROW else 0)
        obs = make_observation(stamp_ns, SPEC.dim, SIZES, rng)
        obs.joints.positions[:] = SPEC.start + 0.1 * np.sin(row / 5)
        obs.joints.efforts[:] = np.nan
        for camera, color in COLORS.items():
            obs.images[camera][:] = color
            obs.image_stamps_ns[camera] = stamp_ns - 30_000_000
        action = SPEC.start + 0.1 * np.sin((row + 1) / 5)
        writer.append(obs, action, stamp_ns, source="policy" if row < 30 else "teleop")
    writer.finish(verdict="failure", skipped_ticks=10)
    return folder


@pytest.fixture
def curves(dataset):
    with EpisodeReader(dataset / "episode_0.hdf5") as reader:
        return read_curves(reader)


def test_curves_have_the_files_numbers_and_break_at_gaps(curves):
    assert [arm.name for arm in curves.arms] == ["left", "right"]
    assert curves.arms[1].joints[-1] == "gripper"
    np.testing.assert_allclose(curves.rows_s[[0, 1, GAP_ROW]], [0.0, 0.02, 0.7])
    assert np.flatnonzero(np.isnan(curves.states_s)).tolist() == [GAP_ROW]
    assert [(s.start_s, s.end_s) for s in curves.gaps] == [(0.48, 0.7)]
    assert [s.name for s in curves.sources] == ["policy", "teleop"]
    np.testing.assert_allclose(curves.ages_ms["wrist"], 30.0)
    expected = 0.1 * (np.sin(1 / 5) - np.sin(0.0))
    np.testing.assert_allclose(curves.errors[0], expected, atol=1e-6)
    assert curves.title == (
        "episode_0 · transfer_cube, seed 3 · failure · 40 rows, 0.8 s at 50 Hz · 10 ticks skipped"
    )


def test_a_command_of_another_clock_is_drawn_by_its_row(dataset):
    path = dataset / "episode_0.hdf5"
    with h5py.File(path, "r+") as file:
        file["stamps/action"][:] += 10**12
    with EpisodeReader(path) as reader:
        curves = read_curves(reader)
    assert curves.note == "commands have another clock's stamps; drawn by their rows"
    assert np.nanmax(curves.commands_s) == curves.duration_s


def test_figure_has_arms_in_columns_and_leaves_out_what_nobody_measured(curves):
    figure = episode_figure(curves)
    labels = [axes.get_ylabel() for axes in figure.get_axes()]
    assert labels[:7] == [
        "waist\n(rad)", "shoulder\n(rad)", "elbow\n(rad)", "forearm_roll\n(rad)",
        "wrist_angle\n(rad)", "wrist_rotate\n(rad)", "gripper\n(0 closed, 1 open)",
    ]  # fmt: skip
    assert not [label for label in labels if label.startswith("effort")]
    assert len([label for label in labels if label.startswith("image age")]) == 2
    assert {axes.get_xlim() for axes in figure.get_axes()} == {(0.0, curves.duration_s)}
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "state", "command", "limit", "policy", "teleop", "gap: no rows",
    ]  # fmt: skip
    assert len(set(source_colors(curves).values())) == 2


def test_plot_writes_a_picture_an_episode(dataset, capsys):
    assert main(["plot", str(dataset)]) == 0
    path = dataset / "plots" / "episode_0.png"
    assert capsys.readouterr().out == f"{path}\n"
    picture = cv2.imread(str(path))
    assert picture.shape[0] > 1000
    assert picture.shape[1] > 1000
    # Lines of state and command (BGR) are there, more than specks.
    for color in ((0xA8, 0x5F, 0x1F), (0x00, 0x7B, 0xE0)):
        assert (np.abs(picture.astype(int) - color).sum(axis=2) < 30).sum() > 2000
    assert [p.name for p in path.parent.iterdir()] == ["episode_0.png"]


def test_the_picture_of_one_file_goes_where_the_datasets_go(dataset, capsys):
    assert main(["plot", str(dataset / "episode_0.hdf5")]) == 0
    assert capsys.readouterr().out == f"{dataset / 'plots' / 'episode_0.png'}\n"
    assert (dataset / "plots" / "episode_0.png").stat().st_size > 1000


def test_plot_takes_a_files_name_and_its_format(dataset, tmp_path):
    svg, pdf = tmp_path / "a.svg", tmp_path / "b"
    assert main(["plot", str(dataset), "--out", str(svg)]) == 0
    assert svg.read_text().startswith("<?xml")
    assert main(["plot", str(dataset), "--out", str(pdf), "--format", "pdf"]) == 0
    assert (pdf / "episode_0.pdf").read_bytes().startswith(b"%PDF")


def test_pictures_that_are_there_stay(dataset, capsys):
    there = dataset / "plots" / "episode_0.png"
    there.parent.mkdir()
    there.write_text("mine")
    assert main(["plot", str(dataset)]) == 1
    assert capsys.readouterr().err == (
        f"act dataset plot: error: {there} exists; --overwrite replaces it, --out goes elsewhere\n"
    )
    assert there.read_text() == "mine"
    assert main(["plot", str(dataset), "--overwrite"]) == 0
    assert there.stat().st_size > 1000


def test_joints_of_no_known_robot_are_one_group_and_one_row_is_enough(tmp_path):
    path = make_episode(tmp_path, num_frames=1, dim=3, joint_names=["a", "b", "c"])
    with EpisodeReader(path) as reader:
        (arm,) = read_curves(reader).arms
    assert (arm.name, arm.joints, arm.columns) == ("", ("a", "b", "c"), (0, 1, 2))
    assert main(["plot", str(tmp_path)]) == 0
    assert main(["video", str(tmp_path)]) == 0
    with imageio.get_reader(tmp_path / "videos" / "episode_0.mp4") as video:
        assert len(list(iter(video))) == 1


def test_an_episode_without_rows_has_no_picture(tmp_path, capsys):
    path = make_episode(tmp_path, num_frames=0)
    assert main(["plot", str(tmp_path)]) == 1
    assert f"{path}: no rows, so there is nothing to show\n" in capsys.readouterr().err
    assert main(["video", str(tmp_path), "--contact-sheet"]) == 1
    assert f"{path}: no images, so there is nothing to show\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["plot", "--out", "x.gif"], "x.gif: expected a name in png, pdf, svg"),
        (["video", "--out", "x.avi"], "x.avi: expected a name in .mp4"),
        (["video", "--speed", "0"], "--speed 0, expected 0.05 … 20"),
        (["video", "--frames", "0"], "--frames 0, expected 1 … 100"),
        (["video", "--cameras", "tap"], "unknown camera 'tap'; did you mean 'top'? Known: top, "),
    ],
)
def test_slips_are_told_in_one_line(dataset, capsys, words, text):
    assert main([words[0], str(dataset), *words[1:]]) == 1
    error = capsys.readouterr().err
    assert text in error
    assert error.count("\n") == 1
    assert [p.name for p in dataset.iterdir()] == ["episode_0.hdf5"]


def test_video_lasts_as_long_as_the_episode_and_keeps_its_gap(dataset):
    assert main(["video", str(dataset)]) == 0
    with imageio.get_reader(dataset / "videos" / "episode_0.mp4") as video:
        frames = list(iter(video))
        assert video.get_meta_data()["fps"] == 50.0
    # 40 rows and ten ticks without one.
    assert len(frames) == ROWS + 10
    # Images of 4:3 and 2:3 side by side, red and green, at one height and in the middle.
    middle = frames[10][200].astype(int)
    red, green = ((np.abs(middle - color).sum(axis=1) < 60).sum() for color in COLORS.values())
    assert red == pytest.approx(2 * green, rel=0.05)
    np.testing.assert_allclose(
        np.flatnonzero(middle[:, 1] < 80)[0], (WIDTH_PX - red - green) / 2, atol=4
    )


def test_speed_shortens_it_and_cameras_choose(dataset):
    assert main(["video", str(dataset), "--speed", "2", "--cameras", "wrist"]) == 0
    with imageio.get_reader(dataset / "videos" / "episode_0.mp4") as video:
        assert len(list(iter(video))) == (ROWS + 10) // 2
        assert video.get_meta_data()["fps"] == 50.0
    with EpisodeReader(dataset / "episode_0.hdf5") as reader:
        slow = EpisodeFilm(reader, ["wrist"], 0.5)
        assert (slow.frames_per_s, len(slow)) == (25.0, ROWS + 10)


def test_a_frame_shows_the_row_of_its_time(dataset):
    with h5py.File(dataset / "episode_0.hdf5", "r+") as file:
        images = file["observations/images/top"]
        for row in range(ROWS):
            images[row] = np.uint8(6 * row)
    with EpisodeReader(dataset / "episode_0.hdf5") as reader:
        film = EpisodeFilm(reader, ["top"])
        shown = [int(frame[200, WIDTH_PX // 2, 0]) // 6 for frame in film.frames()]
    in_gap = [GAP_ROW - 1] * 10
    assert shown == [*range(GAP_ROW), *in_gap, *range(GAP_ROW, ROWS)]


def test_the_cursor_moves_with_the_time(curves):
    strip = CurveStrip(curves, STRIP_PX, WIDTH_PX)
    places = []
    for share in (0.0, 0.5, 1.0):
        picture = strip.at(share * curves.duration_s)
        assert picture.shape == (STRIP_PX, WIDTH_PX, 3)
        columns = np.flatnonzero((picture == CURSOR).all(axis=2).sum(axis=0) > 100)
        places.append(columns[columns < WIDTH_PX // 2].mean())  # of the left arm
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], abs=1.0)
    assert places[2] - places[0] > WIDTH_PX / 3


def test_contact_sheet_has_cameras_in_rows_and_times_in_columns(dataset):
    assert main(["video", str(dataset), "--contact-sheet", "--frames", "5"]) == 0
    sheet = cv2.imread(str(dataset / "videos" / "episode_0.png"))[..., ::-1].astype(int)
    assert sheet.shape == (34 + 180 + 360 + 2 * 4 + 22, 4 + 5 * 244, 3)
    for number in range(5):
        column = sheet[:, 4 + number * 244 + 120]
        for color, height_px in zip(COLORS.values(), (180, 360), strict=True):
            assert (np.abs(column - color).sum(axis=1) < 30).sum() == height_px
    assert (sheet[:34].min(axis=2) < 60).sum() > 200  # the caption
