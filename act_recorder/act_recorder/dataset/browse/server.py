# SPDX-License-Identifier: Apache-2.0
"""The page's server: HTTP on 127.0.0.1, one thread a connection."""

import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from act_core.errors import ActError
from act_recorder.dataset.browse.answer import Answer, RequestError
from act_recorder.dataset.browse.catalogue import Catalogue
from act_recorder.dataset.browse.guard import Guard
from act_recorder.dataset.browse.open_readers import OpenReaders
from act_recorder.dataset.browse.routes import Routes, refusal

ADDRESS = "127.0.0.1"
MOST_BODY_BYTES = 65536
HEADERS = {
    # Nothing but what this server sends, no inline code, no frame around it.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class BrowseServer(ThreadingHTTPServer):
    """Serves the page of one dataset.

    Args:
        catalogue: of the dataset.
        readers: its files.
        port: to listen on; 0 for a free one.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, catalogue: Catalogue, readers: OpenReaders, port: int) -> None:
        self._catalogue = catalogue  # first: a port that is taken closes the server at once
        super().__init__((ADDRESS, port), _Handler)
        self.guard = Guard(self.server_port)
        self.routes = Routes(catalogue, readers, self.guard.token)

    @property
    def url(self) -> str:
        """The address to open, with the token."""
        return f"http://{ADDRESS}:{self.server_port}/?token={self.guard.token}"

    def server_close(self) -> None:
        """Close the socket, and read no further file."""
        super().server_close()
        self._catalogue.stop()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a browser go that has closed its connection; anything else is told."""
        if not issubclass(sys.exc_info()[0] or Exception, (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: BrowseServer
    protocol_version = "HTTP/1.1"
    server_version = "act"
    sys_version = ""
    timeout = 60
    wbufsize = -1  # head and body in one packet
    disable_nagle_algorithm = True

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        """Answer a GET."""
        self._answer(self._get)

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        """Answer a POST."""
        self._answer(self._post)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Keep quiet: each frame is a request."""

    def _get(self) -> Answer:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        guard = self.server.guard
        guard.check_origin(self.headers)
        if url.path == "/" and guard.is_token(query.get("token", "")):
            # The token goes on as a cookie, out of the address bar and of the history.
            headers = {"Location": "/", "Set-Cookie": guard.cookie_header}
            return Answer(b"", "text/plain", HTTPStatus.SEE_OTHER, headers=headers)
        guard.check_visitor(self.headers)
        return self.server.routes.get(url.path, query)

    def _post(self) -> Answer:
        guard = self.server.guard
        guard.check_origin(self.headers)
        guard.check_visitor(self.headers)
        guard.check_change(self.headers)
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BODY_BYTES:
            text = f"a body of '{length}' bytes, expected at most {MOST_BODY_BYTES}"
            raise RequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
        return self.server.routes.post(urlsplit(self.path).path, self.rfile.read(int(length)))

    def _answer(self, ask: Callable[[], Answer]) -> None:
        try:
            answer = ask()
        except ActError as error:
            answer = refusal(error)
            self.close_connection = True  # its body may be unread
        self.send_response(answer.status)
        for name, value in (HEADERS | answer.headers).items():
            self.send_header(name, value)
        keep = "private, max-age=3600, immutable" if answer.is_constant else "no-store"
        self.send_header("Cache-Control", keep)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)
