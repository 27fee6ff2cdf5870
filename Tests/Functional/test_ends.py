"""How commands end: at Ctrl-C, at SIGTERM, and when the reader of their pipe is gone."""

import array
import fcntl
import os
import signal
import socket
import subprocess
import sys
import termios
import time
from contextlib import contextmanager

import pytest
from harness import BINARY, Server, wait_until
from past import QUICK, flushed
from test_history_cost import lengthen

SIGNALS = [signal.SIGINT, signal.SIGTERM]
# The status that a shell shows for a program ended by SIGPIPE.
READER_LEFT = 128 + signal.SIGPIPE
EXPORTS = [(), ("--processes",), ("--format", "jsonl")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A history of a year, whose export is longer than a pipe holds."""
    recorded, data = tmp_path_factory.mktemp("recorded"), tmp_path_factory.mktemp("long")
    with Server(*QUICK, data=recorded) as server:
        flushed(server, time.time() + 1)
    lengthen(recorded, data)
    return data


@contextmanager
def running(*arguments, **options):
    # A background job of a shell inherits that SIGINT is ignored, and so does what the job starts.
    options.setdefault("preexec_fn", lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    command = subprocess.Popen([str(BINARY), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, **options)
    try:
        yield command
    finally:
        command.kill()
        command.wait()
        command.stdout.close()
        command.stderr.close()


def exporting(folder, *arguments, **options):
    return running("history", "--from", "-365d", *arguments, "--data", folder, **options)


def assert_ended_by(process, number: int):
    """Ended as any program that does not handle the signal: a shell shows 130 or 143."""
    process.send_signal(number)
    assert process.wait(timeout=10) == -number
    assert process.stderr.read() == b""


def wait_until_output_waits(process):
    waiting = array.array("i", [0])

    def is_long() -> bool:
        fcntl.ioctl(process.stdout.fileno(), termios.FIONREAD, waiting)
        assert process.poll() is None, process.stderr.read()
        # Short writes fill the pages of a pipe at least by half.
        return waiting[0] >= 30_000
    wait_until(is_long)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("arguments", EXPORTS, ids=" ".join)
def test_a_signal_ends_an_export_whose_reader_does_not_read(folder, number, arguments):
    with exporting(folder, *arguments) as process:
        wait_until_output_waits(process)
        assert_ended_by(process, number)


def test_a_command_in_the_background_ignores_ctrl_c(folder):
    """A shell makes it ignore SIGINT; SIGTERM still ends it."""
    def in_background():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    with exporting(folder, preexec_fn=in_background) as process:
        wait_until_output_waits(process)
        process.send_signal(signal.SIGINT)
        assert len(process.stdout.read(1 << 20)) == 1 << 20
        assert_ended_by(process, signal.SIGTERM)


def test_a_signal_ends_the_first_process_of_a_container(folder):
    """The kernel lets no signal end it, so it exits with the status that a shell would show."""
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
    done = subprocess.run([sys.executable, "-c", script, *unshare, str(BINARY), "history", "--from", "-365d", "--data",
                           str(folder)], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"{128 + signal.SIGTERM}\n", done.stderr


@pytest.mark.parametrize("arguments", EXPORTS, ids=" ".join)
def test_an_export_ends_when_its_reader_closes_the_pipe(folder, arguments):
    with exporting(folder, *arguments) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=10) == READER_LEFT
        assert process.stderr.read() == b""


def test_an_export_to_a_full_disk_is_an_error(folder):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(BINARY), "history", "--from", "-1d", "--data", str(folder)], stdout=full,
                              stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1
    assert done.stderr == b"topserver: cannot write the export: standard output: No space left on device\n"


@pytest.fixture
def silent():
    """A port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        yield listener


def url(listener) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_a_health_check_of_a_server_that_hangs(silent, number):
    with running("health", "--url", url(silent)) as process, silent.accept()[0]:
        assert_ended_by(process, number)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_a_report_about_a_server_that_hangs(silent, tmp_path, number):
    with running("report", url(silent), "--output", tmp_path / "page.html") as process, silent.accept()[0]:
        assert_ended_by(process, number)
    assert not list(tmp_path.iterdir()), "a draft is left"


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("command", [("serve", "--port", "0", "--no-record"), ("burn", "--seconds", "600"),
                                     ("agent", "--hub", "ws://127.0.0.1:1/webservices/cpu/")], ids=lambda one: one[0])
def test_a_command_ends_in_order_as_soon_as_it_says_that_it_runs(command, number):
    with running(*command) as process:
        assert process.stdout.readline()
        process.send_signal(number)
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("arguments", [("check-alerts",), ("--help",), ("serve", "--help")], ids=" ".join)
def test_short_texts_need_no_reader(arguments):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([str(BINARY), *arguments], stdout=write, stderr=subprocess.PIPE, timeout=60)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")
