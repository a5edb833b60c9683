# SPDX-License-Identifier: Apache-2.0
"""The sessions as their node runs them, with a real inference process."""

import time

import numpy as np
import pytest

rclpy = pytest.importorskip("rclpy")

from rclpy.node import Node  # noqa: E402

from act_core.robot.robot_file import load_robot  # noqa: E402
from act_core.ros.messages.images import write_image  # noqa: E402
from act_core.ros.messages.joints import write_vector  # noqa: E402
from act_interfaces.msg import PolicyStatus  # noqa: E402
from act_policy.checkpoint.checkpoint import save_checkpoint  # noqa: E402
from act_policy.session.open_session import open_session  # noqa: E402
from act_policy.session.policy_params import PolicyParams  # noqa: E402
from act_policy.session.policy_report import PolicyReport  # noqa: E402
from act_policy.testing import make_checkpoint  # noqa: E402

pytestmark = pytest.mark.ros

SPEC = load_robot("aloha_sim")
CAMERA = SPEC.cameras[0]
INTERVAL, TICKS = 4, 12


@pytest.fixture
def checkpoint(tmp_path):
    """Return the folder of a tiny network with random weights for the simulated robot."""
    rows = np.tile(SPEC.start, (4, 1)).astype(np.float32)
    whole = make_checkpoint(
        rows, rows, robot_yaml=SPEC.yaml_text, chunk_size=100, rate_hz=SPEC.rate_hz,
        cameras=(CAMERA.name,), image_height_px=CAMERA.height_px, image_width_px=CAMERA.width_px,
        state_names=SPEC.columns, action_names=SPEC.columns, prefix_size=30,
    )  # fmt: skip
    save_checkpoint(tmp_path / "c", whole)
    return tmp_path / "c"


@pytest.fixture
def open_counted(checkpoint):
    """Return a function: pace → an engaged session and the list of what it decodes."""
    context = rclpy.Context()
    rclpy.init(context=context)
    node = Node("policy", context=context, start_parameter_services=False)
    sessions = []

    def build(pace, **changes):
        params = PolicyParams(
            checkpoint=str(checkpoint), pace=pace, query_interval_ticks=INTERVAL,
            ensemble="none", max_age_s=10.0, max_skew_s=10.0, engine="torch", **changes,
        )  # fmt: skip
        session, decoded = open_session(node, params, SPEC, PolicyReport(node)), []
        sessions.append(session)
        assembler = session._loaded.assembler
        decode = assembler._decode
        assembler._decode = lambda camera, image: decoded.append(camera) or decode(camera, image)
        session.engage()
        return session, decoded

    yield build
    for session in sessions:
        session.close()
    node.destroy_node()
    context.shutdown()


def _feed(session, stamp_ns):
    image = np.zeros((CAMERA.height_px, CAMERA.width_px, 3), np.uint8)
    session._input._on_image(CAMERA.name, write_image(image, stamp_ns, "f"))
    session._input._on_joints(write_vector(SPEC.start, SPEC.state, stamp_ns))


def _take(session):
    """Wait for the prediction under way."""
    end_s = time.monotonic() + 20.0
    while session._loaded.client.waiting_s and time.monotonic() < end_s:
        time.sleep(0.005)
    session.take_replies()


def test_lockstep_decodes_only_the_ticks_that_ask_for_a_prediction(open_counted):
    session, decoded = open_counted("lockstep")
    for tick in range(TICKS):
        for _ in range(2):  # a repeated tick is answered again, and decoded no second time
            _feed(session, tick * SPEC.period_ns)
            _take(session)
        assert session._loop.has_answered(tick * SPEC.period_ns)
    assert len(decoded) == TICKS / INTERVAL


def test_real_time_decodes_only_the_ticks_that_ask_for_a_prediction(open_counted):
    session, decoded = open_counted("realtime")
    start_ns = session._now_ns
    for tick in range(TICKS):
        stamp_ns = start_ns + tick * SPEC.period_ns
        while session._now_ns < stamp_ns:  # nothing is stamped before it is measured
            time.sleep(0.001)
        _feed(session, stamp_ns)
        session._on_tick()
        _take(session)
    assert len(decoded) == TICKS / INTERVAL


