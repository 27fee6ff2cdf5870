"""A made-up /proc: nothing in it moves, so the answers to every request stay the same."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

FIRST_PID = 10_001
SYSTEM_STAT = """\
cpu  4000 0 2000 90000 100 0 10 0 0 0
cpu0 2000 0 1000 45000 50 0 5 0 0 0
cpu1 2000 0 1000 45000 50 0 5 0 0 0
ctxt 1000000
btime 1700000000
processes 20000
procs_running 1
procs_blocked 0
"""
ROW = '{{"pid":{pid},"name":"{name}","user_avg":0.0,"sys_avg":0.0,"status":"sleeping"}},\n'


def processes_for(body_bytes: int) -> int:
    """How many processes make a body of about this length."""
    return body_bytes // len(ROW.format(pid=FIRST_PID, name=name_of(FIRST_PID)))


def name_of(pid: int) -> str:
    return f"worker-{pid}"


@contextmanager
def synthetic_proc(processes: int):
    """Gives the folder."""
    with TemporaryDirectory(prefix="topserver-proc-") as folder:
        root = Path(folder)
        (root / "stat").write_text(SYSTEM_STAT)
        for pid in range(FIRST_PID, FIRST_PID + processes):
            place = root / str(pid)
            place.mkdir()
            (place / "stat").write_text(stat_line(pid))
        yield root


def stat_line(pid: int) -> str:
    """See proc_pid_stat(5)."""
    before_times = f"S 1 {pid} {pid} 0 -1 4194304 500 0 0 0"
    user, system, children_user, children_system = 200, 100, 0, 0
    after_times = f"20 0 1 0 {1000 + pid} 8000000 400 18446744073709551615" + " 0" * 27
    return (f"{pid} ({name_of(pid)}) {before_times} "
            f"{user} {system} {children_user} {children_system} {after_times}\n")
