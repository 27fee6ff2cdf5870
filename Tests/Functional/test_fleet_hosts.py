"""/hosts, and hosts elsewhere: events, alerts, a restart."""

from __future__ import annotations

import gzip
import json

import pytest
from fleet import Client, confirmed, half_a_minute, host, sample
from harness import Server, wait_until
from test_events import events, listening


def names(document: dict) -> list[str]:
    return [one["host"] for one in document["hosts"]]


def test_this_machine_is_a_host_like_the_others(quick):
    system = quick.json("/system")
    one = wait_until(lambda: (found := host(quick, system["hostname"])) and found["cpu_percent"] is not None and found)
    assert (one["kind"], one["state"], one["connected"], one["address"]) == ("local", "live", True, None)
    assert one["cpu_count"] == system["cpu_count"]
    assert one["memory"]["total_bytes"] == system["memory"]["total_bytes"]
    assert one["agent"] == system["self"]["version"]
    assert len(one["recent_cpu_percent"]) == 60
    assert abs(sum(one["cpu"].values()) - 100) < 0.1


def test_hosts_are_sorted_filtered_and_limited(server):
    with Client(server) as hot, Client(server) as cool:
        hot.acknowledged(sample("hot", 1, busy=99.5))
        cool.acknowledged(sample("cool", 1, busy=0.1))
        wait_until(lambda: host(server, "hot") and host(server, "cool"))
        # This machine may be hotter than any of them.
        machine = server.json("/system")["hostname"]
        assert [name for name in names(server.json("/hosts")) if name != machine] == ["hot", "cool"]
        assert names(server.json("/hosts?order=asc"))[0] in ("cool", machine)
        assert [name for name in names(server.json("/hosts?min_cpu=99")) if name != machine] == ["hot"]
        assert "cool" not in names(server.json("/hosts?min_cpu=99"))
        one = server.json("/hosts?limit=1&sort=name")
        assert len(one["hosts"]) == 1 and one["hosts_matched"] == one["hosts_total"] == 3
        assert one["live"] + one["stale"] + one["lost"] == 3
        assert names(server.json("/hosts?host=hot&host=cool&sort=name")) == ["cool", "hot"]


@pytest.mark.parametrize("query", ["x=1", "sort=pid", "order=up", "limit=0", "min_cpu=-1", "limit=1&limit=1"])
def test_a_bad_parameter_is_refused(server, query):
    response = server.request("/hosts?" + query)
    assert response.status == 400 and json.loads(response.body)["detail"]


def test_a_poll_between_two_ticks_costs_a_304(server):
    def unchanged():
        first = server.request("/hosts")
        again = server.request("/hosts", headers={"If-None-Match": first.headers["ETag"]})
        return again.status == 304 and again.body == b""
    wait_until(unchanged)
    assert server.request("/hosts", method="POST").status == 405


def test_the_compressed_answer_is_the_same(server):
    response = server.request("/hosts", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert "hosts" in json.loads(gzip.decompress(response.body))


def test_a_silent_host_is_stale_and_stays():
    with Server() as server:
        with Client(server) as client:
            client.acknowledged(sample("silent", 1))
            assert wait_until(lambda: host(server, "silent"))["connected"]
        gone = wait_until(lambda: (one := host(server, "silent"))["state"] == "stale" and one)
        assert not gone["connected"] and gone["cpu_percent"] == 25.0 and gone["age_seconds"] >= 3
        assert "silent" in names(server.json("/hosts?min_cpu=90"))


RULES = """
rules:
  - {name: host-silent, metric: silence, above: 3, clear: 1, keep_firing_for: 0}
  - {name: cpu, metric: cpu, above: 80%, over: 0, for: 0, keep_firing_for: 0}
"""


def test_events_and_alerts_report_a_host(tmp_path):
    (tmp_path / "alerts.yaml").write_text(RULES)
    hub = Server("--alerts", str(tmp_path / "alerts.yaml"), data=confirmed(tmp_path / "data", "web-1"))
    with hub as server, listening(server) as response:
        stream = events(response)
        steps, alerts, changed = [], [], []

        def read(until):
            while not until():
                event = next(stream)
                data = json.loads(event["data"])
                if event["event"] == "host":
                    steps.extend((one["host"], one["step"]) for one in data["steps"])
                    changed.extend(one["host"] for one in data["changed"])
                if event["event"] == "alert" and data["host"]:
                    alerts.append((data["host"], data["rule"], data["step"], data["alert"]))

        with Client(server) as client:
            half_a_minute(client, "web-1", busy=95)
            read(lambda: ("web-1", "connected") in steps and "web-1" in changed
                 and any(one[1:3] == ("cpu", "firing") for one in alerts))
            assert server.json("/hosts?host=web-1")["hosts"][0]["alerts"] == ["cpu"]
            active = [one for one in server.json("/alerts")["active"] if one["host"] == "web-1"]
            assert [one["rule"] for one in active] == ["cpu"]
            assert active[0]["suspects"][0]["name"] == "nginx"
            client.acknowledged(sample("web-1", 31, busy=5))
            read(lambda: any(one[1:3] == ("cpu", "resolved") for one in alerts))
        read(lambda: ("web-1", "disconnected") in steps
             and any(one[1:3] == ("host-silent", "firing") for one in alerts) and ("web-1", "stale") in steps)
        assert all(one[0] == "web-1" for one in alerts)
        assert "alert host-silent of web-1 fires" in server.log


def test_a_host_that_does_not_return_after_a_restart_raises_an_alert(tmp_path):
    with Server(data=confirmed(tmp_path, "web-1")) as server:
        with Client(server) as client:
            half_a_minute(client, "web-1")
            wait_until(lambda: host(server, "web-1"))
    with Server(data=tmp_path) as server:
        one = host(server, "web-1")
        assert one["state"] in ("stale", "live") and not one["connected"] and one["cpu_percent"] is None
        with Client(server) as client:
            client.acknowledged(sample("web-1", 31))
            wait_until(lambda: host(server, "web-1")["connected"])