def test_in_real_time_a_prediction_continues_what_is_commanded_until_it_comes(open_counted):
    session, _ = open_counted("realtime", least_inference_s=0.1)
    asked, chunks, waited_s = {}, {}, []
    request, add = session._loaded.client.request, session._loop.add_prediction

    def note_request(observation, prefix):
        asked[observation.stamp_ns] = prefix
        waited_s.append(session._loaded.client.waiting_s)
        request(observation, prefix)

    def note_chunk(stamp_ns, chunk):
        chunks[stamp_ns] = chunk
        add(stamp_ns, chunk)

    session._loaded.client.request, session._loop.add_prediction = note_request, note_chunk
    end_s = time.monotonic() + 20.0
    while len(chunks) < 8 and time.monotonic() < end_s:
        _feed(session, session._now_ns)
        session._on_tick()
        session.take_replies()
        time.sleep(SPEC.period_ns / 1e9)
    sizes = [len(asked[stamp_ns]) for stamp_ns in sorted(chunks)]
    assert sizes[0] == 0  # nothing was commanded yet
    assert all(5 <= size <= 30 for size in sizes[3:])  # 0.1 s are five ticks
    # Else what is commanded until then would change with the prediction under way.
    assert set(waited_s) == {0.0}
    for stamp_ns, chunk in chunks.items():
        known = asked[stamp_ns]
        np.testing.assert_allclose(chunk[: len(known)], known, rtol=1e-6)


def test_in_lockstep_nothing_is_commanded_until_a_prediction_comes(open_counted):
    session, _ = open_counted("lockstep")
    _feed(session, 0)
    _take(session)
    broker = session._loaded.broker
    assert not broker.prefix(SPEC.period_ns).size
    broker.note_delay(0, SPEC.period_ns)  # as real time would
    assert broker.prefix(SPEC.period_ns).size


def test_led_to_a_pose_the_policy_commands_nothing_before_nor_after(open_counted):
    session, decoded = open_counted("realtime")
    sent = []
    session._out.send = lambda vector, stamp_ns: sent.append(vector)
    session.held_back = True
    _feed(session, session._now_ns)
    for _ in range(3):
        session._on_tick()
    assert (sent, decoded) == ([], [])
    goal = SPEC.start + np.where(SPEC.is_gripper, 0.0, 0.05)
    assert session.move_to(goal, "start") == ""
    assert session.is_moving
    while session.is_moving:
        time.sleep(SPEC.period_ns / 1e9)
        _feed(session, session._now_ns)
        session._on_tick()
    assert session.move_fault == ""
    np.testing.assert_allclose(sent[-1], goal, atol=1e-9)
    assert len(sent) > 5
    for _ in range(3):
        session._on_tick()
    assert decoded == []
    session.held_back = False
    session._on_tick()
    assert len(decoded) == 1


def test_a_motion_to_a_pose_ends_where_somebody_pauses(open_counted):
    session, _ = open_counted("realtime")
    _feed(session, session._now_ns)
    assert session.move_to(SPEC.sleep, "sleep") == ""
    session.pause("as asked")
    session._on_tick()
    assert (session.is_moving, session.move_fault) == (False, "paused: as asked")
    assert session.move_to(SPEC.sleep, "sleep") == "paused: as asked"


def test_a_jump_of_the_clock_is_what_is_told(open_counted):
    session, _ = open_counted("realtime")
    now_ns = session._now_ns
    _feed(session, now_ns)
    session._on_tick()
    _take(session)
    session._on_tick()
    assert session._report.status.state == PolicyStatus.DRIVING
    told = []
    report = session._report.report
    session._report.report = lambda state, text: told.append(text) or report(state, text)
    session._loop._ticked_ns = session._now_ns + 3_000_000_000
    session._on_tick()
    assert session._report.status.state == PolicyStatus.HOLDING
    assert told[0].startswith("the clock jumped by -3.0")


def test_an_image_that_cannot_be_decoded_is_refused_and_the_tick_asked_again(open_counted):
    session, _ = open_counted("lockstep")
    wrong = write_image(np.zeros((4, 4, 3), np.uint8), 0, "f")
    session._input._on_image(CAMERA.name, wrong)
    session._input._on_joints(write_vector(SPEC.start, SPEC.state, 0))
    assert session._report.status.rejected == 1
    assert "camera 'top': got 4x4, expected 120x160" in session._loop.reason
    _feed(session, 0)
    _take(session)
    assert session._loop.has_answered(0)
