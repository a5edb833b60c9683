# SPDX-License-Identifier: Apache-2.0
"""The page's server in this process, and a client that asks it as a browser does, or worse."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.browse.browse import serve
from act_recorder.dataset.browse.defects import Inspect
from act_recorder.dataset.browse.guard import TOKEN_HEADER
from act_recorder.dataset.browse.server import BrowseServer


class Client:
    """Asks a server; every header can be replaced, None leaves it out."""

    def __init__(self, server: BrowseServer) -> None:
        self.server = server
        self.headers = {
            "Cookie": server.guard.cookie_header.partition(";")[0],
            "Origin": f"http://127.0.0.1:{server.server_port}",
            TOKEN_HEADER: server.guard.token,
        }

    def ask(
        self, method: str, path: str, value: Any = None, **replaced: str | None
    ) -> tuple[int, bytes, dict[str, str]]:
        headers = self.headers | {k.replace("_", "-"): v for k, v in replaced.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=20)
        try:
            body = value if isinstance(value, bytes) else json.dumps(value or {}).encode()
            given = {k: v for k, v in headers.items() if v is not None}
            connection.request(method, path, body if method == "POST" else None, given)
            response = connection.getresponse()
            return response.status, response.read(), dict(response.headers)
        finally:
            connection.close()

    def get(self, path: str, **replaced: str | None) -> Any:
        """Return the JSON of a GET that has to succeed."""
        status, body, _ = self.ask("GET", path, **replaced)
        assert status == 200, body
        return json.loads(body)

    def post(self, path: str, value: Any = None) -> Any:
        """Return the JSON of a POST that has to succeed."""
        status, body, _ = self.ask("POST", path, value)
        assert status == 200, body
        return json.loads(body)

    def refused(self, method: str, path: str, value: Any = None, **replaced: Any) -> tuple:
        """Return status and text of a request that has to fail."""
        status, body, _ = self.ask(method, path, value, **replaced)
        return status, json.loads(body)["error"]

    def rows(self, *, inspected: bool = False) -> dict[int, dict[str, Any]]:
        """Return all rows, once each file was read."""
        end_s = time.monotonic() + 20
        while True:
            known = self.get("/api/episodes")
            if not known["unread"] and not (inspected and known["uninspected"]):
                return {row["key"]: row for row in known["rows"]}
            assert time.monotonic() < end_s, known
            time.sleep(0.02)


@contextmanager
def browsed(
    folder: Path, robot: RobotSpec | None = None, inspect: Inspect | None = None
) -> Iterator[Client]:
    """Serve a dataset."""
    server = serve(folder, robot, inspect=inspect)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Client(server)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
