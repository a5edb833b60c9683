# SPDX-License-Identifier: Apache-2.0
"""Videos of other projects' datasets, frame by frame; PyAV brings FFmpeg."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace
from av.video.stream import VideoStream
from numpy.typing import NDArray

from act_core.errors import EpisodeError

# A key frame every two: training reads frames in any order, and LeRobot writes them so. On the
# simulated cell (480x640, one core): libx264 4.3 kB a frame, mean PSNR 42.7 dB, 6 ms; libsvtav1,
# LeRobot's default, 5.8 kB, 41.6 dB, 18 ms. More detail is lost to halved colours than to these.
# Nor is libsvtav1 offered for whoever wants it: run by root, as in a container, it gives this
# process and all it starts later the priority SCHED_FIFO 99; two busy nodes then stop a machine.
_ENCODER = "libx264"
_OPTIONS = {"crf": "18", "g": "2", "bf": "0", "preset": "veryfast"}
CODEC = "h264"  # what it writes, by FFmpeg's name


def pixel_format(size_px: tuple[int, int]) -> str:
    """Return what every player reads, for (height, width); odd sizes cannot halve colours."""
    return "yuv420p" if size_px[0] % 2 == size_px[1] % 2 == 0 else "yuv444p"


class VideoWriter:
    """An MP4 file at a constant rate.

    Args:
        path: the file, in a folder that is there.
        size_px: (height, width) of its images.
        rate_hz: frames per second, as it is written in the file.

    Attributes:
        num_frames: written so far.
        size_bytes: of what the encoder has given so far; it holds some frames back.
    """

    def __init__(self, path: Path, size_px: tuple[int, int], rate_hz: int) -> None:
        self._path, self._rate = path, Fraction(rate_hz)
        self.num_frames = self.size_bytes = 0
        try:
            self._file = av.open(str(path), "w")
            stream = self._file.add_stream(_ENCODER, rate=self._rate, options=_OPTIONS)
            assert isinstance(stream, VideoStream), "a codec of videos makes one"
            stream.height, stream.width = size_px
            stream.pix_fmt = pixel_format(size_px)
        except av.FFmpegError as error:
            raise EpisodeError(f"{path}: {_ENCODER} cannot be started: {error}") from error
        self._stream = stream

    def append(self, image: NDArray[np.uint8]) -> None:
        """Add (H, W, 3) uint8, RGB; raises EpisodeError."""
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        # Colours of the BT.601 kind, which decoders take where a file says nothing.
        frame = frame.reformat(format=self._stream.pix_fmt, dst_colorspace=Colorspace.ITU601)
        frame.pts, frame.time_base = self.num_frames, 1 / self._rate
        self._encode(frame)
        self.num_frames += 1

    def close(self) -> None:
        """Write what the encoder holds back, and close; raises EpisodeError."""
        self._encode(None)
        self._file.close()

    def _encode(self, frame: VideoFrame | None) -> None:
        try:
            for packet in self._stream.encode(frame):
                self.size_bytes += packet.size
                self._file.mux(packet)
        except (av.FFmpegError, OSError) as error:
            raise EpisodeError(f"{self._path}: frame {self.num_frames}: {error}") from error


class VideoFrames:
    """Frames of a video by their time, which never goes back. Use as a context manager.

    Args:
        path: the file.
        start_s: time of the first frame that will be asked for.
        tolerance_s: how far a frame may be from the time that is asked for.
    """

    def __init__(self, path: Path, start_s: float, tolerance_s: float) -> None:
        self._path, self._tolerance_s = path, tolerance_s
        try:
            self._file = av.open(str(path))
            self._stream = self._file.streams.video[0]
            self._stream.thread_type = "AUTO"
            if start_s > 0 and self._stream.time_base:
                target = round((start_s - tolerance_s) / self._stream.time_base)
                self._file.seek(max(0, target), stream=self._stream)
        except (av.FFmpegError, IndexError) as error:
            raise EpisodeError(f"{path}: cannot be read as a video: {error}") from error
        self._frames = self._decoded()

    def __enter__(self) -> "VideoFrames":
        """Return self."""
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._file.close()

    def at(self, time_s: float) -> NDArray[np.uint8]:
        """Return the frame at `time_s`: (H, W, 3) uint8, RGB; raises EpisodeError."""
        for frame in self._frames:
            if frame.time is None or frame.time < time_s - self._tolerance_s:
                continue
            if frame.time > time_s + self._tolerance_s:
                raise EpisodeError(
                    f"{self._path}: no frame at {time_s:.3f} s; the next is at {frame.time:.3f} s"
                )
            return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
        raise EpisodeError(f"{self._path}: no frame at {time_s:.3f} s; the video ends before")

    def _decoded(self) -> Iterator[VideoFrame]:
        try:
            yield from self._file.decode(self._stream)
        except av.FFmpegError as error:
            raise EpisodeError(f"{self._path}: damaged: {error}") from error
