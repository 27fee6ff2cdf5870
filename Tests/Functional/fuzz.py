"""A seeded fuzzer: it combines parameters, header forms and reader behaviours, and checks the limits after each round.

By hand, for ten minutes:

    python Tests/Functional/fuzz.py --seconds 600 --seed 7

A failure prints the seed and the requests of its round, which the same seed makes again.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import random
import re
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness import SANITIZED, Server, wait_until

# The limits of a single request in docs/limits.md.
MEMORY_BUDGET = 64 << 20
# CPU seconds, for a debug build of the server.
CPU_BUDGET = 3.0
# Seconds within which a health check is answered, regardless of other work.
HEALTH_BUDGET = 5.0

EXPECTED = {101, 200, 304, 307, 400, 403, 404, 405, 408, 413, 414, 415, 426, 429, 431, 501, 503, 505}

STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3}) [^\r\n]*\r\n")


# MARK: - Values

MOMENTS = ["-1m", "-10s", "-1h", "-1d", "-365d", "0", "-0s", "now", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
           "2026-01-31T08:15:30.250Z", "1e308", "-1e308", "9223372036854775807", "-9223372036854775808", "1769760900",
           "2026-02-30T00:00:00Z", "-1", "", " ", "-1.5h", "-99999999d", "+1h", "\u0661", "NaN"]
STEPS = ["1", "1s", "60", "5m", "1d", "365d", "0", "-1", "0.001", "1e9", "1e-9", "NaN", "9223372036854775807", "", "1w"]
SERIES = ["*", "all", "cpu.*", "cpu.busy_percent", "load.load_1", "memory.*", "disks.*", "network.*:max", "*:min", "*:max",
          "*:avg", "cpu.busy_percent:max", "ledger.*", "ledger.coverage_percent", "nope", "*:nope", "", ":", "**", "*a*",
          "c*", "file_systems.*", "self.*", "processes.*", "cpu.busy_percent:min:max", "\u0000", "%", "\u202e"]
FIELDS = ["all", "pid", "name", "user", "start_time", "rss_bytes", "user_now", "children_user_avg", "window_seconds", "cpu",
          "nope", "", "status", "kernel", "threads", "uid"]
WHOLE = ["1", "5", "0", "-1", "1000000000", "9223372036854775807", "9223372036854775808", "1.5", "", "all", "0x10", "٣"]
PERCENT = ["0", "50", "100", "1e9", "-1", "NaN", "inf", "", "0.0000001"]
WORDS = ["cpu", "name", "asc", "desc", "core", "host", "running", "sleeping,zombie", "average", "age", "all", "", "a" * 3000,
         "\u202eevil", "<script>", "../../etc/passwd", "a\nb", "null", "' OR 1=1 --", "postgres"]
FILTERS = ["", "a", "not kernel", "cpu > 5", "cpu >", "user = root and age < 5m", "(" * 17, "name ~ '^((a|a|a)(a|a|a)*)*[bc]'",
           "name ~ '(.*)*(.*)*(.*)*x[yz]'", "name ~ '('", "rss > 1e9", "\u202e", "'" + "\\" * 400, " or ".join(["pid = 1"] * 33)]
GROUPINGS = ["program", "name", "user", "unit", "container", "pod", "cgroup", "state", "", "pid", "USER"]
HOSTS = ["", "web-1", "nope", "a" * 300, "client1", "\u0000", "*"]

PARAMETERS = {
    "/cpu_usage": {"fields": FIELDS, "sort": FIELDS, "order": WORDS, "limit": WHOLE, "name": WORDS, "status": WORDS,
                   "min_cpu": PERCENT, "scale": WORDS, "at": MOMENTS, "filter": FILTERS, "group": GROUPINGS, "tree": WHOLE},
    "/system": {"nope": WORDS},
    "/history": {"series": SERIES, "from": MOMENTS, "to": MOMENTS, "step": STEPS, "host": HOSTS},
    "/explain": {"from": MOMENTS, "to": MOMENTS, "limit": WHOLE},
    "/process_history": {"from": MOMENTS, "to": MOMENTS, "limit": WHOLE},
    "/get_stats": {"nope": WORDS},
    "/alerts": {"recent": WHOLE},
    "/hosts": {"fields": FIELDS + ["host", "recent_cpu_percent"], "sort": WORDS, "order": WORDS, "limit": WHOLE,
               "min_cpu": PERCENT, "host": HOSTS},
    "/events": {"after": WHOLE},
    "/start": {"nope": WORDS},
    "/stop": {"nope": WORDS},
    "/livez": {}, "/readyz": {}, "/": {}, "/stats": {}, "/fleet": {}, "/client.js": {}, "/client.css": {},
    "/webservices/cpu/": {"nope": WORDS},
    "/nope": {"nope": WORDS},
}
LISTS = {"series", "fields", "status"}
METHODS = ["GET"] * 12 + ["HEAD"] * 3 + ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "X" * 40]


def value_of(random_: random.Random, name: str, choices: list[str]) -> str:
    if name not in LISTS or random_.random() < 0.4:
        return random_.choice(choices)
    count = random_.choice([2, 3, 10, 200, 1500])
    return ",".join(random_.choice(choices) for _ in range(count))


def target(random_: random.Random) -> str:
    path = random_.choice(list(PARAMETERS))
    parameters = PARAMETERS[path]
    names = random_.sample(list(parameters), random_.randint(0, len(parameters)))
    if names and random_.random() < 0.1:
        names.append(random_.choice(names))
    query = []
    for name in names:
        value = value_of(random_, name, parameters[name])
        query.append(f"{name}={quote(value, safe=random_.choice(['', ',*:', ',*:-.']))}")
    if random_.random() < 0.05:
        query.append(random_.choice(["%", "%zz", "&&&", "=", "a", "%00", "?" * 50, "x=" + "y" * 9000]))
    if random_.random() < 0.03:
        path = random_.choice(["/../stats", "//", "/%2e%2e/", "/cpu_usage/", "http://localhost/livez", "*", "/" + "a" * 20000])
    return path + ("?" + "&".join(query) if query else "")


# MARK: - Header forms

def fields(random_: random.Random) -> list[str]:
    result = []

    def maybe(share: float, *choices: str):
        if random_.random() < share:
            result.append(random_.choice(choices))

    blank = random_.choice(["", "", "", " ", "\t", "  \t "])
    maybe(0.5, "Accept-Encoding: gzip", "Accept-Encoding: identity", "Accept-Encoding: gzip;q=0", "Accept-Encoding:  gzip ,br",
          "Accept-Encoding: " + "gzip," * 500)
    maybe(0.2, "If-None-Match: *", 'If-None-Match: "x"', "If-None-Match: " + '"y",' * 300, "If-None-Match:")
    maybe(0.1, "Cookie: s=" + "x" * random_.choice([1, 4000, 7000, 8000, 8192, 12000, 16000, 40000]))
    maybe(0.1, "Authorization: Bearer " + "x" * random_.choice([1, 8000, 15000, 40000]))
    maybe(0.15, "Origin: null", "Origin: http://localhost", "Origin: https://evil.example")
    maybe(0.15, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: none", "Sec-Fetch-Site: x")
    maybe(0.15, "User-Agent: Mozilla/5.0 (X11)", "User-Agent: curl/8", "User-Agent: " + "u" * 3000)
    maybe(0.1, "Last-Event-ID: 1", "Last-Event-ID: -1", "Last-Event-ID: 99999999999999999999")
    maybe(0.05, "Range: bytes=0-10", "Expect: 100-continue", "Expect: nonsense", "Upgrade: websocket", "TE: trailers")
    maybe(0.05, *["".join(f"X-{n}: {n}\r\n" for n in range(count))[:-2] for count in (10, 100, 400, 2000)])
    maybe(0.03, "Host: localhost", "Host : localhost", "Content-Length: 5, 5", "Transfer-Encoding: xchunked", " folded", "nonsense",
          "X: a\rb", "Connection: close", "Content-Length: 99999999999999999999")
    # libmicrohttpd 0.9.75 does not understand it, so the server sends the answer itself.
    maybe(0.05, "Content-Length: 0 ", "Content-Length: 0\t")
    return [f + blank if ":" in f else f for f in result]


def websocket_fields(random_: random.Random) -> list[str]:
    version = random_.choice(["13", "13", "13", "8", ""])
    key = random_.choice(["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ==", "short", ""])
    return ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Version: {version}", f"Sec-WebSocket-Key: {key}"]


@dataclass
class Attempt:
    """One request as bytes, and how its client behaves."""

    raw: bytes
    method: str
    reader: str
    extra: bytes = b""

    def __str__(self):
        shown = self.raw if len(self.raw) < 600 else self.raw[:500] + b" ... " + str(len(self.raw)).encode() + b" bytes"
        return f"{self.reader:16} {shown!r}"


READERS = ["all"] * 8 + ["leave", "leave after", "half-close", "slow", "none", "half-close, none", "pipeline", "drip"]


def attempt(random_: random.Random) -> Attempt:
    method = random_.choice(METHODS)
    where = target(random_)
    more = fields(random_)
    body = b""
    extra = b""
    if where.startswith("/webservices/cpu") and random_.random() < 0.7:
        method = "GET"
        more += websocket_fields(random_)
        extra = bytes(random_.getrandbits(8) for _ in range(random_.choice([0, 6, 200, 5000])))
    if method in ("POST", "PUT"):
        body = b"b" * random_.choice([0, 5, 1000, 100_000])
        more.append(f"Content-Length: {len(body)}")
    version = random_.choice(["HTTP/1.1"] * 9 + ["HTTP/1.0"])
    lines = [f"{method} {where} {version}", f"Host: localhost{random_.choice(['', '', ':80', ' '])}", *more]
    raw = "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body
    return Attempt(raw, method, random_.choice(READERS), extra)


# MARK: - The client

class BrokenRuleError(AssertionError):
    """An answer that breaks a rule of HTTP or of this program."""


def judge_body(head: bytes, body: bytes, status: int):
    if b"ontent-Encoding: gzip" in head:
        body = gzip.decompress(body)
    if b"application/json" in head:
        json.loads(body.decode("utf-8"))
    elif b"application/problem+json" in head:
        problem = json.loads(body.decode("utf-8"))
        if not problem.get("detail") or problem.get("status") != status:
            raise BrokenRuleError(f"a problem without a detail: {body[:300]!r}")
        if len(body) > 4096:
            raise BrokenRuleError(f"a problem of {len(body)} bytes")


@dataclass
class Client:
    port: int
    held: list[socket.socket] = field(default_factory=list)

    def make(self, one: Attempt) -> int | None:
        """Sends one request as its client would; returns the status if it read the answer."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        if one.reader in ("slow", "none", "half-close, none"):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            if one.reader == "drip":
                for start in range(0, min(len(one.raw), 300), 60):
                    connection.sendall(one.raw[start:start + 60])
                connection.sendall(one.raw[300:])
            elif one.reader == "pipeline":
                connection.sendall(one.raw * 3)
            else:
                connection.sendall(one.raw + one.extra)
        except OSError:
            connection.close()
            return None
        match one.reader:
            case "leave":
                connection.close()
                return None
            case "leave after":
                connection.settimeout(2)
                self._take(connection, 100)
                connection.close()
                return None
            case "none" | "half-close, none":
                if one.reader != "none":
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_WR)
                self.held.append(connection)
                return None
            case "half-close":
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_WR)
        with connection:
            text = self._read(connection, one)
            return self._judge(text, one)

    def let_go(self):
        for connection in self.held:
            connection.close()
        self.held.clear()

    @staticmethod
    def _take(connection: socket.socket, size: int) -> bytes:
        try:
            return connection.recv(size)
        except OSError:
            return b""

    def _read(self, connection: socket.socket, one: Attempt) -> bytes:
        """All of the first answer, or of the beginning of a stream."""
        text = b""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            connection.settimeout(max(0.01, end - time.monotonic()))
            part = self._take(connection, 512 if one.reader == "slow" and len(text) < 4096 else 1 << 16)
            if not part:
                return text
            text += part
            head, found, body = text.partition(b"\r\n\r\n")
            if not found:
                continue
            if re.match(rb"HTTP/1\.1 100 ", head):
                text = body
                continue
            if one.method == "HEAD" or b" 304 " in head[:14] or b" 101 " in head[:14]:
                return text
            if b"text/event-stream" in head:
                return text
            length = re.search(rb"\r\n[Cc]ontent-[Ll]ength: (\d+)", head)
            if length and len(body) >= int(length[1]):
                return text
        raise BrokenRuleError("no whole answer within 20 s")

    @staticmethod
    def _judge(text: bytes, one: Attempt) -> int | None:
        if not text:
            return None
        match = STATUS_LINE.match(text)
        if not match:
            raise BrokenRuleError(f"no status line: {text[:200]!r}")
        status = int(match[1])
        if status not in EXPECTED:
            raise BrokenRuleError(f"status {status}: {text[:300]!r}")
        head, _, body = text.partition(b"\r\n\r\n")
        if head.count(b"HTTP/1.") != 1:
            raise BrokenRuleError(f"two status lines: {head[:300]!r}")
        if one.method == "HEAD" or status in (304, 101) or b"text/event-stream" in head:
            return status
        length = re.search(rb"\r\n[Cc]ontent-[Ll]ength: (\d+)", head)
        if length is not None and len(body) >= int(length[1]):
            judge_body(head, body[:int(length[1])], status)
        return status


