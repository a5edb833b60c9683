# SPDX-License-Identifier: Apache-2.0
"""The process that encodes and writes, apart from the one that must hear every message.

It goes on when the recorder is killed: rows that it was given are written, then the file is closed
as partial.
"""

import argparse
import json
import signal
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2

from act_core.checked import checked
from act_core.episode.frame_counts import FrameCounts
from act_core.episode.image_rows import Image, ImageCodec
from act_core.episode.jpeg import JpegImage, encode
from act_core.episode.meta import EpisodeMeta
from act_core.episode.writer import EpisodeWriter
from act_core.errors import ActError, EpisodeError, ImageError
from act_core.images.camera_image import to_stored
from act_core.observation import RawObservation
from act_recorder.rows.row_matcher import Row
from act_recorder.writing.row_message import unpack_row
from act_recorder.writing.row_ring import RowRing

ENCODING_THREADS = 2


class WriterProcess:
    """Answers one message after another; see `act_recorder.writing.writer_client`.

    Args:
        connection: to the recorder.
        ring: where its rows lie.
    """

    def __init__(self, connection: Connection, ring: RowRing) -> None:
        self._connection, self._ring = connection, ring
        self._writer: EpisodeWriter | None = None
        self._codec = ImageCodec()
        self._threads = ThreadPoolExecutor(ENCODING_THREADS)

    def serve(self) -> None:
        """Answer until the recorder is gone."""
        acts = {"open": self._open, "row": self._row, "end": self._end}
        while (message := self._receive())["act"] != "quit":
            try:
                answer = acts[message["act"]](message)
            except ActError as error:
                answer = {"fault": str(error)}
                self._close()
            answer["act"] = message["act"]
            # A recorder that is gone may have left rows: they are written all the same.
            with suppress(BrokenPipeError, ConnectionResetError):
                self._connection.send_bytes(json.dumps(answer).encode())
        self._close()

    def _receive(self) -> dict[str, Any]:
        while True:
            try:
                message: dict[str, Any] = json.loads(self._connection.recv_bytes())
                return message
            except ConnectionResetError:
                continue  # the recorder was killed: said once, and then the rest is given
            except (EOFError, OSError):
                return {"act": "quit"}

    def _open(self, message: Mapping[str, Any]) -> dict[str, Any]:
        meta = checked(EpisodeMeta, message["meta"])
        self._robot = meta.robot
        self._codec = ImageCodec(message["jpeg_quality"])
        shapes = {c.name: (c.height_px, c.width_px) for c in self._robot.cameras}
        self._writer = EpisodeWriter(Path(message["directory"]), meta, shapes, self._codec)
        return {"path": str(self._writer.path)}

    def _row(self, message: Mapping[str, Any]) -> dict[str, Any]:
        if self._writer is None:  # closed after a fault that is on its way to the recorder
            return {"dropped": "the file is closed"}
        row = unpack_row(message["head"], message["places"], self._ring)
        try:
            images = self._images(row)
        except ImageError as error:
            return {"dropped": str(error)}
        came = row.observation
        seen = RawObservation(came.joints, images, came.image_stamps_ns)
        self._writer.append(
            seen, row.action, row.action_stamp_ns, time_ns=row.time_ns, source=row.source
        )
        return {}

    def _images(self, row: Row) -> dict[str, Image]:
        """Return what the file gets of each camera, made in parallel: OpenCV frees the GIL."""
        cameras = list(row.observation.images)
        made = self._threads.map(lambda c: self._image(c, row.observation.images[c]), cameras)
        return dict(zip(cameras, made, strict=True))

    def _image(self, camera: str, pixels: Any) -> Image:
        image = to_stored(pixels, self._robot.camera(camera), keep_jpeg=self._codec.is_jpeg)
        if self._codec.is_jpeg and not isinstance(image, JpegImage):
            return encode(image, self._codec.jpeg_quality, self._codec.order)
        return image

    def _end(self, message: Mapping[str, Any]) -> dict[str, Any]:
        writer, self._writer = self._writer, None
        if writer is None:
            raise EpisodeError("there is no episode to end")
        if message["how"] == "discard":
            writer.discard()
            return {"ended": ""}
        if message["how"] == "keep":
            return {"ended": str(writer.keep_partial())}
        frames = {camera: FrameCounts(**counts) for camera, counts in message["frames"].items()}
        return {"ended": str(writer.finish(frames=frames, **message["known"]))}

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.keep_partial()
            self._writer = None


def main() -> None:
    """Serve the recorder that started this process."""
    parser = argparse.ArgumentParser(description="Writing process of the recorder node.")
    parser.add_argument("--connection", type=int, required=True, help="inherited descriptor")
    parser.add_argument("--ring", type=int, required=True, help="inherited descriptor")
    parser.add_argument("--ring-bytes", type=int, required=True)
    options = parser.parse_args()
    # Ctrl-C is for the recorder, which then ends the episode in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    WriterProcess(
        Connection(options.connection), RowRing(options.ring_bytes, options.ring)
    ).serve()


if __name__ == "__main__":
    main()
