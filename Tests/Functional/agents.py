"""Runs `topserver agent`, and a proxy between it and its hub."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
from datetime import datetime
from pathlib import Path

from harness import BINARY, TROUBLE, wait_until

PATH = "/webservices/cpu/"


class Agent:
    """A running agent. `expected_log` is a pattern of log lines that the test provokes, as for a `Server`."""

    def __init__(self, hub: str, *arguments: str, expected_log: str | None = None, environment: dict | None = None,
                 wrapper: tuple[str, ...] = ()):
        self.expected_log = re.compile(expected_log) if expected_log else None
        self._log = tempfile.TemporaryFile()
        options = ["--hub", hub] if hub else []
        self.process = subprocess.Popen([*wrapper, str(BINARY), "agent", *options, *arguments],
                                        stdout=subprocess.PIPE, stderr=self._log,
                                        env={**os.environ, **(environment or {})})
        ready, _, _ = select.select([self.process.stdout], [], [], 20)
        self.first_line = self.process.stdout.readline().decode() if ready else ""

    @property
    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def when_logged(self, text: str) -> str:
        return wait_until(lambda: next((line for line in self.log.splitlines() if text in line), None))

    def stop(self, signal_number: int = signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        status = self.process.wait(timeout=15)
        self.process.stdout.close()
        assert status == 0, f"exit status {status}; log:\n{self.log}"
        trouble = [line for line in self.log.splitlines() if TROUBLE.search(line)
                   and not (self.expected_log and self.expected_log.search(line))]
        assert not trouble, "the agent's log holds:\n" + "\n".join(trouble)

    def __enter__(self) -> Agent:
        return self

    def __exit__(self, kind, value, traceback):
        if kind is None:
            self.stop()
        elif self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Relay:
    """Forwards connections to a hub, can be cut, and remembers every sample that passed through.

    With a certificate it speaks TLS to the agent, like a proxy in front of a hub.
    """

    def __init__(self, target: int, certificate: Path | None = None, key: Path | None = None,
                 address: str = "127.0.0.1"):
        self.target = target
        self.samples: dict[tuple[str, int], str] = {}
        self.texts: list[dict] = []
        self.messages = 0
        self.handshakes: list[bytes] = []
        self._context = None
        if certificate:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate, key)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self._listener = socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, host: str = "127.0.0.1") -> str:
        return f"{'wss' if self._context else 'ws'}://{host}:{self.port}{PATH}"

    def cut(self):
        """Cuts all connections without a close, and accepts no new ones."""
        with self._lock:
            self._is_cut = True
            for one in self._open:
                hang_up(one)

    def mend(self):
        self._is_cut = False

    def close(self):
        self._listener.close()
        self.cut()

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def times(self) -> list[float]:
        """The moments of all samples that were sent, each once."""
        return sorted({seconds(moment) for moment in self.samples.values()})

    # The rest runs on separate threads.

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket):
        try:
            if self._is_cut:
                client.close()
                return
            if self._context:
                client = self._context.wrap_socket(client, server_side=True)
            hub = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        with self._lock:
            self._open |= {client, hub}
        frames = Frames(self)
        # TLS may hold bytes that select does not see, so each direction has a thread.
        back = threading.Thread(target=self._pump, args=(hub, client, None), daemon=True)
        back.start()
        self._pump(client, hub, frames)
        back.join()
        with self._lock:
            self._open -= {client, hub}
        client.close()
        hub.close()

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket, frames: Frames | None):
        try:
            while data := source.recv(65536):
                if frames:
                    frames.add(data)
                target.sendall(data)
        except OSError:
            pass
        hang_up(source)
        hang_up(target)


def hang_up(connection: socket.socket):
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class Frames:
    """Reads what a client sends: the handshake, then masked frames (RFC 6455 section 5.2)."""

    def __init__(self, relay: Relay):
        self.relay = relay
        self.buffer = b""
        self.is_open = False

    def add(self, data: bytes):
        self.buffer += data
        if not self.is_open:
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            self.relay.handshakes.append(head)
            self.is_open, self.buffer = True, rest
        while (frame := self._next()) is not None:
            opcode, payload = frame
            if opcode == 1:
                message = json.loads(payload)
                self.relay.samples[message["run"], message["seq"]] = message["sampled_at"]
                self.relay.texts.append(message)
                self.relay.messages += 1

    def _next(self) -> tuple[int, bytes] | None:
        if len(self.buffer) < 2:
            return None
        opcode, length, start = self.buffer[0] & 15, self.buffer[1] & 127, 2
        if length == 126:
            if len(self.buffer) < 4:
                return None
            length, start = struct.unpack_from(">H", self.buffer, 2)[0], 4
        assert length < 65536
        if len(self.buffer) < start + 4 + length:
            return None
        mask = self.buffer[start:start + 4]
        masked = self.buffer[start + 4:start + 4 + length]
        self.buffer = self.buffer[start + 4 + length:]
        return opcode, bytes(byte ^ mask[index % 4] for index, byte in enumerate(masked))


def seconds(moment: str) -> float:
    return round(datetime.fromisoformat(moment).timestamp(), 3)


def recorded(server, host: str) -> list[float]:
    """The moments of the samples in the history of a host; a duplicate appears twice."""
    answer = server.request(f"/history?host={host}&from=-10m&series=cpu.busy_percent,load.load_1&step=1")
    if answer.status == 404:
        return []
    columns = json.loads(answer.body)
    # An empty row is a gap.
    present = zip(columns["times"], columns["series"]["load.load_1"])
    return [round(time, 3) for time, load in present if load is not None]


def assert_whole(server, relay: Relay, host: str):
    """Every sent sample is in the history, once and at its own time, and none was discarded."""
    numbers = sorted(number for _, number in relay.samples)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "the agent skipped samples"
    sent = relay.times
    # The history may also have samples that were sent in the meantime, before repeated ones arrive.
    kept = []

    def is_whole():
        kept[:] = [time for time in recorded(server, host) if time <= sent[-1]]
        return kept == sent
    with contextlib.suppress(AssertionError):
        wait_until(is_whole)
    assert kept == sent, (sorted(set(kept) - set(sent)), sorted(set(sent) - set(kept)), len(kept), len(sent))
