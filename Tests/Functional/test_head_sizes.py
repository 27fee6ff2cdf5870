"""Request heads of every size: each gets one answer, refusals included, and then the connection ends cleanly."""

from __future__ import annotations

import pytest
from answers import assert_problem, assert_security_headers
from wire import Wire, lines

HOST = "Host: localhost"
CLOSE = "Connection: close"
FIRST = "GET /livez HTTP/1.1"
SIZES = [1_000, 4_000, 7_900, 8_000, 8_192, 12_000, 15_000, 16_500, *range(17_000, 17_500, 50), 18_000,
         *range(20_000, 20_700, 50), 24_000, 32_000, 40_000, 65_536]

# The long part, and the status that refuses it: 414 for the target, 431 otherwise.
LONG = {
    "cookie": (lambda n: lines(FIRST, HOST, CLOSE, "Cookie: s=" + "x" * n), 431),
    "many cookies": (lambda n: lines(FIRST, HOST, CLOSE, "Cookie: " + "a=b;" * (n // 4)), 431),
    "two cookie headers": (lambda n: lines(FIRST, HOST, CLOSE, *["Cookie: s=" + "x" * (n // 2)] * 2), 431),
    "authorization": (lambda n: lines(FIRST, HOST, CLOSE, "Authorization: Negotiate " + "x" * n), 431),
    "header before Host": (lambda n: lines(FIRST, "X: " + "x" * n, HOST, CLOSE), 431),
    "name": (lambda n: lines(FIRST, HOST, CLOSE, "x" * n + ": y"), 431),
    "path": (lambda n: lines("GET /" + "x" * n + " HTTP/1.1", HOST, CLOSE), 414),
    "query": (lambda n: lines("GET /livez?" + "x" * n + " HTTP/1.1", HOST, CLOSE), 414),
    "parameters": (lambda n: lines("GET /livez?" + "a=b&" * (n // 4) + " HTTP/1.1", HOST, CLOSE), 414),
}


@pytest.mark.parametrize("make, refused", LONG.values(), ids=LONG.keys())
def test_each_size_gets_one_answer(server, make, refused):
    largest, smallest = 0, 1 << 20
    for size in SIZES:
        with Wire(server) as wire:
            wire.send(make(size))
            status = wire.status_line_to_end()
        if status in (200, 404):
            largest = max(largest, size)
        else:
            # A target that leaves no room for the rest of its line may be refused because of its headers.
            assert status in {refused, 431}, size
            smallest = min(smallest, size)
    assert 16_500 <= largest < smallest <= 18_000


def test_a_refusal_names_the_limit(server):
    with Wire(server) as wire:
        wire.send(lines(FIRST, HOST, "Cookie: s=" + "x" * 18_000))
        (reply,) = wire.replies_to_end()
    assert_problem(reply, 431)
    assert_security_headers(reply)
    assert "17408 bytes" in reply.body.decode()
    assert reply.headers["connection"] == "close"
    with Wire(server) as wire:
        wire.send(lines("GET /" + "x" * 18_000 + " HTTP/1.1", HOST))
        (reply,) = wire.replies_to_end()
    assert_problem(reply, 414)


def test_many_small_headers_get_one_answer(server):
    """Each uses 64 bytes in addition to its text."""
    for count in [10, 100, 200, 240, *range(250, 330, 5), 500, 2_000]:
        with Wire(server) as wire:
            wire.send(lines(FIRST, HOST, CLOSE, *["a: b"] * count))
            status = wire.status_line_to_end()
        assert status == (200 if count <= 240 else 431), count


def test_requests_around_a_large_head_are_answered(server):
    small = lines(FIRST, HOST)
    large = lines(FIRST, HOST, "Cookie: s=" + "x" * 12_000)
    with Wire(server) as wire:
        wire.send(small + large + small * 30 + large)
        assert [wire.reply().status for _ in range(33)] == [200] * 33


def test_a_head_that_arrives_in_pieces_is_answered(server):
    request = lines(FIRST, HOST, "Cookie: s=" + "x" * 12_000)
    with Wire(server) as wire:
        for start in range(0, len(request), 500):
            wire.send(request[start:start + 500])
        assert wire.reply().status == 200


# RFC 9110 section 5.5: blanks around a value are not part of it.
@pytest.mark.parametrize("before, after", [(" ", " "), ("", "\t"), ("\t", " \t "), ("  ", "  ")])
@pytest.mark.parametrize("name, value, status", [
    ("Host", "localhost", 200), ("Content-Length", "0", 200), ("Transfer-Encoding", "chunked", 200),
    ("If-None-Match", "*", 304), ("Connection", "close", 200),
])
def test_blanks_around_a_value_are_ignored(server, before, after, name, value, status):
    fields = [f"{name}:{before}{value}{after}"] + ([] if name == "Host" else [HOST])
    body = b"0\r\n\r\n" if name == "Transfer-Encoding" else b""
    with Wire(server) as wire:
        wire.send(lines("GET /stats HTTP/1.1", *fields, body=body))
        assert wire.reply().status == status


@pytest.mark.parametrize("value", ["gzip ", "gzip\t", "gzip;q=1 "])
def test_blanks_after_accept_encoding_are_ignored(server, value):
    with Wire(server) as wire:
        wire.send(lines("GET /stats HTTP/1.1", HOST, f"Accept-Encoding: {value}"))
        assert wire.reply().headers["content-encoding"] == "gzip"


def test_blanks_after_the_headers_of_a_websocket_are_ignored(server):
    with Wire(server) as wire:
        wire.send(lines("GET /webservices/cpu/ HTTP/1.1", HOST, "Upgrade: websocket ", "Connection: Upgrade\t",
                        "Sec-WebSocket-Version: 13 ", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== \t"))
        assert wire.reply().status == 101


@pytest.mark.parametrize("length", ["5 5", "+5 ", "5, 5", "", " ", "x", "-1 ", "99999999999999999999"])
def test_a_length_that_is_not_a_number_gets_one_clean_400(server, length):
    with Wire(server) as wire:
        wire.send(lines("POST /livez HTTP/1.1", HOST, f"Content-Length: {length}") + lines(FIRST, HOST))
        (reply,) = wire.replies_to_end()
    assert_problem(reply, 400)
    assert_security_headers(reply)


def test_head_of_a_stream_has_no_length(server):
    with Wire(server) as wire:
        wire.send(lines("HEAD /events HTTP/1.1", HOST))
        reply = wire.reply(to_head=True)
        assert reply.status == 200
        assert "content-length" not in reply.headers
        assert "transfer-encoding" not in reply.headers
        assert wire.bytes_to_end() == b""
