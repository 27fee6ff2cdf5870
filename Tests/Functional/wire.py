"""HTTP over a bare socket, read strictly, because these tests look for what http.client would hide."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass

STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3}) [^\r\n]*")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([^\r\n]*)")


@dataclass
class Reply:
    """One response from the wire; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def lines(*parts: str | bytes, body: bytes = b"") -> bytes:
    """A request from its lines, exactly as given."""
    raw = [part if isinstance(part, bytes) else part.encode("latin-1") for part in parts]
    return b"\r\n".join([*raw, b"", b""]) + body


def get(path: str, *fields: str) -> bytes:
    """A good request that keeps the connection open."""
    return lines(f"GET {path} HTTP/1.1", "Host: localhost", *fields)


class Wire:
    """One connection. Every wait for bytes has a limit, so a server that hangs fails the test."""

    def __init__(self, server, receive_buffer: int | None = None, timeout: float = 15):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", server.port))
        self._unread = b""
        self.ended = False

    def send(self, data: bytes):
        self.socket.sendall(data)

    def reply(self, to_head: bool = False) -> Reply:
        """The next response, framed by its own headers."""
        while b"\r\n\r\n" not in self._unread:
            self._receive()
        head, self._unread = self._unread.split(b"\r\n\r\n", 1)
        status_line, *fields = head.split(b"\r\n")
        match = STATUS_LINE.fullmatch(status_line)
        assert match, f"no status line: {status_line!r}"
        status = int(match[1])
        headers = _parse_fields(fields)
        if to_head or status in (204, 304) or status < 200:
            return Reply(status, headers, b"")
        assert "content-length" in headers, f"no length: {headers}"
        length = int(headers["content-length"])
        while len(self._unread) < length:
            self._receive()
        body, self._unread = self._unread[:length], self._unread[length:]
        return Reply(status, headers, body)

    def replies_to_end(self) -> list[Reply]:
        """Every response until the server closes; fails on a byte that belongs to none."""
        replies = []
        while self._unread or self.more():
            replies.append(self.reply())
        return replies

    def bytes_to_end(self) -> bytes:
        while self.more():
            pass
        return self._unread

    def status_line_to_end(self) -> int:
        """The status of the only answer; fails if there is none, or more than one."""
        answer = self.bytes_to_end()
        assert STATUS_LINE.match(answer), f"no status line: {answer[:80]!r}"
        assert answer.count(b"HTTP/1.") == 1, f"more than one status line: {answer[:2000]!r}"
        return int(STATUS_LINE.match(answer)[1])

    def close(self):
        self.socket.close()

    def more(self) -> bool:
        """Receives once; false at the end. A reset counts as an end: the data before it was checked."""
        if self.ended:
            return False
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self._unread += data
        self.ended = not data
        return not self.ended

    def _receive(self):
        assert self.more(), f"the connection ended inside a response: {self._unread[:200]!r}"

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_):
        self.close()


def _parse_fields(fields: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for field in fields:
        match = FIELD.fullmatch(field)
        assert match, f"no header line: {field!r}"
        name = match[1].decode().lower()
        assert name not in headers, f"{name} came twice"
        headers[name] = match[2].decode("latin-1")
    return headers
