"""A hub with synthetic hosts, for states that a test cannot easily cause in a real hub."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlparse

from feeds import past
from playwright.sync_api import Page

MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest")


def one(name: str, busy: float | None = 10.0, state: str = "live", **changes) -> dict:
    """One object of the answer of /hosts."""
    share = None if busy is None else {
        **{f"{mode}_percent": 0.0 for mode in MODES}, "user_percent": busy, "idle_percent": 100 - busy}
    return {
        "host": name, "state": state, "connected": state == "live", "kind": "agent", "address": "10.0.0.7",
        "agent": "0.5.0", "sampled_at": "2025-06-01T12:00:00.000Z", "interval_seconds": 1.0,
        "clock_offset_seconds": 0.002, "uptime_seconds": 8123.4, "cpu_count": 8, "cpu_percent": busy,
        "cpu_average_percent": busy, "cpu": share,
        "load": {"load_1": 0.5, "load_5": 0.4, "load_15": 0.3},
        "memory": {"total_bytes": 16 * 2**30, "available_bytes": 12 * 2**30, "used_bytes": 4 * 2**30,
                   "used_percent": 25.0},
        "coverage_percent": 99.5, "recent_cpu_percent": [busy] * 60,
        "processes": [{"pid": 7, "name": "nginx", "user": "www-data", "cpu_percent": 97.3}],
        "alerts": [], "reconnects": 0, "late_samples": 0,
        "age_seconds": {"live": 0.4, "stale": 12.0, "lost": 300.0}[state], **changes,
    }


def local(name: str = "hub", busy: float = 5.0, **changes) -> dict:
    return one(name, busy, kind="local", address=None, **changes)


class FakeFleet:
    """Serves the hosts that the test publishes, and keeps the page's requests."""

    def __init__(self, page: Page, *hosts: dict):
        self.sequence = 0
        self.questions = []
        self.past = lambda parameters: past(0, {})
        self.history_questions = []
        self.alerts = {"active": [], "recent": [], "rules": []}
        self.refusal = None
        self.is_hanging = False
        self.publish(*hosts)
        page.route("**/hosts?*", self._fulfill)
        page.route("**/history?*", self._fulfill_history)
        page.route("**/alerts", lambda route: route.fulfill(json=self.alerts))

    def publish(self, *hosts: dict, sampled_at: str = "2025-06-01T12:00:00.400Z"):
        self.sequence += 1
        self.hosts = list(hosts)
        self.sampled_at = sampled_at

    def _fulfill(self, route):
        if self.is_hanging:
            return
        query = parse_qs(urlparse(route.request.url).query)
        self.questions.append(query)
        if self.refusal:
            route.fulfill(status=503, json={"detail": self.refusal})
            return
        names = query.get("host")
        fields = query.get("fields", [None])[0]
        hosts = [host for host in self.hosts if names is None or host["host"] in names]
        if fields:
            hosts = [{name: host[name] for name in fields.split(",")} for host in hosts]
        body = {"sampled_at": self.sampled_at, "hosts_total": len(self.hosts), "hosts_matched": len(hosts),
                "hosts": hosts}
        route.fulfill(body=json.dumps(body), content_type="application/json",
                      headers={"ETag": f'"{self.sequence}"'})

    def _fulfill_history(self, route):
        query = {name: values[0] for name, values in parse_qs(urlparse(route.request.url).query).items()}
        self.history_questions.append(query)
        route.fulfill(json=self.past(query))
