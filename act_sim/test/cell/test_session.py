# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest

from act_core.robot.robot_file import load_robot
from act_core.robot.robot_spec import CameraSpec
from act_sim.cell.session import EPISODE_GAP_NS, SimSession
from act_sim.errors import SimError

pytestmark = pytest.mark.sim

SPEC = load_robot("aloha_sim")
START_NS = 1_700_000_000_123_456_789


@pytest.fixture(scope="module")
def session():
    session = SimSession(
        SPEC, "transfer_cube", start_ns=START_NS, extra_cameras=[CameraSpec("angle", 24, 32)],
        success_hold_s=0.1,
    )  # fmt: skip
    yield session
    session.close()


@pytest.fixture
def judged(session):
    """Return a function that lets the task give these rewards, one per tick, then zeros."""
    world, task = session.world(), session.world().task

    def by(*rewards, max_ticks=400):
        session.reset("transfer_cube", 0)

        def reward(contacts):
            index = round(world.data.time * SPEC.rate_hz) - 1
            return rewards[index] if 0 <= index < len(rewards) else 0

        world.task = replace(task, reward=reward, max_ticks=max_ticks)
        return session

    yield by
    world.task = task


def _play(session, ticks):
    return [session.step(SPEC.start, render=False) for _ in range(ticks)]


def test_while_it_waits_for_the_first_command_time_goes_on_and_nothing_else(session):
    first = session.reset("transfer_cube", 3)
    waited = [session.wait() for _ in range(5)]
    assert [t.index for t in waited] == [0] * 5
    assert np.diff([first.stamp_ns, *(t.stamp_ns for t in waited)]).tolist() == [20_000_000] * 5
    (cube,) = first.objects
    assert all(t.objects[cube].tolist() == first.objects[cube].tolist() for t in waited)
    assert np.array_equal(waited[-1].images["angle"], first.images["angle"])
    begun = session.step(SPEC.start, render=False)
    assert (begun.index, begun.stamp_ns) == (1, waited[-1].stamp_ns + 20_000_000)
    session.reset("transfer_cube", 3)
    at_once = session.step(SPEC.start, render=False)
    assert at_once.joints.positions.tolist() == begun.joints.positions.tolist()


def test_time_never_goes_back_and_episodes_lie_apart(session):
    stamps = []
    for seed in (3, 1):
        tick = session.reset("transfer_cube", seed)
        assert tick.index == 0
        assert not stamps or tick.stamp_ns - stamps[-1] >= EPISODE_GAP_NS
        ticks = [tick, *_play(session, 5)]
        assert [t.index for t in ticks] == list(range(6))
        assert np.diff([t.stamp_ns for t in ticks]).tolist() == [20_000_000] * 5
        stamps += [t.stamp_ns for t in ticks]
    assert stamps[0] > START_NS
    assert all(s % SPEC.period_ns == 0 for s in stamps)
    assert all(t.joints.stamp_ns == t.stamp_ns for t in ticks)


def test_episodes_are_counted_and_begin_clean(session):
    session.reset("transfer_cube", 5)
    number = session.episode.number
    session.episode.stage = 4
    session.end("test", aborted=True)
    session.reset("transfer_cube", 6)
    episode = session.episode
    assert (episode.number, episode.task, episode.seed) == (number + 1, "transfer_cube", 6)
    assert (episode.stage, episode.message) == (0, "")
    assert not any((episode.held, episode.done, episode.aborted, episode.success))


def test_same_seed_gives_the_same_ticks_in_either_episode(session):
    episodes = []
    for _ in range(2):
        first = session.reset("transfer_cube", 9, disturbance=1.0)
        episodes.append([first, session.step(SPEC.start), session.step(SPEC.start)])
    for one, other in zip(*episodes, strict=True):
        np.testing.assert_array_equal(one.joints.positions, other.joints.positions)
        np.testing.assert_array_equal(one.objects["cube"], other.objects["cube"])
        for camera in ("top", "angle"):
            np.testing.assert_array_equal(one.images[camera], other.images[camera])


def test_images_come_from_the_robots_and_the_extra_cameras(session):
    images = session.reset("transfer_cube", 0).images
    assert {n: i.shape for n, i in images.items()} == {"top": (120, 160, 3), "angle": (24, 32, 3)}
    assert session.step(SPEC.start, render=False).images == {}


def test_reward_kept_long_enough_ends_the_episode(judged):
    session = judged(0, 1, 4, 4, 4, 4, 3, 4, 4, 4, 4, 4, 0)
    _play(session, 11)
    episode = session.episode
    assert episode.stage == 4
    assert episode.success
    assert not any((episode.held, episode.done))
    _play(session, 1)
    assert episode.held
    assert episode.done
    assert not episode.aborted
    assert episode.message == "success held"


def test_running_out_of_ticks_ends_the_episode(judged):
    session = judged(2, 1, max_ticks=6)
    _play(session, 5)
    assert not session.episode.done
    _play(session, 1)
    episode = session.episode
    assert episode.done
    assert not any((episode.held, episode.aborted, episode.success))
    assert (episode.stage, episode.message) == (2, "6 ticks are over")
    assert session.max_ticks() == 6


def test_after_the_end_the_world_goes_on_but_nothing_is_judged(judged):
    session = judged(0, 0, 4, 4, 4, 4, 4, 4, max_ticks=2)
    ticks = _play(session, 8)
    assert session.episode.message == "2 ticks are over"
    assert session.episode.stage == 0
    assert ticks[-1].index == 8
    assert ticks[-1].reward == 4


def test_unknown_task_leaves_the_running_episode_alone(session):
    session.reset("transfer_cube", 2)
    number = session.episode.number
    with pytest.raises(
        SimError, match="no task 'juggle'. Known: insertion, place_block, transfer_cube"
    ):
        session.reset("juggle", 0)
    assert session.episode.number == number
    assert session.step(SPEC.start, render=False).index == 1


def test_tasks_change_within_one_session(session):
    assert set(session.reset("insertion", 0).objects) == {"peg", "socket"}
    assert set(session.reset("transfer_cube", 0).objects) == {"cube"}


def test_aborted_scene_can_be_observed_and_stepped_again(session, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # MuJoCo writes its log here
    session.reset("transfer_cube", 3)
    session.world().data.qvel[:] = 1e200
    with pytest.raises(SimError) as caught:
        session.step(SPEC.start)
    session.abort(str(caught.value))
    tick = session.observe()
    assert np.isfinite(tick.joints.positions).all()
    assert (session.episode.done, session.episode.aborted) == (True, True)
    assert session.episode.message == str(caught.value)
    assert session.step(SPEC.start).stamp_ns == tick.stamp_ns + SPEC.period_ns
