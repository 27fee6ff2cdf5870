"""Independent clients of a hub, as programs: `strangers.py seed|garbage URL TOKEN`, until they are ended."""

from __future__ import annotations

import itertools
import json
import sys
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

GARBAGE = [
    "hello", "{", "[]", "null", "{}", '{"v":1}', '{"v":1,"type":"sample","host":42}', "CPU usages from x: lots",
    '{"v":1,"type":"sample","host":"garbage","run":"r","seq":-1,"sampled_at":"never"}', "", "\x00\x01\x02",
    '{"v":1,"type":"sample","host":"<script>alert(1)</script> x","run":"r","seq":1,"sampled_at":"2026-01-01T00:00:00Z"}',
    "[" * 50_000, "9" * 60_000, b"\xff\xfe\x00binary", "x" * 70_000,
]


def seed(url: str, headers: dict):
    """The percentage as the last word of a text, once a second."""
    with connect(url, additional_headers=headers, compression=None) as socket:
        for number in itertools.count():
            socket.send(f"CPU usages from seed-client: {10 + number % 10}.5")
            assert socket.recv(timeout=10) == "ok"
            time.sleep(1)


def garbage(url: str, headers: dict):
    """Prints how each connection was closed, as one line of JSON: the sent message, the code and the reason."""
    for message in itertools.cycle(GARBAGE):
        with connect(url, additional_headers=headers, compression=None) as socket:
            try:
                socket.send(message)
                end = ["answered", socket.recv(timeout=10)]
            except ConnectionClosed as closed:
                end = [closed.rcvd.code, closed.rcvd.reason] if closed.rcvd else [None, "reset"]
        print(json.dumps([str(message[:80]), *end]), flush=True)
        time.sleep(1)


if __name__ == "__main__":
    {"seed": seed, "garbage": garbage}[sys.argv[1]](sys.argv[2], {"Authorization": f"Bearer {sys.argv[3]}"})
