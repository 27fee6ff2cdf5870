"""The figures of a moment of the past are made of sums, as the live ones are."""

import json
import threading

import pytest

from harness import Server, wait_until
from past import flushed, seconds
from test_agreement import loaded
from test_events import events, listening

BEGIN = 1_750_000_000
SUMS = """async ([past, end, window]) => {
  const { pastSystem } = await import('/stats/past-system.js');
  const sample = { sampledAt: new Date(end * 1000), interval: 1, window };
  return pastSystem(past, sample);
}"""


@pytest.fixture(scope="module")
def past_system(server, browser):
    """`past_system(columns, times, window)`: what the page shows of the last of these times."""
    page = browser.new_page()
    page.goto(f"{server.url}/stats")

    def make(columns, times, window):
        return page.evaluate(SUMS, [{"times": times, "series": columns}, times[-1], window])
    yield make
    page.close()


def columns(busy, processes, **others):
    """Of each second, in percent of one CPU: what was busy, and what processes used, which may be more."""
    names = {"ledger.busy_percent": busy, "ledger.processes_percent": [min(pair) for pair in zip(busy, processes)],
             "ledger.unaccounted_percent": [max(0, one - other) for one, other in zip(busy, processes)],
             "ledger.excess_percent": [max(0, other - one) for one, other in zip(busy, processes)],
             "ledger.coverage_percent": [100 * min(1, other / one) for one, other in zip(busy, processes)],
             "cpu.busy_percent": [one / 2 for one in busy], "cpu_count": [2] * len(busy)}
    return names | others


def exact(busy, processes):
    """The same with what this version records."""
    return columns(busy, processes) | {
        "ledger.processes_percent": processes, "ledger.counted_percent": busy, "ledger.accounted_percent": processes,
        "ledger.measured_percent": [100] * len(busy), "cpu.counted_cpus": [2] * len(busy)}


@pytest.mark.parametrize("make", [columns, exact])
def test_what_is_too_much_in_one_second_explains_the_next(past_system, make):
    """Of an idle machine each second has a tick too much or too little."""
    times = [BEGIN + second for second in range(61)]
    system = past_system(make([9] + [2, 4] * 30, [9] + [3, 3] * 30), times, 60)
    ledger = system["ledger"]["window"]
    assert ledger["coverage_percent"] == 100 and ledger["unaccounted_percent"] == ledger["excess_percent"] == 0
    assert ledger["busy_percent"] == pytest.approx(3, abs=0.02)
    parts = ["processes", "interrupts", "steal", "kernel_threads", "ended_children", "unaccounted"]
    assert sum(ledger[f"{part}_percent"] for part in parts) == pytest.approx(ledger["busy_percent"])
    assert "counted_percent" not in ledger and "counted_cpus" not in system["cpu"]["window"]


def test_a_long_second_weighs_as_much_as_it_lasted(past_system):
    times = [BEGIN, BEGIN + 1, BEGIN + 10]
    system = past_system(exact([50, 100, 10], [50, 50, 10]), times, 10)
    assert system["ledger"]["window"]["busy_percent"] == pytest.approx(19)
    assert system["ledger"]["window"]["coverage_percent"] == pytest.approx(100 * 14 / 19)
    assert system["cpu"]["window"]["busy_percent"] == pytest.approx(9.5)


def test_time_of_which_nothing_is_known_weighs_nothing(past_system):
    past = exact([50, 100, 50], [50, 100, 0])
    for name, values in past.items():
        if name.startswith(("ledger.", "cpu.")):
            values[1] = 0 if name in ("ledger.measured_percent", "cpu.counted_cpus") else None
    system = past_system(past, [BEGIN, BEGIN + 1, BEGIN + 2], 3)
    assert system["ledger"]["window"]["busy_percent"] == pytest.approx(50)
    assert system["ledger"]["window"]["coverage_percent"] == pytest.approx(50)


def test_a_file_of_an_earlier_version_is_still_shown(past_system):
    """There the series that add up are missing in the older part."""
    past = exact([50] * 4, [50] * 4)
    for name in ("ledger.counted_percent", "ledger.accounted_percent", "ledger.measured_percent", "cpu.counted_cpus"):
        past[name] = [None] * 4
    system = past_system(past, [BEGIN + second for second in range(4)], 4)
    assert system["ledger"]["window"]["coverage_percent"] == 100
    assert system["ledger"]["now"]["busy_percent"] == 50


def test_the_past_of_a_real_machine_is_what_it_was_live(past_system):
    with Server("--interval", "1", "--window", "6", "--flush-interval", "0.05") as running, loaded():
        live = []

        def listen():
            with listening(running) as response:
                for event in events(response):
                    if event["event"] == "system":
                        live.append(json.loads(event["data"]))
                    if len(live) >= 18:
                        return
        thread = threading.Thread(target=listen)
        thread.start()
        wait_until(lambda: len(live) >= 18, timeout=60)
        thread.join()
        flushed(running)
        for system in live[9:]:
            end = seconds(system["sampled_at"])
            past = running.json(f"/history?from={end - system['window_seconds'] - 2:.3f}&to={end + 0.001:.3f}"
                                "&step=1&series=cpu_count,cpu.*,ledger.*,self.*")
            shown = past_system(past["series"], past["times"], system["window_seconds"])
            window, ledger = system["ledger"]["window"], shown["ledger"]["window"]
            for name in ("coverage_percent", "busy_percent", "processes_percent", "unaccounted_percent"):
                assert ledger[name] == pytest.approx(window[name], abs=0.1), name
            assert shown["cpu"]["window"]["busy_percent"] == pytest.approx(
                system["cpu"]["window"]["busy_percent"], abs=0.1)
