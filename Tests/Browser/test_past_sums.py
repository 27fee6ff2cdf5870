"""The figures of a moment of the past come from sums, like the live ones."""

import json
import threading

import pytest
from harness import Server, wait_until
from past import flushed, seconds
from test_agreement import loaded
from test_events import events, listening

READ = """async (time) => {
  const { readMoment } = await import('/stats/past-moment.js');
  return (await readMoment(time)).system;
}"""
# Parts of the busy time, in percent of one CPU, and the coverage.
FIGURES = ["busy_percent", "coverage_percent", "processes_percent", "kernel_threads_percent", "ended_children_percent",
           "interrupts_percent", "steal_percent", "unaccounted_percent", "excess_percent"]


def test_the_past_of_a_real_machine_equals_its_live_figures(page):
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
        page.goto(f"{running.url}/stats")
        for system in live[9:]:
            shown = page.evaluate(READ, round(seconds(system["sampled_at"]) * 1000))
            for name in FIGURES:
                assert shown["ledger"]["window"][name] == pytest.approx(
                    system["ledger"]["window"][name], abs=0.1), (name, system["sampled_at"])
            assert shown["cpu"]["window"]["busy_percent"] == pytest.approx(
                system["cpu"]["window"]["busy_percent"], abs=0.1)
