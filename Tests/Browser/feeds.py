"""The page's data: answers from the test, and trees that look like /proc."""

from __future__ import annotations

import itertools
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import Page

PID = itertools.count(100)
# But not the modules of the page with the same names.
EVENTS = re.compile(r"/events(\?|$)")
ALERTS = re.compile(r"/alerts(\?|$)")
# What Chromium complains about while a server is away.
REFUSED = ("ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED"
           "|ERR_INCOMPLETE_CHUNKED_ENCODING")


def process(name: str, total: float | None = 0.0, **changes) -> dict:
    """One object of the answer of /cpu_usage; two thirds of its CPU are user time."""
    user = None if total is None else round(total * 2 / 3, 2)
    system = None if total is None else round(total - user, 2)
    return {
        "pid": next(PID), "name": name, "user_avg": user, "sys_avg": system, "status": "sleeping",
        "user": "root", "threads": 1, "rss_bytes": 4096, "start_time": "2025-01-01T00:00:00Z",
        "window_seconds": 60.0, "user_now": user, "sys_now": system, "kernel": False,
        "children_user_avg": None if total is None else 0.0,
        "children_sys_avg": None if total is None else 0.0,
        "children_user_now": None if total is None else 0.0,
        "children_sys_now": None if total is None else 0.0, **changes,
    }


def ledger(processes=0.0, ended=0.0, kernel=0.0, interrupts=0.0, steal=0.0, unaccounted=0.0) -> dict:
    """Where the CPU time went, in percent of one CPU."""
    busy = processes + ended + kernel + interrupts + steal + unaccounted
    return {
        "busy_percent": busy, "processes_percent": processes, "ended_children_percent": ended,
        "kernel_threads_percent": kernel, "interrupts_percent": interrupts, "steal_percent": steal,
        "unaccounted_percent": unaccounted, "excess_percent": 0.0,
        "coverage_percent": 100 * (busy - unaccounted) / busy if busy else 100.0,
    }


def machine(window: dict | None = None, now: dict | None = None, **changes) -> dict:
    """An answer of /system from a machine with four CPUs."""
    modes = {f"{mode}_percent": 0.0 for mode in
             ("busy", "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest")}
    return {
        "sampled_at": "2025-06-01T12:00:00.000Z", "interval_seconds": 1.0, "window_seconds": 60.0,
        "last_gap": None, "cpu_count": 4, "cpu": {"now": modes, "window": modes},
        "ledger": {"now": now or ledger(), "window": window or ledger()}, "coverage_advice": [],
        "self": {"cpu_percent": {"now": 1.0, "window": 0.31}, "rss_bytes": 16 * 2**20}, **changes,
    }


def machine_members(user=20.0, system=5.0, load=0.8, used=6 * 2**30, read=0.0, written=0.0, **changes) -> dict:
    """The members of /system other than the CPU ledger, for the charts: `machine(**machine_members(user=50))`."""
    modes = {"busy_percent": user + system, "user_percent": user, "nice_percent": 0.0,
             "system_percent": system, "idle_percent": 100 - user - system, "iowait_percent": 0.0,
             "irq_percent": 0.0, "softirq_percent": 0.0, "steal_percent": 0.0, "guest_percent": 0.0}
    return {
        "cpu": {"now": modes, "window": modes},
        "load": {"load_1": load, "load_5": load, "load_15": load},
        "memory": {"total_bytes": 16 * 2**30, "used_bytes": used, "cached_bytes": 2**31},
        "swap": {"used_bytes": 0},
        "disk_total": {"read_bytes_per_second": read, "write_bytes_per_second": written}, **changes,
    }


def past(start: float, columns: dict[str, list], step: float = 1, spacing: float | None = None) -> dict:
    """An answer of /history with its values `spacing` seconds apart."""
    count = len(next(iter(columns.values()), []))
    times = [start + index * (spacing or step) for index in range(count)]
    end = datetime.fromtimestamp(times[-1] if times else start, UTC)
    return {"from": datetime.fromtimestamp(start, UTC).isoformat(), "to": end.isoformat(),
            "step_seconds": step, "times": times, "series": columns}


