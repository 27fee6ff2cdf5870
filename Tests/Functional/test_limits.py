"""What one client may use: header size, body size, time, connections. Other clients are still served."""

import contextlib
import socket

import pytest
from answers import assert_problem
from harness import Server, wait_until
from wire import Wire, get, lines

HOST = "Host: localhost"


@pytest.fixture(scope="module")
def impatient():
    with Server("--header-timeout", "1") as running:
        yield running


def trickle(server, head: bytes) -> int:
    """Sends one byte at a time until the server closes the connection; returns how many it accepted."""
    with Wire(server) as wire:
        wire.send(head)
        wire.socket.settimeout(0.2)
        for count in range(75):
            try:
                wire.send(b"a")
                assert wire.socket.recv(4096) == b"", "an answer to half a request"
                return count
            except TimeoutError:
                assert server.request("/livez").status == 200, "other clients are still served"
            except (ConnectionResetError, BrokenPipeError):
                return count
    raise AssertionError("the connection lived for 15 s without a whole request")


@pytest.mark.parametrize("head", [b"", b"GET /", b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: "])
def test_a_trickled_header_is_cut_off(impatient, head):
    """libmicrohttpd's own timeout sees only silence, and there is a byte every 0.2 s."""
    trickle(impatient, head)


def test_a_silent_connection_is_cut_off(impatient):
    with Wire(impatient) as wire:
        assert wire.bytes_to_end() == b""


def test_many_slow_clients_at_once_are_cut_off(impatient):
    wires = [Wire(impatient) for _ in range(100)]
    for wire in wires:
        wire.send(b"GET /livez HTTP/1.1\r\nX: ")
    assert impatient.request("/livez").status == 200
    for wire in wires:
        assert wire.bytes_to_end() == b""
        wire.close()


def test_an_idle_connection_outlives_the_header_deadline(impatient):
    """Another deadline applies to it: a page that polls slowly keeps its connection."""
    with Wire(impatient) as idle:
        idle.send(get("/livez"))
        assert idle.reply().status == 200
        trickle(impatient, b"GET /")
        idle.send(get("/livez"))
        assert idle.reply().status == 200


@pytest.mark.parametrize("head", [
    lines("GET /" + "a" * 200_000 + " HTTP/1.1", HOST),
    lines("GET /livez?" + "a" * 200_000 + " HTTP/1.1", HOST),
    lines("GET /livez HTTP/1.1", HOST, "X-Long: " + "a" * 200_000),
    lines("GET /livez HTTP/1.1", HOST, *[f"X-{number}: value" for number in range(20_000)]),
], ids=["path", "query", "one header", "many headers"])
def test_an_oversized_head_is_refused(server, head):
    with Wire(server) as wire:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            wire.send(head)
        assert wire.status_line_to_end() in (414, 431)
    assert server.request("/livez").status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_large_body_is_refused_before_it_is_sent(server, method):
    with Wire(server) as wire:
        wire.send(lines(f"{method} /cpu_usage HTTP/1.1", HOST, "Content-Length: 65537"))
        (reply,) = wire.replies_to_end()
    assert_problem(reply, 413)
    assert reply.headers["connection"].lower() == "close"


def test_a_large_body_is_refused_without_100_continue(server):
    with Wire(server) as wire:
        wire.send(lines("GET /livez HTTP/1.1", HOST, "Content-Length: 1000000", "Expect: 100-continue"))
        assert [reply.status for reply in wire.replies_to_end()] == [413]


def test_a_body_of_the_largest_size_is_read(server):
    with Wire(server) as wire:
        wire.send(lines("GET /livez HTTP/1.1", HOST, "Content-Length: 65536", body=b"x" * 65536)
                  + get("/livez"))
        assert [wire.reply().status, wire.reply().status] == [200, 200]


def test_a_large_chunked_body_is_refused(server):
    """Only counting shows its size. It gets one 413, and the request behind it is not read."""
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    with Wire(server) as wire:
        wire.send(lines("POST /livez HTTP/1.1", HOST, "Transfer-Encoding: chunked"))
        for _ in range(40):
            wire.send(chunk)
        wire.send(b"0\r\n\r\n" + get("/livez"))
        (reply,) = wire.replies_to_end()
    assert_problem(reply, 413, "65536")
    assert reply.headers["connection"].lower() == "close"


def test_a_chunked_body_of_the_largest_size_is_read(server):
    with Wire(server) as wire:
        chunks = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
        wire.send(lines("GET /livez HTTP/1.1", HOST, "Transfer-Encoding: chunked", body=chunks * 2 + b"0\r\n\r\n")
                  + get("/livez"))
        assert [wire.reply().status, wire.reply().status] == [200, 200]


def test_an_endless_chunked_body_is_cut_off(server):
    """The 413 arrives while the client still sends; later the server stops reading."""
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    with Wire(server) as wire:
        wire.send(lines("GET /livez HTTP/1.1", HOST, "Transfer-Encoding: chunked") + chunk * 3)
        assert wire.reply().status == 413
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            for _ in range(100_000):
                wire.send(chunk)


def test_hundreds_of_idle_connections_leave_room(server):
    connections = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]
    try:
        assert server.request("/cpu_usage").status == 200
    finally:
        for connection in connections:
            connection.close()
    wait_until(lambda: server.request("/livez").status == 200)
