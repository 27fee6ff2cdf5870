"""Requests that no client library sends. A malformed request gets one clean 400 and the connection ends."""

import pytest
from answers import assert_problem, assert_security_headers
from harness import Server
from wire import Wire, get, lines

HOST = "Host: localhost"
FIRST = "GET /livez HTTP/1.1"
EMPTY_CHUNKS = b"0\r\n\r\n"

MALFORMED = {
    "no Host": lines(FIRST),
    "two Hosts": lines(FIRST, HOST, HOST),
    "two different Hosts": lines(FIRST, HOST, "Host: 127.0.0.1"),
    "Content-Length and chunked": lines(FIRST, HOST, "Content-Length: 5",
                                        "Transfer-Encoding: chunked", body=EMPTY_CHUNKS),
    "chunked and Content-Length": lines(FIRST, HOST, "Transfer-Encoding: chunked",
                                        "Content-Length: 5", body=EMPTY_CHUNKS),
    "two Content-Lengths": lines(FIRST, HOST, "Content-Length: 0", "Content-Length: 5"),
    "two equal Content-Lengths": lines(FIRST, HOST, "Content-Length: 0", "Content-Length: 0"),
    "unknown coding": lines(FIRST, HOST, "Transfer-Encoding: gzip", body=EMPTY_CHUNKS),
    "listed codings": lines(FIRST, HOST, "Transfer-Encoding: gzip, chunked", body=EMPTY_CHUNKS),
    "identity coding": lines(FIRST, HOST, "Transfer-Encoding: identity", body=EMPTY_CHUNKS),
    "nearly chunked": lines(FIRST, HOST, "Transfer-Encoding: xchunked", body=EMPTY_CHUNKS),
    "chunked twice in a list": lines(FIRST, HOST, "Transfer-Encoding: chunked, chunked",
                                     body=EMPTY_CHUNKS),
    "two Transfer-Encodings": lines(FIRST, HOST, "Transfer-Encoding: chunked",
                                    "Transfer-Encoding: chunked", body=EMPTY_CHUNKS),
    "two different Transfer-Encodings": lines(FIRST, HOST, "Transfer-Encoding: chunked",
                                              "Transfer-Encoding: identity", body=EMPTY_CHUNKS),
    "space before the colon": lines(FIRST, HOST, "Transfer-Encoding : chunked", body=EMPTY_CHUNKS),
    "space before the colon of Content-Length": lines(FIRST, HOST, "Content-Length : 5"),
    "space in a name": lines(FIRST, HOST, "Two words: x"),
    "bracket in a name": lines(FIRST, HOST, "Name(1): x"),
    "at sign in a name": lines(FIRST, HOST, "a@b: x"),
    "control character in a name": lines(FIRST, HOST, "a\x01b: x"),
    "byte beyond ASCII in a name": lines(FIRST, HOST, "n\xe4me: x"),
    "control character in a value": lines(FIRST, HOST, "X: a\x01b"),
    "carriage return in a value": lines(FIRST, HOST, "X: a\rb"),
    "escape in a value": lines(FIRST, HOST, "X: \x1b[31m"),
    "delete in a value": lines(FIRST, HOST, "X: a\x7fb"),
    "space in the target": lines("GET /cpu usage HTTP/1.1", HOST),
    "control character in the target": lines("GET /live\x01z HTTP/1.1", HOST),
    "byte beyond ASCII in the target": lines("GET /liv\xe9z HTTP/1.1", HOST),
    "target without a slash": lines("GET livez HTTP/1.1", HOST),
    "NUL by escape": lines("GET /livez%00 HTTP/1.1", HOST),
    "NUL by escape inside": lines("GET /stats%00.html HTTP/1.1", HOST),
    "escape of no number": lines("GET /%zz HTTP/1.1", HOST),
    "half an escape": lines("GET /livez%2 HTTP/1.1", HOST),
    "bare percent sign": lines("GET /% HTTP/1.1", HOST),
    "dot dot": lines("GET /../livez HTTP/1.1", HOST),
    "dot dot inside": lines("GET /static/../livez HTTP/1.1", HOST),
    "dot dot at the end": lines("GET /livez/.. HTTP/1.1", HOST),
    "dot": lines("GET /./livez HTTP/1.1", HOST),
    "dot dot by escape": lines("GET /%2e%2E/livez HTTP/1.1", HOST),
    "dot dot by half an escape": lines("GET /.%2e/livez HTTP/1.1", HOST),
    "dot dot behind an escaped slash": lines("GET /static/..%2flivez HTTP/1.1", HOST),
}


