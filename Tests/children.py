"""Child processes with known properties. Each ends with its block, and by an alarm if the tests die."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager

PREAMBLE = "import signal, sys, os; signal.alarm(120)\n"
WAIT_FOR_END = "print('ready', flush=True)\nsys.stdin.read()\n"
BURN = "print('ready', flush=True)\nwhile True: pass\n"
BURN_IN_KERNEL = "print('ready', flush=True)\nwhile True: os.stat('/')\n"


def child(program: str):
    """A Python child that runs `program` and has printed its line."""
    return running(sys.executable, "-c", PREAMBLE + program)


@contextmanager
def running(*command: str, **options):
    """A program that runs until the block ends, and that has printed its line."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
    try:
        assert process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def sleeper():
    return child(WAIT_FOR_END)


def burner():
    """Uses one core in user mode."""
    return child(BURN)


def system_burner():
    """Uses one core, most of it in system calls."""
    return child(BURN_IN_KERNEL)


def named(comm: bytes, then: str = WAIT_FOR_END):
    """A process whose kernel name is these bytes; it sleeps by default."""
    return child(f"open('/proc/self/comm', 'wb', buffering=0).write({comm!r})\n{then}")


def unique_name() -> bytes:
    """A name that no process of another test has, because tests that look for processes by name run in parallel."""
    return b"burner-%d" % os.getpid()


@contextmanager
def zombie():
    """A process that has exited and for which no parent has waited."""
    process = subprocess.Popen(["true"])
    try:
        yield process
    finally:
        process.wait()
