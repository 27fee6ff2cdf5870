"""The load of `burn`, its limits and its exit."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from harness import BINARY
from test_command_line import assert_refused, run


class Burn:
    """`topserver burn` while it runs."""

    def __init__(self, *arguments: str):
        self.process = subprocess.Popen([str(BINARY), "burn", *arguments], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.first_line = self.process.stdout.readline()

    def __enter__(self) -> Burn:
        return self

    def __exit__(self, kind, value, traceback):
        self.process.kill()
        self.process.communicate()

    def names(self) -> tuple[str, list[str]]:
        """The names of the process and of its threads."""
        folder = Path(f"/proc/{self.process.pid}")
        return ((folder / "comm").read_text().strip(),
                [(task / "comm").read_text().strip() for task in (folder / "task").iterdir()])

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_burn_uses_the_cpu_until_a_signal(signal_number):
    with Burn("--cpus", "2", "--seconds", "60") as burn:
        assert re.fullmatch(rf"Using 2 of \d+ CPUs for 60 s \(pid {burn.process.pid}\)\n", burn.first_line)
        end = time.monotonic() + 20
        while burn.cpu_seconds() < 0.3:
            assert time.monotonic() < end, "it uses no CPU"
            time.sleep(0.05)
        name, threads = burn.names()
        assert name == "topserver-burn" and threads.count("burn") == 2
        burn.process.send_signal(signal_number)
        output, errors = burn.process.communicate(timeout=10)
        assert burn.process.returncode == 0
        assert output == f"Ended by {signal_number.name}\n" and errors == ""


def test_burn_exits_by_itself():
    begin = time.monotonic()
    done = run("burn", "--seconds", "1")
    assert done.returncode == 0 and done.stdout.endswith("\nEnded after 1 s\n")
    assert time.monotonic() - begin >= 1


@pytest.mark.parametrize("arguments", [
    ["--cpus", "0"], ["--cpus", "100000"], ["--cpus=-1"], ["--cpus", "many"], ["--seconds", "0"],
    ["--seconds", "3601"], ["--seconds", "nan"],
], ids=" ".join)
def test_burn_is_bounded(arguments):
    assert_refused(run("burn", *arguments), 64, arguments[0].partition("=")[0])


def test_help_says_how_much_it_can_use():
    assert "four times the number of CPUs" in re.sub(r"\s+", " ", run("burn", "--help").stdout)
