#!/usr/bin/env python3
"""Measures in Chromium what the page costs its reader: an update of the table, and a redraw of the charts.

    .venv/bin/python bench/page.py [--static FOLDER]    (make test-browser prepares .venv)

Times are those of the browser's main thread, by performance.now(): from the moment at which the page gets a sample
until its layout is done. On a machine with other work the minimum is nearest to what the work itself takes. CPU time
is that of the main thread, with everything that it does between two samples. The bench does not pass or fail; a
frame of a usual screen takes 16.7 ms.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "Tests"), str(ROOT / "Tests" / "Browser")]

import harness  # noqa: E402
from feeds import FakeFeed, host, machine, past, process, recorder  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402  (needs the path above)

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
SAMPLES = 60
ROWS = 500
# Tall enough to draw every row; readers' screens show some forty.
TALL = 17_000

# The duration of each event of the feed, with the layout that it causes.
STOPWATCH = """
  const send = EventTarget.prototype.dispatchEvent;
  window.lengths = { sample: [], system: [], look: [] };
  EventTarget.prototype.dispatchEvent = function (event) {
    const list = window.lengths[event.type];
    if (!list) return send.call(this, event);
    const begin = performance.now();
    const answer = send.call(this, event);
    document.body.offsetHeight;
    list.push(performance.now() - begin);
    return answer;
  };
  const every = setInterval;
  window.setInterval = (action, delay) => every(action, delay / 8);"""

# Moves the charts in each frame for two seconds, and reports how long the frames were.
MOVE = """async ([from, to]) => {
  const frames = [];
  let last = null;
  await new Promise((resolve) => {
    const begin = performance.now();
    const step = (now) => {
      if (last !== null) frames.push(now - last);
      last = now;
      const shift = (now - begin) * 20;
      document.dispatchEvent(new CustomEvent('look', { detail: { from: from - shift, to: to - shift } }));
      if (now - begin < 2000) requestAnimationFrame(step); else resolve();
    };
    requestAnimationFrame(step);
  });
  return frames;
}"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--static", type=Path, default=ROOT / "static", help="the page to measure (static)")
    options = parser.parse_args()
    harness.STATIC = options.static.resolve()
    with harness.Server() as server, sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-headless-shell")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        print(f"Chromium {browser.version}, {options.static}")
        for height in (900, TALL):
            measure(browser, server, height)
        browser.close()


def measure(browser, server, height: int):
    page = browser.new_page(viewport={"width": 1280, "height": height})
    page.add_init_script(STOPWATCH)
    feed = FakeFeed(page)
    feed.history = lambda asked: past(NOON.timestamp() - 1199, {
        name: [20 + index % 7 for index in range(1200)] for name in asked["series"].split(",") if "*" not in name})
    feed.system = machine(sampled_at=at(0), recorder=recorder(), **host())
    processes = [process(f"worker-{number}", number % 50) for number in range(ROWS)]
    feed.publish(*processes)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(f"{server.url}/stats")
    page.locator(".chart canvas").first.wait_for()
    for second in range(1, SAMPLES + 1):
        if second == SAMPLES // 3:
            before = main_thread(session)
        feed.time = at(second)
        # Every value changes with every sample, and so does the order.
        feed.publish(*({**one, "user_now": (index * 7 + second * 13) % 50, "user_avg": (index * 3 + second * 11) % 50}
                       for index, one in enumerate(processes)))
        feed.system = machine(sampled_at=at(second), recorder=recorder(), **host(user=20 + second % 30))
        asked = feed.requests
        while feed.requests < asked + 2:
            page.wait_for_timeout(20)
    used = (main_thread(session) - before) * 1000 / (SAMPLES - SAMPLES // 3)
    lengths = page.evaluate("window.lengths")
    drawn = page.locator(".process").count()
    show(f"the table, {ROWS} processes, {drawn} rows drawn", lengths["sample"][SAMPLES // 3:])
    show("the figures and the charts, 1,200 points in each of four", lengths["system"][SAMPLES // 3:])
    print(f"CPU time of the main thread per sample: {used:.1f} ms")
    if height < TALL:
        end = (NOON + timedelta(seconds=SAMPLES)).timestamp() * 1000
        frames = page.evaluate(MOVE, [end - 1_000_000, end])
        show("charts moved in each frame, 1,000 points in view", page.evaluate("window.lengths.look")[5:])
        show("  frames during that time", frames[5:])
    page.close()


def main_thread(session) -> float:
    """Seconds of CPU time that tasks have used."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(one["value"] for one in metrics if one["name"] == "TaskDuration")


def at(second: int) -> str:
    return (NOON + timedelta(seconds=second)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def show(what: str, lengths: list[float]):
    if len(lengths) < 2:
        print(f"{what}: not measured")
        return
    p95 = quantiles(lengths, n=20)[-1]
    print(f"{what}: {len(lengths)} times, minimum {min(lengths):.1f} ms, median {median(lengths):.1f}, p95 {p95:.1f}")


if __name__ == "__main__":
    main()
