"""Failures between a hub and its agents: a hub that dies, and clients that break off, stall and leave."""

from __future__ import annotations

import os
import socket
import struct
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from fleet import PATH, Client, sample
from harness import Server, wait_until
from simulator import Agents
from wire import Wire, lines

AGENTS = 500
# Seconds after which a server has finished its one-time work.
START_IS_OVER = 17
HOSTS = [f"sim-{number:05}" for number in (0, 1, 99, 150, 199)]
HANDSHAKE = lines(f"GET {PATH} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
                  "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
RECORD_SOON = ["--flush-interval", "0.5"]
MASK = b"\x11\x22\x33\x44"
TEXT, PING, CLOSE = 0x81, 0x89, 0x88


# A hub that exits.


def test_all_agents_are_back_soon_after_the_hub_was_killed(tmp_path):
    """No sample is missing then: agents send again what the hub had not written."""
    hub = Server(*RECORD_SOON, data=tmp_path)
    with Agents(hub.port, AGENTS) as agents:
        wait_until(lambda: stored(hub))
        ended = time.time()
        hub.kill()
        with Server(*RECORD_SOON, port=hub.port, data=tmp_path) as again:
            assert agents.seconds_away() < 30
            wait_until(lambda: fleet(again)["live"] == AGENTS + 1)
            wait_until(lambda: len(known_seconds(again, HOSTS[0])) > 8)
            assert {host["state"] for host in again.json("/hosts")["hosts"]} == {"live"}
            outcome = agents.end()
            assert (outcome["lost"], outcome["reconnects"], outcome["not_closed"]) == (0, AGENTS, 0)
            assert outcome["resent"] > 0 and outcome["closes"] == {"none": AGENTS, "1000": AGENTS}
            for host in HOSTS:
                assert_no_hole(again, host, ended)


@pytest.mark.alone
def test_a_hub_that_stops_closes_its_agents_with_1001_and_they_reconnect(tmp_path):
    hub = Server(*RECORD_SOON, data=tmp_path)
    with Agents(hub.port, AGENTS) as agents:
        wait_until(lambda: stored(hub))
        ended = time.time()
        hub.stop()
        with Server(*RECORD_SOON, port=hub.port, data=tmp_path) as again:
            assert agents.seconds_away() < 30
            wait_until(lambda: len(known_seconds(again, HOSTS[0])) > 8)
            outcome = agents.end()
            assert outcome["closes"] == {"1001": AGENTS, "1000": AGENTS}
            assert (outcome["lost"], outcome["not_closed"]) == (0, 0)
            for host in HOSTS:
                assert_no_hole(again, host, ended)


def stored(hub) -> bool:
    """Whether the file has data of each checked host."""
    return all(hub.request(f"/history?host={host}&from=-1m&step=1").status == 200 for host in HOSTS) \
        and hub.json("/system")["recorder"]["flushed_through"] is not None


def known_seconds(hub, host: str) -> list[int]:
    """The seconds since the epoch about which the history has data."""
    history = hub.json(f"/history?host={host}&from=-3m&step=1")
    pairs = zip(history["times"], history["series"]["cpu.busy_percent"])
    return [moment for moment, busy in pairs if busy is not None]


def assert_no_hole(hub, host: str, before: float):
    """There is a sample each second, from before a moment until after it.

    Two that follow each other may fall into one second, and then the next has none.
    """
    known = known_seconds(hub, host)
    assert known[0] < before < known[-1], (host, known)
    assert all(later - earlier <= 2 for earlier, later in zip(known, known[1:])), (host, known)


# Connections that open and close.


@pytest.fixture(scope="module")
def hub():
    """Without a recorder, whose memory would look like a leak."""
    with Server("--no-record") as running:
        yield running


def fleet(hub) -> dict:
    return hub.json("/system")["fleet"]


def descriptors(hub) -> int:
    return len(os.listdir(f"/proc/{hub.process.pid}/fd"))


def threads(hub) -> int:
    return len(os.listdir(f"/proc/{hub.process.pid}/task"))


def memory(hub) -> int:
    """Bytes that the hub wrote; the kernel loads and drops its code as it likes. See proc_pid_smaps_rollup(5)."""
    for line in Path(f"/proc/{hub.process.pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no Anonymous")


def frame(opcode: int, payload: bytes = b"") -> bytes:
    """A frame as clients send it, see RFC 6455 section 5.2."""
    length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
    masked = bytes(byte ^ MASK[place % 4] for place, byte in enumerate(payload))
    return bytes([opcode]) + length + MASK + masked


def opened(hub, **arguments) -> Wire:
    """A connection after its WebSocket handshake."""
    wire = Wire(hub, **arguments)
    wire.send(HANDSHAKE)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += wire.socket.recv(1)
    assert head.startswith(b"HTTP/1.1 101 ")
    return wire


def reset(wire: Wire):
    """Ends a connection by a reset, see SO_LINGER in socket(7)."""
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


def no_connection_is_left(hub):
    wait_until(lambda: fleet(hub)["connections"] == 0)


@contextmanager
def leaves_nothing_behind(hub):
    no_connection_is_left(hub)
    # The request that reads this is a connection itself, which ends a moment after its answer.
    before, running = wait_until_still(lambda: descriptors(hub)), threads(hub)
    yield
    no_connection_is_left(hub)
    wait_until(lambda: descriptors(hub) <= before)
    # Concurrent work has a thread each, which exits some seconds later; connections have none.
    assert threads(hub) <= running + 4


def wait_until_still(value):
    """A value that was the same three times in a row."""
    last = []

    def is_still():
        last.append(value())
        return len(last) >= 3 and len(set(last[-3:])) == 1
    wait_until(is_still)
    return last[-1]


def come_and_go(hub, count: int):
    """`count` connections at once, which then end in every possible way."""
    wires = [opened(hub) for _ in range(count)]
    for number, wire in enumerate(wires):
        wire.send(frame(TEXT, f"from guest-{number}: {number % 100}".encode()))
    for wire in wires:
        assert wire.socket.recv(4) == b"\x81\x02ok"
    wait_until(lambda: fleet(hub)["connections"] == count)
    for number, wire in enumerate(wires):
        match number % 4:
            case 0:
                wire.send(frame(CLOSE, b"\x03\xe8"))
                assert wire.bytes_to_end() == b"\x88\x02\x03\xe8"
                wire.close()
            case 1: reset(wire)
            case 2: wire.close()
            case 3:
                wire.send(b"\x81\xfe\x01")
                wire.socket.shutdown(socket.SHUT_WR)
                wire.bytes_to_end()
                wire.close()


@pytest.mark.long
def test_five_hundred_connections_open_and_close_and_leak_nothing(hub):
    # The first rounds allocate what is kept: the hosts themselves, and room for the connections. They continue
    # until the server has returned the memory of its start, which would otherwise be in the difference.
    rounds = 0
    while rounds < 4 or time.monotonic() - hub.answered_at < START_IS_OVER:
        come_and_go(hub, 500)
        no_connection_is_left(hub)
        rounds += 1
    come_and_go(hub, 500)
    no_connection_is_left(hub)
    before = memory(hub)
    with leaves_nothing_behind(hub):
        for _ in range(6):
            come_and_go(hub, 500)
            no_connection_is_left(hub)
    # A leak of three thousand connections would be more than two kilobytes each.
    assert memory(hub) - before < sanitized(6_000_000)
    with Client(hub) as client:
        assert client.acknowledged(sample("after-all", 1))["ack"] == 1


def sanitized(limit: int) -> int:
    """A sanitizer keeps freed memory for a while, to detect its use."""
    return limit * 100 if "build-" in os.environ.get("TOPSERVER_BINARY", "") else limit


@pytest.mark.parametrize("end", [Wire.close, reset], ids=["close", "reset"])
def test_a_client_may_end_at_every_stage_of_the_handshake(hub, end):
    message = frame(TEXT, b"from breaking-off: 5")
    with leaves_nothing_behind(hub):
        for stage in range(len(HANDSHAKE)):
            wire = Wire(hub)
            wire.send(HANDSHAKE[:stage])
            end(wire)
        for stage in range(len(message) + 1):
            # Directly after the handshake, so that the connection may end before the 101 is sent.
            wire = Wire(hub)
            wire.send(HANDSHAKE + message[:stage])
            end(wire)
            wire = opened(hub)
            wire.send(message[:stage])
            end(wire)
    assert hub.request("/livez").status == 200


def test_a_client_that_never_reads_is_dropped_and_costs_nothing(hub):
    """Every ping needs a pong of the same length; the client does not read the pongs."""
    pings = frame(PING, b"x" * 125) * 500
    with leaves_nothing_behind(hub), Client(hub) as other:
        before, sent, sequence = memory(hub), 0, 0
        wire = opened(hub, receive_buffer=4096, timeout=0.5)
        with pytest.raises((TimeoutError, ConnectionResetError, BrokenPipeError)):
            while sent < 1 << 28:
                wire.send(pings)
                sent += len(pings)
                sequence += 1
                assert other.acknowledged(sample("beside", sequence))["ack"] == sequence
                assert sequence < 600, "the hub reads without end"
        assert memory(hub) - before < sanitized(4_000_000)
        # The hub closes it; the test asserts only that this happens, not when.
        wait_until(lambda: fleet(hub)["connections"] == 1, timeout=60)
        wire.close()


@pytest.mark.long
def test_a_silent_client_is_pinged_and_dropped(hub):
    """It does not answer pings, like a client whose network is down."""
    with leaves_nothing_behind(hub):
        wire = opened(hub, timeout=60)
        received = wire.bytes_to_end()
        wire.close()
        assert received.startswith(b"\x89"), "there was no ping"
