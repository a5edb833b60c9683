# SPDX-License-Identifier: Apache-2.0
"""The addresses of the page, and what answers each. Episodes are numbers, never paths."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus
from importlib import resources
from typing import Any

from act_core.errors import ActError
from act_recorder.dataset.browse.answer import Answer, RequestError, json_answer
from act_recorder.dataset.browse.catalogue import Catalogue
from act_recorder.dataset.browse.curves import curves, description
from act_recorder.dataset.browse.editing import Editing
from act_recorder.dataset.browse.frames import Thumbnails, bundle, stored_rows, thumbnail
from act_recorder.dataset.browse.open_readers import OpenReaders

_TYPES = {"css": "text/css", "js": "text/javascript", "html": "text/html", "svg": "image/svg+xml"}
_PAGE = resources.files("act_recorder.dataset.browse") / "page"
_Handler = Callable[..., Answer]


class Routes:
    """Answers requests that the guard has let in.

    Args:
        catalogue: of the dataset.
        readers: its files.
        token: the page gets it, to ask for changes.
    """

    def __init__(self, catalogue: Catalogue, readers: OpenReaders, token: str) -> None:
        self._catalogue, self._readers, self._token = catalogue, readers, token
        self._editing = Editing(catalogue, readers)
        self._thumbnails = Thumbnails()
        self._assets = {item.name for item in _PAGE.iterdir()}
        self._gets: dict[str, _Handler] = {
            r"/": self._index,
            r"/page/([a-z_]+\.[a-z]+)": self._asset,
            r"/api/episodes": self._episodes,
            r"/api/episodes/(\d{1,9})": self._episode,
            r"/api/episodes/(\d{1,9})/curves": self._curves,
            r"/api/episodes/(\d{1,9})/thumbnail": self._thumbnail,
            r"/api/episodes/(\d{1,9})/frames/(\d{1,9})/(\d{1,3})": self._frames,
        }
        self._posts: dict[str, _Handler] = {
            r"/api/episodes/(\d{1,9})/verdict": self._judge,
            r"/api/episodes/(\d{1,9})/labels": self._label,
            r"/api/episodes/(\d{1,9})/delete": self._delete,
            r"/api/deleted/(\d{1,9})/restore": self._restore,
        }

    def get(self, path: str, query: dict[str, str]) -> Answer:
        """Answer a GET; raises ActError."""
        handler, words = _find(self._gets, path)
        return handler(query, *words)

    def post(self, path: str, body: bytes) -> Answer:
        """Answer a POST with a JSON object; raises ActError."""
        handler, words = _find(self._posts, path)
        try:
            value = json.loads(body or b"{}")
        except ValueError as error:
            raise _bad(f"the body is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise _bad("the body is no JSON object")
        return handler(value, *words)

    def _index(self, query: dict[str, str]) -> Answer:
        text = (_PAGE / "index.html").read_text(encoding="utf-8")
        return Answer(text.replace("{{token}}", self._token).encode(), _type("index.html"))

    def _asset(self, query: dict[str, str], name: str) -> Answer:
        if name not in self._assets:
            raise RequestError(HTTPStatus.NOT_FOUND, f"no {name}")
        return Answer((_PAGE / name).read_bytes(), _type(name))

    def _episodes(self, query: dict[str, str]) -> Answer:
        since = query.get("since", "0")
        if not since.isdecimal():
            raise _bad(f"since={since}: expected a number")
        self._catalogue.scan()
        changes = asdict(self._catalogue.changes(int(since)))
        dataset = str(self._catalogue.directory)
        return json_answer(changes | {"dataset": dataset, "deleted": self._editing.deleted()})

    def _episode(self, query: dict[str, str], key: str) -> Answer:
        row = self._catalogue.row(int(key))
        with self._readers.borrowed(self._catalogue.path(row)) as reader:
            return json_answer(description(reader))

    def _curves(self, query: dict[str, str], key: str) -> Answer:
        row = self._catalogue.row(int(key))
        with self._readers.borrowed(self._catalogue.path(row)) as reader:
            return Answer(curves(reader), is_constant=True)

    def _thumbnail(self, query: dict[str, str], key: str) -> Answer:
        row = self._catalogue.row(int(key))
        picture = self._thumbnails.kept(row.key, row.version)
        if picture is None:
            with self._readers.borrowed(self._catalogue.path(row)) as reader:
                picture = self._thumbnails.keep(row.key, row.version, thumbnail(reader))
        return Answer(picture, "image/jpeg", is_constant=True)

    def _frames(self, query: dict[str, str], key: str, first: str, count: str) -> Answer:
        row = self._catalogue.row(int(key))
        with self._readers.borrowed(self._catalogue.path(row)) as reader:
            images = stored_rows(reader, int(first), int(count))
        return Answer(bundle(images), is_constant=True)

    def _judge(self, value: dict[str, Any], key: str) -> Answer:
        verdict = value.get("verdict")
        if not isinstance(verdict, str):
            raise _bad('expected {"verdict": "success", "failure" or ""}')
        judge = "operator" if verdict else ""
        row = self._editing.describe(int(key), verdict=verdict, judge=judge)
        return json_answer(asdict(row))

    def _label(self, value: dict[str, Any], key: str) -> Answer:
        labels = value.get("labels")
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            raise _bad('expected {"labels": ["…", …]}')
        words = [label.strip() for label in labels]
        row = self._editing.describe(int(key), labels=tuple(dict.fromkeys(filter(None, words))))
        return json_answer(asdict(row))

    def _delete(self, value: dict[str, Any], key: str) -> Answer:
        return json_answer({"deleted": self._editing.delete(int(key))})

    def _restore(self, value: dict[str, Any], key: str) -> Answer:
        return json_answer({"key": self._editing.restore(int(key))})


def refusal(error: ActError) -> Answer:
    """Return the answer to a request that failed."""
    status = error.status if isinstance(error, RequestError) else HTTPStatus.CONFLICT
    return json_answer({"error": str(error)}, status)


def _find(table: dict[str, _Handler], path: str) -> tuple[_Handler, tuple[str, ...]]:
    for pattern, handler in table.items():
        match = re.fullmatch(pattern, path, re.ASCII)
        if match:
            return handler, match.groups()
    raise RequestError(HTTPStatus.NOT_FOUND, "no such address")


def _bad(text: str) -> RequestError:
    return RequestError(HTTPStatus.BAD_REQUEST, text)


def _type(name: str) -> str:
    return f"{_TYPES[name.rpartition('.')[2]]}; charset=utf-8"
