# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from act_core.robot.robot_file import load_robot
from act_policy.driving import local_policy
from act_policy.driving.chunk_broker import ChunkBroker
from act_policy.driving.local_policy import LocalPolicy
from act_policy.inference.network_policy import NetworkPolicy
from act_policy.testing import make_checkpoint

SPEC = load_robot("aloha_sim")
PERIOD_NS = 20_000_000


@pytest.fixture
def policy():
    states = np.tile(SPEC.start, (5, 1)).astype(np.float32)
    states += np.random.default_rng(0).normal(size=states.shape).astype(np.float32)
    checkpoint = make_checkpoint(states, states, rate_hz=50.0)
    network = NetworkPolicy(checkpoint, engine="openvino")
    broker = ChunkBroker(SPEC, network.config.chunk_size, chunk_period_ns=PERIOD_NS)
    return LocalPolicy(network, broker)


def driven(policy):
    image = np.zeros((32, 32, 3), np.uint8)
    policy.start(0, SPEC.start)
    for tick in range(3):
        policy.command(tick * PERIOD_NS, SPEC.start, lambda: {"top": image})


def test_an_engine_that_is_near_enough_drives(policy, caplog):
    driven(policy)
    assert policy._network.engine == "openvino"
    assert caplog.messages == []


def test_an_engine_that_is_too_far_off_gives_way_to_torch_and_that_is_said_once(
    policy, caplog, monkeypatch
):
    monkeypatch.setattr(local_policy, "ENGINE_TOLERANCE", 0.0)
    driven(policy)
    assert policy._network.engine == "torch"
    (message,) = caplog.messages
    assert message.startswith("engine openvino differs from torch's float32 by ")
    assert message.endswith(", more than 0: torch takes over")
