"""The messages of agents, their acknowledgements, and how bad clients are closed."""

from __future__ import annotations

import pytest
from fleet import Client, host, sample
from harness import Server, wait_until
from websockets.exceptions import ConnectionClosed


def closing(client: Client, message) -> tuple[int, str]:
    """Sends a message that is refused; returns the code and the reason of the close."""
    with pytest.raises(ConnectionClosed) as caught:
        client.say(message)
    return caught.value.rcvd.code, caught.value.rcvd.reason


def refused(server: Server, cause: str) -> int:
    return server.json("/system")["fleet"]["refused_total"][cause]


def test_a_client_that_sends_plain_text_is_a_host(server):
    with Client(server) as client:
        assert client.say("CPU usages from client1: 12.3") == "ok"
        assert client.say("CPU usages from client1: 45.6%") == "ok"
        one = wait_until(lambda: host(server, "client1"))
    assert (one["kind"], one["state"], one["address"]) == ("text", "live", "127.0.0.1")
    assert one["cpu_percent"] == 45.6
    assert one["cpu"] is None and one["load"] is None and one["processes"] == []


def test_a_number_alone_has_the_name_of_its_address(server):
    with Client(server) as client:
        assert client.say("12.5") == "ok"
        assert wait_until(lambda: host(server, "127.0.0.1"))["cpu_percent"] == 12.5


def test_each_sample_is_acknowledged(server):
    with Client(server) as client:
        for seq in range(1, 4):
            answer = client.acknowledged(sample("acked", seq, unknown={"a": [1]}))
            assert (answer["v"], answer["ack"]) == (1, seq)
            assert 0 <= answer["stored"] <= seq
        one = wait_until(lambda: host(server, "acked"))
    assert one["cpu_percent"] == 25.0 and one["cpu_count"] == 4
    assert one["memory"]["used_percent"] == 25.0
    assert one["processes"] == [{"pid": 7, "name": "nginx", "user": "www-data", "cpu_percent": 97.3}]


@pytest.mark.parametrize("message, reason", [
    ("hello", "neither JSON nor a text of at most 1024 bytes that ends in a percentage from 0 to 100"),
    ("", "neither JSON nor"), ("200", "neither JSON nor"), ("{", "invalid JSON: look at line 1"),
    ("{}", '"v" must be'), ('{"v":1,"v":1}', "invalid JSON: look at line 1"),
    ("{" * 60_000, "the JSON is nested too deeply"),
    (sample("a b", 1), "a host name has 1 to 253 bytes, and no spaces or control characters"),
    (sample("h" * 254, 1), "a host name has 1 to 253 bytes"),
    (sample("h", 0), '"seq" must be a whole number from 1'),
    (sample("h", 1, v=2), "this hub understands version 1 of the message"),
], ids=lambda value: str(value)[:30])
def test_invalid_messages_are_closed_with_a_reason(server, message, reason):
    with Client(server) as client:
        code, text = closing(client, message)
    assert code == 1008 and text.startswith(reason)


def test_invalid_messages_are_counted_by_reason():
    with Server() as server:
        for message in ("nonsense", "{}", sample("a b", 1)):
            with Client(server) as client:
                closing(client, message)
        wait_until(lambda: (refused(server, "bad_message"), refused(server, "bad_host_name")) == (2, 1))
        fleet = server.json("/system")["fleet"]
    assert (fleet["messages_total"], fleet["connections_total"], fleet["connections"]) == (3, 3, 0)
    assert fleet["closures_total"] == {"1008": 3}


@pytest.mark.parametrize("message, code", [(b"12.5", 1003), ("5" * 70_000, 1009)])
def test_binary_and_oversized_messages_are_closed(server, message, code):
    with Client(server) as client:
        assert closing(client, message)[0] == code


def test_a_flood_is_cut_off(server):
    with Client(server) as client:
        with pytest.raises(ConnectionClosed) as caught:
            for seq in range(1, 2000):
                client.acknowledged(sample("flood", seq))
    assert caught.value.rcvd.code == 1008 and "20 messages a second" in caught.value.rcvd.reason
    assert seq > 690, "the samples of ten minutes must fit"
    wait_until(lambda: refused(server, "flood") == 1)
    assert wait_until(lambda: not host(server, "flood")["connected"])


def test_a_connection_sends_for_one_host(server):
    with Client(server) as client:
        client.acknowledged(sample("first", 1))
        assert closing(client, sample("second", 1)) == (
            1008, "a connection can send samples of only one host; open another")
    assert host(server, "second") is None


