"""Runs a command with a file system mounted that answers nothing: `hung_mount.py FOLDER COMMAND...`.

It is a FUSE file system whose requests no process reads, in a separate mount namespace, so that nothing else on
the machine can touch it. Exits with 77 if the kernel does not allow it.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

NOT_ALLOWED = 77
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _become_root_of_a_namespace(user: int, group: int):
    """A process that creates a user namespace may mount FUSE in it. See user_namespaces(7)."""
    _check(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNS))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def main(folder: str, *command: str):
    user, group = os.getuid(), os.getgid()
    try:
        if user == 0:
            _check(_libc.unshare(CLONE_NEWNS))
        else:
            _become_root_of_a_namespace(user, group)
        _check(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
        channel = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={channel},rootmode=40000,user_id={user},group_id={group}"
        _check(_libc.mount(b"nobody", folder.encode(), b"fuse", 0, options.encode()))
    except OSError as error:
        print(error, file=sys.stderr)
        sys.exit(NOT_ALLOWED)
    # The mount exists while a process could still answer.
    os.set_inheritable(channel, True)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
