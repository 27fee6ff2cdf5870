"""Fixtures that the functional and the browser tests share, and the order in which they run."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import Server


@pytest.fixture(scope="module")
def server():
    """One server on the real /proc for a whole test file."""
    with Server() as running:
        yield running


def pytest_terminal_summary(terminalreporter, config):
    """Prints the seed of the random order, which -q hides."""
    seed = config.getoption("randomly_seed", None)
    if seed is not None and not config.getoption("collectonly"):
        terminalreporter.write_line(f"Random order of seed {seed}; --randomly-seed={seed} repeats it")
