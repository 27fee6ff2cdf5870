"""Other programs that watch processes, each polled or configured once a second; missing ones are omitted."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import shutil
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from support import BENCH, BenchError, running


@dataclass
class Watcher:
    """A running peer."""

    pid: int
    # Answers to the polls so far, for those that sample only on request; a slow one does not reach one a second.
    answers: Callable[[], int] | None = None


@contextmanager
def top():
    command = ["top", "-b", "-d", "1"]
    with running(command, stdout=subprocess.DEVNULL, env={**os.environ, "TERM": "dumb"}) as process:
        yield Watcher(process.pid)


@contextmanager
def htop():
    """On a terminal of 50 × 160, whose other end reads the output."""
    command = ["htop", "-d", "10"]
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    environment = {**os.environ, "TERM": "xterm", "HTOPRC": os.devnull}
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=subprocess.DEVNULL,
                               env=environment, start_new_session=True)
    os.close(slave)
    reader = threading.Thread(target=drain, args=(master,), daemon=True)
    reader.start()
    try:
        yield Watcher(process.pid)
    finally:
        process.kill()
        process.wait()
        reader.join()
        os.close(master)


def drain(descriptor: int):
    # Reading fails once no process has the other end open.
    try:
        while os.read(descriptor, 65536):
            pass
    except OSError:
        pass


@contextmanager
def psutil_loop():
    with running([psutil_python(), str(BENCH / "psutil_loop.py")]) as process:
        yield Watcher(process.pid)


def psutil_python() -> str | None:
    for python in (sys.executable, shutil.which("python3"), "/usr/bin/python3"):
        if python and not subprocess.run([python, "-c", "import psutil"], capture_output=True).returncode:
            return python
    return None


@contextmanager
def glances():
    port = free_port()
    command = ["glances", "-w", "-B", "127.0.0.1", "-p", str(port), "--disable-check-update",
               "--disable-autodiscover"]
    with running(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        with polled(f"http://127.0.0.1:{port}/api/4/processlist") as answers:
            yield Watcher(process.pid, answers)


@contextmanager
def process_exporter():
    port = free_port()
    configuration = {"process_names": [{"name": "{{.Comm}};{{.PID}}", "cmdline": [".+"]}]}
    with TemporaryDirectory() as folder:
        file = Path(folder, "configuration.yml")
        file.write_text(json.dumps(configuration))
        command = ["prometheus-process-exporter", "-web.listen-address", f"127.0.0.1:{port}",
                   "-config.path", str(file), "-threads=false", "-gather-smaps=false"]
        with running(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            with polled(f"http://127.0.0.1:{port}/metrics") as answers:
                yield Watcher(process.pid, answers)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def polled(url: str):
    """Sends a request once a second, one at a time; returns the count of answers."""
    count = 0
    end = threading.Event()

    def poll():
        nonlocal count
        while not end.wait(1 - time.monotonic() % 1):
            try:
                with urllib.request.urlopen(url, timeout=30) as answer:
                    answer.read()
                count += 1
            except (urllib.error.URLError, OSError):
                pass

    poller = threading.Thread(target=poll, daemon=True)
    poller.start()
    try:
        until = time.monotonic() + 60
        while count == 0:
            if time.monotonic() > until:
                raise BenchError(f"{url} does not answer")
            time.sleep(0.2)
        yield lambda: count
    finally:
        end.set()
        poller.join()


PEERS = {"top": top, "htop": htop, "psutil": psutil_loop, "Glances": glances,
         "process-exporter": process_exporter}
PROGRAMS = {"top": "top", "htop": "htop", "Glances": "glances",
            "process-exporter": "prometheus-process-exporter"}


def installed(name: str) -> bool:
    return psutil_python() is not None if name == "psutil" else shutil.which(PROGRAMS[name]) is not None
