# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_sim.errors import SimError
from act_sim.tasks import TASKS, Contacts, task_named
from act_sim.tasks.task import LEFT_FINGER, RIGHT_FINGER, TABLE

# x y z in metres; but for the block's, as published (tonyzhaozh/act utils.py).
REGIONS = {
    "cube": ([0.0, 0.4, 0.05], [0.2, 0.6, 0.05]),
    "peg": ([0.1, 0.4, 0.05], [0.2, 0.6, 0.05]),
    "block": ([-0.08, -0.15, 0.02], [0.12, 0.08, 0.02]),
    "socket": ([-0.2, 0.4, 0.05], [-0.1, 0.6, 0.05]),
}
CUBE, PEG, SOCKET, PIN = "red_box", "red_peg", "socket-3", "pin"


def _contacts(*pairs):
    return Contacts(frozenset(frozenset(pair) for pair in pairs))


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@given(seed=st.integers(0, 2**64 - 1))
def test_objects_start_upright_in_the_published_region(task, seed):
    poses = task.sample(np.random.default_rng(seed)).reshape(-1, 7)
    assert len(poses) == len(task.object_joints)
    for name, pose in zip(task.object_joints, poses, strict=True):
        low, high = REGIONS[name]
        assert np.all((low <= pose[:3]) & (pose[:3] <= high))
        assert pose[3:].tolist() == [1.0, 0.0, 0.0, 0.0]
    np.testing.assert_array_equal(
        poses, task.sample(np.random.default_rng(seed)).reshape(-1, 7)
    )  # fmt: skip


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_starts_fill_the_region(task):
    rng = np.random.default_rng(0)
    samples = np.array([task.sample(rng) for _ in range(500)]).reshape(500, -1, 7)
    for index, name in enumerate(task.object_joints):
        low, high = map(np.array, REGIONS[name])
        spread = samples[:, index, :2].max(axis=0) - samples[:, index, :2].min(axis=0)
        assert np.all(spread > 0.95 * (high - low)[:2])


@pytest.mark.parametrize(
    ("pairs", "reward"),
    [
        ([], 0),
        ([(CUBE, TABLE)], 0),
        ([(RIGHT_FINGER, TABLE)], 0),
        ([(CUBE, RIGHT_FINGER), (CUBE, TABLE)], 1),
        ([(RIGHT_FINGER, CUBE)], 2),
        ([(CUBE, LEFT_FINGER), (CUBE, TABLE)], 3),
        ([(CUBE, LEFT_FINGER), (CUBE, RIGHT_FINGER), (CUBE, TABLE)], 3),
        ([(CUBE, LEFT_FINGER), (CUBE, RIGHT_FINGER)], 4),
        ([(LEFT_FINGER, CUBE)], 4),
    ],
)
def test_staged_reward_of_transfer_cube(pairs, reward):
    assert TASKS["transfer_cube"].reward(_contacts(*pairs)) == reward


BOTH = [(PEG, RIGHT_FINGER), (SOCKET, LEFT_FINGER)]


@pytest.mark.parametrize(
    ("pairs", "reward"),
    [
        ([], 0),
        ([(PEG, RIGHT_FINGER)], 0),
        ([(SOCKET, LEFT_FINGER)], 0),
        ([(PEG, LEFT_FINGER), (SOCKET, RIGHT_FINGER)], 0),
        ([*BOTH, (PEG, TABLE)], 1),
        ([*BOTH, (TABLE, "socket-1")], 1),
        (BOTH, 2),
        ([*BOTH, (PEG, "socket-4")], 3),
        ([(PEG, "socket-4"), (PEG, TABLE)], 0),
        ([*BOTH, (PEG, "socket-4"), (SOCKET, TABLE)], 1),
        ([(PEG, PIN)], 4),
        ([*BOTH, (PEG, TABLE), (PIN, PEG)], 4),
    ],
)
def test_staged_reward_of_insertion(pairs, reward):
    assert TASKS["insertion"].reward(_contacts(*pairs)) == reward


def test_unknown_task_is_answered_with_the_known_ones():
    with pytest.raises(SimError) as caught:
        task_named("insert")
    assert str(caught.value) == (
        "no task 'insert'; did you mean 'insertion'? Known: insertion, place_block, transfer_cube"
    )
