# SPDX-License-Identifier: Apache-2.0
"""What the policy node needs to drive, made from its parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from act_core.errors import ParameterError
from act_core.robot.robot_spec import RobotSpec
from act_core.ros.messages.images import image_decoder
from act_core.streams.assembler import ObservationAssembler
from act_policy.checkpoint.compatibility import check_robot
from act_policy.checkpoint.description import read_description
from act_policy.checkpoint.find_checkpoint import find_checkpoint
from act_policy.driving.chunk_broker import ChunkBroker, covered_ns
from act_policy.errors import InferenceError
from act_policy.inference.client import InferenceClient, InferenceOptions
from act_policy.model.act_config import ACTConfig
from act_policy.session.policy_params import PolicyParams


@dataclass(frozen=True)
class LoadedPolicy:
    """A checkpoint ready to drive the robot it was compared with."""

    params: PolicyParams
    spec: RobotSpec
    client: InferenceClient
    broker: ChunkBroker
    assembler: ObservationAssembler
    chunk_period_ns: int
    description: str


def load_policy(
    params: PolicyParams, spec: RobotSpec, on_reply: Callable[[], None]
) -> LoadedPolicy:
    """Load the checkpoint in its own process, compare it with the robot, warm up.

    Raises:
        CheckpointError: missing, damaged, or of another robot.
        ParameterError: there would be ticks that no prediction covers.
        InferenceError: the inference process does not get ready.
    """
    folder = find_checkpoint(params.checkpoint)
    description = read_description(folder)
    config = description.config
    check_robot(config, description.robot_yaml, spec)
    _check_interval(params.query_interval_ticks, _covered_ticks(config, spec), folder)
    options = InferenceOptions(
        params.device, params.inference_threads, params.engine, params.engine_tolerance,
        params.least_inference_s,
    )  # fmt: skip
    client = InferenceClient(folder, config, options, on_reply=on_reply)
    try:
        client.wait_ready(params.load_timeout_s)
    except InferenceError:
        client.close()
        raise
    broker = ChunkBroker(
        spec,
        config.chunk_size,
        chunk_period_ns=config.period_ns,
        ensemble=params.ensemble,
        coefficient=params.ensemble_coefficient,
        query_interval_ticks=params.query_interval_ticks,
        prefix_size=config.prefix_size,
    )
    assembler = ObservationAssembler(
        config.cameras,
        max_age_ns=params.max_age_ns,
        max_skew_ns=params.max_skew_ns,
        decode=image_decoder(spec),
    )
    text = _describe(params, folder, client, config, spec)
    return LoadedPolicy(params, spec, client, broker, assembler, config.period_ns, text)


def _describe(
    params: PolicyParams, folder: Path, client: InferenceClient, config: ACTConfig,
    spec: RobotSpec,
) -> str:  # fmt: skip
    loaded = client.description
    interval = params.query_interval_ticks or _covered_ticks(config, spec)
    rates = ""
    if config.rate_hz != spec.rate_hz:
        rates = f", chunks at {config.rate_hz:g} Hz, commands at {spec.rate_hz:g} Hz"
    return (
        f"checkpoint {folder} (step {loaded['step']}, {loaded['parameters'] / 1e6:.1f} M "
        f"parameters) on {loaded['device']} by {loaded['engine']}, cameras "
        f"{', '.join(config.cameras)}, pace {params.pace}, ensemble {params.ensemble} "
        f"m={params.ensemble_coefficient:g}, query every {interval} ticks{rates}"
    )


def _covered_ticks(config: ACTConfig, spec: RobotSpec) -> int:
    return covered_ns(config.chunk_size, config.period_ns, spec.period_ns) // spec.period_ns


def _check_interval(ticks: int, covered: int, folder: Path) -> None:
    if ticks > covered:
        raise ParameterError(
            f"query_interval_ticks is {ticks}, but {folder} predicts {covered} ticks at a time; "
            f"expected 0 … {covered}"
        )
