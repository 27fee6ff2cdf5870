"""Who owns a name, and what invented names may cost."""

from __future__ import annotations

import json
import re

import pytest
from agents import PATH, Agent
from fleet import Client, host, is_connected, is_gone, lasting, sample
from harness import Server, wait_until
from test_fleet_messages import closing, refused

KEPT = "this name is kept for 5 minutes for the agent that had it; choose another, or wait"
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
    wait_until(lambda: re.search(f"refused a client at 127.0.0.1 as (kept|KEPT): {KEPT}", server.log))


def test_a_name_stays_reserved_across_a_restart_of_the_hub(tmp_path):
    hub = Server(data=tmp_path)
    with Client(hub) as one:
        lasting(one, "kept", run="a")
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
        assert {value for value in history["series"]["cpu.busy_percent"] if value is not None} <= {10, 20, 15}


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
            # Two runs at the same time are two hosts with one name.
            with Agent(url, "--name", "web-1", "--interval", "0.2", expected_log=LOSS) as second:
                second.when_logged("another client sends as this host; choose another name")
        assert hub.json("/system")["fleet"]["refused_total"]["host_kept"] == 0


def test_names_that_differ_only_in_case_are_one(server):
    with Client(server) as one, Client(server) as other, Client(server) as hub:
        one.acknowledged(sample("Case-1", 1, run="a"))
        assert closing(other, sample("cASE-1", 1, run="b"))[1].startswith("another client sends")
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
    data = tmp_path / "data"
    with Server("--alerts", str(tmp_path / "alerts.yaml"), "--flush-interval", "0.5", data=data) as hub:
        with Client(hub) as real:
            lasting(real, "real")
        refusals = 0
        for number in range(1500):
            with Client(hub) as client:
                name = f"made-up-{number}"
                client.socket.send(f"from {name}: 5" if text else json.dumps(sample(name, 1)))
                try:
                    client.socket.recv(timeout=10)
                except Exception as ended:
                    assert ended.rcvd.code == 1008 and "too many new host names from your address" in ended.rcvd.reason
                    refusals += 1
        assert refusals > 0
        wait_until(lambda: refused(hub, "too_many_new_hosts") == refusals)
        fleet = hub.json("/system")["fleet"]
        assert fleet["hosts"] == 1500 - refusals + 2 and fleet["hosts_provisional"] == 1500 - refusals
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
