# SPDX-License-Identifier: Apache-2.0
"""A checkpoint that drives from within the caller's process, through the node's own broker."""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_core.policy_protocol import Look
from act_core.robot.robot_spec import RobotSpec
from act_policy.driving.chunk_broker import ChunkBroker
from act_policy.inference.engine_names import ENGINE_TOLERANCE, EXACT
from act_policy.inference.network_policy import NetworkPolicy

_log = logging.getLogger(__name__)


class LocalPolicy:
    """Answers every tick at once, as the policy node does in lockstep.

    As there, the engine is compared with torch on the first observation, and torch takes over
    where it is too far off. It is an `act_core.policy_protocol.Policy`.
    """

    def __init__(self, network: NetworkPolicy, broker: ChunkBroker) -> None:
        self._network, self._broker = network, broker
        self._engine_checked = False

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
            images = look()
            if not self._engine_checked:
                self._check_engine(positions, images)
            chunk = self._network.predict_chunk(positions, images)
            self._broker.add_prediction(stamp_ns, chunk)
        command = self._broker.command(stamp_ns)
        assert command is not None, "each tick is covered by a prediction that was not waited for"
        return command.vector

    def _check_engine(
        self, positions: NDArray[np.float64], images: Mapping[str, NDArray[np.uint8]]
    ) -> None:
        name, self._engine_checked = self._network.engine, True
        difference = self._network.check_engine(positions, images, ENGINE_TOLERANCE)
        if self._network.engine != name:
            _log.warning(
                "engine %s differs from torch's float32 by %.2g, more than %g: torch takes over",
                name, difference, ENGINE_TOLERANCE,
            )  # fmt: skip
