"""Every command ends promptly at Ctrl-C and SIGTERM, and an export whose reader leaves ends without a word."""

import array
import fcntl
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import termios
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from harness import BINARY, Server, wait_until
from past import QUICK, flushed
from test_history_cost import copy

SIGNALS = [signal.SIGINT, signal.SIGTERM]
# What SIGPIPE would give a shell.
READER_LEFT = 128 + signal.SIGPIPE


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    data = tmp_path_factory.mktemp("recorded")
    with Server(*QUICK, data=data) as server:
        flushed(server, time.time() + 1)
    return data


@contextmanager
def running(*arguments, **options):
    command = subprocess.Popen([str(BINARY), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, **options)
    try:
        yield command
    finally:
        command.kill()
        command.communicate()


def assert_ended_by(process, number: int):
    """As any program that does not handle the signal: a shell shows 130 or 143."""
    process.send_signal(number)
    assert process.wait(timeout=10) == -number
    assert process.stderr.read() == b""


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("arguments", [(), ("--processes",), ("--format", "jsonl")], ids=" ".join)
def test_an_export_that_waits_for_its_reader(folder, tmp_path, number, arguments):
    export = enlarged(folder, tmp_path)
    with running("history", "--from", "-1d", *arguments, "--data", export) as process:
        # More than a pipe holds: it waits until somebody reads.
        wait_until(lambda: pipe_is_full(process))
        assert_ended_by(process, number)


def enlarged(folder: Path, target: Path) -> Path:
    """The same history with the same blocks many times, so an export of it is longer than a pipe."""
    copy(folder, target)
    with closing(sqlite3.connect(target / "history.db")) as database:
        database.execute("""
            WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < 3000)
            INSERT INTO block SELECT id + 1000000 * i, resolution, first, last, points, series, processes
            FROM number, (SELECT * FROM block)""")
        database.commit()
    return target


def pipe_is_full(process) -> bool:
    waiting = array.array("i", [0])
    fcntl.ioctl(process.stdout.fileno(), termios.FIONREAD, waiting)
    assert process.poll() is None, process.stderr.read()
    return waiting[0] >= 60_000


@pytest.mark.parametrize("number", SIGNALS)
def test_a_check_of_rules_that_does_not_come(tmp_path, number):
    rules = tmp_path / "rules.yaml"
    os.mkfifo(rules)
    with running("check-alerts", rules) as process:
        # The pipe has no writer: open(2) waits for one.
        wait_until(lambda: is_waiting_for_writer(process))
        assert_ended_by(process, number)


def is_waiting_for_writer(process) -> bool:
    return any("fifo" in (thread / "wchan").read_text() for thread in Path(f"/proc/{process.pid}/task").iterdir())


@pytest.fixture
def silent():
    """A port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def accepted(listener):
    listener.settimeout(30)
    return listener.accept()[0]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_health_check_of_a_server_that_hangs(silent, number):
    with running("health", "--url", f"http://127.0.0.1:{silent.getsockname()[1]}") as process, accepted(silent):
        assert_ended_by(process, number)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_report_about_a_server_that_hangs(silent, tmp_path, number):
    page = tmp_path / "page.html"
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    with running("report", url, "--output", page) as process, accepted(silent):
        assert_ended_by(process, number)
    assert not list(tmp_path.iterdir()), "a draft is left behind"


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("agent", "--hub", "ws://127.0.0.1:1/webservices/cpu/")],
                         ids=lambda command: command[0])
@pytest.mark.parametrize("number", SIGNALS)
def test_a_start_that_hangs(tmp_path, command, number):
    """Reading the counters of the CPUs waits for a pipe that has no writer, as it would for a file system that hangs."""
    proc = tmp_path / "proc"
    proc.mkdir()
    os.mkfifo(proc / "stat")
    with running(*command, "--proc", proc, env={**os.environ, "TOPSERVER_DATA": str(tmp_path / "data")}) as process:
        wait_until(lambda: is_waiting_for_writer(process))
        assert_ended_by(process, number)


def test_the_first_process_of_a_container_ends_too(folder, tmp_path):
    """The kernel lets no signal end it, so the command exits with the status that a shell would show."""
    unshare = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("this machine allows no namespaces")
    script = """
import os, signal, subprocess, sys
command = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
command.stdout.read(1000)
# unshare is the parent of the first process of the new namespace.
child = int(open(f"/proc/{command.pid}/task/{command.pid}/children").read())
os.kill(child, signal.SIGTERM)
print(command.wait(timeout=10))
"""
    done = subprocess.run([sys.executable, "-c", script, *unshare, str(BINARY), "history", "--from", "-1d", "--data",
                           str(enlarged(folder, tmp_path))], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"{128 + signal.SIGTERM}\n", done.stderr


def test_a_command_in_the_background_ignores_ctrl_c(folder, tmp_path):
    """A shell has SIGINT ignored for it; SIGTERM still ends it."""
    def in_background():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    with running("history", "--from", "-1d", "--data", enlarged(folder, tmp_path), preexec_fn=in_background) as process:
        wait_until(lambda: pipe_is_full(process))
        process.send_signal(signal.SIGINT)
        text = process.stdout.read(1 << 20)
        assert len(text) == 1 << 20
        assert_ended_by(process, signal.SIGTERM)


@pytest.mark.parametrize("arguments", [(), ("--processes",), ("--format", "jsonl")], ids=" ".join)
def test_an_export_ends_when_its_reader_leaves(folder, tmp_path, arguments):
    with running("history", "--from", "-1d", *arguments, "--data", enlarged(folder, tmp_path)) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=10) == READER_LEFT
        assert process.stderr.read() == b""
        process.stdout = open(os.devnull, "rb")


def test_an_export_to_a_full_disk_is_an_error(folder):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(BINARY), "history", "--from", "-1d", "--data", str(folder)], stdout=full,
                              stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1
    assert done.stderr == b"topserver: cannot write the export: standard output: No space left on device\n"


@pytest.mark.parametrize("arguments", [("check-alerts",), ("--help",), ("serve", "--help")], ids=" ".join)
def test_short_texts_for_a_reader_that_has_left(arguments):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([str(BINARY), *arguments], stdout=write, stderr=subprocess.PIPE, timeout=60)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")
