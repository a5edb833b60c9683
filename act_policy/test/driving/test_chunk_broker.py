# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.errors import JointValuesError
from act_core.robot.robot_file import load_robot
from act_policy.driving.chunk_broker import ChunkBroker, covered_ns

SPEC = load_robot("aloha_sim")
PERIOD_NS = SPEC.period_ns
TICK = SPEC.max_velocity * PERIOD_NS / 1e9  # the largest motion of one tick
CHUNK_SIZE = 4
NEAR = SPEC.start + 0.1 * TICK  # near enough for one tick from rest


def _broker(**options):
    broker = ChunkBroker(SPEC, CHUNK_SIZE, **options)
    broker.start(0, SPEC.start)
    return broker


def _ask(broker, stamp_ns):
    """Ask as its users do: when it is due, and then it is noted."""
    due = broker.is_due(stamp_ns)
    if due:
        broker.note_asked(stamp_ns)
    return due


def _chunk(*vectors):
    return np.array(vectors, dtype=np.float32)


def _still(vector=NEAR):
    return _chunk(*[vector] * CHUNK_SIZE)


@settings(deadline=None)
@given(rate_hz=st.sampled_from([10.0, 25.0, 30.0, 50.0, 60.0, 100.0]), size=st.integers(2, 40))
def test_a_policy_of_another_rate_moves_at_the_speed_it_was_trained_at(rate_hz, size):
    row_ns = round(1e9 / rate_hz)
    broker = ChunkBroker(SPEC, size, chunk_period_ns=row_ns, query_interval_ticks=0)
    broker.start(0, SPEC.start)
    speed = 0.02 * SPEC.max_velocity  # slow enough to be never limited
    rows = SPEC.start + np.arange(size)[:, None] * row_ns / 1e9 * speed
    ticks = covered_ns(size, row_ns, PERIOD_NS) // PERIOD_NS
    assert (ticks - 1) * PERIOD_NS <= (size - 1) * row_ns < ticks * PERIOD_NS
    for tick in range(ticks):
        assert _ask(broker, tick * PERIOD_NS) == (tick == 0)
        if tick == 0:
            broker.add_prediction(0, rows)
        blend = broker.command(tick * PERIOD_NS).blend
        expected = SPEC.start + tick * PERIOD_NS / 1e9 * speed
        np.testing.assert_allclose(blend.action, expected, atol=1e-9)
    assert _ask(broker, ticks * PERIOD_NS)  # before there is a tick that nothing covers


def test_prediction_becomes_command():
    broker = _broker()
    assert broker.command(0) is None
    broker.add_prediction(0, _still())
    command = broker.command(0)
    np.testing.assert_allclose(command.vector, NEAR, atol=1e-6)
    assert (command.blend.count, command.blend.newest_ns) == (1, 0)


def test_where_no_prediction_reaches_there_is_no_command():
    broker = _broker()
    broker.add_prediction(0, _still())
    assert broker.command(3 * PERIOD_NS) is not None
    assert broker.command(4 * PERIOD_NS) is None


@pytest.mark.parametrize(
    ("interval_ticks", "asked"), [(1, [0, 1, 2, 3, 4, 5, 6, 7, 8]), (3, [0, 3, 6]), (0, [0, 4, 8])]
)
def test_it_asks_at_the_interval_or_when_the_chunk_has_run_out(interval_ticks, asked):
    broker = _broker(query_interval_ticks=interval_ticks)
    wants = [t for t in range(9) if _ask(broker, t * PERIOD_NS)]
    assert wants == asked


