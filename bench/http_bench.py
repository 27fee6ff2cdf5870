"""Requests per second and server CPU per request, beside a minimal C program with the same bytes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from support import (
    BenchError,
    busy_seconds,
    compile_c,
    cpu_seconds,
    finished_cpu_seconds,
    first_line,
    print_table,
    run_tool,
    running,
    settle,
    sleeping,
    topserver,
)

# libmicrohttpd writes these itself, for both programs.
AUTOMATIC_HEADERS = {"date", "connection", "content-length"}
WRK_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


# Each comes from as many sleeping processes as it needs.
BODY_BYTES = [10_000, 50_000, 500_000]
IDLE_SECONDS = 5
ROW = '{"pid":123456,"name":"sleepers","user_avg":0.0,"sys_avg":0.0,"status":"sleeping"},\n'


@dataclass
class Case:
    """One request and its number of connections; `threads` is for wrk."""

    path: str
    connections: int
    threads: int
    headers: list[str] = field(default_factory=list)
    status: int = 200


@dataclass
class Run:
    """The result of one run of wrk against one server."""

    requests_per_second: float
    p99_ms: float
    cpu_us_per_request: float
    # CPU that everything but this server and its client used meanwhile; it makes the figures less reliable.
    other_cores: float


def run(options) -> dict:
    results = [measure_body(size, options) for size in BODY_BYTES]
    report("HTTP: /cpu_usage beside a bare C program with the same bytes, medians of alternating runs",
           [row for result in results for row in result["cases"]])
    others = measure_others(options)
    report("HTTP: other answers", others)
    return {"seconds": options.http_seconds, "rounds": options.rounds, "bodies": results,
            "others": others}


def measure_body(size: int, options) -> dict:
    """One body length, with few and with many connections."""
    sleepers = sleepers_for(size)
    with sleeping(sleepers), topserver() as ours:
        settle(ours)
        idle = idle_cost(ours)
        cases = [compare(ours, f"{size // 1000} KB", case, options)
                 for case in (Case("/cpu_usage", 5, 1), Case("/cpu_usage", 64, 2))]
    # Our server samples while it serves, the C program does not: this part of the cost does not belong to HTTP.
    return {"sleepers": sleepers, "idle_cpu_ms_per_second": idle, "cases": cases}


def sleepers_for(body_bytes: int) -> int:
    """How many more processes make a body of about this length."""
    with topserver() as ours:
        _, body = ours.get("/cpu_usage")
    return max(1, (body_bytes - len(body)) // len(ROW))


def measure_others(options) -> list[dict]:
    """The requests of the page and of economical clients."""
    with sleeping(sleepers_for(50_000)), topserver() as ours:
        settle(ours)
        tag = dict(ours.get("/stats")[0])["ETag"]
        return [
            compare(ours, "/stats", Case("/stats", 5, 1), options),
            compare(ours, "/stats, 304",
                    Case("/stats", 1, 1, [f"If-None-Match: {tag}"], status=304), options),
            compare(ours, "/stats, gzip", Case("/stats", 5, 1, ["Accept-Encoding: gzip"]), options),
            compare(ours, "50 KB, gzip",
                    Case("/cpu_usage", 5, 1, ["Accept-Encoding: gzip"]), options),
        ]


def idle_cost(server) -> float:
    """Milliseconds of CPU per second without clients; an answer is prepared at most once after its last request."""
    time.sleep(2)
    before, start = cpu_seconds(server.pid), time.monotonic()
    time.sleep(IDLE_SECONDS)
    return (cpu_seconds(server.pid) - before) / (time.monotonic() - start) * 1000


def compare(ours, name: str, case: Case, options) -> dict:
    """Ours and the C program alternately: A B A B …, so that a change of the machine's speed affects both alike."""
    headers, body = ours.get(case.path, case.headers)
    with baseline(headers, body, case.status) as (bare_pid, bare_url):
        targets = {"topserver": (ours.pid, ours.url), "bare C": (bare_pid, bare_url)}
        runs: dict[str, list[Run]] = {name: [] for name in targets}
        for pid, url in targets.values():
            measure(pid, url, case, seconds=1)
        for _ in range(options.rounds):
            for server, (pid, url) in targets.items():
                runs[server].append(measure(pid, url, case, options.http_seconds))
    return {"name": name, "body_bytes": len(body), "connections": case.connections,
            "runs": {server: [asdict(one) for one in some] for server, some in runs.items()}}