def consumer(name: str, seconds: float, before: float = 0.0, **changes) -> dict:
    """One process of an answer of /explain; two thirds of its CPU are user time."""
    user = round(seconds * 2 / 3, 2)
    return {
        "pid": next(PID), "name": name, "user": "root", "start_time": "2025-01-01T00:00:00.000Z",
        "cpu_seconds": seconds, "user_seconds": user, "system_seconds": round(seconds - user, 2),
        "children_seconds": 0.0, "cpu_seconds_before": before, "new": False, "ended": False,
        "kernel": False, **changes,
    }


def explanation(*suspects: dict, measured=60.0, before=60.0, busy=None, **changes) -> dict:
    """An answer of /explain."""
    return {
        "from": "2025-06-01T11:50:00.000Z", "to": "2025-06-01T11:51:00.000Z", "measured_seconds": measured,
        "measured_seconds_before": before, "coverage_percent": 99.5,
        "busy_seconds": sum(one["cpu_seconds"] for one in suspects) if busy is None else busy,
        "processes_total": len(suspects), "processes": list(suspects), **changes,
    }


def recorder(reason: str | None = None, **changes) -> dict:
    """The recorder as /start, /stop and /system report it; it has recorded for three hours."""
    return {
        "recording": reason is None, "reason": reason, "switched_on": reason != "switched off",
        "since": "2025-06-01T09:00:00.000Z", "file": "/var/lib/topserver/history.sqlite",
        "size_bytes": 12 * 2**20, "limit_bytes": 256 * 2**20, "oldest": "2025-06-01T09:00:00.000Z",
        "flushed_through": "2025-06-01T11:59:58.000Z", "held_samples": 0, "lost_samples": 0, **changes,
    }


def suspect(name: str, during: float = 97.5, **changes) -> dict:
    """A suspect of an alert."""
    return {"pid": next(PID), "name": name, "start_time": "2025-06-01T11:00:00Z", "before_percent": 0.4,
            "during_percent": during, "has_ended": False, **changes}


def alert(rule: str = "cpu", state: str = "firing", **changes) -> dict:
    """One of `active` or `recent` of /alerts."""
    return {
        "id": None if state == "pending" else next(PID), "rule": rule, "state": state,
        "since": "2025-06-01T11:59:30.000Z", "seconds": 30.0,
        "condition": "CPU above 75 % of all CPUs on average over 10 s for 30 s; clears at 65 % of all CPUs or less for 5 s",
        "condition_since": "2025-06-01T11:59:00.000Z", "unit": "percent_of_all_cpus", "threshold": 75.0,
        "first_value": 98.4, "worst_value": 100.0, "suspects": [], "value": 99.8, "note": None, **changes,
    }


def alerts(*active: dict, recent: list[dict] = (), rules: list[dict] = ()) -> dict:
    """An answer of /alerts."""
    return {"sampled_at": "2025-06-01T12:00:00.000Z", "active": list(active), "recent": list(recent),
            "rules": list(rules), "webhook": None}


def at(known: dict, total: float) -> dict:
    """The same process with other CPU figures."""
    return {**known, **process(known["name"], total, pid=known["pid"])}


def names(page: Page):
    """The names in the table, from top to bottom."""
    return page.locator(".process .name-text")


