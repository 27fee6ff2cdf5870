"""Which client owns a name, and the bounded cost of invented names."""

from __future__ import annotations

import json
import re

import pytest
from agents import PATH, Agent
from fleet import Client, confirmed, half_a_minute, host, is_connected, is_gone, sample
from harness import Server, wait_until
from test_fleet_messages import closing, refused
from websockets.exceptions import ConnectionClosed

KEPT = ("this name is reserved for 5 minutes for the run that had it: "
        "wait if that run was killed, else choose another name")
TAKEN = "another client uses the name of this host; choose another name"
# What a client of the same address can invent: a run of another boot, and a machine that has just started.
CLAIM = {"run": "bbbbbbbbbbbb-0", "uptime_seconds": 0.5}
LOSS = "lost the hub|no connection to the hub"
RULES = "rules:\n  - {name: host-silent, metric: silence, above: 1, clear: 1, keep_firing_for: 0}\n"


def known(server) -> dict[str, dict]:
    """The names in the file that the next run of the hub reads."""
    path = server.data / "fleet.json"
    return {one["name"]: one for one in json.loads(path.read_text())["hosts"]} if path.exists() else {}


def test_a_name_stays_reserved_after_its_connection_ended(server):
    with Client(server) as one:
        one.acknowledged(sample("kept", 1, run="a", busy=10))
    wait_until(lambda: is_gone(server, "kept"))
    before = refused(server, "host_kept")
    with Client(server) as other:
        claims = sample("kept", 1, run="b", busy=99, age=7200.0)
        assert closing(other, claims) == (1008, KEPT)
    with Client(server) as text:
        assert closing(text, "from KEPT: 99")[1] == KEPT
    wait_until(lambda: refused(server, "host_kept") == before + 2)
    with Client(server) as back:
        assert back.acknowledged(sample("kept", 2, run="a", busy=20))["ack"] == 2
        one = wait_until(lambda: (found := host(server, "kept"))["connected"] and found)
    assert one["cpu_percent"] == 20 and one["late_samples"] == 0
    history = server.json("/history?host=kept&from=-3h&series=cpu.busy_percent&step=2")
    assert 99 not in history["series"]["cpu.busy_percent"]
    # One line a minute and cause: another test of this server may have caused it.
    wait_until(lambda: re.search(f"refused a client at 127.0.0.1 as \\S+: {KEPT}", server.log))


def test_a_name_stays_reserved_across_a_restart_of_the_hub(tmp_path):
    hub = Server(data=confirmed(tmp_path, "kept", run="a"))
    with Client(hub) as one:
        one.acknowledged(sample("kept", 30, run="a"))
    wait_until(lambda: is_gone(hub, "kept"))
    hub.stop()
    with Server(data=tmp_path) as again:
        with Client(again) as other:
            assert closing(other, sample("kept", 1, run="b"))[1] == KEPT
        with Client(again) as back:
            assert back.acknowledged(sample("kept", 31, run="a"))["ack"] == 31


def test_a_run_cannot_send_samples_of_the_time_before_it(server):
    with Client(server) as client:
        client.acknowledged(sample("short", 1, busy=10))
        for back in (7200, 3600, 600):
            assert client.acknowledged(sample("short", 10_000 - back, busy=99, age=float(back)))["ack"] == 10_000 - back
        client.acknowledged(sample("short", 10_001, busy=20))
        one = wait_until(lambda: (found := host(server, "short")) and found["cpu_percent"] == 20 and found)
        assert one["late_samples"] == 0
        wait_until(lambda: server.json("/system")["fleet"]["not_owned_samples_total"] >= 3)
        history = server.json("/history?host=short&from=-3h&series=cpu.busy_percent&step=2")
        # A step may hold a part of each of the two samples that count.
        assert all(10 <= value <= 20 for value in history["series"]["cpu.busy_percent"] if value is not None)


def test_a_restarted_agent_is_accepted_at_once():
    with Server() as hub:
        url = f"ws://127.0.0.1:{hub.port}{PATH}"
        for _ in range(2):
            with Agent(url, "--name", "web-1", "--interval", "0.2") as agent:
                agent.when_logged("connected")
                wait_until(lambda: is_connected(hub, "web-1"))
            wait_until(lambda: is_gone(hub, "web-1"))
        with Agent(url, "--name", "web-1", "--interval", "0.2") as first:
            first.when_logged("connected")
            wait_until(lambda: is_connected(hub, "web-1"))
            # Two runs at the same time are two hosts with one name.
            with Agent(url, "--name", "web-1", "--interval", "0.2", expected_log=LOSS) as second:
                second.when_logged(TAKEN)
        assert hub.json("/system")["fleet"]["refused_total"]["host_kept"] == 0


def test_a_killed_agent_must_wait():
    """It had no time to release its name, and nothing else proves that the next run is the same host."""
    with Server() as hub:
        url = f"ws://127.0.0.1:{hub.port}{PATH}"
        arguments = (url, "--name", "web-1", "--interval", "0.2")
        first = Agent(*arguments)
        first.when_logged("connected")
        wait_until(lambda: is_connected(hub, "web-1"))
        first.process.kill()
        first.process.wait()
        wait_until(lambda: is_gone(hub, "web-1"))
        with Agent(*arguments, expected_log=LOSS) as second:
            second.when_logged(KEPT)
        wait_until(lambda: f"refused a client at 127.0.0.1 as web-1: {KEPT}" in hub.log)