# MARK: - Limits

class Budgets:
    """What the server may use, read from /proc as an operator would."""

    def __init__(self, server: Server):
        self.server = server
        self.pid = server.process.pid
        self.idle = self.resident
        self.used = self.cpu

    @property
    def resident(self) -> int:
        return self._status("VmRSS")

    @property
    def peak(self) -> int:
        return self._status("VmHWM")

    def _status(self, name: str) -> int:
        text = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+)", text)[1]) << 10

    @property
    def cpu(self) -> float:
        ticks = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def begin(self):
        """Resets the peak; see proc_pid_clear_refs(5)."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        self.idle = min(self.idle, self.resident)
        self.used = self.cpu

    def check(self):
        grown = self.peak - self.idle
        if grown > MEMORY_BUDGET and not SANITIZED:
            raise BrokenRuleError(f"the memory grew by {grown >> 20} MiB")
        spent = self.cpu - self.used
        if spent > CPU_BUDGET and not SANITIZED:
            raise BrokenRuleError(f"{spent:.1f} s of CPU")
        begin = time.monotonic()
        status = self.server.request("/livez").status
        if status != 200 or time.monotonic() - begin > HEALTH_BUDGET:
            raise BrokenRuleError(f"/livez: {status} after {time.monotonic() - begin:.1f} s")


def check_places(server: Server):
    """Nothing is kept for clients that have left."""
    def is_free() -> bool:
        connections = server.json("/system")["self"]["connections"]
        return connections["waiting_answers"] == 0 and connections["unsent_bytes"] == 0
    wait_until(is_free)


def run(server: Server, seed: int, requests: int | None = None, seconds: float | None = None,
        tell=lambda text: None) -> dict[int | None, int]:
    """Sends requests until the number or the time is reached; returns how often each status came.

    A failure names the request, so that it can be repeated alone.
    """
    random_ = random.Random(seed)
    budgets = Budgets(server)
    client = Client(server.port)
    statuses: dict[int | None, int] = {}
    first = server.json("/system")["sequence"]
    begin = time.monotonic()
    count = 0
    try:
        while (requests is None or count < requests) and (seconds is None or time.monotonic() - begin < seconds):
            one = attempt(random_)
            budgets.begin()
            try:
                status = client.make(one)
                statuses[status] = statuses.get(status, 0) + 1
                budgets.check()
            except Exception as error:
                raise BrokenRuleError(f"seed {seed}, request {count}: {type(error).__name__}: {error}\n{one}") from error
            count += 1
            if len(client.held) > 30:
                client.let_go()
                check_places(server)
            if count % 500 == 0:
                tell(f"{count} requests, {budgets.resident >> 20} MiB")
    finally:
        client.let_go()
    check_places(server)
    # A fast machine answers all requests between two samples, so wait for the next one.
    wait_until(lambda: server.json("/system")["sequence"] > first)
    return statuses


def main():
    parser = argparse.ArgumentParser(description="Fuzzes a server of its own; see the top of the file.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    with Server("--interval", "0.5", expected_log=r" warning ") as server:
        wait_until(lambda: server.json("/system")["recorder"]["size_bytes"] > 0)
        print(f"seed {options.seed}")
        print(run(server, options.seed, seconds=options.seconds, tell=print))


if __name__ == "__main__":
    main()
