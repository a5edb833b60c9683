# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.errors import ImageError
from act_core.observation import JointSample, Missing, RawObservation
from act_core.streams.assembler import JOINTS, ObservationAssembler

MS = 1_000_000
MAX_AGE_MS, MAX_SKEW_MS = 200, 60
NOTHING = Missing("joint_states, camera 'top', camera 'wrist'")


def _sample(stamp_ns):
    return JointSample(stamp_ns, np.zeros(1), np.zeros(1), np.zeros(1))


def _assembler(joints_ms=(), capacity=64, **images_ms):
    """Hold joint samples and images of the given times; each image is its own stamp."""
    assembler = ObservationAssembler(
        ("top", "wrist"),
        max_age_ns=MAX_AGE_MS * MS,
        max_skew_ns=MAX_SKEW_MS * MS,
        capacity=capacity,
    )
    for time_ms in joints_ms:
        assembler.add_joints(_sample(time_ms * MS))
    for camera, times_ms in images_ms.items():
        for time_ms in times_ms:
            assembler.add_image(camera, time_ms * MS, time_ms * MS)
    return assembler


def test_exact_waits_until_all_parts_carry_the_stamp():
    assembler = _assembler(top=[20, 40], wrist=[20])
    assert assembler.exact(20 * MS) == Missing("joint_states")
    assembler.add_joints(_sample(20 * MS))
    observation = assembler.exact(20 * MS)
    assert observation.stamp_ns == observation.joints.stamp_ns == 20 * MS
    assert observation.images == {"top": 20 * MS, "wrist": 20 * MS}
    assert observation.image_stamps_ns == {"top": 20 * MS, "wrist": 20 * MS}
    assert assembler.exact(40 * MS) == Missing("joint_states, camera 'wrist'")


def test_a_second_sample_of_one_stamp_replaces_the_first():
    assembler = _assembler([20], top=[20], wrist=[20])
    assembler.add_image("top", 20 * MS, "again")
    assert assembler.exact(20 * MS).images["top"] == "again"


def test_clear_forgets_everything():
    assembler = _assembler([20], top=[20], wrist=[20])
    assembler.clear()
    assert assembler.exact(20 * MS) == Missing("joint_states, camera 'top', camera 'wrist'")


def test_only_the_last_samples_are_kept():
    assembler = _assembler(range(10), capacity=3, top=range(10), wrist=range(10))
    assert [t for t in range(10) if assembler.exact(t * MS) != NOTHING] == [7, 8, 9]


def test_images_are_decoded_only_when_asked_to():
    decoded = []
    assembler = ObservationAssembler(
        ("top",), decode=lambda camera, image: decoded.append((camera, image)) or image
    )
    for stamp_ns in (1, 2, 3):
        assembler.add_joints(_sample(stamp_ns))
        assembler.add_image("top", stamp_ns, f"image {stamp_ns}")
    raw = assembler.exact(2)
    assert decoded == []
    assert assembler.newest(2).images == {"top": "image 3"}
    assert decoded == []
    assert assembler.decode(raw).images == {"top": "image 2"}
    assert decoded == [("top", "image 2")]


@pytest.mark.parametrize(
    ("held", "now_ms", "text"),
    [
        ({}, 0, "joint_states: no sample yet"),
        (
            {"joints_ms": [10]},
            211,
            "joint_states: newest sample is 201 ms old (limit 200 ms, max_age_s)",
        ),
        ({"joints_ms": [10]}, 20, "camera 'top': no image yet"),
        ({"joints_ms": [10], "top": [10]}, 20, "camera 'wrist': no image yet"),
        (
            {"joints_ms": [300], "top": [300], "wrist": [50, 99]},
            300,
            "camera 'wrist': newest image is 201 ms old (limit 200 ms, max_age_s)",
        ),
        ({"joints_ms": [500]}, 299, "joint_states: newest sample is 201 ms ahead of the clock"),
        (
            {"joints_ms": [300], "top": [300], "wrist": [900]},
            300,
            "camera 'wrist': newest image is 600 ms ahead of the clock (limit 200 ms, max_age_s)",
        ),
        (
            {"joints_ms": [300], "top": [239, 361], "wrist": [300]},
            300,
            "camera 'top': 61 ms away from joint_states (limit 60 ms, max_skew_s)",
        ),
    ],
)
def test_newest_says_what_keeps_it(held, now_ms, text):
    assert _assembler(**held).newest(now_ms * MS).reason.startswith(text)


