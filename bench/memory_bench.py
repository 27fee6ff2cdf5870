"""Memory, start and size of the server, its kernel memory, and how soon a client sees a snapshot."""

from __future__ import annotations

import json
import os
import time
import urllib.error
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from support import BINARY, print_table, run_tool, settle, sleeping, topserver

STEPS = [100, 1_000, 10_000]
IDLE_SECONDS = 20
STARTS = 20
GZIP = ["Accept-Encoding: gzip"]


def run(options) -> dict:
    results = {"steps": [], "start": start_times(), "size": sizes()}
    for count in STEPS:
        with sleeping(count):
            results["steps"].append({"sleepers": count, **memory()})
            if count == max(STEPS):
                results["visible"] = visibility(options.visible_sweeps)
    report(results)
    return results


def memory() -> dict:
    """After a while without requests, and after a while with requests in all forms."""
    time.sleep(2)
    slab_before = kernel_memory()
    with topserver() as ours:
        settle(ours)
        slab_started = kernel_memory()
        time.sleep(IDLE_SECONDS)
        idle, slab = resident(ours.pid), kernel_memory()
        for _ in range(20):
            for path in ("/cpu_usage", "/cpu_usage?fields=all", "/system"):
                ours.get(path)
                ours.get(path, GZIP)
            time.sleep(0.25)
        return {"idle": idle, "asked": resident(ours.pid),
                "descriptors": len(os.listdir(f"/proc/{ours.pid}/fd")),
                "unreclaimable_slab_growth": slab_started - slab_before,
                "unreclaimable_slab_growth_later": slab - slab_before}


def resident(pid: int) -> dict[str, int]:
    """Bytes: RSS counts shared memory in full, PSS its share of it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    fields = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    return {"pss": fields["Pss"], "rss": fields["Rss"]}


def kernel_memory() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("SUnreclaim:"):
            return int(line.split()[1]) * 1024
    return 0


def start_times() -> list[float]:
    """Seconds from the start of the program to its first answer, 200 on /cpu_usage."""
    times = []
    for _ in range(STARTS):
        begin = time.monotonic()
        with topserver() as ours:
            while True:
                try:
                    ours.get("/cpu_usage")
                    break
                except urllib.error.HTTPError:
                    time.sleep(0.001)
            times.append(time.monotonic() - begin)
    return times


def sizes() -> dict[str, int]:
    with TemporaryDirectory() as folder:
        stripped = Path(folder, "stripped")
        run_tool(["strip", "-o", str(stripped), str(BINARY)])
        return {"binary": BINARY.stat().st_size, "stripped": stripped.stat().st_size}


def visibility(sweeps: int) -> dict[str, list[float]]:
    """How long after the end of its sweep a client that fetches all of a snapshot has it.

    The client requests the next one all the time, with the ETag of the last. The server reports when a sweep began, cut
    to milliseconds, so the figures are up to one millisecond too long.
    """
    with topserver() as ours:
        settle(ours)
        connection = HTTPConnection(ours.url.removeprefix("http://"), timeout=10)
        tag, delays, lengths = "", [], []
        while len(delays) <= sweeps:
            connection.request("GET", "/cpu_usage", headers={"If-None-Match": tag})
            answer = connection.getresponse()
            seen = time.time()
            answer.read()
            if answer.status != 200:
                time.sleep(0.0003)
                continue
            tag = answer.getheader("ETag")
            sampled = datetime.fromisoformat(answer.getheader("X-Sampled-At"))
            connection.request("GET", "/system")
            system = json.loads(connection.getresponse().read())
            if str(system["sequence"]) == answer.getheader("X-Sequence"):
                length = system["self"]["sweep_seconds"]
                delays.append(seen - sampled.timestamp() - length)
                lengths.append(length)
        # The first one existed before the first request.
        return {"delays": delays[1:], "sweeps": lengths[1:]}


def report(results: dict):
    rows = [[f"{one['sleepers']:,}", *(f"{one[when][kind] / 1e6:.1f}" for when in ("idle", "asked")
                                       for kind in ("pss", "rss")),
             str(one["descriptors"]), f"{one['unreclaimable_slab_growth'] / 1e6:.2f}",
             f"{one['unreclaimable_slab_growth_later'] / 1e6:.2f}"]
            for one in results["steps"]]
    print_table(f"Memory: MB after {IDLE_SECONDS} s without requests, and after requests for everything",
                ["sleepers", "PSS", "RSS", "PSS asked", "RSS asked", "descriptors",
                 "kernel slab at start", f"after {IDLE_SECONDS} s"], rows)
    size, start, visible = results["size"], results["start"], results["visible"]
    milliseconds = [[name, f"{median(values) * 1000:.2f}", f"{max(values) * 1000:.2f}"]
                    for name, values in ((f"first answer after the start, of {len(start)}", start),
                                         ("sweep with 10,000 processes", visible["sweeps"]),
                                         ("seen after the end of its sweep", visible["delays"]))]
    print_table("Times, ms", ["what", "median", "most"], milliseconds)
    print_table("Size, MB", ["program", "MB"],
                [["as built", f"{size['binary'] / 1e6:.1f}"],
                 ["stripped", f"{size['stripped'] / 1e6:.1f}"]])
