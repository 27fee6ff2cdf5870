"""CPU of the whole server without clients, beside its peers in the same minute."""

from __future__ import annotations

import json
import os
import time
from contextlib import ExitStack
from statistics import median

from peers import PEERS, installed
from support import cpu_seconds, print_table, settle, sleeping, topserver

# Each group has a separate minute beside our server: all together are more than two cores can run.
GROUPS = [["top"], ["htop", "psutil", "Glances"], ["process-exporter"]]
# Beyond this many processes the others need most of a core each, and only top runs.
MOST_FOR_OTHERS = 10_000


def run(options) -> dict:
    missing = [name for name in PEERS if name not in options.peers or not installed(name)]
    results = [one for count in options.processes
               for one in measure_all(count, missing, options.sampling_seconds)]
    report(results, options.sampling_seconds)
    report_peers(results)
    if missing:
        print(f"Omitted or not installed: {', '.join(missing)}\n")
    return {"seconds": options.sampling_seconds, "missing": missing, "minutes": results}


def measure_all(sleepers: int, missing: list[str], seconds: int):
    with sleeping(sleepers):
        for group in GROUPS:
            names = [name for name in group if name not in missing]
            if group == ["top"] or (names and sleepers <= MOST_FOR_OTHERS):
                yield {"sleepers": sleepers, **measure(names, seconds)}


def measure(names: list[str], seconds: int) -> dict:
    """All watch the same processes over the same time; their first sweeps are excluded."""
    with ExitStack() as stack:
        watchers = {name: stack.enter_context(PEERS[name]()) for name in names}
        ours = stack.enter_context(topserver("--no-record"))
        settle(ours)
        processes = sum(name.isdigit() for name in os.listdir("/proc"))
        sequence = ours.sequence()
        pids = {"topserver": ours.pid} | {name: one.pid for name, one in watchers.items()}
        before = {name: cpu_seconds(pid) for name, pid in pids.items()}
        answers = {name: one.answers() for name, one in watchers.items() if one.answers}
        start = time.monotonic()
        time.sleep(seconds)
        elapsed = time.monotonic() - start
        used = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
        answers = {name: watchers[name].answers() - first for name, first in answers.items()}
        sweeps = ours.sequence() - sequence
        sweep = sweep_seconds(ours)
    return {"processes": processes, "elapsed_seconds": elapsed, "cpu_seconds": used,
            "answers": answers, "sweeps": sweeps, "sweep_seconds": sweep}


def sweep_seconds(server, sweeps: int = 5) -> float:
    """How long a sweep takes, by the clock."""
    lengths = {}
    while len(lengths) < sweeps:
        system = json.loads(server.get("/system")[1])
        lengths[system["sequence"]] = system["self"]["sweep_seconds"]
        time.sleep(0.3)
    return median(lengths.values())


def report(results: list[dict], seconds: int):
    rows = []
    for one in results:
        if "top" not in one["cpu_seconds"]:
            continue
        cost = per_process(one)
        ours = one["cpu_seconds"]["topserver"]
        rows.append([f"{one['sleepers']:,}", f"{one['processes']:,}", f"{one['sweeps']}",
                     f"{one['sweep_seconds'] * 1000:.2f}",
                     f"{ours / one['elapsed_seconds'] * 1000:.2f}", f"{cost['topserver']:.2f}",
                     f"{cost['top']:.2f}", f"1/{cost['top'] / cost['topserver']:.1f}"])
    print_table(f"Sampling: CPU over {seconds} s, HTTP idle, beside top -b -d 1",
                ["sleepers", "processes", "sweeps", "sweep ms", "topserver ms/s",
                 "µs/process/s", "top µs/process/s", "ratio"], rows)


def report_peers(results: list[dict]):
    """A slow peer that is polled does not reach one sample a second, so its sample costs even more."""
    rows = []
    for one in results:
        cost = per_process(one)
        for name in cost:
            if name in ("topserver", "top"):
                continue
            answers = one["answers"].get(name)
            rows.append([f"{one['sleepers']:,}, {name}",
                         f"{one['cpu_seconds'][name] / one['elapsed_seconds'] * 1000:.1f}",
                         f"{cost[name]:.1f}", f"{cost[name] / cost['topserver']:.1f}",
                         "" if answers is None else f"{answers / one['elapsed_seconds']:.2f}"])
    if rows:
        print_table("Sampling: other peers, in the same minutes as ours",
                    ["sleepers, peer", "ms/s", "µs/process/s", "times ours", "answers/s"], rows)


def per_process(one: dict) -> dict[str, float]:
    """Microseconds of CPU per process and second, by program."""
    return {name: cpu / one["processes"] / one["elapsed_seconds"] * 1e6
            for name, cpu in one["cpu_seconds"].items()}
