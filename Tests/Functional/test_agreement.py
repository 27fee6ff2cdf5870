"""Live and past agree: each answer about a time range is the sum of the samples from /events.

The charts of a host of the fleet are the sum of what its agent sent.
"""

from __future__ import annotations

import bisect
import itertools
import json
import random
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from agents import Agent, Relay
from fleet import Client, host, sample
from harness import Server, wait_until
from past import flushed, seconds
from test_events import events, listening

# A second of work and a second of rest, with short-lived processes; no process waits for every third of them.
LOAD = """
import os, signal, time
def work(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
for number in range(1000):
    work(0.5)
    for child in range(6):
        if child % 3 == 2: signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        pid = os.fork()
        if pid == 0:
            work(0.03)
            os._exit(0)
        try: os.waitpid(pid, 0)
        except ChildProcessError: pass
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    time.sleep(0.5)
"""
SAMPLES = 140
# Percentage points.
TOLERANCE = 0.1


@contextmanager
def loaded():
    process = subprocess.Popen([sys.executable, "-c", LOAD])
    try:
        yield
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def recorded():
    """A server that has recorded a real machine; `.live` has each sample as /events sent it."""
    with Server("--interval", "0.1", "--flush-interval", "0.05", "--window", "3") as server, loaded():
        server.live = []

        def listen():
            with listening(server) as response:
                for event in events(response):
                    if event["event"] == "system":
                        server.live.append(json.loads(event["data"]))
                    if len(server.live) >= SAMPLES:
                        return
        thread = threading.Thread(target=listen)
        thread.start()
        wait_until(lambda: len(server.live) >= SAMPLES, timeout=120)
        thread.join()
        flushed(server)
        yield server


class Sums:
    """The sum of the samples of a time range."""

    def __init__(self, systems: list[dict]):
        self.measured = self.busy = self.balance = self.capacity = self.all_busy = self.user = 0.0
        for system in systems:
            ledger, cpu, interval = system["ledger"]["now"], system["cpu"]["now"], system["interval_seconds"]
            if ledger is None:
                continue
            self.measured += interval
            self.busy += ledger["busy_percent"] * interval
            self.balance += (ledger["unaccounted_percent"] - ledger["excess_percent"]) * interval
            self.capacity += system["cpu_count"] * interval
            self.all_busy += cpu["busy_percent"] * system["cpu_count"] * interval
            self.user += cpu["user_percent"] * system["cpu_count"] * interval

    @property
    def coverage(self) -> float:
        return 100 - max(0, self.balance) / self.busy * 100 if self.busy else 100.0


def times(server) -> list[float]:
    return [seconds(system["sampled_at"]) for system in server.live]


def test_sixty_ranges_are_explained_by_the_sums_of_their_samples(recorded):
    generator = random.Random(16)
    moments = times(recorded)
    for _ in range(60):
        first = generator.randrange(len(moments) - 11)
        last = generator.randrange(first + 10, len(moments))
        # A range does not include its start.
        sums = Sums(recorded.live[first + 1:last + 1])
        explained = recorded.json(f"/explain?from={moments[first]:.3f}&to={moments[last]:.3f}")
        assert explained["coverage_percent"] == pytest.approx(sums.coverage, abs=TOLERANCE), (first, last)
        assert explained["busy_seconds"] == pytest.approx(sums.busy / 100, rel=0.002, abs=0.01), (first, last)


NAMES = ["ledger.coverage_percent", "ledger.busy_percent", "cpu.busy_percent", "cpu.user_percent"]
# Longer than the time since the epoch, so the range is one step.
WHOLE = 4_000_000_000


def history(server, begin: float, end: float, step: int) -> dict:
    return server.json(f"/history?from={begin:.3f}&to={end:.3f}&step={step}&series={','.join(NAMES)}")


def mean_of_steps(answer: dict, name: str, begin: float, end: float) -> float:
    """The mean of all steps, each weighted by the time for which it lies in the range."""
    total = weight = 0.0
    for start, value in zip(answer["times"], answer["series"][name]):
        inside = min(start + answer["step_seconds"], end) - max(start, begin)
        if value is not None:
            total, weight = total + value * inside, weight + inside
    return total / weight


