"""Who may connect as an agent."""

from __future__ import annotations

import http.client
import json

import pytest
from fleet import PATH, Client, sample
from harness import Server, wait_until
from test_command_line import assert_refused, run
from websockets.exceptions import ConnectionClosed, InvalidStatus

HANDSHAKE = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
             "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


@pytest.fixture
def token(tmp_path):
    path = tmp_path / "token"
    path.write_text("open-sesame\n")
    path.chmod(0o600)
    return path


def problem(caught) -> tuple[int, str]:
    response = caught.value.response
    body = json.loads(response.body)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert body["status"] == response.status_code
    return response.status_code, body["detail"]


def test_the_handshake_follows_the_rfc(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", PATH, headers=HANDSHAKE)
    response = connection.getresponse()
    assert response.status == 101
    assert response.headers["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    connection.close()


@pytest.mark.parametrize("headers, status", [
    ({}, 426), ({**HANDSHAKE, "Sec-WebSocket-Version": "8"}, 426),
    ({**HANDSHAKE, "Sec-WebSocket-Key": "short"}, 400), ({**HANDSHAKE, "Connection": "keep-alive"}, 400),
])
def test_a_bad_handshake_is_refused_with_a_reason(server, headers, status):
    response = server.request(PATH, headers=headers)
    assert response.status == status and json.loads(response.body)["detail"]
    if status == 426:
        assert response.headers["Upgrade"] == "websocket"
        assert response.headers["Sec-WebSocket-Version"] == "13"


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "DELETE"])
def test_only_get_is_accepted(server, method):
    response = server.request(PATH, method=method, headers=HANDSHAKE)
    assert (response.status, response.headers["Allow"]) == (405, "GET")


def test_parameters_are_refused(server):
    assert server.request(PATH + "?name=x", headers=HANDSHAKE).status == 400


def test_a_page_of_another_site_may_not_connect(server):
    def refused() -> int:
        return server.json("/system")["fleet"]["refused_total"]["cross_site"]

    before = refused()
    for origin in ("https://evil.example", "null", f"http://127.0.0.1:{server.port + 1}"):
        with pytest.raises(InvalidStatus) as caught:
            Client(server, origin=origin)
        status, detail = problem(caught)
        assert status == 403 and "other sites" in detail
    with Client(server, origin=f"http://127.0.0.1:{server.port}") as client:
        assert client.say("from page: 5") == "ok"
    wait_until(lambda: refused() == before + 3)


def test_without_the_token_no_client_is_accepted(token):
    with Server("--agent-token-file", str(token)) as server:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer open-sesame2"},
                        {"Authorization": "Basic open-sesame"}, {"Authorization": "Bearer"},
                        {"Authorization": "open-sesame"}):
            with pytest.raises(InvalidStatus) as caught:
                Client(server, additional_headers=headers)
            status, detail = problem(caught)
            assert status == 401 and "token" in detail and "open-sesame" not in detail
            assert caught.value.response.headers["WWW-Authenticate"].startswith("Bearer")
        with Client(server, additional_headers={"Authorization": "Bearer open-sesame"}) as client:
            assert client.acknowledged(sample("in", 1))["ack"] == 1
        wait_until(lambda: server.json("/system")["fleet"]["refused_total"]["unauthorized"] == 6)
        assert server.request("/cpu_usage").status == 200, "the token is for agents"
        assert "open-sesame" not in server.log


def test_beyond_loopback_a_token_is_required(token):
    with Server("--host", "0.0.0.0") as server:
        with pytest.raises(InvalidStatus) as caught:
            Client(server)
        status, detail = problem(caught)
        assert status == 403 and "--agent-token-file" in detail
        assert server.request("/cpu_usage").status == 200
    with Server("--host", "0.0.0.0", "--agent-token-file", str(token)) as server:
        with Client(server, additional_headers={"Authorization": "bearer open-sesame"}) as client:
            assert client.say("5") == "ok"


@pytest.mark.parametrize("content, message", [
    (b"", "is empty"), (b" \n", "is empty"), (b"two words", "does not contain a token"), (b"\xff\xfe", "does not contain a token"),
])
def test_a_bad_token_file_prevents_the_start(tmp_path, content, message):
    path = tmp_path / "token"
    path.write_bytes(content)
    assert_refused(run("serve", "--port", "0", "--agent-token-file", str(path)), 1, str(path), message)


def test_a_missing_token_file_prevents_the_start(tmp_path):
    path = tmp_path / "none"
    assert_refused(run("serve", "--port", "0", "--agent-token-file", str(path)), 1, str(path),
                   "--agent-token-file")


def test_a_token_file_that_others_can_read_causes_a_warning(token):
    token.chmod(0o644)
    with Server("--agent-token-file", str(token), expected_log="can be read by other users") as server:
        pass
    assert "can be read by other users" in server.log


def test_the_drain_closes_agents_with_1001():
    with Server() as server:
        client = Client(server)
        client.acknowledged(sample("leaving", 1))
        server.stop()
        with pytest.raises(ConnectionClosed) as caught:
            client.socket.recv(timeout=10)
        assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (1001, "the hub stops")
