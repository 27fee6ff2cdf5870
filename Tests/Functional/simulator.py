"""Many agents in one process, for tests: bench/agents.c, built once."""

from __future__ import annotations

import functools
import json
import select
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from harness import ROOT


@functools.cache
def program() -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        pytest.skip("the simulator of agents needs a C compiler")
    built = Path(_scratch.name, "agents")
    subprocess.run([compiler, "-O2", "-o", str(built), str(ROOT / "bench" / "agents.c"), "-lwslay"], check=True)
    return built


class Agents:
    """`count` agents for the hub on a port; they are ready when the constructor returns.

    `backlog` is how many samples each of them kept during an outage that ends as they connect.
    """

    def __init__(self, port: int, count: int, interval: float = 1, backlog: int = 0):
        self.process = subprocess.Popen([str(program()), str(port), str(count), str(interval), str(backlog)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        assert self.line() == "ready"

    def line(self, timeout: float = 60) -> str:
        """The next printed line, read byte by byte, so that no byte is buffered where select does not see it."""
        text = b""
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], timeout)
            assert ready, f"the agents printed nothing for {timeout} s after {text!r}"
            byte = self.process.stdout.read(1)
            assert byte, f"the agents exited; their last output: {text!r}"
            text += byte
        return text.decode().strip()

    def seconds_away(self) -> float:
        """Waits until all agents that lost their hub are back; returns how long that took since the first lost it."""
        word, seconds = self.line().split()
        assert word == "back"
        return float(seconds)

    def end(self) -> dict:
        """Stops them, and returns their results."""
        self.process.stdin.close()
        outcome = json.loads(self.line())
        assert self.process.wait(timeout=10) == 0
        return outcome

    def __enter__(self) -> Agents:
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in self.process.stdin, self.process.stdout:
            stream.close()


_scratch = tempfile.TemporaryDirectory(prefix="topserver-test-")
