"""What every benchmark needs: programs that always end, their CPU time, and a table to print."""

from __future__ import annotations

import os
import resource
import select
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
BINARY = Path(os.environ.get("TOPSERVER_BINARY", ROOT / ".build" / "release" / "topserver"))


class BenchError(Exception):
    """Something that prevents the benchmark from measuring; its text is for the user."""


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process, to the nanosecond.

    /proc/PID/stat counts in ticks of 10 ms; the process's CPU clock is precise. The id is
    the one of clock_getcpuclockid(3).
    """
    return time.clock_gettime((~pid << 3) | 2)


def finished_cpu_seconds() -> float:
    """The CPU time of the programs that have exited."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def busy_seconds() -> float:
    """The CPU time of the whole machine since boot: user, nice, system, irq, softirq of /proc/stat."""
    counters = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return sum(counters[index] for index in (0, 1, 2, 5, 6)) / os.sysconf("SC_CLK_TCK")


def compile_c(name: str, *libraries: str) -> Path:
    """The program built from bench/`name`.c, in a place that is removed with this process."""
    program = Path(_scratch.name) / name
    command = ["gcc", "-O2", "-o", str(program), str(BENCH / f"{name}.c"), *libraries]
    run_tool(command)
    return program


def run_tool(command: list[str], timeout: float = 120) -> str:
    """Runs a tool until it exits and returns its output."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    except FileNotFoundError:
        raise BenchError(f"{command[0]} is not installed: apt-get install {command[0]}") from None
    except subprocess.TimeoutExpired:
        raise BenchError(f"{command[0]} did not exit within {timeout:.0f} s") from None
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


@contextmanager
def running(command: list[str], ends_with_input: bool = False, **options):
    """A program that is stopped when the block ends: by SIGTERM, and by SIGKILL if that does not help.

    One that `ends_with_input` exits by itself when its input is closed, and then cleans up.
    """
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, **options)
    except FileNotFoundError:
        raise BenchError(f"{command[0]} is not installed") from None
    try:
        yield process
    finally:
        process.stdin.close()
        if not ends_with_input:
            process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def first_line(process: subprocess.Popen, timeout: float = 60) -> str:
    """The first line that a program of `running(..., stdout=PIPE)` prints."""
    ready, _, _ = select.select([process.stdout], [], [], timeout)
    line = process.stdout.readline().decode().strip() if ready else ""
    if not line:
        raise BenchError(f"{process.args[0]} printed nothing")
    return line


class TopServer:
    """The built server: its process and its address."""

    def __init__(self, process: subprocess.Popen):
        self.process = process
        self.pid = process.pid
        self.url = first_line(process).removeprefix("Listening on ").removesuffix("/stats")

    def get(self, path: str, headers: list[str] = ()):
        """One answer, 200 or 304: its headers as a list of pairs, and its body."""
        request = urllib.request.Request(
            self.url + path, headers=dict(header.split(": ", 1) for header in headers))
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.headers.items(), answer.read()
        except urllib.error.HTTPError as error:
            if error.code != 304:
                raise
            return error.headers.items(), b""

    def sequence(self) -> int:
        headers, _ = self.get("/cpu_usage?limit=1")
        return int(dict(headers)["X-Sequence"])


def settle(server: TopServer, sweeps: int = 4, timeout: float = 60):
    """Returns once the server has done some sweeps, and a peer as many in the same time."""
    end = time.monotonic() + timeout
    first = server.sequence()
    while server.sequence() < first + sweeps:
        if time.monotonic() > end:
            raise BenchError("the server's sequence number does not change")
        time.sleep(0.25)


@contextmanager
def sleeping(count: int):
    """This many processes that sleep."""
    program = compile_c("sleepers")
    with running([str(program), str(count)], ends_with_input=True,
                 stdout=subprocess.PIPE) as process:
        if first_line(process) != "ready":
            raise BenchError(f"cannot start {count} processes")
        yield process


@contextmanager
def topserver(*arguments: str, data: Path | None = None):
    """The server; without a data folder it gets one that is removed with it."""
    if not BINARY.exists():
        raise BenchError(f"{BINARY.relative_to(ROOT) if BINARY.is_relative_to(ROOT) else BINARY} "
                         "is missing: swift build -c release")
    command = [str(BINARY), "serve", "--port", "0", "--static", str(ROOT / "static"), *arguments]
    with tempfile.TemporaryDirectory(prefix="topserver-bench-") as folder:
        environment = {**os.environ, "TOPSERVER_DATA": str(data or folder)}
        with running(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
            yield TopServer(process)


def machine() -> dict[str, str]:
    """The facts without which a figure cannot be compared."""
    processor = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            processor = line.split(":", 1)[1].strip()
            break
    return {
        "processor": processor,
        "cores": str(os.cpu_count()),
        "kernel": os.uname().release,
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "program": run_tool([str(BINARY), "--version"]).strip() if BINARY.exists() else "missing",
    }


def print_table(title: str, columns: list[str], rows: list[list[str]]):
    """The first column is a name, the others are figures."""
    widths = [max(map(len, cells)) for cells in zip(columns, *rows)]

    def line(cells):
        return "  ".join([cells[0].ljust(widths[0])]
                         + [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])])

    print(f"\n{title}")
    print(line(columns))
    print("  ".join("-" * width for width in widths))
    for row in rows:
        print(line(row))
    print(flush=True)


_scratch = tempfile.TemporaryDirectory(prefix="topserver-bench-")