class FakeFeed:
    """Serves the samples that the test publishes; each has the next sequence number.

    `system` is what /events sends, again and again, or `None` for an error; `alerts` is the answer of /alerts.
    `history` returns the answer of /history for its parameters; `questions` holds the queries.
    `moment` returns the processes of a moment of the past for its parameter, or None if nothing was recorded;
    `visits` holds the queried moments. `explanation` returns the answer of /explain, and `ranges` holds the
    queried time ranges.
    """

    def __init__(self, page: Page):
        self.page = page
        self.requests = 0
        self.sequence = 0
        self.time = "2025-06-01T12:00:00.000Z"
        self.interval = 1
        self.window = 60
        self.answer = None
        self.system = machine()
        self.alerts = alerts()
        self.history = lambda parameters: past(0, {})
        self.questions = []
        self.moment = lambda at: None
        self.visits = []
        self.explanation = lambda parameters: explanation()
        self.ranges = []
        self.trails = lambda parameters: {"times": [], "processes": []}
        page.route("**/history*", self._fulfill_history)
        page.route("**/explain?*", self._fulfill_explain)
        page.route("**/process_history?*", self._fulfill_trails)
        page.route("**/cpu_usage*", self._fulfill)
        page.route(EVENTS, self._fulfill_events)
        page.route(ALERTS, lambda route: route.fulfill(json=self.alerts))
        # The requests of a shared worker bypass the routes of a page.
        page.add_init_script("delete window.SharedWorker")

    def publish(self, *processes: dict):
        self.sequence += 1
        self.answer = {"status": 200, "body": json.dumps(processes),
                       "content_type": "application/json"}

    def refuse(self, status: int, detail: str):
        self.answer = {"status": status, "body": json.dumps({"detail": detail}),
                       "content_type": "application/problem+json"}

    def hang(self):
        """Requests get no answer, as from a server that is stopped in a debugger."""
        self.answer = None

    def _fulfill(self, route):
        query = parse_qs(urlparse(route.request.url).query)
        if "at" in query:
            self._fulfill_past(route, query["at"][0])
            return
        self.requests += 1
        if self.answer is not None:
            route.fulfill(**self.answer, headers=self._headers())

    def _fulfill_past(self, route, at: str):
        self.visits.append(at)
        processes = self.moment(at)
        if processes is None:
            route.fulfill(status=404, json={"detail": f"there is no sample of {at}"})
        else:
            route.fulfill(json=processes, headers=self._headers() | {
                "X-Sampled-At": at, "X-Resolution-Seconds": str(self.interval),
                "X-Window-Start": "2025-06-01T11:00:00.000Z", "X-Window-End": at})

    def _fulfill_explain(self, route):
        query = parse_qs(urlparse(route.request.url).query)
        self.ranges.append({name: values[0] for name, values in query.items()})
        answer = self.explanation(self.ranges[-1])
        if answer is None:
            route.fulfill(status=404, json={"detail": "nothing was recorded in this time range"})
        else:
            route.fulfill(json=answer)

    def _fulfill_trails(self, route):
        query = parse_qs(urlparse(route.request.url).query)
        route.fulfill(json=self.trails({name: values[0] for name, values in query.items()}))

    def _fulfill_events(self, route):
        """One event, and the end of the stream: the browser reconnects at once."""
        if self.answer is None:
            return
        if self.system is None:
            route.fulfill(status=503, json={"detail": "No events today."})
        else:
            event = f"retry: 300\n\nid: {self.sequence}\nevent: system\ndata: {json.dumps(self.system)}\n\n"
            route.fulfill(body=event, content_type="text/event-stream")

    def _fulfill_history(self, route):
        query = parse_qs(urlparse(route.request.url).query)
        self.questions.append({name: values[0] for name, values in query.items()})
        route.fulfill(json=self.history(self.questions[-1]))

    def _headers(self) -> dict:
        return {
            "X-Sequence": str(self.sequence), "X-Sampled-At": self.time,
            "X-Interval-Seconds": str(self.interval), "X-Window-Seconds": str(self.window),
            "X-Cpu-Count": "4", "X-Hostname": "box.example.net",
        }


def make_proc(root: Path, names: list[str]) -> Path:
    """A /proc with one sleeping process per name; pids count from 1."""
    root.mkdir(exist_ok=True)
    (root / "stat").write_text("cpu  100 0 100 1000 0 0 0 0 0 0\ncpu0 100 0 100 1000 0 0 0 0 0 0\n"
                               "intr 0\nctxt 0\nbtime 1700000000\nprocesses 1\n"
                               "procs_running 1\nprocs_blocked 0\n")
    for pid, name in enumerate(names, start=1):
        folder = root / str(pid)
        folder.mkdir()
        (folder / "stat").write_bytes(stat_line(pid, name))
    return root


def stat_line(pid: int, name: str) -> bytes:
    """All 52 fields of proc_pid_stat(5); the name may contain brackets and line breaks."""
    before_times = "S 0 1 1 0 -1 4194560 0 0 0 0"
    times = "5 3 0 0"
    after_times = f"20 0 1 0 {pid} 4096000 100 18446744073709551615"
    rest = " ".join(["0"] * 27)
    line = f"{pid} ({name}) {before_times} {times} {after_times} {rest}\n"
    assert len(line[line.rindex(")"):].split()) == 51
    return line.encode()
