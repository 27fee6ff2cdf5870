"""The figures of a moment of the past come from sums, like the live ones."""

import json
import threading

import pytest
from harness import Server, wait_until
from past import flushed, seconds
from test_agreement import loaded
from test_events import events, listening

SUMS = """async ([past, end, window]) => {
  const { pastSystem } = await import('/stats/past-system.js');
  const sample = { sampledAt: new Date(end * 1000), interval: 1, window };
  return pastSystem(past, sample);
}"""


@pytest.fixture(scope="module")
def past_system(server, browser):
    """`past_system(columns, times, window)`: what the page shows for the last of these times."""
    page = browser.new_page()
    page.goto(f"{server.url}/stats")

    def make(columns, times, window):
        return page.evaluate(SUMS, [{"times": times, "series": columns}, times[-1], window])
    yield make
    page.close()


def test_the_past_of_a_real_machine_equals_its_live_figures(past_system):
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
            # /history reduces the parts of each second to its busy time. So where a second had an excess, the page's sum of
            # a part is smaller than the live one; its sums of the busy and the accounted time are exact.
            in_window = [one for one in live if end - system["window_seconds"] < seconds(one["sampled_at"]) <= end]
            is_whole = all(one["ledger"]["now"]["excess_percent"] == 0 for one in in_window)
            parts = ("processes_percent",) if is_whole else ()
            for name in ("coverage_percent", "busy_percent", "unaccounted_percent", *parts):
                assert ledger[name] == pytest.approx(window[name], abs=0.1), name
            assert shown["cpu"]["window"]["busy_percent"] == pytest.approx(
                system["cpu"]["window"]["busy_percent"], abs=0.1)