def test_no_client_takes_a_name_by_what_it_claims(server):
    """Whether the run that has the name is connected and silent, or its connection has ended."""
    with Client(server) as victim:
        for number in range(1, 4):
            victim.acknowledged(sample("victim", number, run="aaaaaaaaaaaa-0", busy=10, uptime_seconds=86400.0))
        wait_until(lambda: (one := host(server, "victim")) and one["state"] == "stale")
        with Client(server) as thief:
            assert closing(thief, sample("victim", 1, busy=99, **CLAIM)) == (1008, TAKEN)
        assert victim.acknowledged(sample("victim", 4, run="aaaaaaaaaaaa-0", busy=10))["ack"] == 4
    wait_until(lambda: is_gone(server, "victim"))
    with Client(server) as thief:
        assert closing(thief, sample("victim", 1, busy=99, **CLAIM)) == (1008, KEPT)
    with Client(server) as back:
        assert back.acknowledged(sample("victim", 5, run="aaaaaaaaaaaa-0", busy=10))["ack"] == 5
        wait_until(lambda: is_connected(server, "victim"))


def test_a_client_that_closes_with_1001_gives_its_name_up(server):
    with Client(server) as one:
        one.acknowledged(sample("given", 1, run="a"))
        one.socket.close(code=1001, reason="bye")
    wait_until(lambda: is_gone(server, "given"))
    with Client(server) as other:
        assert other.acknowledged(sample("given", 1, run="b"))["ack"] == 1


def test_no_answer_shows_the_boot_or_the_run(server):
    """A client that knew the run of an agent could take its name."""
    boot = server.json("/system")["boot_id"].replace("-", "")
    with Client(server) as client:
        client.acknowledged(sample("secretive", 1, run="only-the-agent-knows"))
        wait_until(lambda: host(server, "secretive"))
        for path in ("/hosts", "/hosts?host=secretive", "/cpu_usage?limit=1", "/system", "/alerts", "/stats"):
            response = server.request(path)
            assert boot[:8] not in "".join(response.headers.values())
            assert b"only-the-agent-knows" not in response.body


def test_names_that_differ_only_in_case_are_one(server):
    with Client(server) as one, Client(server) as other, Client(server) as hub:
        one.acknowledged(sample("Case-1", 1, run="a"))
        assert closing(other, sample("cASE-1", 1, run="b"))[1].startswith("another client uses")
        assert closing(hub, sample(server.json("/system")["hostname"].upper(), 1))[1].startswith("the hub itself")
    assert host(server, "cASE-1") is None


@pytest.mark.parametrize("name", [
    "a" * 65_000, "a\u200bb", "a\u3164b", "a\u00a0b", "a\tb", "\u202ea", "a\u0000b", "",
], ids=lambda name: ascii(name)[:20])
def test_invisible_and_overlong_names_are_refused(server, name):
    with Client(server) as client:
        assert closing(client, sample(name, 1))[0] in (1008, 1009)


@pytest.mark.parametrize("seq", [0, -1, 1.5, 2 ** 53 + 1, 2 ** 63 - 1, 2 ** 63, 10 ** 30, None, "1"])
def test_an_impossible_number_is_refused(server, seq):
    with Client(server) as client:
        assert closing(client, sample("numbers", seq)) == (1008, '"seq" must be a whole number from 1')


@pytest.mark.parametrize("text", [False, True], ids=["json", "text"])
def test_invented_names_do_not_fill_the_fleet(tmp_path, text):
    """Fifteen hundred are enough to reach the limit; none of them is in a file or an alert."""
    (tmp_path / "alerts.yaml").write_text(RULES)
    data = confirmed(tmp_path / "data", "real")
    with Server("--alerts", str(tmp_path / "alerts.yaml"), "--flush-interval", "0.5", data=data) as hub:
        with Client(hub) as real:
            half_a_minute(real, "real")
        refusals = 0
        for number in range(1500):
            with Client(hub) as client:
                name = f"made-up-{number}"
                # A burst of samples confirms no name, whatever times the samples claim.
                try:
                    for back in range(30 if number < 50 else 1, 0, -1):
                        client.say(f"from {name}: 5" if text else sample(name, 31 - back, age=back - 1.0))
                except ConnectionClosed as ended:
                    assert ended.rcvd.code == 1008 and "too many new host names from your address" in ended.rcvd.reason
                    refusals += 1
        assert refusals > 0
        wait_until(lambda: refused(hub, "too_many_new_hosts") == refusals)
        wait_until(lambda: (fleet := hub.json("/system")["fleet"])["hosts"] == 1500 - refusals + 2
                   and fleet["hosts_provisional"] == 1500 - refusals)
        # The real one raises an alert, and no other.
        wait_until(lambda: any(one["host"] == "real" for one in hub.json("/alerts")["active"]))
        assert {one["host"] for one in hub.json("/alerts")["active"] if one["host"]} == {"real"}
        with Client(hub) as real:
            assert real.acknowledged(sample("real", 31))["ack"] == 31
        assert "refused a client at 127.0.0.1 as made-up-" in hub.log
        assert hub.log.count("too many new host names") < 5
        hub.stop()
        assert set(known(hub)) == {"real"}
    with Server(data=data) as again:
        assert again.request("/history?host=made-up-1&from=-1h").status == 404
        assert again.request("/history?host=real&from=-1h").status == 200
