# SPDX-License-Identifier: Apache-2.0
"""What the page changes: verdict, labels, and which episodes there are."""

from pathlib import Path
from typing import Any

from act_core.episode.editing.edit_meta import edit_meta
from act_core.episode.find_episodes import episode_index
from act_core.errors import EpisodeError
from act_recorder.dataset.browse.catalogue import Catalogue
from act_recorder.dataset.browse.open_readers import OpenReaders
from act_recorder.dataset.browse.row import Row
from act_recorder.dataset.mend.trash import TRASH, discard, restore


class Editing:
    """Changes files, while nobody reads them.

    Args:
        catalogue: of the dataset.
        readers: its files, which are put away for the change.
    """

    def __init__(self, catalogue: Catalogue, readers: OpenReaders) -> None:
        self._catalogue, self._readers = catalogue, readers
        self._keys: dict[str, int] = {}  # what the page calls a deleted file by

    def describe(self, key: int, **changes: Any) -> Row:
        """Write fields of EpisodeMeta; raises EpisodeError where the file does not take them."""
        row = self._catalogue.row(key)
        path = self._catalogue.path(row)
        with self._readers.put_away(path):
            edit_meta(path, **changes)
        return self._catalogue.reread(row)

    def delete(self, key: int) -> int:
        """Move an episode to the trash and return by what it can be brought back.

        Raises:
            EpisodeError: it is being recorded, or cannot be moved.
        """
        row = self._catalogue.row(key)
        if row.state == "recording":
            raise EpisodeError(f"{row.name} is being recorded; end the recording first")
        path = self._catalogue.path(row)
        with self._readers.put_away(path):
            gone = discard(path)
        self._catalogue.scan()
        return self._key(gone.name)

    def restore(self, key: int) -> int:
        """Move an episode back and return its key; raises EpisodeError where its name is taken."""
        names = {key: name for name, key in self._keys.items()}
        if key not in names:
            raise EpisodeError(f"no deleted episode {key}; reload the page")
        path = restore(self._trash / names[key])
        self._catalogue.scan()
        return self._catalogue.key(path.name)

    def deleted(self) -> list[dict[str, Any]]:
        """Return what is in the trash, by number."""
        if not self._trash.is_dir():
            return []
        found = [(_index(path), path.name) for path in self._trash.iterdir()]
        return [
            {"key": self._key(name), "index": index, "name": name}
            for index, name in sorted(found)
            if index >= 0
        ]

    @property
    def _trash(self) -> Path:
        return self._catalogue.directory / TRASH

    def _key(self, name: str) -> int:
        return self._keys.setdefault(name, len(self._keys))


def _index(path: Path) -> int:
    return episode_index(path.with_name(path.name.partition("~")[0]))
