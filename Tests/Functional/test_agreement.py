"""Live and past agree: /history and /explain of a time range are the sum of the samples from /events.

The charts of a host of the fleet are the sum of what its agent sent.
"""

from __future__ import annotations

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
    with Server("--interval", "0.1", "--flush-interval", "0.05") as server, loaded():
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


def test_sixty_points_of_the_history_are_the_sums_of_their_samples(recorded):
    generator = random.Random(17)
    moments = times(recorded)
    names = ["ledger.coverage_percent", "ledger.busy_percent", "cpu.busy_percent", "cpu.user_percent"]
    compared = 0
    for _ in range(60):
        step = generator.randrange(1, 6)
        steps = range(int(moments[0] / step) + 1, int(moments[-1] / step))
        begin = generator.choice(steps) * step
        sums = Sums([system for moment, system in zip(moments, recorded.live) if begin <= moment < begin + step])
        answer = recorded.json(f"/history?from={begin}&to={begin + step - 0.001:.3f}&step={step}"
                               f"&series={','.join(names)}")
        assert answer["times"] == [begin]
        coverage, busy, share, user = (answer["series"][name][0] for name in names)
        assert coverage == pytest.approx(sums.coverage, abs=TOLERANCE), (begin, step)
        assert busy == pytest.approx(sums.busy / sums.measured, abs=TOLERANCE)
        assert share == pytest.approx(sums.all_busy / sums.capacity, abs=TOLERANCE)
        assert user == pytest.approx(sums.user / sums.capacity, abs=TOLERANCE)
        compared += 1
    assert compared == 60


def test_the_live_window_is_the_sum_of_its_samples_and_of_its_explanation(recorded):
    """The newest window reaches back to the first sample that any client saw, or nearly."""
    moments = times(recorded)
    for index in range(20, SAMPLES, 7):
        system = recorded.live[index]
        begin = seconds(system["sampled_at"]) - system["window_seconds"]
        inside = [one for moment, one in zip(moments, recorded.live)
                  if begin + 0.02 < moment <= moments[index] + 0.001]
        known = sum(one["interval_seconds"] for one in inside)
        if abs(known - system["window_seconds"]) > 0.05:
            continue
        window, sums = system["ledger"]["window"], Sums(inside)
        assert window["coverage_percent"] == pytest.approx(sums.coverage, abs=TOLERANCE), index
        explained = recorded.json(f"/explain?from={begin + 0.02:.3f}&to={moments[index]:.3f}")
        assert explained["coverage_percent"] == pytest.approx(window["coverage_percent"], abs=TOLERANCE), index


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


def test_sixty_points_of_a_chart_of_the_fleet_are_the_sums_of_their_samples(fleet):
    generator = random.Random(18)
    moments = [seconds(message["sampled_at"]) for message in fleet.sent]
    names = ["ledger.coverage_percent", "ledger.counted_percent", "cpu.busy_percent", "cpu.user_percent"]
    for _ in range(60):
        step = generator.randrange(1, 12)
        steps = range(int(moments[0] / step) + 1, int(moments[-1] / step))
        begin = generator.choice(steps) * step
        sums = AgentSums([message for moment, message in zip(moments, fleet.sent) if begin <= moment < begin + step])
        answer = fleet.json(f"/history?host=web-1&from={begin}&to={begin + step - 0.001:.3f}&step={step}"
                            f"&series={','.join(names)}")
        assert answer["times"] == [begin]
        coverage, busy, share, user = (answer["series"][name][0] for name in names)
        assert coverage == pytest.approx(sums.coverage, abs=TOLERANCE), (begin, step)
        assert busy == pytest.approx(sums.busy / sums.measured, rel=0.001, abs=TOLERANCE)
        assert share == pytest.approx(sums.all_busy / sums.capacity, abs=TOLERANCE)
        assert user == pytest.approx(sums.user / sums.capacity, abs=TOLERANCE)


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
