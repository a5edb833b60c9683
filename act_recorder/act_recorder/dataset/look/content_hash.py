# SPDX-License-Identifier: Apache-2.0
"""Whether two episodes hold the same rows, whatever they say of themselves."""

import hashlib

from act_core.episode.jpeg import JpegImage
from act_core.episode.reader import EpisodeReader


def hash_joints(reader: EpisodeReader) -> str:
    """Return a digest of an open episode's joints, commands and ticks; images are not read."""
    digest = hashlib.blake2b(digest_size=16)
    arrays = (reader.positions, reader.actions, reader.row_stamps_ns, reader.action_stamps_ns)
    for array in arrays:
        digest.update(array.tobytes())
    return digest.hexdigest()


def hash_images(reader: EpisodeReader) -> str:
    """Return a digest of all images as they are stored, with their cameras; reads the whole file.

    Raises:
        EpisodeError: an image is damaged.
    """
    digest = hashlib.blake2b(digest_size=16)
    for camera in reader.cameras:
        digest.update(camera.encode())
        for row in range(reader.num_frames):
            image = reader.stored_image(camera, row)
            digest.update(image.data if isinstance(image, JpegImage) else image.tobytes())
    return digest.hexdigest()
