# SPDX-License-Identifier: Apache-2.0
"""Who is served, and that nobody gets at other files, or changes any from another page."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from importlib import resources
from pathlib import Path

import pytest
from browse_client import Client, browsed

from act_core.testing import make_episode

DELETE = "/api/episodes/0/delete"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    make_episode(tmp_path, num_frames=3)
    with browsed(tmp_path) as client:
        client.rows()
        yield client
        # Whatever was asked: nothing has changed.
        assert [path.name for path in tmp_path.iterdir()] == ["episode_0.hdf5"]


def test_the_printed_address_lets_one_in_and_the_bare_one_does_not(client: Client) -> None:
    url = client.server.url
    path = url.removeprefix(f"http://127.0.0.1:{client.server.server_port}")
    assert len(client.server.guard.token) >= 32
    status, _, headers = client.ask("GET", path, Cookie=None)
    assert (status, headers["Location"]) == (HTTPStatus.SEE_OTHER, "/")
    assert headers["Set-Cookie"].endswith("; HttpOnly; SameSite=Lax; Path=/")
    assert client.ask("GET", "/", Cookie=headers["Set-Cookie"].partition(";")[0])[0] == 200
    text = "open the address that `act dataset browse` has printed, with its token"
    for wrong in (None, "other=1", "act_browse_1=x", f"act_browse_{client.server.server_port}=x"):
        for path in ("/", "/?token=guess", "/api/episodes", "/page/main.js", "/nowhere"):
            assert client.refused("GET", path, Cookie=wrong) == (403, text)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "192.168.1.5"])
def test_a_name_that_resolves_to_here_is_refused(client: Client, host: str) -> None:
    text = f"host '{host}' is not 127.0.0.1 or localhost"
    assert client.refused("GET", "/api/episodes", Host=host) == (403, text)
    assert client.refused("POST", DELETE, Host=host) == (403, text)


def test_a_tunnel_may_have_another_port(client: Client) -> None:
    status, _, _ = client.ask("GET", "/", Host="localhost:9", Origin="http://localhost:9")
    assert status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_another_page_cannot_delete(client: Client, origin: str) -> None:
    host = f"127.0.0.1:{client.server.server_port}"
    status, text = client.refused("POST", DELETE, Origin=origin)
    assert (status, text) == (403, f"a page of {origin} asks, expected one of http://{host}")


@pytest.mark.parametrize("token", [None, "", "guess"])
def test_a_change_needs_the_token_beside_the_cookie(client: Client, token: str | None) -> None:
    for path in (DELETE, "/api/episodes/0/verdict", "/api/deleted/0/restore"):
        status, text = client.refused("POST", path, {"verdict": "failure"}, X_Act_Token=token)
        assert (status, text) == (
            403, "a change needs the page's token in the header X-Act-Token",
        )  # fmt: skip
    assert client.rows()[0]["verdict"] == "success"


@pytest.mark.parametrize(
    "path",
    [
        "/page/../routes.py", "/page/%2e%2e/routes.py", "/page/..%2froutes.py", "/page/routes.py",
        "/page//etc/passwd", "/../../etc/passwd", "/api/episodes/../../etc/passwd",
        "/api/episodes/episode_0.hdf5", "/api/episodes/-1", "/api/episodes/0/frames/0/1/x",
    ],
)  # fmt: skip
def test_no_path_is_taken_from_a_request(client: Client, path: str) -> None:
    status, _, _ = client.ask("GET", path)
    assert status == 404


def test_a_get_changes_nothing_and_other_methods_are_unknown(client: Client) -> None:
    assert client.refused("GET", DELETE) == (404, "no such address")
    for method in ("PUT", "DELETE", "OPTIONS"):
        assert client.ask(method, "/api/episodes/0")[0] == HTTPStatus.NOT_IMPLEMENTED


def test_a_body_is_bounded_and_is_an_object(client: Client) -> None:
    path = "/api/episodes/0/labels"
    assert client.refused("POST", path, b"[]") == (400, "the body is no JSON object")
    assert client.refused("POST", path, b"{")[1].startswith("the body is no JSON: ")
    status, text = client.refused("POST", path, b"x" * 65537)
    assert (status, text) == (413, "a body of '65537' bytes, expected at most 65536")


def test_every_answer_forbids_what_is_not_of_this_server(client: Client) -> None:
    for path in ("/", "/api/episodes", "/page/page.css", "/api/episodes/0/thumbnail", "/nowhere"):
        _, _, headers = client.ask("GET", path)
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_page_names_nothing_outside_and_all_it_names_is_there(client: Client) -> None:
    files = list((resources.files("act_recorder.dataset.browse") / "page").iterdir())
    names = {file.name for file in files}
    assert {"index.html", "page.css", "main.js"} <= names
    for file in files:
        text = file.read_text(encoding="utf-8").replace('"http://www.w3.org/2000/svg"', "")
        assert "://" not in text, file.name
        assert not re.search(r"innerHTML|insertAdjacent|document\.write|eval\(|style=", text)
        used = re.findall(r'"(?:\./|/page/)([\w.]+)"', text)
        assert set(used) <= names, file.name
