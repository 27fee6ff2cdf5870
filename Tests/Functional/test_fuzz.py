"""The limits of a single request, for any parameters, header forms and readers."""

import fuzz
import pytest
from harness import Server, wait_until


@pytest.fixture(scope="module")
def recording():
    """A server with some history; refused and dropped clients are logged as warnings."""
    with Server("--interval", "0.2", "--flush-interval", "0.5", expected_log=r" warning ") as running:
        wait_until(lambda: running.json("/system")["recorder"]["size_bytes"] > 0)
        yield running


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_request_exceeds_the_limits(recording, seed):
    statuses = fuzz.run(recording, seed, requests=150)
    assert statuses.get(200, 0) > 10 and statuses.get(400, 0) > 10, statuses
