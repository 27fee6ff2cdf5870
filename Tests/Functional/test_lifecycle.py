"""Start and stop: answers in progress at a signal are finished, and the exit is clean."""

import signal
import socket
import threading

import pytest
from answers import strict_json
from harness import Server, wait_until
from proc_tree import ProcTree, stat_line
from wire import Wire, get

CLIENTS = 20


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A tree with more processes than fit, as an answer, in the buffers of the socket."""
    tree = ProcTree(tmp_path_factory.mktemp("crowd") / "proc")
    for pid in range(1, 20_001):
        (tree.root / str(pid)).mkdir()
        (tree.root / str(pid) / "stat").write_bytes(stat_line(pid, b"x" * 15))
    return tree


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_makes_it_exit_with_0(signal_number):
    server = Server()
    try:
        assert server.request("/cpu_usage").status == 200
        server.stop(signal_number)
    finally:
        server.kill()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0, "the server still listens"


def test_a_signal_right_after_the_first_line_makes_it_exit_with_0():
    for _ in range(10):
        with Server():
            pass


def test_idle_connections_do_not_delay_the_exit():
    with Server() as server:
        wires = [Wire(server) for _ in range(10)]
        for wire in wires[:5]:
            wire.send(get("/livez"))
            assert wire.reply().status == 200
        server.stop()
        for wire in wires:
            assert wire.bytes_to_end() == b""
            wire.close()


# Some 250 bytes a row: a larger answer would take such a client longer than a server that stops waits.
FIELDS = ("pid,name,user_avg,sys_avg,status,ppid,uid,user,threads,rss_bytes,start_time,window_seconds,user_now,sys_now,"
          "kernel")


def begin_large_answer(server) -> Wire:
    """A client that has received the start of an answer, and whose small buffer blocks the rest."""
    wire = Wire(server, receive_buffer=32_768)
    wire.send(get(f"/cpu_usage?fields={FIELDS}"))
    start = wire.socket.recv(12, socket.MSG_PEEK | socket.MSG_WAITALL)
    assert start == b"HTTP/1.1 200"
    return wire


@pytest.mark.parametrize("signals", [1, 3])
def test_an_answer_in_progress_is_finished(crowd, signals):
    """More signals while it drains change nothing."""
    with Server("--proc", str(crowd.root), "--interval", "60") as server:
        with begin_large_answer(server) as wire:
            for _ in range(signals):
                server.process.send_signal(signal.SIGTERM)
            reply = wire.reply()
            assert len(strict_json(reply.body)) == 20_000
            assert len(reply.body) > 4_000_000, "the buffers could have held a smaller one"
            assert wire.bytes_to_end() == b""


def test_a_client_that_never_reads_does_not_block_the_exit(crowd):
    with Server("--proc", str(crowd.root), "--interval", "60") as server:
        with begin_large_answer(server):
            server.stop()


class Visitor(threading.Thread):
    """Sends requests on one connection until it ends, and records any answer that was not complete."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.wire = Wire(server)
        self.answers = 0
        self.trouble: Exception | None = None

    def run(self):
        try:
            while not self.wire.ended:
                try:
                    self.wire.send(get("/cpu_usage"))
                except (ConnectionResetError, BrokenPipeError):
                    return
                # An end between two answers is allowed; within one it is not.
                if not self.wire.more():
                    return
                assert self.wire.reply().status == 200
                self.answers += 1
        except (AssertionError, OSError) as trouble:
            self.trouble = trouble
        finally:
            self.wire.close()


@pytest.mark.parametrize("round", range(3))
def test_no_answer_is_cut_under_load(round):
    with Server("--interval", "0.1") as server:
        visitors = [Visitor(server) for _ in range(CLIENTS)]
        for visitor in visitors:
            visitor.start()
        wait_until(lambda: all(visitor.answers > 10 for visitor in visitors))
        server.stop()
        for visitor in visitors:
            visitor.join(timeout=10)
            assert not visitor.is_alive()
            assert visitor.trouble is None, visitor.trouble


def test_thirty_starts_and_stops():
    for _ in range(30):
        with Server("--interval", "0.1") as server:
            with Wire(server) as wire:
                wire.send(get("/cpu_usage") * 3)
                assert [wire.reply().status for _ in range(3)] == [200] * 3


def test_two_servers_side_by_side():
    with Server() as first, Server() as second:
        assert first.port != second.port
        assert first.request("/livez").status == second.request("/livez").status == 200


def test_a_port_is_free_again_at_once():
    with Server() as server:
        with Wire(server) as wire:
            wire.send(get("/livez", "Connection: close"))
            assert wire.reply().status == 200
    with Server(port=server.port) as again:
        assert again.port == server.port
