"""The hosts that a hub knows after a restart, and its acknowledgements while it does not record."""

from __future__ import annotations

import json
import time

import pytest
from agents import PATH, Agent, Relay, assert_whole
from fleet import Client, confirmed, half_a_minute, host, sample
from harness import Server, wait_until

SOON = ("--flush-interval", "0.3")
LOSS = "lost the hub|no connection to the hub"


def last_seen(folder) -> float | None:
    """When the only host in the file was last seen, in seconds since the epoch."""
    path = folder / "fleet.json"
    if not path.exists():
        return None
    hosts = json.loads(path.read_text())["hosts"]
    return hosts[0]["last_seen"] / 1e9 if hosts else None


def test_the_last_sample_time_of_a_host_is_written_while_it_sends(tmp_path):
    """The hub writes it regularly, not only when the host connects or disconnects: a killed hub cannot write."""
    hub = Server(data=confirmed(tmp_path, "steady"))
    with Client(hub) as client:
        number = half_a_minute(client, "steady")
        first = last_seen(tmp_path)

        def is_written_again() -> bool:
            nonlocal number
            number += 1
            client.acknowledged(sample("steady", number))
            return last_seen(tmp_path) > first
        wait_until(is_written_again, timeout=30, interval=0.5)
        assert time.time() - last_seen(tmp_path) < 20
        hub.kill()
    with Server(data=tmp_path) as again:
        one = host(again, "steady")
        assert one["age_seconds"] < 20 and not one["connected"]


def test_a_restart_raises_no_alert(tmp_path):
    """In the file all hosts were last seen long ago: none is missed before the hub has listened."""
    (tmp_path / "alerts.yaml").write_text(
        "rules:\n  - {name: host-silent, metric: silence, above: 10, clear: 1, keep_firing_for: 0}\n")
    long_ago = int((time.time() - 26 * 3600) * 1e9)
    hosts = [{"name": f"h{number}", "kind": "agent", "address": "127.0.0.1", "agent": "1", "last_seen": long_ago,
              "run": "r1"} for number in range(100)]
    (tmp_path / "fleet.json").write_text(json.dumps({"version": 1, "hosts": hosts}))
    with Server("--alerts", str(tmp_path / "alerts.yaml"), data=tmp_path) as hub:
        # The hub has checked them, and none is missed yet.
        wait_until(lambda: hub.json("/system")["fleet"]["lost"] == 100)
        assert silent(hub) == set()
        clients = [Client(hub) for _ in hosts[1:]]
        for one, client in zip(hosts[1:], clients):
            client.acknowledged(sample(one["name"], 1))
        # One does not return, and is missed in the end.
        wait_until(lambda: "h0" in silent(hub), timeout=30)
        for client in clients:
            client.socket.close()


def silent(hub) -> set[str]:
    """The hosts with an alert."""
    return {one["host"] for one in hub.json("/alerts")["active"] if one["rule"] == "host-silent"}


def test_late_samples_are_counted():
    with Server() as hub:
        with Client(hub) as client:
            for back in range(60, 0, -1):
                client.acknowledged(sample("late", 61 - back, age=10.0 + back))
            client.acknowledged(sample("late", 61))
        total = wait_until(lambda: hub.json("/system")["fleet"]["late_samples_total"])
        assert total == 60 == host(hub, "late")["late_samples"]


def history(hub, name: str) -> dict[int, float]:
    """What the history has of a host, by the second."""
    answer = hub.request(f"/history?host={name}&from=-5m&series=cpu.busy_percent&step=1")
    if answer.status == 404:
        return {}
    columns = json.loads(answer.body)
    return {moment: value for moment, value in zip(columns["times"], columns["series"]["cpu.busy_percent"])
            if value is not None}


@pytest.mark.parametrize("way", ["stop", "no-record", "no-folder", "unwritable"])
def test_a_sample_that_is_not_recorded_is_not_stored(tmp_path, way):
    arguments, environment, expected = [], {}, None
    if way == "no-record":
        arguments = ["--no-record"]
    if way == "no-folder":
        environment = {"TOPSERVER_DATA": "", "HOME": "", "XDG_STATE_HOME": "", "STATE_DIRECTORY": ""}
        expected = "not recording"
    if way == "unwritable":
        (tmp_path / "history.db").mkdir()
        expected = "not recording"
    with Server(*SOON, *arguments, data=tmp_path, environment=environment, expected_log=expected) as hub:
        if way == "stop":
            assert hub.request("/stop", method="POST").status == 200
        if way == "unwritable":
            wait_until(lambda: not hub.json("/system")["recorder"]["recording"])
        with Client(hub) as client:
            half_a_minute(client, "unrecorded")

            def answer(number=iter(range(31, 1000))):
                return client.acknowledged(sample("unrecorded", next(number)))
            wait_until(lambda: answer().get("recording") is False)
            for _ in range(3):
                assert answer()["stored"] == 0
            assert wait_until(lambda: host(hub, "unrecorded"))["connected"], "it is shown nevertheless"


def test_missed_samples_are_stored_when_it_records_again(tmp_path):
    with Server(*SOON, data=confirmed(tmp_path, "missed")) as hub:
        began = time.time()
        with Client(hub) as client:
            assert hub.request("/stop", method="POST").status == 200
            for back in range(150, 90, -1):
                answer = client.acknowledged(sample("missed", 151 - back, age=float(back)))
                assert (answer["stored"], answer["recording"]) == (0, False)
            assert history(hub, "missed") == {}
            assert hub.request("/start", method="POST").status == 200
            answer = client.acknowledged(sample("missed", 61, age=90.0))
            assert (answer["stored"], answer["again"]) == (0, 1)
            # On the same connection, like an agent, the oldest first.
            for back in range(150, 90, -1):
                answer = client.acknowledged(sample("missed", 151 - back, age=float(back)))
            assert "again" not in answer
            number = iter(range(62, 10_000))
            wait_until(lambda: client.acknowledged(sample("missed", next(number)))["stored"] >= 61, timeout=60, interval=0.3)
        assert hub.json("/system")["fleet"]["duplicate_samples_total"] == 60
    with Server(data=tmp_path) as again:
        known = history(again, "missed")
        assert len([moment for moment in known if began - 152 < moment < began - 88]) >= 58


def test_an_agent_repeats_samples_that_were_not_recorded(tmp_path):
    with Server(*SOON, data=tmp_path) as hub, Relay(hub.port) as relay:
        with Agent(relay.url(), "--name", "web-1", "--interval", "0.7") as agent:
            wait_until(lambda: relay.messages > 3)
            assert hub.request("/stop", method="POST").status == 200
            before = relay.messages
            wait_until(lambda: relay.messages > before + 8)
            assert hub.request("/start", method="POST").status == 200
            assert_whole(hub, relay, "web-1")
            assert len(relay.handshakes) == 1, "no connection was needed for that"
            assert "lost the hub" not in agent.log


def test_a_refusal_is_in_both_logs_and_counted():
    with Server() as hub:
        with Client(hub) as one:
            one.acknowledged(sample("taken", 1))
            url = f"ws://127.0.0.1:{hub.port}{PATH}"
            with Agent(url, "--name", "taken", "--interval", "0.5", expected_log=LOSS) as agent:
                reason = "another client uses the name of this host; choose another name"
                agent.when_logged(reason)
                wait_until(lambda: f"refused a client at 127.0.0.1 as taken: {reason}" in hub.log)
                wait_until(lambda: hub.json("/system")["fleet"]["refused_total"]["host_taken"] >= 3)
                assert agent.log.count(reason) == 1 and hub.log.count(reason) == 1
