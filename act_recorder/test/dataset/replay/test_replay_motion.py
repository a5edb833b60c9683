# SPDX-License-Identifier: Apache-2.0
"""What a replay checks before it moves, how it moves, and what it reports."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.episode.meta import EpisodeMeta
from act_core.episode.writer import EpisodeWriter
from act_core.errors import EpisodeError
from act_core.robot.robot_file import load_robot, parse_robot
from act_core.testing import make_episode, make_observation
from act_recorder.dataset.command import main
from act_recorder.dataset.replay.command_player import CommandPlayer, PlayState
from act_recorder.dataset.replay.command_track import CommandTrack, read_track
from act_recorder.dataset.replay.commanded_robot import command_differences, commanded_robot
from act_recorder.dataset.replay.motion_check import MOST_CHANGE_RAD, check_motion
from act_recorder.dataset.replay.tracking import measure

SPEC = load_robot("aloha_sim")
DT = 1 / SPEC.rate_hz
WAIST, SHOULDER, GRIPPER = 0, 1, 6


def wave(*, rows=100, amplitude=0.3, column=WAIST, speed=1.0):
    """A swing of one joint, from rest to rest, once a 2 s."""
    times_s = np.arange(rows) * DT
    actions = np.tile(SPEC.start, (rows, 1))
    actions[:, column] += amplitude * (1 - np.cos(np.pi * times_s)) / 2
    return CommandTrack(actions, times_s, speed)


def write_episode(folder, actions, *, robot=SPEC):
    meta = EpisodeMeta.for_robot(robot, sim=True, task="transfer_cube", seed=0)
    writer = EpisodeWriter(folder, meta, {})
    rng = np.random.default_rng(0)
    for row, action in enumerate(actions):
        obs = make_observation(row * SPEC.period_ns, SPEC.dim, {}, rng)
        obs.joints.positions[:] = action
        writer.append(obs, action, row * SPEC.period_ns)
    return writer.finish()


def play(track, measured, *, ramp_speed=0.5, most=20_000):
    player = CommandPlayer(SPEC, track, ramp_speed)
    player.begin(measured)
    commands, states = [], []
    while player.state is not PlayState.ENDED:
        states.append(player.state)
        commands.append(player.step(DT))
        assert len(commands) < most
    return np.array(commands), states


def test_commands_that_keep_the_limits_are_given_as_they_were_recorded():
    track = wave()
    commands, states = play(track, SPEC.start)
    assert set(states) == {PlayState.PLAYING}
    np.testing.assert_allclose(commands, track.actions, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(
    away=st.floats(-1.0, 1.0),
    ramp_speed=st.floats(0.05, 2.0),
    speed=st.sampled_from([0.1, 0.5, 1.0, 2.0]),
)
def test_from_any_pose_it_leads_slowly_to_the_start_and_plays_to_the_end(away, ramp_speed, speed):
    measured, track = SPEC.start.copy(), wave(speed=speed)
    measured[WAIST] += away
    commands, states = play(track, measured, ramp_speed=ramp_speed)
    steps = np.diff(commands, axis=0, prepend=measured[None])
    ramp = np.array([state is PlayState.RAMPING for state in states])
    assert np.abs(steps[ramp]).max(initial=0.0) <= ramp_speed * DT * (1 + 1e-6)
    assert np.abs(steps).max() <= SPEC.max_velocity.max() * DT + 1e-9
    assert (
        np.abs(np.diff(steps, axis=0)).max(axis=0) <= SPEC.max_acceleration * DT**2 + 1e-6
    ).all()
    np.testing.assert_allclose(commands[-1], track.actions[-1], atol=1e-6)
    played = (~ramp).sum()
    assert played == pytest.approx(track.duration_s * SPEC.rate_hz + 1, abs=3)


def test_a_pause_of_the_process_delays_and_never_jumps():
    track = wave()
    player = CommandPlayer(SPEC, track, 0.5)
    player.begin(SPEC.start)
    before = [player.step(DT) for _ in range(20)][-1]
    after = player.step(3.0)
    assert np.abs(after - before).max() <= 2 * SPEC.max_velocity[WAIST] * DT
    assert player.progress_s == pytest.approx(21 * DT)


def test_a_motion_within_the_limits_has_no_fault():
    check = check_motion(wave(), SPEC)
    assert check.faults == ()
    assert check.speed[WAIST] == pytest.approx(0.3 * np.pi / 2, rel=0.01)
    assert check.change.max() < 0.01


def test_a_command_out_of_range_is_a_fault_with_its_time():
    track = wave()
    track.actions[40:43, SHOULDER] = 1.4
    (fault,) = check_motion(track, SPEC).faults
    assert fault == (
        "'left_shoulder' is commanded 1.400 at 0.80 s, aloha_sim allows -1.85005 … 1.25664 (3 of "
        "100 commands are outside)"
    )


def test_too_fast_a_motion_is_a_fault_with_the_speed_that_would_do():
    track = wave(amplitude=2.2, speed=2.0)
    (fault,) = check_motion(track, SPEC).faults
    assert "would be up to" in fault
    assert fault.startswith("'left_waist'")
    speed = float(fault.split("--speed ")[1].split()[0])
    assert 0.5 < speed < 2.0
    assert check_motion(CommandTrack(track.actions, track.times_s, speed), SPEC).faults == ()


def test_a_jump_is_a_fault_that_no_speed_mends():
    track = wave()
    track.actions[50:, WAIST] += 0.8
    check = check_motion(track, SPEC)
    assert check.change[WAIST] > MOST_CHANGE_RAD
    assert check.faults[0].endswith("no lower speed helps: it jumps")


def test_dry_run_refuses_what_is_out_of_range_and_tells_the_rest(tmp_path, capsys):
    track = wave()
    write_episode(tmp_path, track.actions)
    assert main(["replay", str(tmp_path), "--sim", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "100 commands for 'aloha_sim', 2.0 s at speed 1\n" in out
    assert "start: up to 0.00 rad from the first command" in out
    assert out.endswith("dry run: nothing was moved\n")
    track.actions[40, SHOULDER] = 1.4
    write_episode(tmp_path, track.actions)
    words = ["replay", str(tmp_path), "--episodes", "1", "--sim", "--dry-run"]
    assert main(words) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"act dataset replay: error: {tmp_path}/episode_1.hdf5: 'left_should")
    assert "aloha_sim allows -1.85005 … 1.25664 (1 of 100 commands are outside)" in error


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--speed", "5"], "--speed 5, expected 0.1 … 2"),
        (["--ramp-speed", "9"], "--ramp-speed 9, expected 0.05 … 2"),
        ([], "2 episodes of {} and one can be replayed at a time; name it by --episodes"),
    ],
)
def test_slips_of_a_replay_are_told_in_one_line(tmp_path, capsys, words, text):
    for _ in range(2):
        write_episode(tmp_path, wave(rows=3).actions)
    assert main(["replay", str(tmp_path), "--dry-run", *words]) == 1
    assert capsys.readouterr().err == (f"act dataset replay: error: {text.format(tmp_path)}\n")


def test_another_robot_is_refused_and_the_difference_shown(tmp_path):
    path = write_episode(tmp_path, wave(rows=3).actions)
    assert commanded_robot(path, None).columns == SPEC.columns
    assert commanded_robot(path, SPEC) is SPEC
    other = parse_robot(SPEC.yaml_text.replace("[-1.85005, 1.25664]", "[-1.8, 1.2]"), "other")
    with pytest.raises(EpisodeError) as caught:
        commanded_robot(path, other)
    assert str(caught.value) == (
        f"{path}: recorded with another robot than 'aloha_sim': arms 'left': joints 'shoulder': "
        "limits_rad: recorded -1.85005, 1.25664, now -1.8, 1.2; arms 'right': joints 'shoulder': "
        "limits_rad: recorded -1.85005, 1.25664, now -1.8, 1.2"
    )


def test_only_what_changes_a_motion_makes_another_robot():
    text = SPEC.yaml_text
    same = text.replace("max_velocity_rad_s: 3.14", "max_velocity_rad_s: 1.0")
    same = same.replace("height_px: 120", "height_px: 60") + "\n# seen from above\n"
    assert command_differences(SPEC, parse_robot(same, "same")) == []
    gripper = text.replace(
        "command: {joint: left_finger, closed: 0.01844",
        "command: {joint: left_finger, closed: 0.02",
    )
    assert command_differences(SPEC, parse_robot(gripper, "gripper"))[0] == (
        "arms 'left': gripper: command: closed: recorded 0.01844, now 0.02"
    )
    fewer = load_robot("aloha_sim")
    lacking = text.replace("name: waist", "name: hip").replace("waist:", "hip:")
    rest = "shoulder, elbow, forearm_roll, wrist_angle, wrist_rotate"
    assert command_differences(fewer, parse_robot(lacking, "hip")) == [
        f"arms '{arm}': joints: recorded waist, {rest}, now hip, {rest}"
        for arm in ("left", "right")
    ]


def test_an_episode_that_names_no_robot_needs_one(tmp_path):
    path = make_episode(tmp_path, joint_names=SPEC.columns)
    with pytest.raises(EpisodeError, match="name the robot by --robot$"):
        commanded_robot(path, None)
    assert commanded_robot(path, SPEC) is SPEC
    assert read_track(path, SPEC, 0.5).duration_s == pytest.approx(9 * DT / 0.5)


@settings(max_examples=30, deadline=None)
@given(lag_ticks=st.integers(0, 20), offset=st.floats(-0.05, 0.05))
def test_tracking_finds_the_lag(lag_ticks, offset):
    track = wave(rows=200, amplitude=0.5)
    states = np.roll(track.actions, lag_ticks, axis=0)
    states[:lag_ticks] = track.actions[0]
    states[:, SHOULDER] += offset
    tracking = measure(track.times_s, track.actions, track.times_s, states)
    assert tracking.lag_s[WAIST] == pytest.approx(lag_ticks * DT, abs=0.006)
    assert np.isnan(tracking.lag_s[SHOULDER])  # it did not move
    assert tracking.mean[SHOULDER] == pytest.approx(abs(offset))
    expected = np.abs(track.actions[:, WAIST] - states[:, WAIST])
    assert tracking.largest[WAIST] == pytest.approx(expected.max())


def test_what_never_follows_has_no_lag():
    track = wave(rows=200)
    states = track.actions.copy()
    states[:, WAIST] = -states[:, WAIST]
    assert np.isnan(measure(track.times_s, track.actions, track.times_s, states).lag_s[WAIST])
