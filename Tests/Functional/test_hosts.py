"""The host allow-list, which prevents a foreign page from reading this server by DNS rebinding."""

import os

import pytest
from answers import assert_problem, assert_security_headers
from harness import Server
from wire import Wire, lines

ALLOWED = ["localhost", "LOCALHOST", "localhost:8845", "127.0.0.1", "127.0.0.1:1", "192.0.2.7", "[::1]",
           "[::1]:8845", "[2001:db8::1]", os.uname().nodename]
FOREIGN = ["evil.example", "evil.example:8845", "localhost.evil.example", "127.0.0.1.evil.example",
           "notlocalhost", "evil.example#localhost", "localhost@evil.example", "[::1].evil.example",
           "1.2.3.4.5", "256.1.1.1", "[localhost]", "localhost:80:80", "localhost:port", "a b"]


def asked(server, host: str, target: str = "/cpu_usage"):
    with Wire(server) as wire:
        wire.send(lines(f"GET {target} HTTP/1.1", f"Host: {host}"))
        return wire.reply()


@pytest.mark.parametrize("host", ALLOWED)
def test_own_names_are_served(server, host):
    assert asked(server, host).status == 200


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", ["/cpu_usage", "/stats", "/livez", "/nowhere"])
def test_foreign_names_are_refused(server, host, path):
    reply = asked(server, host, path)
    assert reply.status in (400, 403) if " " in host or host.count(":") > 1 else reply.status == 403
    assert_problem(reply, reply.status)
    assert_security_headers(reply)


def test_a_refusal_names_the_option(server):
    assert_problem(asked(server, "evil.example"), 403, "--allowed-host", "evil.example")


def test_an_empty_host_is_refused(server):
    with Wire(server) as wire:
        wire.send(lines("GET /livez HTTP/1.1", "Host:"))
        assert wire.reply().status in (400, 403)


def test_foreign_names_are_refused_for_any_method(server):
    with Wire(server) as wire:
        wire.send(lines("POST /cpu_usage HTTP/1.1", "Host: evil.example"))
        assert wire.reply().status == 403


@pytest.mark.parametrize("target", ["http://evil.example/cpu_usage", "HTTP://evil.example:8845/stats",
                                    "http://localhost@evil.example/stats", "http://evil.example"])
def test_host_of_an_absolute_target_is_checked(server, target):
    reply = asked(server, "localhost", target)
    assert reply.status in (400, 403)
    assert_problem(reply, reply.status)


def test_added_names_are_served():
    with Server("--allowed-host", "top.example", "--allowed-host", "Other.Example") as server:
        for host in ("top.example", "TOP.example:443", "other.example", "localhost"):
            assert asked(server, host).status == 200, host
        assert asked(server, "sub.top.example").status == 403
        assert asked(server, "top.example", "http://top.example/livez").status == 200


def test_the_environment_adds_names():
    with Server(environment={"TOPSERVER_ALLOWED_HOST": "one.example,two.example"}) as server:
        assert asked(server, "one.example").status == 200
        assert asked(server, "two.example").status == 200
        assert asked(server, "three.example").status == 403
