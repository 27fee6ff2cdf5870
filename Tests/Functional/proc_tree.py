"""A synthetic /proc in a temporary folder, with only the content that the test defines."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

KERNEL_THREAD_FLAG = 0x00200000
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
BOOT_TIME = 1_700_000_000


class ProcTree:
    """`tree.put(7, name=b"web", user=100)` creates or replaces process 7."""

    def __init__(self, root: Path):
        self.root = root
        self.write("stat", "cpu  100 0 100 100000 0 0 0 0 0 0\n"
                           "cpu0 50 0 50 50000 0 0 0 0 0 0\ncpu1 50 0 50 50000 0 0 0 0 0 0\n"
                           f"intr 0\nctxt 0\nbtime {BOOT_TIME}\nprocesses 1\n"
                           "procs_running 1\nprocs_blocked 0\n")
        self.write("uptime", "1000.00 2000.00\n")
        self.write("loadavg", "0.00 0.00 0.00 1/10 100\n")
        self.write("meminfo", "MemTotal: 1000000 kB\nMemFree: 500000 kB\nMemAvailable: 600000 kB\n")
        self.write("sys/kernel/random/boot_id", "8c5f1a34-0000-4000-8000-000000000001\n")
        self.write("sys/kernel/hostname", "fixture\n")

    def write(self, path: str, content: str | bytes):
        """Replaces a file in one step, so that no sweep reads half of it."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(target.name + ".new")
        temporary.write_bytes(content if isinstance(content, bytes) else content.encode())
        temporary.rename(target)

    def put(self, pid: int, *, name: bytes = b"worker", state: str = "S", ppid: int = 1,
            user: int = 0, system: int = 0, threads: int = 1, start: int = 100, rss_pages: int = 250,
            flags: int = 0x00400000, uid: int = 0, children: int = 0):
        self.write(f"{pid}/comm", name + b"\n")
        self.write(f"{pid}/statm", f"1000 {rss_pages} 100 10 0 50 0\n")
        self.write(f"{pid}/status",
                   b"Name:\t" + name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n")
                   + f"\nState:\t{state}\nTgid:\t{pid}\nPid:\t{pid}\nPPid:\t{ppid}\n"
                     f"Uid:\t{uid}\t{uid}\t{uid}\t{uid}\nThreads:\t{threads}\n".encode())
        self.write(f"{pid}/stat",
                   stat_line(pid, name, state=state, ppid=ppid, user=user, system=system,
                             threads=threads, start=start, rss_pages=rss_pages, flags=flags, children=children))

    def remove(self, pid: int):
        for file in (self.root / str(pid)).iterdir():
            file.unlink()
        (self.root / str(pid)).rmdir()


def stat_line(pid: int, name: bytes, *, state: str = "S", ppid: int = 1, user: int = 0,
              system: int = 0, threads: int = 1, start: int = 100, rss_pages: int = 250,
              flags: int = 0x00400000, children: int = 0) -> bytes:
    """The 52 fields of proc_pid_stat(5); `children` is the user time of those that exited and were waited for."""
    rest = [state, ppid, pid, pid, 0, -1, flags, 10, 20, 0, 0, user, system, children, 0, 20, 0, threads, 0,
            start, 4096000, rss_pages, *[0] * 28]
    return b"%d (%s) %s\n" % (pid, name, " ".join(map(str, rest)).encode())


def disk_line(name: str, *, reads: int = 0, read_sectors: int = 0, writes: int = 0, written_sectors: int = 0,
              busy_milliseconds: int = 0) -> str:
    """A line of diskstats, see proc_diskstats(5)."""
    counters = [reads, 0, read_sectors, 0, writes, 0, written_sectors, 0, 0, busy_milliseconds, *[0] * 7]
    return f"   8       0 {name} {' '.join(map(str, counters))}\n"


def interface_line(name: bytes, received: list[int], transmitted: list[int]) -> bytes:
    """A line of net/dev; each list has bytes, packets, errors and drops."""
    words = [*received, 0, 0, 0, 0, *transmitted, 0, 0, 0, 0]
    return b"%6s: %s\n" % (name, " ".join(map(str, words)).encode())


_mount_numbers = itertools.count(100)


def mount_line(device_number: str, path: str | bytes | Path, kind: str, source: str, *, number: int | None = None,
               parent: int = 1, options: str = "rw") -> bytes:
    """A line of mountinfo, escaped as the kernel does it; each mount has a unique number."""

    def escaped(text: bytes) -> bytes:
        return b"".join(b"\\%03o" % byte if byte in b" \t\n\\#" else bytes([byte]) for byte in text)
    return b"%d %d %s / %s rw,relatime shared:1 - %s %s %s\n" % (
        number or next(_mount_numbers), parent, device_number.encode(), escaped(os.fsencode(path)), kind.encode(),
        escaped(source.encode()), options.encode())
