"""Limits on connections, streams, agents and waiting answers: what a client sees beyond them."""

from __future__ import annotations

import contextlib
import socket
import struct

import pytest
from agents import Agent
from answers import assert_problem, strict_json
from harness import Server, wait_until
from proc_tree import ProcTree
from wire import Wire, get, lines

HOST = "Host: localhost"
UPGRADE = lines("GET /webservices/cpu/ HTTP/1.1", HOST, "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")


def own(server) -> dict:
    return server.json("/system")["self"]


@contextlib.contextmanager
def wires(server, count: int, request: bytes, status: int, **options):
    """`count` connections whose first request got this status; the rest of the answers is not read."""
    opened = []
    try:
        for _ in range(count):
            wire = Wire(server, **options)
            opened.append(wire)
            wire.send(request)
            wire.socket.settimeout(15)
            head = b""
            while b"\r\n" not in head:
                head += wire.socket.recv(1)
            assert head.startswith(b"HTTP/1.1 %d " % status), head
        yield opened
    finally:
        for wire in opened:
            wire.close()


@pytest.fixture
def small():
    """64 connections: 48 for agents, 8 for streams."""
    with Server("--interval", "0.1", "--connections", "64") as running:
        yield running


def test_beyond_the_limit_a_client_gets_a_reason_and_health_checks_are_answered(small):
    with wires(small, 64, get("/livez"), 200):
        with Wire(small) as wire:
            wire.send(get("/cpu_usage"))
            (reply,) = wire.replies_to_end()
        assert_problem(reply, 503, "64", "--connections")
        assert int(reply.headers["retry-after"]) > 0
        for path in ["/livez", "/readyz"]:
            response = small.request(path)
            assert response.status == 200, path
            assert response.headers["Connection"] == "close"
    wait_until(lambda: small.request("/system").status == 200)
    counted = own(small)
    assert counted["refused"]["connections"] >= 1
    assert counted["connections"]["limit"] == 64
    assert "refusal" in small.log and "64 connections, the limit of all" in small.log


def test_idle_connections_make_room(small):
    """A client that holds connections without a request does not lock others out."""
    idle = [socket.create_connection(("127.0.0.1", small.port)) for _ in range(80)]
    try:
        wait_until(lambda: small.request("/cpu_usage").status == 200)
        assert own(small)["ended"]["idle"] > 0
    finally:
        for connection in idle:
            connection.close()


def test_streams_leave_connections_for_others(small):
    # One address may have a quarter of the streams.
    with wires(small, 2, get("/events"), 200):
        with Wire(small) as wire:
            wire.send(get("/events"))
            (reply,) = wire.replies_to_end()
        assert_problem(reply, 503, "event streams")
        assert reply.headers["retry-after"]
        wait_until(lambda: own(small)["connections"]["event_streams"] == 2)
        assert own(small)["refused"]["event_streams_per_address"] == 1
        assert own(small)["connections"]["event_streams_limit"] == 8
    wait_until(lambda: own(small)["connections"]["event_streams"] == 0)


def test_agents_leave_connections_for_readers_and_the_next_agent_logs_why(small):
    with wires(small, 48, UPGRADE, 101):
        assert small.request("/cpu_usage").status == 200
        assert own(small)["connections"]["agents"] == 48
        hub = f"ws://127.0.0.1:{small.port}/webservices/cpu/"
        with Agent(hub, "--name", "one-too-many", expected_log="no connection to the hub") as agent:
            line = agent.when_logged("no connection to the hub")
        assert "503" in line and "reached its limit of agents" in line


def test_one_address_has_a_limit_and_the_agent_logs_it():
    with Server("--connections-per-address", "2") as server:
        with wires(server, 2, get("/livez"), 200):
            with Agent(f"ws://127.0.0.1:{server.port}/webservices/cpu/", expected_log="no connection") as agent:
                line = agent.when_logged("no connection to the hub")
            assert "--connections-per-address" in line
        # The server notices the end of the two connections one after the other, and refuses requests until then.
        replies = []
        wait_until(lambda: (replies.append(server.request("/system")), replies[-1].status == 200)[1])
        assert strict_json(replies[-1].body)["self"]["refused"]["connections_per_address"] >= 1


def test_the_default_has_room_for_the_documented_fleet(server):
    """More than ten thousand agents, plus streams and readers."""
    connections = own(server)["connections"]
    assert connections["limit"] == 16_384
    assert connections["agents_limit"] >= 12_000
    rest = connections["limit"] - connections["agents_limit"] - connections["event_streams_limit"]
    assert rest >= 2_000


# MARK: Clients that do not read


# The sender of the answer differs: libmicrohttpd, or the server itself.
SILENT = {
    "later": [HOST],
    "half-closed": [HOST],
    "padded length": [HOST, "Content-Length: 0 "],
}


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A server whose whole table is larger than what the kernel buffers for a client that does not read."""
    tree = ProcTree(tmp_path_factory.mktemp("proc"))
    for pid in range(1, 10_001):
        tree.put(pid, name=b"worker-%d" % pid)
    with Server("--interval", "3", "--no-record", "--proc", str(tree.root), expected_log=" warning ") as running:
        wait_until(lambda: running.json("/system")["sequence"] > 0)
        yield running


def test_a_client_that_does_not_read_is_closed(large):
    with contextlib.ExitStack() as stack:
        for number, (form, fields) in enumerate(SILENT.items()):
            wire = stack.enter_context(Wire(large, receive_buffer=4096))
            # Different answers, so that each has its own body.
            wire.send(lines(f"GET /cpu_usage?fields=all&limit={20_000 + number} HTTP/1.1", *fields))
            if form == "half-closed":
                wire.socket.shutdown(socket.SHUT_WR)
        wait_until(lambda: own(large)["connections"]["unsent_bytes"] > 3 * 3_000_000, timeout=40)
        # The last two are sent by the server itself.
        assert own(large)["connections"]["waiting_answers"] == 2
        wait_until(lambda: own(large)["ended"]["slow_reader"] == 3, timeout=60, interval=0.5)
        wait_until(lambda: own(large)["connections"]["unsent_bytes"] == 0)
        assert own(large)["connections"]["waiting_answers"] == 0
        assert large.request("/livez").status == 200


def test_a_half_closed_client_that_reads_gets_a_large_answer(large):
    with Wire(large) as wire:
        wire.send(get("/cpu_usage?fields=all&limit=19999"))
        wire.socket.shutdown(socket.SHUT_WR)
        (reply,) = wire.replies_to_end()
    assert reply.status == 200
    assert len(strict_json(reply.body)) == 10_000


# MARK: Clients that leave


def hang_up(server, path: str):
    """Sends a request, and closes at once."""
    with Wire(server) as wire:
        wire.send(get(path))


def reset(server, path: str):
    wire = Wire(server)
    wire.send(get(path))
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


@pytest.mark.parametrize("leave", [hang_up, reset])
def test_queries_of_disconnected_clients_use_no_place(quick, leave):
    for _ in range(400):
        leave(quick, "/history?series=all&from=-2h&step=1")
    answer = quick.request("/history?series=load.load_1")
    assert answer.status == 200, answer.body
    wait_until(lambda: own(quick)["connections"]["waiting_answers"] == 0)


def test_a_half_closed_client_is_answered_by_the_history(quick):
    with Wire(quick) as wire:
        wire.send(get("/history?series=load.load_1"))
        wire.socket.shutdown(1)
        (reply,) = wire.replies_to_end()
    assert reply.status == 200
