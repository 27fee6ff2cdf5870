"""Samples that agents kept during an outage of their hub, sent at once: none is lost, and the hub still answers."""

import time

import pytest
from fleet import confirmed
from harness import Server, wait_until
from simulator import Agents, program

# Agents, seconds between two samples of each, and how many each of them kept: many agents; all that one can keep; and
# agents that sample so seldom that each sample is in a different minute.
OUTAGES = [(500, 5, 60), (20, 1, 600), (20, 60, 50)]


def assert_answers(hub):
    for path in ("/livez", "/hosts?limit=5", "/cpu_usage?limit=5"):
        assert hub.request(path).status == 200


def known_times(hub, host: str, span: float) -> list[int]:
    """The seconds since the epoch about which the history has data."""
    history = hub.json(f"/history?host={host}&from=-{int(span)}s&step=1")
    pairs = zip(history["times"], history["series"]["cpu.busy_percent"])
    return [moment for moment, busy in pairs if busy is not None]


@pytest.mark.long
@pytest.mark.parametrize("count, interval, kept", OUTAGES)
def test_all_samples_of_an_outage_are_recorded(tmp_path, count, interval, kept):
    # Built before the time is measured.
    program()
    data = confirmed(tmp_path / "data", *(f"sim-{number:05}" for number in range(count)), given_up=True)
    with Server("--flush-interval", "0.5", data=data) as hub:
        began = time.time()
        with Agents(hub.port, count, interval, backlog=kept) as agents:
            def is_taken_up() -> bool:
                assert_answers(hub)
                return hub.json("/system")["fleet"]["messages_total"] >= count * kept
            wait_until(is_taken_up, timeout=60)
            outcome = agents.end()
        assert (outcome["lost"], outcome["reconnects"], outcome["not_closed"]) == (0, 0, 0)
        assert outcome["closes"] == {"1000": count}
        system = hub.json("/system")
        assert not any(system["fleet"]["refused_total"].values())
        assert system["recorder"]["lost_samples"] == 0
    # From the file alone.
    with Server(data=data) as again:
        for number in range(0, count, max(1, count // 10)):
            known = known_times(again, f"sim-{number:05}", kept * interval + 120)
            assert known[0] < began - (kept - 1) * interval + 10, (number, known[0] - began)
            # Two consecutive samples may be in one second, and then the next second has none.
            assert all(later - earlier <= interval + 1 for earlier, later in zip(known, known[1:])), (number, known)
            assert known[-1] > began - interval
