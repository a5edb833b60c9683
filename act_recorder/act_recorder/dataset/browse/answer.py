# SPDX-License-Identifier: Apache-2.0
"""What the page's server answers."""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from act_core.errors import ActError


class RequestError(ActError):
    """A request that is not served; `status` is the HTTP status."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """A response: its body, and whether the browser may keep it."""

    body: bytes
    content_type: str = "application/octet-stream"
    status: HTTPStatus = HTTPStatus.OK
    # An address that carries the file's version names the same bytes for ever.
    is_constant: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(value: Any, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """Return a value as JSON."""
    return Answer(json.dumps(value).encode(), "application/json", status)
