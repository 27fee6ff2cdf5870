"""The log: a pipe without a reader must delay neither the samples nor the answers."""

import contextlib
import fcntl
import http.client
import os
import re
import select
import socket
import subprocess

from harness import BINARY, STATIC, wait_until

F_SETPIPE_SZ = 1031


def read_all(descriptor: int, until: bytes, timeout: float = 20) -> bytes:
    """The output of a pipe until a given text."""
    text = b""
    while until not in text:
        ready, _, _ = select.select([descriptor], [], [], timeout)
        assert ready, f"no {until!r} in {text[-500:]!r}"
        piece = os.read(descriptor, 65536)
        assert piece, f"the end, and no {until!r} in {text[-500:]!r}"
        text += piece
    return text


class Muffled:
    """A server whose log goes to a full pipe."""

    def __init__(self, data, *arguments: str):
        self.read, write = os.pipe()
        fcntl.fcntl(write, F_SETPIPE_SZ, 4096)
        os.set_blocking(write, False)
        self.filling = 0
        try:
            while True:
                self.filling += os.write(write, b"x" * 64)
        except BlockingIOError:
            pass
        # The flag belongs to the open file, which the server shares.
        os.set_blocking(write, True)
        self.process = subprocess.Popen(
            [str(BINARY), "serve", "--port", "0", "--static", str(STATIC), "--data", str(data), *arguments],
            stdout=subprocess.PIPE, stderr=write)
        os.close(write)
        ready, _, _ = select.select([self.process.stdout], [], [], 20)
        self.first_line = self.process.stdout.readline().decode() if ready else ""
        match = re.search(r":(\d+)/stats", self.first_line)
        self.port = int(match[1]) if match else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        os.close(self.read)


def ask(server, path: str):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.body = response.read()
        return response
    finally:
        connection.close()


def sequence(server) -> int:
    return int(ask(server, "/cpu_usage?limit=1").headers["X-Sequence"])


def test_a_full_pipe_delays_nothing(tmp_path):
    with Muffled(tmp_path / "data", "--interval", "0.1", "--log-level", "debug") as server:
        assert server.port, f"no address in {server.first_line!r}"
        before = sequence(server)
        # libmicrohttpd logs this at the same level, from its own threads.
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 20_000 + b"\r\n\r\n")
                with contextlib.suppress(ConnectionResetError):
                    connection.recv(100)
        wait_until(lambda: sequence(server) > before + 10)
        assert ask(server, "/readyz").status == 200
        # A reader that starts late finds the waiting lines, from the first on.
        text = read_all(server.read, b"topserver: ")
        assert text.startswith(b"x" * server.filling)
        server.process.terminate()
        read_all(server.read, b"stopped after ")
        assert server.process.wait(timeout=15) == 0


def test_the_exit_does_not_wait_for_a_reader(tmp_path):
    with Muffled(tmp_path / "data", "--interval", "0.1", "--log-level", "debug") as server:
        assert ask(server, "/livez").status == 200
        server.process.terminate()
        assert server.process.wait(timeout=15) == 0

