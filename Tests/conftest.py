"""Fixtures that functional and browser tests share, and the order of the tests."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
# Browser tests use the functional tests' client of the server.
sys.path.insert(1, str(Path(__file__).resolve().parent / "Functional"))

from harness import Server


@pytest.fixture(scope="module")
def server():
    """One server on the real /proc for a whole test file."""
    with Server() as running:
        yield running


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Spreads the long tests over the workers and runs them first, so that none is left for the end.

    Every worker gets the same list and runs a part of it; the order is already random.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers == 1:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    others = [item for item in items if not item.get_closest_marker("long")]
    items[:] = [item for worker in range(workers) for item in (
        long[worker::workers] + others[worker * len(others) // workers:(worker + 1) * len(others) // workers])]


def pytest_terminal_summary(terminalreporter, config):
    """Prints the seed of the random order, which -q hides."""
    seed = config.getoption("randomly_seed", None)
    if seed is not None and not config.getoption("collectonly"):
        terminalreporter.write_line(f"Random order of seed {seed}; --randomly-seed={seed} repeats it")