@contextmanager
def baseline(headers, body: bytes, status: int):
    """The C program, serving the given answer; returns its pid and address."""
    program = compile_c("baseline", "-lmicrohttpd")
    lines = "".join(f"{name}: {value}\n" for name, value in headers
                    if name.lower() not in AUTOMATIC_HEADERS)
    with TemporaryDirectory() as folder:
        body_file, headers_file = Path(folder, "body"), Path(folder, "headers")
        body_file.write_bytes(body)
        headers_file.write_text(lines)
        command = [str(program), str(body_file), str(headers_file), str(os.cpu_count() or 1),
                   str(status)]
        with running(command, ends_with_input=True, stdout=subprocess.PIPE) as process:
            yield process.pid, f"http://127.0.0.1:{first_line(process)}"


def measure(pid: int, url: str, case: Case, seconds: int) -> Run:
    """One run of a client against one server."""
    ask = ask_unchanged if case.status == 304 else ask_with_wrk
    before, client_before, busy_before = cpu_seconds(pid), client_seconds(), busy_seconds()
    requests, rate, p99 = ask(url, case, seconds)
    spent = cpu_seconds(pid) - before
    others = busy_seconds() - busy_before - spent - (client_seconds() - client_before)
    return Run(rate, p99, spent / requests * 1e6, max(0, others / seconds))


def client_seconds() -> float:
    return finished_cpu_seconds() + time.process_time()


def ask_with_wrk(url: str, case: Case, seconds: int) -> tuple[int, float, float]:
    command = ["wrk", f"-t{case.threads}", f"-c{case.connections}", f"-d{seconds}s", "--latency",
               *(part for header in case.headers for part in ("-H", header)), url + case.path]
    output = run_tool(command, timeout=seconds + 30)
    if trouble := re.search(r"Non-2xx.*|Socket errors.*", output):
        raise BenchError(f"wrk on {url}: {trouble[0]}")
    requests = int(re.search(r"(\d+) requests in", output)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", output).groups()
    return requests, rate, float(p99) * WRK_UNITS[unit]


def ask_unchanged(url: str, case: Case, seconds: int) -> tuple[int, float, float]:
    """One connection from this program, because wrk waits for the body whose length a 304 names."""
    address = urlsplit(url)
    request = "".join(f"{line}\r\n" for line in (
        f"GET {case.path} HTTP/1.1", f"Host: {address.netloc}", *case.headers, "")).encode()
    times: list[float] = []
    with socket.create_connection((address.hostname, address.port)) as connection:
        now = start = time.perf_counter()
        while now < start + seconds:
            connection.sendall(request)
            if not connection.recv(65536).endswith(b"\r\n\r\n"):
                raise BenchError(f"{url}: not a complete 304")
            times.append(time.perf_counter() - now)
            now += times[-1]
    p99 = sorted(times)[len(times) * 99 // 100]
    return len(times), len(times) / seconds, p99 * 1e3


def report(title: str, cases: list[dict]):
    rows = []
    for case in cases:
        name = f"{case['name']}, {case['connections']} connections"
        for server, runs in case["runs"].items():
            rate, p99, cpu, others = (median(column) for column in zip(*map(figures, runs)))
            rows.append([f"{name}, {server}", f"{rate:,.0f}", f"{p99:.2f}", f"{cpu:.2f}",
                         f"{others:.2f}"])
        rows.append([f"{name}, ratio", *(f"{ratio:.2f}" for ratio in ratios(case)), ""])
    print_table(title, ["answer, server", "requests/s", "p99 ms", "CPU µs/request", "other cores"],
                rows)


def ratios(case: dict) -> list[float]:
    """Requests/s, p99 and CPU per request, relative to the C program, per round, because both saw the same machine."""
    pairs = zip(case["runs"]["topserver"], case["runs"]["bare C"])
    rounds = [[ours / bare for ours, bare in zip(figures(one)[:3], figures(other)[:3])]
              for one, other in pairs]
    return [median(column) for column in zip(*rounds)]


def figures(run: dict) -> list[float]:
    return list(run.values())
