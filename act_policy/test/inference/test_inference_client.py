# SPDX-License-Identifier: Apache-2.0
"""The inference client with real worker processes and a tiny random checkpoint."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from act_core.observation import JointSample, Observation
from act_policy.checkpoint.checkpoint import save_checkpoint
from act_policy.errors import InferenceError
from act_policy.inference import worker_process
from act_policy.inference.client import InferenceClient, InferenceOptions
from act_policy.inference.network_policy import NetworkPolicy
from act_policy.inference.wire import NOTE, WARNING, Reply
from act_policy.inference.worker_process import start_ahead
from act_policy.testing import make_checkpoint

LIMIT_S = 60.0  # a worker imports torch, which takes long on a busy machine
SHAPE = (32, 40, 3)
ROWS = np.random.default_rng(0).normal(1.0, 2.0, (9, 3)).astype(np.float32)
CHECKPOINT = make_checkpoint(
    ROWS, ROWS, step=7, cameras=("top", "wrist"), image_width_px=SHAPE[1], chunk_size=5
)


class Client:
    """An inference client with a way to wait for its replies."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.news = threading.Event()
        chosen = InferenceOptions(**options)
        self.inner = InferenceClient(folder, CHECKPOINT.config, chosen, on_reply=self.news.set)

    def take_until(self, enough: Callable[[list[Reply]], bool]) -> list[Reply]:
        replies: list[Reply] = []
        end_s = time.monotonic() + LIMIT_S
        while not enough(replies):
            assert time.monotonic() < end_s, f"only {len(replies)} replies came"
            self.news.wait(0.1)
            self.news.clear()
            self.inner.check()
            replies += self.inner.take()
        return replies

    def wait_for_fault(self) -> str:
        with pytest.raises(InferenceError) as caught:
            self.take_until(lambda _: False)
        return str(caught.value)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("inference") / "checkpoint"
    save_checkpoint(path, CHECKPOINT)
    return path


@pytest.fixture
def start(folder) -> Iterator[Callable[[], Client]]:
    clients = []

    def build(path: Path = folder, **options: Any) -> Client:
        clients.append(Client(path, **options))
        return clients[-1]

    yield build
    for client in clients:
        client.inner.close()


@pytest.fixture(scope="module")
def client(folder) -> Iterator[Client]:
    shared = Client(folder)
    shared.inner.wait_ready(LIMIT_S)
    yield shared
    shared.inner.close()


def _observation(stamp_ns: int) -> Observation:
    rng = np.random.default_rng(stamp_ns)
    joints = JointSample(stamp_ns, rng.normal(size=3), np.zeros(3), np.zeros(3))
    names = ("wrist", "unused", "top")  # not in the checkpoint's order
    images = {name: rng.integers(0, 256, SHAPE, dtype=np.uint8) for name in names}
    return Observation(stamp_ns, joints, images, dict.fromkeys(names, stamp_ns))


def test_chunk_equals_that_of_a_policy_in_this_process(client, folder):
    policy = NetworkPolicy.load(folder, num_threads=1)
    for stamp_ns in (11, 12):
        observation = _observation(stamp_ns)
        client.inner.request(observation)
        (reply,) = client.take_until(bool)
        assert reply.stamp_ns == stamp_ns
        assert 0 < reply.duration_s < LIMIT_S
        expected = policy.predict_chunk(observation.joints.positions, observation.images)
        np.testing.assert_allclose(reply.chunk, expected, rtol=1e-5, atol=1e-6)
    assert client.inner.waiting_s == 0.0


def test_a_prediction_can_be_made_to_take_its_time_and_stays_what_it_is(start, client):
    slow = start(least_s=0.3)
    slow.inner.wait_ready(LIMIT_S)
    chunks = []
    for each in (client, slow):
        each.inner.request(_observation(11))
        (reply,) = each.take_until(bool)
        chunks.append(reply.chunk)
    assert 0.3 <= reply.duration_s < LIMIT_S
    np.testing.assert_array_equal(*chunks)


def test_description_of_the_checkpoint_comes_with_readiness(client):
    description = client.inner.description
    assert description["step"] == 7
    assert description["cameras"] == ["top", "wrist"]
    assert description["device"] == "cpu"


