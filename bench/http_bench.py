"""Requests per second and server CPU per request, ours beside a bare C program with the same bytes."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from support import (BenchError, busy_seconds, compile_c, cpu_seconds, finished_cpu_seconds,
                     first_line, print_table, run_tool, running, topserver)

# libmicrohttpd writes these itself, for both programs.
AUTOMATIC_HEADERS = {"date", "connection", "content-length"}
WRK_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass
class Client:
    """One way to ask: how many connections, from how many threads of wrk."""

    connections: int
    threads: int


CLIENTS = [Client(connections=5, threads=1), Client(connections=64, threads=2)]


@dataclass
class Run:
    """What one run of wrk against one server gave."""

    requests_per_second: float
    p99_ms: float
    cpu_us_per_request: float
    # What everything but this server and its client used meanwhile; the figures are worth the less for it.
    other_cores: float


def run(options) -> dict:
    with topserver() as ours:
        headers, body = ours.get("/cpu_usage")
        with baseline(headers, body) as (bare_pid, bare_url):
            targets = {"topserver": (ours.pid, ours.url), "bare C": (bare_pid, bare_url)}
            results = {client.connections: alternate(targets, client, options)
                       for client in CLIENTS}
    report(results, len(body))
    return {"body_bytes": len(body), "seconds": options.http_seconds, "rounds": options.rounds,
            "connections": {connections: {name: [asdict(one) for one in runs]
                                          for name, runs in servers.items()}
                            for connections, servers in results.items()}}


@contextmanager
def baseline(headers, body: bytes):
    """The C program, serving the given answer; gives its pid and address."""
    program = compile_c("baseline", "-lmicrohttpd")
    lines = "".join(f"{name}: {value}\n" for name, value in headers
                    if name.lower() not in AUTOMATIC_HEADERS)
    with TemporaryDirectory() as folder:
        body_file, headers_file = Path(folder, "body"), Path(folder, "headers")
        body_file.write_bytes(body)
        headers_file.write_text(lines)
        command = [str(program), str(body_file), str(headers_file), str(os.cpu_count() or 1)]
        with running(command, ends_with_input=True, stdout=subprocess.PIPE) as process:
            yield process.pid, f"http://127.0.0.1:{first_line(process)}"


def alternate(targets: dict, client: Client, options) -> dict[str, list[Run]]:
    """A B A B …, so that a change of the machine's speed falls on both alike."""
    results: dict[str, list[Run]] = {name: [] for name in targets}
    for pid, url in targets.values():
        measure(pid, url, client, seconds=1)
    for _ in range(options.rounds):
        for name, (pid, url) in targets.items():
            results[name].append(measure(pid, url, client, options.http_seconds))
    return results


def measure(pid: int, url: str, client: Client, seconds: int) -> Run:
    command = ["wrk", f"-t{client.threads}", f"-c{client.connections}", f"-d{seconds}s", "--latency",
               f"{url}/cpu_usage"]
    before, client_before, busy_before = cpu_seconds(pid), finished_cpu_seconds(), busy_seconds()
    output = run_tool(command, timeout=seconds + 30)
    spent = cpu_seconds(pid) - before
    others = busy_seconds() - busy_before - spent - (finished_cpu_seconds() - client_before)
    if trouble := re.search(r"Non-2xx.*|Socket errors.*", output):
        raise BenchError(f"wrk on {url}: {trouble[0]}")
    requests = int(re.search(r"(\d+) requests in", output)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", output).groups()
    return Run(rate, float(p99) * WRK_UNITS[unit], spent / requests * 1e6, max(0, others / seconds))


def report(results: dict, body_bytes: int):
    rows = []
    for connections, servers in results.items():
        for name, runs in servers.items():
            rate, p99, cpu, others = (median(column) for column in zip(*map(figures, runs)))
            rows.append([f"{name}, {connections} connections", f"{rate:,.0f}", f"{p99:.2f}",
                         f"{cpu:.2f}", f"{others:.2f}"])
        # Of each round, since its two runs saw the same machine.
        ratios = [[ours / bare for ours, bare in zip(figures(one)[:3], figures(other)[:3])]
                  for one, other in zip(servers["topserver"], servers["bare C"])]
        rows.append([f"ratio, {connections} connections",
                     *(f"{median(column):.2f}" for column in zip(*ratios)), ""])
    print_table(f"HTTP: /cpu_usage, {body_bytes:,} bytes, medians of alternating runs",
                ["server", "requests/s", "p99 ms", "CPU µs/request", "other cores"], rows)


def figures(run: Run) -> list[float]:
    return list(asdict(run).values())