def test_sixty_ranges_of_the_history_are_the_sums_of_their_samples(recorded):
    """In one step, and in steps of any length, which begin before the range."""
    generator = random.Random(17)
    moments = times(recorded)
    for _ in range(60):
        first = generator.randrange(len(moments) - 11)
        last = generator.randrange(first + 10, len(moments))
        begin, end, step = moments[first], moments[last], generator.randrange(1, 9)
        sums = Sums(recorded.live[first + 1:last + 1])
        expected = [sums.coverage, sums.busy / sums.measured, sums.all_busy / sums.capacity, sums.user / sums.capacity]
        whole, steps = history(recorded, begin, end, WHOLE), history(recorded, begin, end, step)
        assert whole["times"] == [0]
        assert steps["times"][0] == int(begin / step) * step
        for name, value in zip(NAMES, expected):
            assert whole["series"][name] == [pytest.approx(value, abs=TOLERANCE)], (name, first, last)
            # The coverage is a quotient: its mean over time is not that of the range.
            if name != NAMES[0]:
                mean = mean_of_steps(steps, name, begin, end)
                assert mean == pytest.approx(value, abs=TOLERANCE), (name, first, last, step)


def test_sixty_ranges_that_cut_samples_agree(recorded):
    """The ends lie anywhere: a sample counts by the part inside, wherever a range or a step cuts it."""
    generator = random.Random(18)
    moments = times(recorded)
    for _ in range(60):
        begin = generator.uniform(moments[0], moments[-1] - 1.1)
        end = generator.uniform(begin + 1, moments[-1])
        begin, end, step = round(begin, 3), round(end, 3), generator.randrange(1, 9)
        explained = recorded.json(f"/explain?from={begin:.3f}&to={end:.3f}")
        whole, steps = history(recorded, begin, end, WHOLE), history(recorded, begin, end, step)
        coverage, busy, share, _ = (whole["series"][name][0] for name in NAMES)
        assert explained["measured_seconds"] == pytest.approx(end - begin, abs=0.011), (begin, end)
        assert explained["coverage_percent"] == pytest.approx(coverage, abs=TOLERANCE), (begin, end)
        rounding = 1 / (end - begin)
        assert explained["busy_seconds"] / (end - begin) * 100 == pytest.approx(busy, abs=TOLERANCE + rounding)
        assert mean_of_steps(steps, NAMES[1], begin, end) == pytest.approx(busy, abs=TOLERANCE), (begin, end, step)
        assert mean_of_steps(steps, NAMES[2], begin, end) == pytest.approx(share, abs=TOLERANCE), (begin, end, step)


def test_the_tables_of_sixty_moments_are_the_explanations_of_their_windows(recorded):
    """At any moment, also between two samples: rows of a past table add up to what processes used in its window."""
    generator = random.Random(20)
    moments = times(recorded)
    for _ in range(60):
        at = round(generator.uniform(moments[10], moments[-1]), 3)
        index = bisect.bisect(moments, at + 0.0001) - 1
        response = recorded.request(f"/cpu_usage?at={at:.3f}&fields=all")
        assert seconds(response.headers["X-Sampled-At"]) == pytest.approx(moments[index], abs=0.0005), at
        window, live = float(response.headers["X-Window-Seconds"]), recorded.live[index]["window_seconds"]
        if abs(window - live) > 0.011:
            # After a late sample, two windows are equally near to the configured one.
            assert abs(window - 3) == pytest.approx(abs(live - 3), abs=0.011)
        used = sum((row[name] or 0) * (row["window_seconds"] or 0) for row in json.loads(response.body)
                   for name in ("user_avg", "sys_avg", "children_user_avg", "children_sys_avg"))
        begin, end = (seconds(response.headers[f"X-Window-{end}"]) for end in ("Start", "End"))
        assert end == pytest.approx(moments[index], abs=0.0005)
        assert end - begin == pytest.approx(window, abs=0.011)
        explained = recorded.json(f"/explain?from={begin:.3f}&to={end:.3f}&limit=100000")
        expected = sum(process["cpu_seconds"] for process in explained["processes"]) * 100
        # Each row has a window of its own, which is rounded to hundredths of a second.
        rounding = 0.006 / window * expected / window
        assert used / window == pytest.approx(expected / window, abs=TOLERANCE + rounding), at
        past = history(recorded, begin, end, WHOLE)["series"]
        assert past["ledger.coverage_percent"] == [pytest.approx(explained["coverage_percent"], abs=TOLERANCE)], at
        if begin >= moments[0] - 0.0005:
            sums = Sums(recorded.live[bisect.bisect(moments, begin + 0.005):index + 1])
            assert past["ledger.coverage_percent"] == [pytest.approx(sums.coverage, abs=TOLERANCE)], at
            assert past["ledger.busy_percent"] == [pytest.approx(sums.busy / sums.measured, abs=TOLERANCE)], at