def test_samples_from_before_a_backward_jump_of_the_clock_do_not_hide_new_ones():
    assembler = _assembler([10_000, 20], top=[10_000, 20], wrist=[10_000, 20])
    observation = assembler.newest(20 * MS)
    assert observation.stamp_ns == 20 * MS
    assert observation.image_stamps_ns == {"top": 20 * MS, "wrist": 20 * MS}


def test_bounds_themselves_are_admissible():
    observation = _assembler([100], top=[100], wrist=[160]).newest(300 * MS)
    assert observation.image_stamps_ns == {"top": 100 * MS, "wrist": 160 * MS}


def test_of_two_images_at_equal_distance_the_newer_is_taken():
    observation = _assembler([100], top=[90, 110], wrist=[110, 90]).newest(110 * MS)
    assert observation.image_stamps_ns == {"top": 110 * MS, "wrist": 110 * MS}


times = st.lists(st.integers(0, 500), min_size=0, max_size=8)


def _pairs_by_brute_force(joints_ms, images_ms, now_ms):
    """Return image times that may go with the newest joints, per camera, or None."""
    joints_ms = [t for t in joints_ms if abs(now_ms - t) <= MAX_AGE_MS]
    if not joints_ms:
        return None
    joint = max(joints_ms)
    choices = {}
    for camera, all_ms in images_ms.items():
        recent = [t for t in all_ms if abs(now_ms - t) <= MAX_AGE_MS]
        allowed = [t for t in recent if abs(t - joint) <= MAX_SKEW_MS]
        if not allowed:
            return None
        nearest = min(abs(t - joint) for t in allowed)
        choices[camera] = max(t for t in allowed if abs(t - joint) == nearest) * MS
    return choices


@settings(deadline=None, max_examples=200)
@given(joints=times, top=times, wrist=times, now_ms=st.integers(0, 600))
def test_newest_equals_a_search_of_all_pairs(joints, top, wrist, now_ms):
    answer = _assembler(joints, top=top, wrist=wrist).newest(now_ms * MS)
    expected = _pairs_by_brute_force(joints, {"top": top, "wrist": wrist}, now_ms)
    if expected is None:
        assert isinstance(answer, Missing)
    else:
        assert isinstance(answer, RawObservation)
        assert answer.stamp_ns == max(t for t in joints if t - now_ms <= MAX_AGE_MS) * MS
        assert answer.image_stamps_ns == expected
        assert answer.images == expected


def test_why_a_stream_is_refused_is_said_until_a_sample_of_it_can_be_used():
    assembler = _assembler(top=[0], wrist=[0])
    assembler.refuse(JOINTS, "joint_states: stamps are 0")
    missing = assembler.newest(0)
    assert (missing.reason, missing.cause) == (
        "joint_states: stamps are 0",
        "joint_states refused",
    )
    assert assembler.refused == 1
    assembler.add_joints(_sample(0))
    assert isinstance(assembler.newest(0), RawObservation)
    assert assembler.newest(300 * MS).cause == "joint_states too old"


def test_an_image_that_cannot_be_decoded_gives_way_to_the_one_before():
    def decode(camera, image):
        if image == 40 * MS:
            raise ImageError(f"camera '{camera}': damaged")
        return image

    assembler = ObservationAssembler(("top",), decode=decode)
    assembler.add_joints(_sample(40 * MS))
    for time_ms in (20, 40):
        assembler.add_image("top", time_ms * MS, time_ms * MS)
    with pytest.raises(ImageError, match="camera 'top': damaged"):
        assembler.decode(assembler.newest(50 * MS))
    assert assembler.decode(assembler.newest(50 * MS)).images == {"top": 20 * MS}
    assert assembler.refused == 1


def test_an_image_that_is_used_again_is_decoded_once():
    decoded = []
    assembler = ObservationAssembler(("top",), decode=lambda _, image: decoded.append(image))
    assembler.add_image("top", 0, "first")
    for tick in range(3):
        assembler.add_joints(_sample(tick * MS))
        assembler.decode(assembler.newest(tick * MS))
    assert decoded == ["first"]
