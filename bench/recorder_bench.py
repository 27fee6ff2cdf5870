"""What recording costs beside a server that does not record, the size of a day, and the speed of its answers."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import time
import zlib
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from support import BenchError, compile_c, cpu_seconds, first_line, print_table, running, settle, sleeping, topserver

SLEEPERS = 280
WORKERS = 20
PERCENT = 1
DAY = 86_400
# The number of minutes with samples, with points of ten seconds (a day), and with points of a minute (an hour).
REPEATED = 26 * 60
MINUTE_MS = 60_000
ASKED = 20
# The first charts of a machine, and everything.
USUAL = "cpu.busy_percent,cpu.user_percent,cpu.system_percent,cpu.iowait_percent,load.load_1,memory.used_percent"
QUESTIONS = {
    "/history, a day at 60 s, 6 series": f"/history?from=-1d&step=60&series={USUAL}",
    "/history, a day at 60 s, all series": "/history?from=-1d&step=60&series=all",
    "/history, 20 minutes at 1 s, 6 series": f"/history?from=-20m&step=1&series={USUAL}",
    "/cpu_usage?at=, 40 minutes ago": "/cpu_usage?at=-40m",
    "/cpu_usage?at=, 12 hours ago": "/cpu_usage?at=-12h",
    "/get_stats": "/get_stats",
}


def run(options) -> dict:
    with TemporaryDirectory(prefix="topserver-bench-") as folder:
        data = Path(folder, "recorded")
        with sleeping(SLEEPERS), working():
            result = cost(data, options.recorder_seconds)
            result["day"] = day(data, Path(folder, "day"))
    report(result, options.recorder_seconds)
    return result


@contextmanager
def working():
    """Processes that each use a little of a CPU, now and then."""
    program = compile_c("workers")
    with running([str(program), str(WORKERS), str(PERCENT)], ends_with_input=True,
                 stdout=subprocess.PIPE) as process:
        if first_line(process) != "ready":
            raise BenchError("cannot start the workers")
        yield process


# Cost.


def cost(data: Path, seconds: int) -> dict:
    """Two servers over the same time; they differ only in the recorder."""
    with topserver("--no-record") as plain, topserver(data=data) as recording:
        for server in (plain, recording):
            settle(server, sweeps=10)
        pids = {"without": plain.pid, "with": recording.pid}
        processes = sum(name.isdigit() for name in os.listdir("/proc"))
        before, size, written = used(pids), file_size(data), disk_writes(recording.pid)
        start = time.monotonic()
        time.sleep(seconds)
        elapsed = time.monotonic() - start
        after = used(pids)
        size, written = file_size(data) - size, disk_writes(recording.pid) - written
        state = json.loads(recording.get("/system")[1])["recorder"]
    cpu = {name: after[name] - before[name] for name in pids}
    return {"processes": processes, "elapsed_seconds": elapsed, "cpu_seconds": cpu,
            "extra_share": (cpu["with"] - cpu["without"]) / elapsed, "file_growth": size,
            "written_bytes": written, "lost_samples": state["lost_samples"], **blocks(data)}


def used(pids: dict[str, int]) -> dict[str, float]:
    return {name: cpu_seconds(pid) for name, pid in pids.items()}


@contextmanager
def reading(data: Path):
    with closing(sqlite3.connect(f"file:{data}/history.db?mode=ro", uri=True)) as database:
        yield database


def file_size(data: Path) -> int:
    """Pages in use, including those in the log beside the file."""
    with reading(data) as database:
        pages, free, size = (database.execute(f"PRAGMA {name}").fetchone()[0]
                             for name in ("page_count", "freelist_count", "page_size"))
        return (pages - free) * size


def disk_writes(pid: int) -> int:
    """The bytes that the process caused to be written; see proc_pid_io(5)."""
    fields = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(fields["write_bytes"])


def blocks(data: Path) -> dict:
    """Bytes of the complete blocks, which hold a minute in full resolution each."""
    with reading(data) as database:
        rows = database.execute(
            "SELECT length(points), length(series), length(processes) FROM block "
            "WHERE resolution = 0 AND last - first > 57000 ORDER BY id").fetchall()
    if not rows:
        raise BenchError("recorder: no block was completed; --seconds must be at least 130")
    return {"complete_blocks": len(rows),
            "bytes_per_minute": {name: sum(row[place] for row in rows) / len(rows)
                                 for place, name in enumerate(("points", "series", "processes"))}}


# A day.


def day(recorded: Path, folder: Path) -> dict:
    """A file of more than a day: the recorded minutes, repeated, which the server itself then merges."""
    shutil.copytree(recorded, folder)
    begin = file_size(folder)
    repeat(folder / "history.db", REPEATED)
    unthinned = (file_size(folder) - begin) / REPEATED * 1440
    with topserver("--interval", "0.1", "--flush-interval", "0.05", data=folder):
        wait_for_thinning(folder)
    with topserver("--no-record", data=folder) as server:
        settle(server)
        return {"unthinned_bytes_per_day": unthinned, "file_bytes": file_size(folder),
                "thinned_bytes_per_day": thinned(folder),
                "seconds": {name: ask(server, path) for name, path in QUESTIONS.items()}}


def repeat(file: Path, minutes: int):
    """Adds copies of the complete blocks before them, a minute each, with their own times."""
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute(
            "SELECT id, first, last, points, series, processes FROM block "
            "WHERE resolution = 0 AND last - first > 57000 ORDER BY id").fetchall()
        past = {}
        for block, *values in database.execute("SELECT block, what, samples, minimum, total, maximum FROM past_use"):
            past.setdefault(block, []).append(values)
        number, start = database.execute("SELECT min(id), min(first) FROM block").fetchone()
        start = start // MINUTE_MS * MINUTE_MS
        for back in range(1, minutes + 1):
            source, first, last, points, series, processes = rows[-back % len(rows)]
            away = start - back * MINUTE_MS - first // MINUTE_MS * MINUTE_MS
            database.execute("INSERT INTO block VALUES (?, 0, ?, ?, ?, ?, ?)",
                             (number - back, first + away, last + away, moved(points, away), series, processes))
            database.executemany("INSERT INTO past_use VALUES (?, ?, ?, ?, ?, ?)",
                                 [(number - back, *values) for values in past.get(source, [])])
        database.commit()


def moved(points: bytes, away: int) -> bytes:
    """The same points at another time: only the first time is absolute, the others are differences."""
    length, place = number_at(points, 0)
    text = zlib.decompress(points[place:], bufsize=length)
    count, place = number_at(text, 0)
    first, rest = number_at(text, place)
    # Zigzag: twice the number, because it is positive.
    text = encoded(count) + encoded(first + 2 * away) + text[rest:]
    return encoded(len(text)) + zlib.compress(text)


def number_at(text: bytes, place: int) -> tuple[int, int]:
    """An LEB128 number, and where it ends."""
    value = shift = 0
    while True:
        byte = text[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


def encoded(value: int) -> bytes:
    result = bytearray()
    while value >= 0x80:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(result) + bytes([value])


def thinned(folder: Path) -> dict[str, float]:
    """Bytes a day by resolution, of the blocks alone."""
    with reading(folder) as database:
        rows = database.execute(
            "SELECT resolution, sum(length(points) + length(series) + length(processes)), sum(last - first) "
            "FROM block WHERE last - first > 57000 GROUP BY resolution").fetchall()
    return {f"{resolution or 1} s": size / length * DAY * 1000 for resolution, size, length in rows}


def wait_for_thinning(folder: Path, timeout: float = 300):
    """With each batch the server merges ten minutes of samples, and an hour of what is older than a day."""
    end = time.monotonic() + timeout
    while True:
        now = time.time() * 1000
        with reading(folder) as database:
            (count,) = database.execute(
                "SELECT count(*) FROM block WHERE resolution = 0 AND last < ? OR resolution = 10 AND last < ?",
                (now - 4_200_000, now - DAY * 1000 - 3_600_000)).fetchone()
        if count == 0:
            return
        if time.monotonic() > end:
            raise BenchError(f"{count} blocks are not merged yet")
        time.sleep(0.5)


def ask(server, path: str) -> list[float]:
    """How long the answers took; the first one finds nothing prepared."""
    times = []
    for _ in range(ASKED):
        start = time.perf_counter()
        server.get(path)
        times.append(time.perf_counter() - start)
    return times


# Report.


def report(result: dict, seconds: int):
    cpu, elapsed = result["cpu_seconds"], result["elapsed_seconds"]
    extra = result["extra_share"]
    print_table(
        f"Recorder: {result['processes']} processes, {WORKERS} of them active, {seconds} s (to reach: 0.1 % of a core)",
        ["server", "ms/s", "CPU s a day", "share of a core"],
        [line(name, used / elapsed) for name, used in cpu.items()] + [line("the recorder", extra)])
    minute = result["bytes_per_minute"]
    per_day = [[name, f"{bytes_ / 1e3:.2f}", f"{bytes_ * 1440 / 1e6:.2f}"] for name, bytes_ in minute.items()]
    total = sum(minute.values())
    day = result["day"]
    print_table(
        f"Recorder: bytes in full resolution, of {result['complete_blocks']} minutes (to reach: 15 MB a day)",
        ["part of a block", "kB a minute", "MB a day"],
        per_day + [["sum", f"{total / 1e3:.2f}", f"{total * 1440 / 1e6:.2f}"],
                   ["growth of the file", f"{result['file_growth'] / elapsed * 60 / 1e3:.2f}",
                    f"{result['file_growth'] / elapsed * DAY / 1e6:.2f}"],
                   ["written to the disk", f"{result['written_bytes'] / elapsed * 60 / 1e3:.2f}",
                    f"{result['written_bytes'] / elapsed * DAY / 1e6:.2f}"]])
    print_table(f"Recorder: a file of {REPEATED // 60} hours that the server thinned itself",
                ["", "MB"],
                [["the file", f"{day['file_bytes'] / 1e6:.2f}"],
                 ["a day of samples would take", f"{day['unthinned_bytes_per_day'] / 1e6:.2f}"],
                 *[[f"blocks of a day at {name}", f"{size / 1e6:.2f}"]
                   for name, size in day["thinned_bytes_per_day"].items()]])
    print_table("Recorder: answers from that file, ms (to reach: a day at 60 s in 20)",
                ["question", "first", "median", "most of the others"],
                [[name, *(f"{value * 1000:.1f}" for value in (times[0], median(times), max(times[1:])))]
                 for name, times in day["seconds"].items()])


def line(name: str, share: float) -> list[str]:
    return [name, f"{share * 1000:.3f}", f"{share * DAY:.1f}", f"{share * 100:.3f} %"]
