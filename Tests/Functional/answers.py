"""What tests check in many answers: their body, their problem document, the newest snapshot."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from harness import wait_until

COLUMNS = ["pid", "name", "user_avg", "sys_avg", "status"]
# Those that the documentation has.
ALL_COLUMNS = re.findall(r"^\| `(\w+)` \|", (Path(__file__).parents[2] / "docs/api.md").read_text()
                         .split("<!-- BEGIN columns")[1].split("<!-- END columns")[0], re.MULTILINE)
STATUSES = {"running", "sleeping", "disk-sleep", "stopped", "tracing-stop", "zombie", "dead", "idle",
            "parked", "wake-kill", "waking"}
SECURITY_HEADERS = {
    "content-security-policy": None,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}


def documented_members(family: str) -> list[str]:
    """The members of an object of /system, as the documentation lists its measures."""
    text = (Path(__file__).parents[2] / "docs/measures.md").read_text()
    return re.findall(rf"^\| `{re.escape(family)}\.(\w+)` \|", text, re.MULTILINE)


def strict_json(body: bytes):
    """The value of a JSON text that every parser must accept: UTF-8, no NaN, no key twice."""

    def refuse(constant):
        raise AssertionError(f"{constant} is not valid JSON")

    def unique(pairs):
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), f"a key came twice: {keys}"
        return dict(pairs)

    return json.loads(body.decode("utf-8"), parse_constant=refuse, object_pairs_hook=unique)


def content(response) -> bytes:
    """The body without its content coding."""
    coding = response.headers.get("Content-Encoding")
    assert coding in (None, "gzip"), coding
    return gzip.decompress(response.body) if coding else response.body


def assert_problem(response, status: int, *mentions: str):
    """An RFC 9457 document whose detail contains each of `mentions`. Accepts a Reply or an HTTPResponse."""
    assert response.status == status, (response.status, response.body[:300])
    assert response.headers[_key(response, "Content-Type")] == "application/problem+json"
    problem = strict_json(response.body)
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert problem["title"]
    for mention in mentions:
        assert mention in problem["detail"], problem["detail"]


def assert_security_headers(response):
    for name, value in SECURITY_HEADERS.items():
        found = response.headers.get(_key(response, name))
        assert found, f"no {name}"
        assert value is None or found == value, f"{name}: {found}"


def sequence(server) -> int:
    return int(server.request("/cpu_usage?limit=1").headers["X-Sequence"])


def next_snapshot(server):
    """An answer of /cpu_usage?fields=all whose sweep began after this call, and its rows by pid.

    The sweep after the newest one may already have begun, so this waits for the second next one.
    """
    start = sequence(server)

    def newer():
        response = server.request("/cpu_usage?fields=all")
        return response if int(response.headers["X-Sequence"]) >= start + 2 else None

    response = wait_until(newer)
    return response, {row["pid"]: row for row in strict_json(response.body)}


def row_of(server, pid: int) -> dict | None:
    """All columns of one process, or None if it is not listed."""
    rows = server.json("/cpu_usage?fields=all")
    return next((row for row in rows if row["pid"] == pid), None)


def _key(response, name: str) -> str:
    """http.client's headers ignore case; those of a Reply are in lower case."""
    return name.lower() if isinstance(response.headers, dict) else name