def test_two_hosts_cannot_have_one_name(server):
    with Client(server) as one, Client(server) as other:
        one.acknowledged(sample("twin", 1, run="a"))
        assert closing(other, sample("twin", 1, run="b")) == (
            1008, "another client uses the name of this host; choose another name")
        assert one.acknowledged(sample("twin", 2, run="a"))["ack"] == 2


@pytest.mark.parametrize("odd", [
    {"interval_seconds": 90_000}, {"interval_seconds": -1}, {"interval_seconds": float("nan")}, {"interval_seconds": "1"},
    {"age_seconds": -5}, {"age_seconds": float("-inf")}, {"cpu": {"user_percent": 1e99}}, {"cpu": []},
    {"cpu": {"user_percent": -1, "idle_percent": 105}}, {"uptime_seconds": float("inf")}, {"cpu_count": 10 ** 30},
    {"load": {"load_1": -1}}, {"memory": {"total_bytes": -1, "available_bytes": 1}}, {"coverage_percent": 101},
    {"processes": [{"pid": -1}, 5]}, {"processes": "none"}, {"sampled_at": "1969-12-31T23:59:59.000Z"},
], ids=str)
def test_an_agent_continues_after_odd_values(server, odd):
    """After `docker pause` an interval is hours long; agents repeat a rejected sample, and would never get in."""
    before = server.json("/system")["fleet"]["odd_values_total"]
    name = f"odd-{abs(hash(str(odd)))}"
    with Client(server) as client:
        assert client.acknowledged({**sample(name, 1), **odd})["ack"] == 1
        assert client.acknowledged(sample(name, 2, busy=7))["ack"] == 2
        assert wait_until(lambda: (one := host(server, name)) and one["cpu_percent"] == 7 and one)["state"] == "live"
    # A value that is not a JSON number counts as missing.
    if not any(repr(value) in ("nan", "inf", "-inf") for value in odd.values()):
        wait_until(lambda: server.json("/system")["fleet"]["odd_values_total"] > before)


def test_an_agent_that_reconnects_replaces_its_old_connection(server):
    """Its old connection may look alive for minutes."""
    with Client(server) as old, Client(server) as new:
        old.acknowledged(sample("back", 1))
        assert new.acknowledged(sample("back", 2))["ack"] == 2
        with pytest.raises(ConnectionClosed) as caught:
            old.socket.recv(timeout=10)
        assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (
            1008, "a newer connection has replaced this one")
        one = wait_until(lambda: host(server, "back"))
        assert one["connected"] and one["reconnects"] == 1


def test_no_agent_can_use_the_name_of_the_hub(server):
    name = server.json("/system")["hostname"]
    with Client(server) as client:
        code, reason = closing(client, sample(name, 1))
    assert code == 1008 and "the hub itself has this name" in reason


def test_a_repeated_sample_counts_once(server):
    with Client(server) as client:
        for seq in (1, 2):
            client.acknowledged(sample("double", seq, busy=10))
        assert client.acknowledged(sample("double", 1, busy=99))["ack"] == 1
        wait_until(lambda: server.json("/system")["fleet"]["duplicate_samples_total"])
        assert host(server, "double")["cpu_percent"] == 10


def test_late_samples_fill_the_past_and_the_newest_stays(server):
    with Client(server) as client:
        for back in range(40, 10, -1):
            client.acknowledged(sample("late", 41 - back, busy=90, age=float(back)))
        for back in range(10, 0, -1):
            client.acknowledged(sample("late", 41 - back, busy=20, age=float(back)))
        client.acknowledged(sample("late", 41, busy=5))
        # A late sample that arrives last is not the newest.
        client.acknowledged(sample("late", 42, busy=100, age=45.0))
        one = wait_until(lambda: (found := host(server, "late")) and found["late_samples"] and found)
    assert one["cpu_percent"] == 5.0
    assert one["late_samples"] >= 38
    recent = [value for value in one["recent_cpu_percent"] if value is not None]
    assert len(recent) >= 38, "each second has its value"
    assert recent.count(90.0) >= 27 and recent.count(20.0) >= 8
    assert max(recent[-10:]) <= 20.0


def test_the_clock_of_a_host_may_be_wrong(server):
    with Client(server) as client:
        for seq in (1, 2):
            client.acknowledged(sample("clock", seq, sampled_at=f"2001-01-01T00:00:0{seq}.000Z"))
        one = wait_until(lambda: host(server, "clock"))
    assert one["state"] == "live" and one["clock_offset_seconds"] < -3e8


def test_messages_in_pieces_and_pings(server):
    with Client(server) as client:
        client.socket.send(["CPU usages ", "from ", "pieces: 7", "7"])
        assert client.socket.recv(timeout=10) == "ok"
        assert client.socket.ping(b"x").wait(10)
        assert wait_until(lambda: host(server, "pieces"))["cpu_percent"] == 77
