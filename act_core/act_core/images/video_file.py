# SPDX-License-Identifier: Apache-2.0
"""Video files, frame by frame."""

from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray


class VideoFile:
    """An H.264 file in MP4, as `<name>.partial.mp4` until it is whole. Use as a context manager.

    Args:
        path: of the file; its folder is made if absent.
        frames_per_s: rate at which it is shown.
    """

    def __init__(self, path: Path, frames_per_s: float) -> None:
        import imageio.v2 as imageio  # only here: it takes long to load

        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        # ffmpeg knows a container by the name's end.
        self._partial = path.with_name(f"{path.stem}.partial{path.suffix}")
        self._writer = imageio.get_writer(
            str(self._partial), fps=frames_per_s, codec="libx264", macro_block_size=2
        )

    def __enter__(self) -> "VideoFile":
        """Return self."""
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file; after an error remove it."""
        if error_type is None:
            self.close()
        else:
            self._writer.close()
            self._partial.unlink(missing_ok=True)

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Add a frame (H, W, 3) uint8, RGB; H and W even, the same for all."""
        self._writer.append_data(frame)

    def close(self) -> None:
        """Finish the file and give it its name, over one of the same name."""
        self._writer.close()
        if self._partial.exists():  # not where no frame was added
            self._partial.replace(self.path)
