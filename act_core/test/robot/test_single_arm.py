# SPDX-License-Identifier: Apache-2.0
"""A single arm of six joints and a gripper works by its robot file alone."""

from pathlib import Path

import numpy as np
import pytest

from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.episode.writer import EpisodeWriter
from act_core.robot.command_limits import CommandLimits
from act_core.robot.robot_file import load_robot
from act_core.testing import make_observation


@pytest.fixture(scope="module")
def spec():
    return load_robot(str(Path(__file__).parent / "robots" / "single_arm.yaml"))


def test_vector_has_seven_columns_in_file_order(spec):
    assert spec.columns == (
        "arm_base", "arm_shoulder", "arm_elbow", "arm_wrist_pitch", "arm_wrist_yaw",
        "arm_wrist_roll", "arm_jaw",
    )  # fmt: skip
    assert spec.period_ns == 33_333_333
    assert spec.is_gripper.tolist() == [False] * 6 + [True]
    assert spec.lower.tolist() == [-2.6, -1.5, -1.7, -1.6, -1.2, -3.1, 0.0]
    assert spec.upper.tolist() == [2.6, 1.5, 1.7, 1.6, 1.2, 3.1, 1.0]
    assert spec.max_velocity.tolist() == [2.0, 2.0, 2.0, 3.0, 3.0, 3.0, 5.0]


def test_each_stream_has_its_own_names_and_gripper_range(spec):
    vector = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.25])
    for channel, last_name, last_value in (
        (spec.state, "jaw_slide", 0.01),
        (spec.command, "jaw_motor", 1.2 - 0.25 * 1.5),  # this motor closes upwards
        (spec.leader, "leader/trigger", 0.1),
    ):
        raw = channel.to_raw(vector)
        assert channel.names[-1] == last_name
        np.testing.assert_array_equal(raw[:6], vector[:6])
        assert raw[6] == pytest.approx(last_value)
        np.testing.assert_allclose(channel.to_columns(channel.names, raw), vector)


def test_episode_is_written_and_read_back_with_its_robot(spec, tmp_path):
    shapes = {c.name: (c.height_px, c.width_px) for c in spec.cameras}
    writer = EpisodeWriter(tmp_path, EpisodeMeta.for_robot(spec, sim=False), shapes)
    observation = make_observation(0, spec.dim, shapes, np.random.default_rng(0))
    writer.append(observation, spec.start, 0)
    with EpisodeReader(writer.finish(verdict="success")) as reader:
        assert reader.meta.joint_names == spec.columns
        assert reader.meta.joint_units == ("rad",) * 6 + ("1",)
        assert reader.meta.rate_hz == 30.0
        assert reader.meta.robot == spec
        assert reader.cameras == ("wrist",)
        np.testing.assert_array_equal(reader.actions[0], spec.start.astype(np.float32))


def test_commands_are_limited_to_its_own_speeds(spec):
    limits = CommandLimits(spec)
    limits.start_from(spec.start)
    command = limits.apply(spec.upper, 0.01)
    np.testing.assert_allclose(command - spec.start, 0.01**2 * spec.max_acceleration)
    for _ in range(20):
        before, command = command, limits.apply(spec.upper, 0.01)
    np.testing.assert_allclose((command - before)[:6], 0.01 * spec.max_velocity[:6])