@pytest.mark.parametrize(
    ("tolerance", "code", "end"),
    [
        (0.02, NOTE, ""),
        (0.0, WARNING, ", more than engine_tolerance 0: torch takes over"),
    ],
)
def test_an_engine_says_with_the_first_prediction_how_far_it_is_off(
    start, folder, tolerance, code, end
):
    client = start(engine="openvino", tolerance=tolerance)
    client.inner.wait_ready(LIMIT_S)
    assert client.inner.description["engine"] == "openvino"
    for stamp_ns in (11, 12):
        client.inner.request(_observation(stamp_ns))
        replies = client.take_until(lambda got: any(r.chunk is not None for r in got))
        told = [r for r in replies if r.chunk is None]
        if stamp_ns == 11:
            (first,) = told
            assert first.code == code
            assert re.fullmatch(
                r"engine openvino differs from torch's float32 by \S+ at most"
                + re.escape(f"{end} (first observation, rad or gripper opening)"),
                first.text,
            )
        else:
            assert told == []
    observation = _observation(12)
    expected = NetworkPolicy.load(folder, num_threads=1).predict_chunk(
        observation.joints.positions, observation.images
    )
    np.testing.assert_allclose(replies[-1].chunk, expected, rtol=1e-5, atol=1e-5)


def test_while_one_is_under_way_only_the_newest_request_waits(client):
    stamps = list(range(100, 150))
    for stamp_ns in stamps:
        client.inner.request(_observation(stamp_ns))
    replies = client.take_until(lambda got: any(r.stamp_ns == stamps[-1] for r in got))
    answered = [reply.stamp_ns for reply in replies]
    assert answered[0] == stamps[0]
    assert answered == sorted(set(answered))
    assert client.inner.take() == []


def test_killed_worker_is_named_with_its_exit_status(start):
    others = set(psutil.Process().children())
    client = start()
    client.inner.wait_ready(LIMIT_S)
    (worker,) = set(psutil.Process().children()) - others
    os.kill(worker.pid, signal.SIGKILL)
    assert client.wait_for_fault() == (
        f"the inference worker (pid {worker.pid}) is gone, exit status -9"
    )
    client.inner.request(_observation(1))  # harmless: the fault stays what it was
    with pytest.raises(InferenceError, match="is gone, exit status -9"):
        client.inner.check()


def test_worker_that_is_stopped_does_not_keep_its_node_from_ending(start):
    others = set(psutil.Process().children())
    client = start()
    client.inner.wait_ready(LIMIT_S)
    (worker,) = set(psutil.Process().children()) - others
    worker.suspend()
    started_s = time.monotonic()
    client.inner.close()
    assert time.monotonic() - started_s < 5.0
    assert not worker.is_running()


def test_positions_that_are_not_finite_are_reported_by_the_worker(start):
    client = start()
    client.inner.wait_ready(LIMIT_S)
    observation = _observation(1)
    observation.joints.positions[1] = np.nan
    client.inner.request(observation)
    assert client.wait_for_fault() == "inference failed: positions are not finite: ['b']"


def test_missing_checkpoint_is_named_before_anything_is_ready(start, tmp_path):
    path = tmp_path / "gone"
    with pytest.raises(InferenceError) as caught:
        start(path).inner.wait_ready(LIMIT_S)
    assert str(caught.value) == f"there is no checkpoint folder '{path}'"


def test_worker_that_is_not_ready_in_time_is_not_waited_for_longer(start):
    with pytest.raises(InferenceError, match=r"the inference worker was not ready after 0\.01 s"):
        start().inner.wait_ready(0.01)


OWNER = """
import sys, time
from pathlib import Path
from act_policy.checkpoint.checkpoint import load_checkpoint
from act_policy.inference import worker_process
from act_policy.inference.client import InferenceClient, InferenceOptions
folder = Path(sys.argv[1])
client = InferenceClient(folder, load_checkpoint(folder).config)
client.wait_ready(float(sys.argv[2]))
print("ready", flush=True)
time.sleep(600)
"""


def test_worker_ends_with_the_process_that_started_it(folder):
    command = [sys.executable, "-c", OWNER, str(folder), str(LIMIT_S)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout.readline() == "ready\n"
        (worker,) = psutil.Process(owner.pid).children()
        owner.kill()
    _, alive = psutil.wait_procs([worker], timeout=LIMIT_S)
    assert alive == [] or worker.status() == psutil.STATUS_ZOMBIE


def test_a_worker_that_was_started_ahead_is_the_first_clients(start):
    start_ahead()
    (ahead,) = worker_process._ahead
    first, second = start(), start()
    assert first.inner._process is ahead.popen
    assert second.inner._process.pid != ahead.popen.pid
    first.inner.wait_ready(LIMIT_S)


@pytest.mark.parametrize("end", ["pass", "import os; os.kill(os.getpid(), 9)"])
def test_a_worker_that_nobody_wanted_ends_with_its_process(end):
    script = (
        "from act_policy.inference import worker_process as w; w.start_ahead(); "
        f"print(w._ahead[0].popen.pid, flush=True); {end}"
    )
    done = subprocess.run(  # returns when the worker, too, has closed its output
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False, timeout=LIMIT_S,
    )  # fmt: skip
    assert re.fullmatch(r"\d+\n", done.stdout), done.stdout  # and said nothing
