"""Every answer of this server has the security headers, good or bad."""

import pytest
from answers import assert_security_headers
from wire import Wire, get, lines

HOST = "Host: localhost"
ANSWERS = {
    "data": (get("/cpu_usage"), 200),
    "narrowed data": (get("/cpu_usage?limit=1"), 200),
    "page": (get("/stats"), 200),
    "script": (get("/client.js"), 200),
    "live": (get("/livez"), 200),
    "ready": (get("/readyz"), 200),
    "head": (lines("HEAD /cpu_usage HTTP/1.1", HOST), 200),
    "not changed": (get("/cpu_usage", "If-None-Match: *"), 304),
    "bad parameter": (get("/cpu_usage?limit=0"), 400),
    "malformed": (lines("GET /livez HTTP/1.1"), 400),
    "foreign host": (lines("GET /livez HTTP/1.1", "Host: evil.example"), 403),
    "unknown": (get("/nowhere"), 404),
    "method": (lines("POST /cpu_usage HTTP/1.1", HOST), 405),
    "too large": (lines("GET /livez HTTP/1.1", HOST, "Content-Length: 99999999"), 413),
}


@pytest.mark.parametrize(("request_bytes", "status"), ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_has_the_security_headers(frozen, request_bytes, status):
    with Wire(frozen) as wire:
        wire.send(request_bytes)
        reply = wire.reply(to_head=request_bytes.startswith(b"HEAD"))
    assert reply.status == status
    assert_security_headers(reply)


def test_the_redirect_has_them_too(frozen):
    assert_security_headers(frozen.request("/"))


def test_the_policy_allows_no_foreign_source(frozen):
    policy = frozen.request("/stats").headers["Content-Security-Policy"]
    directives = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
    assert directives["default-src"] in (["'none'"], ["'self'"])
    for name, sources in directives.items():
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"} & set(sources), name
    assert directives["frame-ancestors"] == ["'none'"]


def test_no_foreign_page_can_read(frozen):
    response = frozen.request("/cpu_usage", headers={"Origin": "http://evil.example"})
    assert not [name for name in response.headers if name.lower().startswith("access-control-")]
