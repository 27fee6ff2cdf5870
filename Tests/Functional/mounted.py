"""Commands that become the server in its own mount or time namespace, see namespaces(7).

Nothing that is mounted there can be seen by the machine, and it is gone with the server.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_OWN_TIME = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWTIME = 0x80
if libc.unshare(CLONE_NEWTIME) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
with open("/proc/self/timens_offsets", "w") as file:
    file.write(f"boottime {sys.argv[1]} 0\\n")
# The namespace is that of children; this process enters it as well.
if libc.setns(os.open("/proc/self/ns/time_for_children", os.O_RDONLY), CLONE_NEWTIME) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[2], sys.argv[2:])
"""


def with_mounts(script: str) -> tuple[str, ...]:
    """Runs a shell script in a mount namespace, and then the server; skips the test if that is not allowed."""
    wrapper = ("unshare", "-m", "--propagation", "private", "sh", "-e", "-c", script + '\nexec "$@"', "sh")
    _skip_unless_it_works(wrapper)
    return wrapper


def with_boottime_ahead(seconds: int) -> tuple[str, ...]:
    """Runs the server in a time namespace whose CLOCK_BOOTTIME is ahead; skips the test if that is not allowed."""
    wrapper = (sys.executable, "-c", _OWN_TIME, str(seconds))
    _skip_unless_it_works(wrapper)
    return wrapper


def _skip_unless_it_works(wrapper: tuple[str, ...]):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    probe = subprocess.run([*wrapper, "true"], capture_output=True, text=True)
    if probe.returncode != 0:
        pytest.skip(f"not allowed here: {probe.stderr.strip()}")
