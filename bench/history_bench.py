"""What queries about a year of history cost: CPU beside decompressing the same blocks, and memory."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.request
import zlib
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from recorder_bench import number_at
from support import ROOT, BenchError, cpu_seconds, print_table, settle, topserver

EVERYTHING = "/history?series=all&from=-365d&step=1d"
QUESTIONS = {
    "all series of a year by days": EVERYTHING,
    "the same with least and greatest": "/history?series=all,all:min,all:max&from=-365d&step=1d",
    "all series of a year, as many points as allowed": None,
    "one series of a year": "/history?series=load.load_1&from=-365d",
    "six series of 20 minutes": "/history",
    "who used the CPU in a week": "/explain?from=-7d",
    "the process table of 12 hours ago": "/cpu_usage?at=-12h",
    "/get_stats": "/get_stats",
}
SMALL = "/history?series=load.load_1"
GZIP = {"Accept-Encoding": "gzip"}
MIB = 1 << 20


def run(options) -> dict:
    with TemporaryDirectory(prefix="topserver-bench-") as folder:
        made = make(Path(folder))
        result = {"file": made, "unpacking_seconds": unpacking(Path(folder)), "questions": {}}
        with topserver("--no-record", data=Path(folder)) as server:
            settle(server)
            for name, path in QUESTIONS.items():
                result["questions"][name] = ask(server, path or as_much_as_allowed(made["series"]))
            result["beside"] = beside(server)
    report(result)
    return result


def make(folder: Path) -> dict:
    """Lets the tests write a year with the recording code."""
    for command in (["swift", "build", "--build-tests"],
                    ["swift", "test", "--skip-build", "--disable-xctest", "--filter", "HistoryFileMaker"]):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True,
                              env={**os.environ, "TOPSERVER_MAKE_HISTORY": str(folder)})
        if done.returncode != 0:
            raise BenchError(f"{' '.join(command)}: {(done.stdout + done.stderr)[-2000:]}")
    facts = dict(line.split(": ") for line in done.stdout.splitlines() if line.startswith(("series: ", "days: ")))
    return {"bytes": Path(folder, "history.db").stat().st_size, **{name: int(value) for name, value in facts.items()}}


def unpacking(folder: Path) -> float:
    """CPU seconds that Python's zlib needs to decompress the series of all blocks, from the page cache."""
    with closing(sqlite3.connect(f"file:{folder}/history.db?mode=ro", uri=True)) as database:
        def blobs():
            return (series for (series,) in database.execute("SELECT series FROM block ORDER BY id"))
        for series in blobs():
            len(series)
        begin = time.process_time()
        for series in blobs():
            length, place = number_at(series, 0)
            zlib.decompress(series[place:], bufsize=length)
        return time.process_time() - begin


def as_much_as_allowed(series: int) -> str:
    """A step with which a year of all series has nearly as many values as an answer may have."""
    points = min(10_000, 1_500_000 // series) - 2
    return f"/history?series=all&from=-365d&step={365 * 86_400 // points + 1}"


def ask(server, path: str) -> dict:
    """The first run counts, because the server has no memory of the answer yet."""
    idle = memory(server.pid, "VmRSS")
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")
    cpu, begin = cpu_seconds(server.pid), time.monotonic()
    size = len(fetch(server, path))
    elapsed, used = time.monotonic() - begin, cpu_seconds(server.pid) - cpu
    return {"seconds": elapsed, "cpu_seconds": used, "bytes": size,
            "peak": memory(server.pid, "VmHWM") - idle, "after": memory(server.pid, "VmRSS") - idle}


def fetch(server, path: str, headers=GZIP) -> bytes:
    try:
        with urllib.request.urlopen(urllib.request.Request(server.url + path, headers=headers), timeout=300) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise BenchError(f"{path}: {error.code} {error.read().decode()}") from None


def memory(pid: int, name: str) -> int:
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields[name].split()[0]) * 1024


def beside(server) -> list[float]:
    """How long a cheap query takes while long ones are in progress."""
    stop, times = threading.Event(), []

    def keep_asking():
        while not stop.is_set():
            fetch(server, EVERYTHING)

    threads = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(50):
            begin = time.perf_counter()
            fetch(server, SMALL)
            times.append(time.perf_counter() - begin)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return sorted(times)


def report(result: dict):
    file, unpacking_seconds = result["file"], result["unpacking_seconds"]
    print_table(
        f"History: {file['days']} days of {file['series']} series in {file['bytes'] / MIB:.0f} MiB "
        "(to reach: a year of all in 3 s of CPU and 64 MiB)",
        ["question", "CPU, of unpacking", "CPU s", "s", "answer, kB", "peak, MiB above idle", "after, MiB"],
        [[name, f"{one['cpu_seconds'] / unpacking_seconds:.2f}", f"{one['cpu_seconds']:.3f}",
          f"{one['seconds']:.3f}", f"{one['bytes'] / 1e3:.1f}", f"{one['peak'] / MIB:.1f}",
          f"{one['after'] / MIB:.1f}"] for name, one in result["questions"].items()])
    times = result["beside"]
    print_table("History: a small query while four clients query a year of everything, ms",
                ["", "median", "greatest"],
                [[SMALL, f"{times[len(times) // 2] * 1000:.1f}", f"{times[-1] * 1000:.1f}"]])
    print(f"decompressing all series with Python's zlib: {unpacking_seconds:.2f} s of CPU")
