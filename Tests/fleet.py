"""Agents that use an independent WebSocket library, as third parties would write them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

from harness import Server
from websockets.sync.client import connect

PATH = "/webservices/cpu/"


def url(server: Server) -> str:
    return f"ws://127.0.0.1:{server.port}{PATH}"


def rfc3339(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sample(host: str, seq: int, *, run: str = "r1", busy: float = 25, age: float = 0, **more) -> dict:
    """A message as docs/fleet.md describes it; it was taken `age` seconds ago."""
    return {
        "v": 1, "type": "sample", "host": host, "agent": "test", "run": run, "seq": seq,
        "sampled_at": rfc3339(time.time() - age), "age_seconds": age, "interval_seconds": 1.0,
        "cpu_count": 4, "cpu": {"user_percent": busy, "idle_percent": 100 - busy},
        "load": {"load_1": 0.5, "load_5": 0.4, "load_15": 0.3},
        "memory": {"total_bytes": 16_000_000_000, "available_bytes": 12_000_000_000},
        "coverage_percent": 99.5,
        "processes": [{"pid": 7, "name": "nginx", "user": "www-data", "cpu_percent": 97.3}],
        **more,
    }


def confirmed(folder: Path, *hosts: str, run: str = "r1", given_up: bool = False) -> Path:
    """A data folder of a hub that knows these names from a previous run: a new name takes half a minute to confirm.

    A name that was given up an hour ago accepts any run, and samples of that hour.
    """
    folder.mkdir(exist_ok=True)
    long_ago = int((time.time() - 3600) * 1e9)
    known = [{"name": host, "kind": "agent", "address": "127.0.0.1", "agent": "1", "last_seen": long_ago, "run": run,
              "given_up": given_up} for host in hosts]
    (folder / "fleet.json").write_text(json.dumps({"version": 1, "hosts": known}))
    return folder


def half_a_minute(client: Client, host: str, **more) -> int:
    """Sends 30 samples of the last half minute; returns the number of the last."""
    for back in range(29, -1, -1):
        client.acknowledged(sample(host, 30 - back, age=float(back), **more))
    return 30


class Client:
    """One connection; `say` sends a message and returns the hub's answer."""

    def __init__(self, server: Server, **arguments):
        self._connection = connect(url(server), compression=None, **arguments)
        self.socket = self._connection.__enter__()

    def say(self, message) -> str:
        self.socket.send(json.dumps(message) if isinstance(message, dict) else message)
        return self.socket.recv(timeout=10)

    def acknowledged(self, message: dict) -> dict:
        return json.loads(self.say(message))

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *what):
        self._connection.__exit__(*what)


def host(server: Server, name: str) -> dict | None:
    found = server.json(f"/hosts?host={name}")["hosts"]
    return found[0] if found else None


def is_connected(server: Server, name: str) -> bool:
    found = host(server, name)
    return bool(found and found["connected"])


def is_gone(server: Server, name: str) -> bool:
    """Whether a host is known and its connection has ended."""
    found = host(server, name)
    return bool(found and not found["connected"])
