"""Hosts on one machine: each has its own network, processes and CPU time, see namespaces(7).

All networks are on one bridge inside a network namespace of the tests, so nothing of the machine itself changes,
and everything disappears with the last process in it.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

CLONE_NEWNET = 0x40000000
NETWORK = "10.77.0"
HUB_ADDRESS = f"{NETWORK}.1"
TICKS = os.sysconf("SC_CLK_TCK")
# Its standard input says when everything is prepared.
START = 'echo ready; read go; mount --bind "$1" /proc/stat; mount --bind "$2" /proc/loadavg; shift 2; exec "$@"'


@contextmanager
def own_network():
    """This thread, and what it starts, in a network namespace with a bridge; skips the test if that is not allowed."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "unshare", "nsenter"))):
        pytest.skip("needs root, and iproute2 and util-linux")
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if libc.unshare(CLONE_NEWNET) != 0:
            pytest.skip(f"no network namespace: {os.strerror(ctypes.get_errno())}")
        try:
            ip("link set lo up")
            ip("link add bridge0 type bridge")
            ip(f"addr add {HUB_ADDRESS}/24 dev bridge0")
            ip("link set bridge0 up")
            yield
        finally:
            assert libc.setns(before, CLONE_NEWNET) == 0
    finally:
        os.close(before)


def ip(command: str, prefix: tuple[str, ...] = ()):
    subprocess.run([*prefix, "ip", *command.split()], check=True, capture_output=True)


class Host:
    """A program as the first process of a host with one CPU, and its log.

    The kernel counts the CPU time of the whole machine in /proc/stat. A container would see that, too, and so all
    hosts would look alike; as LXCFS does, this gives the host a /proc/stat with the time of its own processes. The time
    in which another program of the host waits for a CPU counts as stolen, as in a virtual machine.
    """

    def __init__(self, number: int, name: str, command: list[str], folder: Path):
        self.name, self.number = name, number
        self.address = f"{NETWORK}.{number + 10}"
        self.output = folder / f"{name}.log"
        self._files = [folder / f"{name}.stat", folder / f"{name}.loadavg"]
        # For each process, the seconds that it ran, and those that it waited for a CPU.
        self._times: dict[int, tuple[float, float]] = {}
        self._began = time.monotonic()
        self._idle = self._load = 0.0
        self.pid, self.pids = 0, []
        self.account(0)
        with self.output.open("wb") as output:
            self._holder = subprocess.Popen(
                ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", START, "sh",
                 *map(str, self._files), *command],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output)
        assert self._holder.stdout.readline() == b"ready\n", self.output.read_text()
        self._connect()
        self.pid = only_child(self._holder.pid)
        self.pids.append(self.pid)
        self._holder.stdin.write(b"go\n")
        self._holder.stdin.flush()

    def _connect(self):
        ip(f"link add veth{self.number} type veth peer name eth0 netns {self._holder.pid}")
        ip(f"link set veth{self.number} master bridge0 up")
        inside = ("nsenter", f"--net=/proc/{self._holder.pid}/ns/net")
        ip(f"addr add {self.address}/24 dev eth0", inside)
        ip("link set eth0 up", inside)
        ip("link set lo up", inside)

    def cut(self):
        ip(f"link set veth{self.number} down")

    def mend(self):
        ip(f"link set veth{self.number} up")

    @contextmanager
    def running(self, command: list[str]):
        """Another program on this host."""
        process = subprocess.Popen(["nsenter", "--target", str(self.pid), "--pid", "--mount", "--net", *command],
                                   stdout=subprocess.DEVNULL)
        try:
            pid = only_child(process.pid)
            self.pids.append(pid)
            yield
        finally:
            # nsenter itself would leave it alone.
            os.kill(pid, 15)
            process.wait(timeout=10)

    def account(self, elapsed: float):
        """Records how much of one CPU the host's processes used, and how much was stolen; the rest was idle."""
        for pid in self.pids:
            # The CPU time of an exited process stays.
            with suppress(OSError):
                self._times[pid] = max(self._times.get(pid, (0.0, 0.0)), scheduled(pid))
        busy = sum(used for used, _ in self._times.values())
        # An agent does very little, and waits with several threads at once.
        stolen = sum(waited for pid, (_, waited) in self._times.items() if pid != self.pid)
        idle = max(self._idle, time.monotonic() - self._began - busy - stolen)
        if elapsed > 0:
            # The kernel's load is a mean over a minute, too.
            self._load += (1 - (idle - self._idle) / elapsed - self._load) * min(1, elapsed / 60)
        self._idle = idle
        modes = f"{int(busy * TICKS):012} 0 0 {int(idle * TICKS):012} 0 0 0 {int(stolen * TICKS):012} 0 0"
        others = [line for line in Path("/proc/stat").read_text().splitlines() if not line.startswith(("cpu", "intr"))]
        overwrite(self._files[0], "\n".join([f"cpu  {modes}", f"cpu0 {modes}", *others, ""]))
        overwrite(self._files[1], f"{max(0.0, self._load):.2f} {max(0.0, self._load):.2f} {max(0.0, self._load):.2f} 1/9 9\n")

    def end(self) -> int:
        """Stops its first process as an operator would; returns the exit status."""
        if self._holder.poll() is None:
            os.kill(self.pid, 15)
        status = self._holder.wait(timeout=15)
        for stream in self._holder.stdin, self._holder.stdout:
            stream.close()
        return status

    def said(self) -> list[str]:
        """Stops it, and returns the lines that it printed."""
        self.kill()
        return self._holder.stdout.read().decode().splitlines()

    def kill(self):
        """The programs of the host end with its first process."""
        if self._holder.poll() is None:
            self._holder.kill()
            self._holder.wait()


class Accounts:
    """Keeps the CPU accounts of all hosts, ten times a second."""

    def __init__(self, hosts: list[Host]):
        self._hosts, self._over = hosts, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        before = time.monotonic()
        while not self._over.wait(0.1):
            now = time.monotonic()
            for host in self._hosts:
                host.account(now - before)
            before = now

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


def scheduled(pid: int) -> tuple[float, float]:
    """Seconds on a CPU and seconds of waiting for one, of all threads: /proc/PID/schedstat covers only one."""
    times = [file.read_text().split() for file in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    if not times:
        raise ProcessLookupError(pid)
    return sum(int(words[0]) for words in times) / 1e9, sum(int(words[1]) for words in times) / 1e9


def only_child(pid: int) -> int:
    """The child of a process that is about to fork."""
    end = time.monotonic() + 10
    while not (children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
        assert time.monotonic() < end, f"{pid} has no child"
        time.sleep(0.01)
    return int(children[0])


def overwrite(file: Path, text: str):
    """In place, because a mount shows the existing file; its length never shrinks while it is read."""
    with open(file, "r+b" if file.exists() else "wb") as stream:
        stream.write(text.encode())
        stream.truncate()
