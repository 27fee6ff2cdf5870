"""`topserver report` beside wrk on the same server: whether two tools that share no code agree."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from http_bench import WRK_UNITS, sleepers_for
from support import BINARY, BenchError, finished_cpu_seconds, print_table, run_tool, settle, sleeping, topserver

CLIENTS = 5
BODY_BYTES = [10_000, 500_000]
# On the machine's own loopback the tool that needs less CPU leaves more to the server. On a link that is slower than
# either, both can only measure the link.
LINKS = ["1gbit", "100mbit"]
# wrk has no rate, but it can wait between an answer and the next request: this long, in milliseconds.
PAUSE = 1


@dataclass
class Run:
    """The result of one run of one tool."""

    requests_per_second: float
    mean_us: float
    p50_us: float
    p99_us: float
    # CPU time of the tool itself for each request.
    own_us: float


def run(options) -> dict:
    seconds, rounds = options.http_seconds, options.rounds
    cases = []
    for size in BODY_BYTES:
        with sleeping(sleepers_for(size)), topserver() as server:
            settle(server)
            url = f"{server.url}/cpu_usage"
            cases.append(compare(f"{size // 1000} KB, loopback", url, seconds, rounds))
            if size == min(BODY_BYTES):
                cases.append(compare(f"{size // 1000} KB, the same rate", url, seconds, rounds, PAUSE))
    cases += [over_link(link, seconds, rounds) for link in LINKS]
    show(cases)
    return {"seconds": seconds, "rounds": rounds, "cases": cases}


def over_link(link: str, seconds: int, rounds: int) -> dict:
    """The same on a separate loopback, in a network namespace, as slow as a network.

    It requests a file, because the length of /cpu_usage changes, and with it the number that fits the link.
    """
    setup = f'ip link set lo up && tc qdisc add dev lo root tbf rate {link} burst 256kb latency 50ms && exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", setup, "sh",
               sys.executable, __file__, link, str(seconds), str(rounds)]
    return json.loads(run_tool(command, timeout=rounds * (2 * seconds + 60) + 60))


def compare(name: str, url: str, seconds: int, rounds: int, pause: int | None = None) -> dict:
    """wrk and our report alternately; with a pause, ours keeps the rate that wrk has just reached."""
    results = []
    with TemporaryDirectory() as folder:
        ask_with_wrk(url, 1, Path(folder), pause)
        for _ in range(rounds):
            theirs = ask_with_wrk(url, seconds, Path(folder), pause)
            rate = theirs.requests_per_second if pause else None
            results.append({"wrk": vars(theirs), "report": vars(ask_with_report(url, seconds, Path(folder), rate))})
    return {"name": name, "rounds": results}


def ask_with_wrk(url: str, seconds: int, folder: Path, pause: int | None) -> Run:
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "--latency", url]
    if pause:
        script = folder / "pause.lua"
        script.write_text(f"function delay() return {pause} end\n")
        command[1:1] = ["-s", str(script)]
    before = finished_cpu_seconds()
    output = run_tool(command, timeout=seconds + 30)
    if trouble := re.search(r"Non-2xx.*|Socket errors.*", output):
        raise BenchError(f"wrk on {url}: {trouble[0]}")

    def microseconds(name: str) -> float:
        value, unit = re.search(name + r"\s+([\d.]+)(us|ms|s|m)\b", output).groups()
        return float(value) * WRK_UNITS[unit] * 1000

    requests = int(re.search(r"(\d+) requests in", output)[1])
    return Run(float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]), microseconds("Latency"),
               microseconds("50%"), microseconds("99%"), (finished_cpu_seconds() - before) / requests * 1e6)


def ask_with_report(url: str, seconds: int, folder: Path, rate: float | None) -> Run:
    values = folder / "report.json"
    command = [str(BINARY), "report", url, "--clients", str(CLIENTS), "--duration", f"{seconds}s",
               "--output", str(folder / "report.html"), "--json", str(values)]
    run_tool(command + (["--rate", f"{rate:.2f}"] if rate else []), timeout=seconds + 60)
    target = json.loads(values.read_text())["targets"][0]
    if target["server"]["requests_counted"] != target["requests"]:
        raise BenchError(f"{url}: the server counted {target['server']['requests_counted']} requests, "
                         f"the report {target['requests']}")
    times = target["response_seconds"]
    return Run(target["requests_per_second"], target["mean_seconds"] * 1e6, times["p50"] * 1e6,
               times["p99"] * 1e6, target["client_cpu_seconds"] / target["requests"] * 1e6)


def show(cases: list[dict]):
    rows = []
    for case in cases:
        for tool in ("wrk", "report"):
            rate, *others = (median(column) for column in zip(*(one[tool].values() for one in case["rounds"])))
            rows.append([f"{case['name']}, {tool}", f"{rate:,.0f}", *(f"{each:.1f}" for each in others)])
        # Per round, because both saw the same machine.
        ratios = zip(*([ours / theirs for ours, theirs in zip(one["report"].values(), one["wrk"].values())]
                       for one in case["rounds"]))
        rows.append([f"{case['name']}, ratio", *(f"{median(column):.3f}" for column in ratios)])
    print_table(f"Load report beside wrk, {CLIENTS} clients each, medians of alternating runs",
                ["load, tool", "requests/s", "mean µs", "p50 µs", "p99 µs", "own CPU µs/request"], rows)


def main():
    """Runs inside the namespace that `over_link` creates."""
    link, seconds, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with topserver() as server:
        settle(server)
        print(json.dumps(compare(f"a file, link of {link}", f"{server.url}/stats", seconds, rounds)))


if __name__ == "__main__":
    main()