def test_sixty_live_windows_are_the_sums_of_their_samples_and_of_their_explanations(recorded):
    moments = times(recorded)
    # Windows that began after the stream.
    whole = [index for index, one in enumerate(recorded.live) if moments[index] - one["window_seconds"] > moments[0]]
    for index in random.Random(21).sample(whole, 60):
        system = recorded.live[index]
        newest_first = [one["interval_seconds"] for one in reversed(recorded.live[1:index + 1])]
        # The window began at a sample; after a late one, the next may follow within milliseconds.
        lengths = list(itertools.accumulate(newest_first, initial=0.0))
        count = min(range(len(lengths)), key=lambda one: abs(lengths[one] - system["window_seconds"]))
        # Each interval is rounded to milliseconds.
        assert lengths[count] == pytest.approx(system["window_seconds"], abs=0.001 * (count + 1)), index
        begin = moments[index - count]
        window, sums = system["ledger"]["window"], Sums(recorded.live[index - count + 1:index + 1])
        assert window["coverage_percent"] == pytest.approx(sums.coverage, abs=TOLERANCE), index
        explained = recorded.json(f"/explain?from={begin:.3f}&to={moments[index]:.3f}")
        assert explained["coverage_percent"] == pytest.approx(window["coverage_percent"], abs=TOLERANCE), index
        past = recorded.json(f"/history?from={begin:.3f}&to={moments[index]:.3f}&step={WHOLE}&series=ledger.*,cpu.*")
        for family in ("ledger", "cpu"):
            for name, value in system[family]["window"].items():
                assert past["series"][f"{family}.{name}"] == [pytest.approx(value, abs=TOLERANCE)], (name, index)


# Other hosts.


AGENT_SAMPLES = 90


@pytest.fixture(scope="module")
def fleet():
    """A hub that has recorded an agent on a real machine; `.sent` has each sample as the agent sent it."""
    with Server() as hub, Relay(hub.port) as relay, loaded():
        with Agent(relay.url(), "--name", "web-1", "--interval", "0.4"):
            wait_until(lambda: relay.messages > AGENT_SAMPLES, timeout=120)
            last = relay.texts[AGENT_SAMPLES - 1]
            wait_until(lambda: seconds(host(hub, "web-1")["sampled_at"]) > seconds(last["sampled_at"]))
        hub.relay, hub.sent = relay, relay.texts[:AGENT_SAMPLES]
        yield hub


class AgentSums:
    """The sum of the samples of an agent over a time range, in percent of one CPU times seconds."""

    def __init__(self, messages: list[dict]):
        self.measured = self.busy = self.accounted = self.capacity = self.all_busy = self.user = 0.0
        for message in messages:
            if message["ledger"] is None:
                continue
            interval, cpus = message["interval_seconds"], message["ledger"]["counted_cpus"]
            self.measured += interval
            self.busy += message["ledger"]["counted_percent"] * interval
            self.accounted += message["ledger"]["accounted_percent"] * interval
            self.capacity += cpus * interval
            self.all_busy += (100 - message["cpu"]["idle_percent"] - message["cpu"]["iowait_percent"]) * cpus * interval
            self.user += message["cpu"]["user_percent"] * cpus * interval

    @property
    def coverage(self) -> float:
        return min(100.0, self.accounted / self.busy * 100) if self.busy else 100.0


