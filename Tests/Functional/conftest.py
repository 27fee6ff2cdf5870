"""Fixtures for the functional tests alone; `server` is one folder up."""

import pytest
from harness import Server


@pytest.fixture(scope="module")
def quick():
    """Sweeps ten times a second, for tests that wait for a change."""
    with Server("--interval", "0.1") as running:
        yield running


@pytest.fixture(scope="module")
def frozen():
    """A server that sweeps once and then not for a minute, so that two answers can be compared."""
    with Server("--interval", "60") as running:
        yield running
