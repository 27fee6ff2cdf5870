"""What agents cost the hub: CPU per message, memory per host, its response times, and /hosts with all of them.

The bench measures the hub with the same requests without agents first, and with a small request for comparison: the
ratio of a message to such a request is more useful than microseconds of this machine.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from http_bench import Case, ask_with_wrk
from memory_bench import kernel_memory, resident
from recorder_bench import file_size
from support import BenchError, busy_seconds, compile_c, cpu_seconds, first_line, print_table, running, settle, topserver

GZIP = ["Accept-Encoding: gzip"]
# The requests: name, path and headers. Every fiftieth agent is above 90 %.
QUESTIONS = {
    "/hosts": ("/hosts", []),
    "/hosts, gzip": ("/hosts", GZIP),
    "/hosts?min_cpu=90&limit=50": ("/hosts?min_cpu=90&limit=50", []),
    "/hosts?host= (one)": ("/hosts?host=sim-00000", []),
}
ASKED = 9
# The hub makes a new list of hosts each second.
TICK_SECONDS = 1.0
REQUEST_SECONDS = 3


def run(options) -> dict:
    program = compile_c("agents", "-lwslay")
    results = [measure(program, count, options.fleet_seconds) for count in options.agents]
    report(results, options.fleet_seconds)
    return {"seconds": options.fleet_seconds, "steps": results}


def measure(program: Path, count: int, seconds: int) -> dict:
    """Measures one hub before, while and after its agents are connected."""
    with TemporaryDirectory(prefix="topserver-bench-") as folder:
        data = Path(folder)
        with topserver(data=data) as hub:
            settle(hub)
            request = request_cost(hub)
            alone = costs(hub, min(seconds, 20))
            before, slab = resident(hub.pid)["pss"], kernel_memory()
            with agents(program, hub, count) as simulated:
                time.sleep(5)
                first, size = resident(hub.pid)["pss"], file_size(data)
                with_agents = costs(hub, seconds)
                grown = file_size(data) - size
                after, slab_after = resident(hub.pid)["pss"], kernel_memory()
                with_reader = costs(hub, min(seconds, 20), lambda: hub.get("/hosts", GZIP))
                hosts = {name: ask(hub, *question) for name, question in QUESTIONS.items()}
                asked = resident(hub.pid)["pss"]
                check(hub, count)
            outcome = simulated.outcome
            settle(hub, sweeps=2)
            left = resident(hub.pid)["pss"]
    extra = with_agents["hub"] - alone["hub"]
    return {
        "agents": count, "cpu_us_per_request": request, "cpu_share": {
            "alone": alone, "with agents": with_agents, "with agents and a reader": with_reader},
        "cpu_us_per_message": extra / (with_agents["messages"] or 1) * 1e6,
        "pss": {"alone": before, "at first": first, "after": after, "asked": asked, "agents gone": left},
        "kernel_bytes": slab_after - slab, "history_growth_bytes": grown, "seconds": seconds,
        "hosts": hosts, "outcome": outcome}


class Simulated:
    """The agents; `outcome` is what they print when they exit."""

    def __init__(self, process: subprocess.Popen):
        self.process = process
        self.outcome: dict = {}


@contextmanager
def agents(program: Path, hub, count: int):
    port = hub.url.rsplit(":", 1)[1]
    with running([str(program), port, str(count)], ends_with_input=True, stdout=subprocess.PIPE) as process:
        if first_line(process, timeout=150) != "ready":
            raise BenchError(f"{count} agents did not become ready")
        simulated = Simulated(process)
        yield simulated
        process.stdin.close()
        simulated.outcome = json.loads(process.stdout.read().decode().splitlines()[-1])


def request_cost(hub) -> float:
    """CPU microseconds of the hub for its smallest request, on connections that stay open."""
    before = cpu_seconds(hub.pid)
    requests, _, _ = ask_with_wrk(hub.url, Case("/livez", 5, 1), REQUEST_SECONDS)
    return (cpu_seconds(hub.pid) - before) / requests * 1e6


def costs(hub, seconds: int, each_second=lambda: None) -> dict[str, float]:
    """Cores that the hub used, cores that the whole machine used, and messages a second."""
    messages, hub_before, busy, start = sent(hub), cpu_seconds(hub.pid), busy_seconds(), time.monotonic()
    for second in range(1, seconds + 1):
        time.sleep(max(0.0, start + second - time.monotonic()))
        each_second()
    elapsed = time.monotonic() - start
    used, everything = cpu_seconds(hub.pid) - hub_before, busy_seconds() - busy
    return {"hub": used / elapsed, "machine": everything / elapsed, "messages": (sent(hub) - messages) / elapsed}


def sent(hub) -> int:
    """Messages that the hub has counted."""
    return json.loads(hub.get("/system")[1])["fleet"]["messages_total"]


def ask(hub, path: str, headers: list[str]) -> dict:
    """Response times of answers that were not yet made for the current hosts, and of the same ones again."""
    first, again = [], []
    for _ in range(ASKED):
        time.sleep(TICK_SECONDS * 1.05)
        for times in first, again:
            start = time.perf_counter()
            _, body = hub.get(path, headers)
            times.append(time.perf_counter() - start)
    text = gzip.decompress(body) if headers else body
    return {"first": first, "again": again, "bytes": len(body), "hosts": len(json.loads(text)["hosts"])}


def check(hub, count: int):
    """All hosts exist and are live; otherwise the figures would be meaningless."""
    fleet = json.loads(hub.get("/system")[1])["fleet"]
    if fleet["live"] != count + 1 or fleet["connections"] != count:
        raise BenchError(f"the hub has {fleet['live']} live hosts and {fleet['connections']} connections, "
                         f"not {count + 1} and {count}")


# Report.


def report(results: list[dict], seconds: int):
    print_table(
        f"Fleet: CPU of the hub, {seconds} s, a message a second from each agent",
        ["agents", "alone %", "with agents %", "and a reader %", "machine %", "µs/message", "µs/request of /livez", "ratio"],
        [[f"{one['agents']:,}", *(f"{one['cpu_share'][case]['hub'] * 100:.2f}" for case in one["cpu_share"]),
          f"{one['cpu_share']['with agents']['machine'] * 100:.0f}", f"{one['cpu_us_per_message']:.1f}",
          f"{one['cpu_us_per_request']:.1f}", f"{one['cpu_us_per_message'] / one['cpu_us_per_request']:.2f}"]
         for one in results])
    print_table(
        "Fleet: messages (to reach: none lost) and how soon they are answered, ms",
        ["agents", "messages", "lost", "reconnects", "p50", "p99", "p99.9", "most", "sent late, p99"],
        [[f"{one['agents']:,}", f"{one['outcome']['samples']:,}", str(one["outcome"]["lost"]),
          str(one["outcome"]["reconnects"]),
          *(f"{one['outcome']['latency_ms'][rank]:.2f}" for rank in ("p50", "p99", "p99.9", "p100")),
          f"{one['outcome']['lag_ms']['p99']:.2f}"] for one in results])
    print_table(
        "Fleet: memory of the hub, PSS in MB, kB for each agent, and bytes of history for each agent and minute",
        ["agents", "alone", "at first", f"after {seconds} s", "asked for /hosts", "agents gone", "kB/agent",
         "kernel kB/agent, both ends", "history B/agent/min"],
        [[f"{one['agents']:,}", *(f"{value / 1e6:.1f}" for value in one["pss"].values()),
          f"{(one['pss']['after'] - one['pss']['alone']) / one['agents'] / 1e3:.1f}",
          f"{one['kernel_bytes'] / one['agents'] / 1e3:.1f}",
          f"{one['history_growth_bytes'] / one['agents'] / one['seconds'] * 60:.0f}"] for one in results])
    print_table(
        "Fleet: answers, ms (first: since the hosts changed; again: the same answer once more)",
        ["agents, question", "hosts", "kB", "first, median", "first, most", "again, median"],
        [[f"{one['agents']:,}, {name}", str(answer["hosts"]), f"{answer['bytes'] / 1e3:.1f}",
          f"{median(answer['first']) * 1e3:.1f}", f"{max(answer['first']) * 1e3:.1f}",
          f"{median(answer['again']) * 1e3:.1f}"]
         for one in results for name, answer in one["hosts"].items()])