FLEET_NAMES = ["ledger.coverage_percent", "ledger.counted_percent", "cpu.busy_percent", "cpu.user_percent"]


def fleet_history(hub, begin: float, end: float, step: int) -> dict:
    return hub.json(f"/history?host=web-1&from={begin:.3f}&to={end:.3f}&step={step}&series={','.join(FLEET_NAMES)}")


def test_sixty_ranges_of_a_chart_of_the_fleet_are_the_sums_of_their_samples(fleet):
    generator = random.Random(18)
    moments = [seconds(message["sampled_at"]) for message in fleet.sent]
    for _ in range(60):
        first = generator.randrange(len(moments) - 11)
        last = generator.randrange(first + 10, len(moments))
        begin, end = moments[first], moments[last]
        sums = AgentSums(fleet.sent[first + 1:last + 1])
        answer = fleet_history(fleet, begin, end, WHOLE)
        assert answer["times"] == [0]
        coverage, busy, share, user = (answer["series"][name][0] for name in FLEET_NAMES)
        assert coverage == pytest.approx(sums.coverage, abs=TOLERANCE), (first, last)
        assert busy == pytest.approx(sums.busy / sums.measured, rel=0.001, abs=TOLERANCE)
        assert share == pytest.approx(sums.all_busy / sums.capacity, abs=TOLERANCE)
        assert user == pytest.approx(sums.user / sums.capacity, abs=TOLERANCE)


def test_the_steps_of_sixty_ranges_of_a_chart_of_the_fleet_add_up(fleet):
    """The ends lie anywhere: a sample counts by the part inside, and no step has time outside of the range."""
    generator = random.Random(19)
    moments = [seconds(message["sampled_at"]) for message in fleet.sent]
    for _ in range(60):
        begin = round(generator.uniform(moments[0], moments[-1] - 4.1), 3)
        end, step = round(generator.uniform(begin + 4, moments[-1]), 3), generator.randrange(1, 12)
        whole, steps = fleet_history(fleet, begin, end, WHOLE), fleet_history(fleet, begin, end, step)
        for name in FLEET_NAMES[1:]:
            assert mean_of_steps(steps, name, begin, end) == pytest.approx(
                whole["series"][name][0], abs=TOLERANCE), (name, begin, end, step)


def test_the_live_values_of_a_host_are_its_newest_sample(fleet):
    newest = wait_until(lambda: (one := host(fleet, "web-1")) and not one["connected"] and one)
    message = next(one for one in fleet.relay.texts if one["sampled_at"] == newest["sampled_at"])
    assert newest["ledger"] == message["ledger"]
    busy = 100 - message["cpu"]["idle_percent"] - message["cpu"]["iowait_percent"]
    assert newest["cpu_percent"] == pytest.approx(busy, abs=TOLERANCE)
    assert newest["cpu_percent"] == pytest.approx(
        message["ledger"]["counted_percent"] / message["ledger"]["counted_cpus"], abs=TOLERANCE)


def test_an_agent_without_sums_is_weighed_by_its_busy_time():
    """An agent of a previous version: half of the time busy and hardly explained, half of the time nearly idle."""
    with Server() as hub:
        with Client(hub) as client:
            for number in range(1, 21):
                busy, coverage = (99, 10.0) if number % 2 else (1, 100.0)
                client.acknowledged(sample("old", number, busy=busy, age=20.0 - number, coverage_percent=coverage))
        answer = hub.json("/history?host=old&series=cpu.busy_percent,ledger.coverage_percent&from=-1m&step=100000")
    assert answer["series"]["cpu.busy_percent"] == [50.0]
    assert answer["series"]["ledger.coverage_percent"] == [pytest.approx((99 * 0.1 + 1) / 100 * 100, abs=TOLERANCE)]