@pytest.mark.parametrize("request_bytes", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_request_gets_one_400_and_the_end(server, request_bytes):
    """The good request after it would be served if the server believed the framing."""
    with Wire(server) as wire:
        wire.send(request_bytes + get("/livez"))
        replies = wire.replies_to_end()
    assert [reply.status for reply in replies] == [400]
    assert replies[0].headers["connection"].lower() == "close"
    assert_problem(replies[0], 400)
    assert_security_headers(replies[0])


# libmicrohttpd refuses these itself, some with a status line that it sends twice.
REFUSED_BY_THE_LIBRARY = {
    "signed Content-Length": lines(FIRST, HOST, "Content-Length: +5"),
    "listed Content-Length": lines(FIRST, HOST, "Content-Length: 5, 5"),
    "empty Content-Length": lines(FIRST, HOST, "Content-Length:"),
    "negative Content-Length": lines(FIRST, HOST, "Content-Length: -1"),
    "Content-Length beyond 64 bits": lines(FIRST, HOST, "Content-Length: 99999999999999999999"),
    "chunk size of no number": lines(FIRST, HOST, "Transfer-Encoding: chunked", body=b"zz\r\nhello\r\n" + EMPTY_CHUNKS),
    "negative chunk size": lines(FIRST, HOST, "Transfer-Encoding: chunked", body=b"-5\r\nhello\r\n" + EMPTY_CHUNKS),
    "chunk size beyond 64 bits": lines(FIRST, HOST, "Transfer-Encoding: chunked", body=b"f" * 18 + b"\r\nhello\r\n"),
    "chunk without an end": lines(FIRST, HOST, "Transfer-Encoding: chunked", body=b"5\r\nhelloXX" + EMPTY_CHUNKS),
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no version of HTTP": lines("GET /livez SPDY/1", HOST),
}


@pytest.mark.parametrize("request_bytes", REFUSED_BY_THE_LIBRARY.values(),
                         ids=REFUSED_BY_THE_LIBRARY.keys())
def test_requests_that_the_library_refuses_get_one_answer(server, request_bytes):
    with Wire(server) as wire:
        wire.send(request_bytes + get("/livez"))
        assert wire.status_line_to_end() in (400, 413, 505)


# Requests that libmicrohttpd 0.9.75 hides from the guard: however it reads them, one request gets one answer.
UNSEEN = {
    "bare line feeds": b"GET /livez HTTP/1.1\nHost: localhost\nConnection: close\n\n",
    "folded line": lines(FIRST, HOST, "X: a", " b", "Connection: close"),
    "NUL in a value": lines(FIRST, HOST, "X: a\x00b", "Connection: close"),
}


@pytest.mark.parametrize("request_bytes", UNSEEN.values(), ids=UNSEEN.keys())
def test_requests_that_the_guard_cannot_see_get_one_answer(server, request_bytes):
    with Wire(server) as wire:
        wire.send(request_bytes)
        replies = wire.replies_to_end()
    assert [reply.status for reply in replies] in ([200], [400])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get", "PURGE"])
def test_other_methods_are_405_and_the_connection_lives(server, method):
    with Wire(server) as wire:
        wire.send(lines(f"{method} /cpu_usage HTTP/1.1", HOST) + get("/livez"))
        refused, good = wire.reply(), wire.reply()
    assert_problem(refused, 405)
    assert refused.headers["allow"] == "GET, HEAD"
    assert good.status == 200


def test_options_for_the_whole_server_is_refused(server):
    with Wire(server) as wire:
        wire.send(lines("OPTIONS * HTTP/1.1", HOST, "Connection: close"))
        (reply,) = wire.replies_to_end()
    assert reply.status in (400, 404, 405)


def test_pipelined_requests_are_answered_in_order(server):
    with Wire(server) as wire:
        wire.send(get("/livez") + get("/nowhere") + get("/cpu_usage") + get("/livez"))
        assert [wire.reply().status for _ in range(4)] == [200, 404, 200, 200]


def test_a_connection_is_kept_alive(server):
    with Wire(server) as wire:
        for path in ["/livez", "/cpu_usage", "/stats", "/client.js", "/nowhere", "/cpu_usage?limit=0"] * 3:
            wire.send(get(path))
            reply = wire.reply()
            assert reply.headers.get("connection", "keep-alive").lower() != "close", path


def test_connection_close_is_obeyed(server):
    with Wire(server) as wire:
        wire.send(get("/livez", "Connection: close"))
        (reply,) = wire.replies_to_end()
    assert reply.status == 200
    assert reply.headers["connection"].lower() == "close"


@pytest.mark.parametrize("path", ["/cpu_usage", "/cpu_usage?limit=1", "/stats", "/client.css", "/livez",
                                  "/readyz", "/nowhere", "/"])
def test_head_sends_no_body(server, path):
    """A stray byte after the headers would be read as the start of the next answer."""
    with Wire(server) as wire:
        wire.send(lines(f"HEAD {path} HTTP/1.1", HOST) + get("/livez"))
        head = wire.reply(to_head=True)
        assert wire.reply().status == 200
        wire.send(get(path))
        assert wire.reply().status == head.status


def test_a_request_that_arrives_byte_by_byte_is_answered(server):
    with Wire(server) as wire:
        for byte in get("/livez"):
            wire.send(bytes([byte]))
        assert wire.reply().status == 200


@pytest.mark.parametrize("fields", [[HOST], []])
def test_http_1_0_is_answered_and_closed(server, fields):
    """Its clients need not name the host."""
    with Wire(server) as wire:
        wire.send(lines("GET /livez HTTP/1.0", *fields))
        (reply,) = wire.replies_to_end()
    assert reply.status == 200


def test_half_closed_client_is_answered(server):
    with Wire(server) as wire:
        wire.send(get("/livez"))
        wire.socket.shutdown(1)
        assert wire.reply().status == 200


def test_absolute_form_is_served(server):
    with Wire(server) as wire:
        wire.send(lines(f"GET http://localhost:{server.port}/cpu_usage?limit=1 HTTP/1.1",
                        f"Host: localhost:{server.port}"))
        reply = wire.reply()
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"


def test_a_small_body_is_read_and_ignored(server):
    """If it were not read, it would be taken for the next request."""
    body = get("/nowhere")
    with Wire(server) as wire:
        wire.send(lines(FIRST, HOST, f"Content-Length: {len(body)}", body=body) + get("/livez"))
        assert [wire.reply().status, wire.reply().status] == [200, 200]
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        wire.send(lines(FIRST, HOST, "Transfer-Encoding: chunked", body=chunks) + get("/livez"))
        assert [wire.reply().status, wire.reply().status] == [200, 200]


GARBAGE = [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(64)), b"\x00" * 500 + b"\r\n\r\n",
           b"\r\n" * 300, b"GET\r\n\r\n", b"GET /livez\r\n\r\n", b" / HTTP/1.1\r\n\r\n", b": x\r\n\r\n",
           b"\xff" * 2000 + b"\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"GET / HTTP/1.1\r\n: empty\r\n\r\n"]


def test_hundreds_of_garbage_connections_do_not_harm_the_server():
    with Server("--header-timeout", "0.2") as server:
        for number in range(40):
            for garbage in GARBAGE:
                with Wire(server) as wire:
                    wire.send(garbage)
                    if number % 10 == 0:
                        # Some wait for the answer of the server.
                        assert b" 200 " not in wire.bytes_to_end()
        with Wire(server) as wire:
            wire.send(get("/livez"))
            assert wire.reply().status == 200
