# SPDX-License-Identifier: Apache-2.0
"""Who may ask the page's server: the browser that opened the printed address, and no other page.

Other pages in the same browser can send requests to 127.0.0.1, and other users of the machine can
connect to it. So the printed address carries a random token, which becomes a cookie that no other
site's request carries; what changes files has to carry the token in a header as well. A name that
an attacker lets resolve to 127.0.0.1 is refused by its Host header.
"""

import secrets
from email.message import Message
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from act_recorder.dataset.browse.answer import RequestError

# The name in the browser's address bar, whatever the port: that of an SSH tunnel may be another.
LOCAL_NAMES = ("127.0.0.1", "localhost")
TOKEN_HEADER = "X-Act-Token"  # noqa: S105 - the name of a header


class Guard:
    """Checks requests.

    Args:
        port: of the server; cookies are shared by all ports of a host, so their name says it.
        token: None for a random one.
    """

    def __init__(self, port: int, token: str | None = None) -> None:
        self.token = token or secrets.token_urlsafe(24)
        self._cookie = f"act_browse_{port}"

    @property
    def cookie_header(self) -> str:
        """The value of Set-Cookie for whoever knew the token."""
        return f"{self._cookie}={self.token}; HttpOnly; SameSite=Lax; Path=/"

    def is_token(self, text: str) -> bool:
        """Whether `text` is the token."""
        return secrets.compare_digest(text.encode(), self.token.encode())

    def check_origin(self, headers: Message) -> None:
        """Check from where a request comes; raises RequestError for another site's."""
        host = headers.get("Host", "")
        if urlsplit(f"//{host}").hostname not in LOCAL_NAMES:
            raise _refused(f"host '{host}' is not {' or '.join(LOCAL_NAMES)}")
        origin = headers.get("Origin")
        if origin is not None and origin != f"http://{host}":
            raise _refused(f"a page of {origin} asks, expected one of http://{host}")

    def check_visitor(self, headers: Message) -> None:
        """Check that this browser opened the printed address; raises RequestError."""
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(headers.get("Cookie", ""))
        except CookieError:
            cookies.clear()
        morsel = cookies.get(self._cookie)
        if morsel is None or not self.is_token(morsel.value):
            raise _refused(
                "open the address that `act dataset browse` has printed, with its token"
            )

    def check_change(self, headers: Message) -> None:
        """Check that the page itself asks for a change; raises RequestError."""
        if not self.is_token(headers.get(TOKEN_HEADER, "")):
            raise _refused(f"a change needs the page's token in the header {TOKEN_HEADER}")


def _refused(text: str) -> RequestError:
    return RequestError(HTTPStatus.FORBIDDEN, text)