def test_stamps_that_jitter_are_asked_for_as_often():
    broker, rng = _broker(query_interval_ticks=1), np.random.default_rng(0)
    stamps_ns = np.arange(1, 201) * PERIOD_NS + rng.integers(-100_000, 100_000, 200)
    assert all(_ask(broker, int(stamp_ns)) for stamp_ns in stamps_ns)
    broker = _broker(query_interval_ticks=1)
    assert sum(_ask(broker, t * PERIOD_NS // 4) for t in range(400)) <= 200


def test_a_look_whether_it_is_time_changes_nothing():
    broker = _broker(query_interval_ticks=3)
    assert broker.is_due(0)
    assert broker.is_due(0)
    broker.note_asked(0)
    assert not broker.is_due(2 * PERIOD_NS)
    assert broker.is_due(3 * PERIOD_NS)


@settings(deadline=None, max_examples=40)
@given(
    goals=st.lists(
        st.lists(st.floats(-100, 100), min_size=14, max_size=14), min_size=1, max_size=6
    ),
    gaps_ns=st.lists(st.integers(0, 4 * PERIOD_NS), min_size=12, max_size=12),
)
def test_commands_keep_the_limits_whatever_is_predicted(goals, gaps_ns):
    broker, previous, time_ns = _broker(), SPEC.start, 0
    for tick, goal in enumerate(goals):
        broker.add_prediction(tick * PERIOD_NS, _still(np.array(goal)))
    allowed_ns = PERIOD_NS
    for gap_ns in gaps_ns:
        command = broker.command(time_ns)
        if command is not None:
            assert np.all((SPEC.lower <= command.vector) & (command.vector <= SPEC.upper))
            step = SPEC.max_velocity * min(allowed_ns, 2 * PERIOD_NS) / 1e9
            assert np.all(np.abs(command.vector - previous) <= step + 1e-9)
            previous, allowed_ns = command.vector, 0
        time_ns += gap_ns
        allowed_ns += gap_ns


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_chunk_with_a_value_that_is_not_finite_is_refused_whole(bad):
    broker = _broker()
    broker.add_prediction(0, _still())
    broken = _still()
    broken[3, 5] = bad
    with pytest.raises(JointValuesError) as caught:
        broker.add_prediction(PERIOD_NS, broken)
    assert str(caught.value) == "the policy predicted values that are not finite; refused"
    assert broker.command(PERIOD_NS).blend.count == 1


def test_start_voids_what_was_predicted_and_what_is_still_under_way():
    broker = _broker()
    broker.add_prediction(0, _still())
    _ask(broker, 0)
    broker.start(2 * PERIOD_NS, SPEC.sleep)
    broker.add_prediction(PERIOD_NS, _still())  # asked before the start, answered after it
    assert broker.command(2 * PERIOD_NS) is None
    assert broker.is_due(2 * PERIOD_NS)
    broker.add_prediction(2 * PERIOD_NS, _still())
    command = broker.command(2 * PERIOD_NS)
    assert np.all(np.abs(command.vector - SPEC.sleep) <= TICK + 1e-12)


def test_ensembling_is_the_one_asked_for():
    for mode, weights in (("uniform", [1, 1]), ("paper", [2, 1]), ("newest_first", [1, 2])):
        broker = _broker(ensemble=mode, coefficient=float(np.log(2)))
        broker.add_prediction(0, _still(SPEC.start))
        broker.add_prediction(PERIOD_NS, _still(NEAR))
        expected = np.average([SPEC.start, NEAR], axis=0, weights=weights)
        np.testing.assert_allclose(broker.command(PERIOD_NS).vector, expected, atol=1e-6)


@pytest.mark.ros
def test_default_parameters_are_valid_and_make_a_broker():
    rclpy = pytest.importorskip("rclpy")
    from act_core.ros.params import declare
    from act_policy.session.policy_params import PolicyParams

    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.node.Node("probe", context=context, start_parameter_services=False)
    try:
        params = declare(node, PolicyParams)
    finally:
        node.destroy_node()
        context.shutdown()
    assert params == PolicyParams()
    _broker(
        ensemble=params.ensemble,
        coefficient=params.ensemble_coefficient,
        query_interval_ticks=params.query_interval_ticks,
    )


def test_what_is_certain_is_what_will_be_commanded_until_the_prediction_is_there():
    broker, one = _broker(prefix_size=3), PERIOD_NS
    broker.note_delay(0, 2 * one)
    assert broker.prefix(0).shape == (0, SPEC.dim)  # nothing predicted yet
    chunk = _chunk(NEAR, NEAR + TICK, NEAR + 2 * TICK, NEAR + 3 * TICK)
    broker.add_prediction(0, chunk)
    np.testing.assert_allclose(broker.prefix(one), chunk[1:3])
    broker.note_delay(one, 50 * one)
    assert len(broker.prefix(one)) == 3  # no more than the policy takes
    assert len(broker.prefix(2 * one)) == 2  # nor than is predicted
    broker.start(5 * one, SPEC.start)
    broker.note_delay(4 * one, 90 * one)  # of before the start
    broker.add_prediction(5 * one, chunk)
    assert broker.prefix(5 * one).shape == (0, SPEC.dim)  # until it is known how long it takes
    unasked = _broker()
    unasked.note_delay(0, one)
    unasked.add_prediction(0, chunk)
    assert unasked.prefix(0).shape == (0, SPEC.dim)


def test_what_was_commanded_already_is_known_as_it_went_out():
    broker = _broker(prefix_size=3)
    broker.note_delay(0, 3 * PERIOD_NS)
    broker.add_prediction(0, _still(SPEC.start + 9 * TICK))  # further than one tick can go
    sent = [broker.command(tick * PERIOD_NS).vector for tick in range(2)]
    assert abs(sent[1] - (SPEC.start + 9 * TICK)).max() > 0
    known = broker.prefix(0)
    np.testing.assert_allclose(known[:2], sent)
    np.testing.assert_allclose(known[2], SPEC.start + 9 * TICK, rtol=1e-6)
