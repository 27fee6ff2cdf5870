"""Fixtures that the functional and the browser tests share."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness import Server  # noqa: E402  (needs the path above)


@pytest.fixture(scope="module")
def server():
    """One server on the real /proc for a whole test file."""
    with Server() as running:
        yield running
