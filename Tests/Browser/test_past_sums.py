"""The figures of a moment of the past come from sums, like the live ones."""

import json
import threading

import pytest
from harness import Server, wait_until
from past import flushed, seconds
from proc_tree import KERNEL_THREAD_FLAG, ProcTree
from test_agreement import loaded
from test_events import events, listening

READ = """async (time) => {
  const { readMoment } = await import('/stats/past-moment.js');
  return (await readMoment(time)).system;
}"""
# Parts of the busy time, in percent of one CPU, and the coverage.
FIGURES = ["busy_percent", "coverage_percent", "processes_percent", "kernel_threads_percent", "ended_children_percent",
           "interrupts_percent", "steal_percent", "unaccounted_percent", "excess_percent"]


def assert_past_equals_live(page, server, systems: list[dict]):
    """The page shows each of these moments with the figures that /events sent then, within 0.1 percentage points."""
    page.goto(f"{server.url}/stats")
    try:
        for system in systems:
            shown = page.evaluate(READ, round(seconds(system["sampled_at"]) * 1000))
            for name in FIGURES:
                assert shown["ledger"]["window"][name] == pytest.approx(
                    system["ledger"]["window"][name], abs=0.1), (name, system["sampled_at"])
            for name, value in system["cpu"]["window"].items():
                assert shown["cpu"]["window"][name] == pytest.approx(value, abs=0.1), (name, system["sampled_at"])
    finally:
        # The page would continue to ask a server that has ended.
        page.goto("about:blank")


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
        assert_past_equals_live(page, running, live[9:])


class LateKernel(ProcTree):
    """Two CPUs whose busy time is counted one interval after the use of the processes that explains it.

    So every other interval has an excess and is followed by one in which nothing explains the busy time. Over both, the
    processes explain all of it.
    """

    def __init__(self, root):
        super().__init__(root)
        self.rounds = self.user = self.kernel = self.children = self.softirq = 0
        self.put(1, name=b"init", ppid=0)
        self.advance(0)

    def advance(self, ticks: int):
        """Adds that many ticks of a process, and fewer of a kernel thread, of exited children and of interrupts."""
        self.user, self.kernel = self.user + ticks, self.kernel + ticks // 4
        self.children, self.softirq = self.children + ticks // 3, self.softirq + ticks // 5
        self.put(2, name=b"kthreadd", ppid=0, flags=KERNEL_THREAD_FLAG, system=self.kernel)
        self.put(8, user=self.user, children=self.children)

    def count(self):
        """Counts what was used as busy time."""
        user = 100 + self.user + self.kernel + self.children
        self.write("stat", f"cpu  {user} 0 100 100000 0 0 {self.softirq} 0 0 0\n"
                           "cpu0 50 0 50 50000 0 0 0 0 0 0\ncpu1 50 0 50 50000 0 0 0 0 0 0\n"
                           "intr 0\nctxt 0\nbtime 1700000000\nprocesses 1\nprocs_running 1\nprocs_blocked 0\n")

    def pass_interval(self):
        if self.rounds % 2 == 0:
            self.advance(20 + 3 * (self.rounds % 5))
        else:
            self.count()
        self.rounds += 1


def test_an_excess_in_one_interval_explains_the_busy_time_of_the_next(page, tmp_path):
    tree = LateKernel(tmp_path / "proc")
    # As long as the history needs to return samples one by one: its steps are seconds.
    with Server("--proc", str(tree.root), "--interval", "0.7", "--window", "4.2", "--flush-interval", "0.05") as running:
        live = []
        with listening(running) as response:
            for event in events(response):
                if event["event"] != "system":
                    continue
                live.append(json.loads(event["data"]))
                if len(live) >= 18:
                    break
                # The next sample sees all of it.
                tree.pass_interval()
        flushed(running)
        now = [system["ledger"]["now"] for system in live[4:]]
        assert sum(one["excess_percent"] > 20 for one in now) >= 6
        assert sum(one["unaccounted_percent"] > 20 for one in now) >= 6
        whole = [system["ledger"]["window"] for system in live[9:]]
        # Sums of the parts as each interval shows them would have no time of processes at all.
        assert all(one["processes_percent"] > 8 for one in whole)
        assert any(one["unaccounted_percent"] < 1 for one in whole)
        assert_past_equals_live(page, running, live[9:])
