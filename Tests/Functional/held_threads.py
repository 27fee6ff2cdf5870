"""Stops the sampling threads of a server while its HTTP threads continue, like a hanging read."""

from __future__ import annotations

import ctypes
import os
from contextlib import contextmanager
from pathlib import Path

from harness import wait_until

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WAIT_FOR_THREADS = 0x40000000

_ptrace = ctypes.CDLL(None, use_errno=True).ptrace
_ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_ptrace.restype = ctypes.c_long


@contextmanager
def held_sampler(pid: int):
    """Stops each thread except the first and libmicrohttpd's, by ptrace(2)."""
    held = []
    try:
        for thread in sorted(map(int, os.listdir(f"/proc/{pid}/task"))):
            name = _name(pid, thread)
            if thread != pid and name and not name.startswith("MHD"):
                # A sleeping thread holds no lock that the HTTP threads may need.
                wait_until(lambda: _state(pid, thread) == "S", interval=0.001)
                _call(PTRACE_SEIZE, thread)
                held.append(thread)
                _call(PTRACE_INTERRUPT, thread)
                os.waitpid(thread, WAIT_FOR_THREADS)
        assert held, "no thread to stop"
        yield
    finally:
        for thread in held:
            _call(PTRACE_DETACH, thread)


def _name(pid: int, thread: int) -> str | None:
    """None if it has exited: the threads that query file systems are short-lived."""
    try:
        return Path(f"/proc/{pid}/task/{thread}/comm").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _state(pid: int, thread: int) -> str:
    return Path(f"/proc/{pid}/task/{thread}/stat").read_text().rpartition(") ")[2][0]


def _call(request: int, thread: int):
    if _ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x} on {thread}")
