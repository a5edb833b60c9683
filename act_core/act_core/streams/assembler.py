# SPDX-License-Identifier: Apache-2.0
"""Puts joint samples and images together into observations, by header stamp."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_core.errors import ImageError
from act_core.observation import JointSample, Missing, Observation, RawObservation

JOINTS = "joint_states"
# (camera, image as it came) → image, or whatever the caller makes of it.
Decoder = Callable[[str, Any], Any]


def stream_name(camera: str) -> str:
    """Return what people read of a camera's stream."""
    return f"camera '{camera}'"


def as_is(camera: str, image: Any) -> NDArray[np.uint8]:
    """Decode nothing: for callers that add arrays."""
    del camera
    return image  # type: ignore[no-any-return]


class ObservationAssembler:
    """Keeps the newest samples of each stream and answers two questions about them.

    `exact(stamp)` serves lockstep: everything carries the very same stamp. `newest(now)` serves
    real time: the newest of each stream, none older or further ahead of the clock than
    `max_age_ns`, none further apart than `max_skew_ns`. Images stay as they came until `decode`;
    one that cannot be decoded is forgotten, so that another can take its place.

    Our own instead of message_filters: that calls back once per match and says nothing of what
    keeps a match out, while control asks at its own ticks and people ask why nothing moves.

    Args:
        cameras: names of the cameras that an observation needs.
        max_age_ns: largest distance from now, on either side, of what `newest` may use.
        max_skew_ns: largest distance between an image and the joint sample in `newest`.
        capacity: samples kept per stream.
        decode: turns a camera's stored image into (H, W, 3) uint8, RGB.

    Attributes:
        on_image: called with camera and stamp of each image that comes.
        refused: samples that came and could not be used.
    """

    def __init__(
        self,
        cameras: Sequence[str],
        *,
        max_age_ns: int = 250_000_000,
        max_skew_ns: int = 200_000_000,
        capacity: int = 64,
        decode: Decoder = as_is,
    ) -> None:
        self.on_image: Callable[[str, int], object] = lambda camera, stamp_ns: None
        self.cameras = tuple(cameras)
        self._max_age_ns, self._max_skew_ns = max_age_ns, max_skew_ns
        self._capacity, self._decode = capacity, decode
        self._joints: OrderedDict[int, JointSample] = OrderedDict()
        self._images: dict[str, OrderedDict[int, Any]] = {c: OrderedDict() for c in self.cameras}
        self._decoded: dict[str, tuple[int, Any]] = {}
        self._refusals: dict[str, str] = {}
        self.refused = 0

    def add_joints(self, sample: JointSample) -> None:
        """Take a joint sample; one with the same stamp as another replaces it."""
        self.accept(JOINTS)
        self._keep(self._joints, sample.stamp_ns, sample)

    def add_image(self, camera: str, stamp_ns: int, image: Any) -> None:
        """Take an image of `camera`; one with the same stamp as another replaces it."""
        self.accept(stream_name(camera))
        self.on_image(camera, stamp_ns)
        self._keep(self._images[camera], stamp_ns, image)

    def refuse(self, stream: str, reason: str) -> None:
        """Take note that a sample of `stream` cannot be used, in words that name the stream."""
        self.refused += 1
        self._refusals[stream] = reason

    def accept(self, stream: str) -> None:
        """Take note that a sample of `stream` can be used."""
        self._refusals.pop(stream, None)

    def refusal(self, stream: str) -> str:
        """Return why the newest sample of `stream` was refused; empty when it was not."""
        return self._refusals.get(stream, "")

    def clear(self) -> None:
        """Forget all samples (after a reset or a jump of the clock)."""
        self._joints.clear()
        self._decoded.clear()
        self._refusals.clear()
        for images in self._images.values():
            images.clear()

    def exact(self, stamp_ns: int) -> RawObservation | Missing:
        """Return the observation whose every part carries `stamp_ns`, or which streams are out."""
        joints = self._joints.get(stamp_ns)
        out = [stream_name(c) for c in self.cameras if stamp_ns not in self._images[c]]
        if joints is None or out:
            return Missing(", ".join(out if joints else [JOINTS, *out]))
        return self._build(joints, dict.fromkeys(self.cameras, stamp_ns))

    def newest(self, now_ns: int) -> RawObservation | Missing:
        """Return the newest admissible observation, or what keeps it from being one."""
        recent = self._recent(JOINTS, "sample", self._joints, now_ns)
        if isinstance(recent, Missing):
            return recent
        joints = self._joints[max(recent)]
        stamps = {}
        for camera in self.cameras:
            fresh = self._recent(stream_name(camera), "image", self._images[camera], now_ns)
            if isinstance(fresh, Missing):
                return fresh
            stamp = min(fresh, key=lambda s: (abs(s - joints.stamp_ns), -s))
            skew_ns = abs(stamp - joints.stamp_ns)
            if skew_ns > self._max_skew_ns:
                away, limit = _ms(skew_ns), _ms(self._max_skew_ns)
                name = stream_name(camera)
                return Missing(
                    f"{name}: {away} away from joint_states (limit {limit}, max_skew_s)",
                    f"{name} too far from joint_states",
                )
            stamps[camera] = stamp
        return self._build(joints, stamps)

    def decode(self, raw: RawObservation) -> Observation:
        """Return `raw` with decoded images; raises ImageError as `decoded`."""
        images = self.decoded(raw)
        return Observation(raw.stamp_ns, raw.joints, images, raw.image_stamps_ns)

    def decoded(self, raw: RawObservation) -> dict[str, Any]:
        """Return camera → what `decode` makes of its image; each image is decoded once.

        Raises:
            ImageError: an image cannot be used; it is forgotten.
        """
        images: dict[str, Any] = {}
        for camera, stamp_ns in raw.image_stamps_ns.items():
            known = self._decoded.get(camera)
            if known is None or known[0] != stamp_ns:  # a slow camera's image comes more than once
                try:
                    known = stamp_ns, self._decode(camera, raw.images[camera])
                except ImageError as error:
                    self._images[camera].pop(stamp_ns, None)
                    self.refuse(stream_name(camera), str(error))
                    raise
                self._decoded[camera] = known
            images[camera] = known[1]
        return images

    def _recent(
        self, stream: str, noun: str, samples: OrderedDict[int, Any], now_ns: int
    ) -> list[int] | Missing:
        recent = [s for s in samples if abs(now_ns - s) <= self._max_age_ns]
        if recent:
            return recent
        if stream in self._refusals:
            return Missing(self._refusals[stream], f"{stream} refused")
        if not samples:
            return Missing(f"{stream}: no {noun} yet")
        age_ns = now_ns - min(samples, key=lambda s: abs(now_ns - s))
        place = f"{_ms(age_ns)} old" if age_ns > 0 else f"{_ms(-age_ns)} ahead of the clock"
        limit = _ms(self._max_age_ns)
        return Missing(
            f"{stream}: newest {noun} is {place} (limit {limit}, max_age_s)", f"{stream} too old"
        )

    def _build(self, joints: JointSample, stamps: dict[str, int]) -> RawObservation:
        images = {camera: self._images[camera][stamp] for camera, stamp in stamps.items()}
        return RawObservation(joints, images, stamps)

    def _keep(self, samples: OrderedDict[int, Any], stamp_ns: int, sample: Any) -> None:
        samples[stamp_ns] = sample
        while len(samples) > self._capacity:
            samples.popitem(last=False)


def _ms(duration_ns: int) -> str:
    return f"{duration_ns / 1e6:.0f} ms"
