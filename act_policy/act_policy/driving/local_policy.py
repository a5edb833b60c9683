# SPDX-License-Identifier: Apache-2.0
"""A checkpoint that drives from within the caller's process, through the node's own broker."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_core.policy_protocol import Look
from act_core.robot.robot_spec import RobotSpec
from act_policy.driving.chunk_broker import ChunkBroker
from act_policy.inference.engine_names import EXACT
from act_policy.inference.network_policy import NetworkPolicy


class LocalPolicy:
    """Answers every tick at once, as the policy node does in lockstep.

    It is an `act_core.policy_protocol.Policy`.
    """

    def __init__(self, network: NetworkPolicy, broker: ChunkBroker) -> None:
        self._network, self._broker = network, broker

    @classmethod
    def load(
        cls,
        checkpoint: Path,
        spec: RobotSpec,
        *,
        ensemble: str = "paper",
        coefficient: float = 0.01,
        query_interval_ticks: int = 1,
        num_threads: int = 1,
        engine: str = EXACT,
    ) -> "LocalPolicy":
        """Load a checkpoint folder for `spec`; see ChunkBroker and NetworkPolicy."""
        network = NetworkPolicy.load(checkpoint, num_threads=num_threads, engine=engine)
        broker = ChunkBroker(
            spec,
            network.config.chunk_size,
            chunk_period_ns=network.config.period_ns,
            ensemble=ensemble,
            coefficient=coefficient,
            query_interval_ticks=query_interval_ticks,
        )
        return cls(network, broker)

    def start(self, stamp_ns: int, positions: NDArray[np.float64]) -> None:
        """Begin an episode at `stamp_ns` from the measured pose (D,)."""
        self._broker.start(stamp_ns, positions)

    def command(
        self, stamp_ns: int, positions: NDArray[np.float64], look: Look
    ) -> NDArray[np.float64]:
        """Return the (D,) command for the tick of `stamp_ns`; see the protocol."""
        if self._broker.is_due(stamp_ns):
            self._broker.note_asked(stamp_ns)
            chunk = self._network.predict_chunk(positions, look())
            self._broker.add_prediction(stamp_ns, chunk)
        command = self._broker.command(stamp_ns)
        assert command is not None, "each tick is covered by a prediction that was not waited for"
        return command.vector
