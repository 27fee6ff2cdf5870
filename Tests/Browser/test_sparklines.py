"""The small charts in the rows: what each process used over the last minute."""

import re

import pytest
from playwright.sync_api import Page, expect

from feeds import at, process


def path(page: Page, name: str):
    return page.locator(".process", has=page.locator(".name-text", has_text=re.compile(f"^{name}$"))).locator(".trail path")


@pytest.fixture
def sampled(stats, feed):
    """Publishes samples one after the other, a second apart: `sampled(processes, processes, …)`."""
    def publish(*samples):
        for second, processes in enumerate(samples):
            feed.time = f"2025-06-01T12:00:{second:02}.000Z"
            (feed.publish if second else stats)(*processes)
            expect(feed.page.locator("[data-value=sampled]")).to_contain_text(f":{second:02}")
        return feed.page
    return publish


@pytest.mark.parametrize("times, values, expected", [
    ([], [], ""),
    ([1000, 2000], None, ""),
    ([1000, 2000], [0, 0], ""),
    # A second of sixty is two of 120, and half a CPU half of 16.
    ([1000, 2000], [0, 50], "M118 16V8H120V16Z"),
    ([1000, 2000, 3000], [50, 100, 50], "M114 16V8H116V0H118V8H120V16Z"),
    # Beyond one CPU the greatest value is the height.
    ([1000, 2000], [100, 400], "M116 16V12H118V0H120V16Z"),
    # Little is seen all the same, and who was not there is not drawn.
    ([1000, 2000], [None, 0.01], "M118 16V15H120V16Z"),
    # Equal values are one step, and a gap is a gap.
    ([1000, 2000, 3000, 33_000, 34_000, 35_000, 36_000], [50, 50, 50, 50, 50, 50, 50], None),
])
def test_the_shape(call, times, values, expected):
    drawn = call("sparkline.js", "sparkline", {"times": times, "step": 1000}, values)
    if expected is None:
        assert drawn.count("V16") == 2
    else:
        assert drawn == expected


@pytest.fixture(scope="module")
def call(server, browser):
    page = browser.new_page()
    page.goto(f"{server.url}/stats")
    yield lambda module, function, *arguments: page.evaluate(
        "async ([module, name, values]) => (await import(`/${module}`))[name](...values)",
        [module, function, list(arguments)])
    page.close()


def test_a_row_draws_what_its_process_used(sampled):
    busy, idle = process("busy", 50), process("idle", 0)
    page = sampled([busy, idle], [at(busy, 100), idle], [at(busy, 25), idle])
    expect(path(page, "busy")).to_have_attribute("d", "M114 16V8H116V0H118V12H120V16Z")
    assert not path(page, "idle").get_attribute("d")
    expect(page.locator(".process .trail").first).to_have_attribute("aria-hidden", "true")
    box = page.locator(".process .trail").first.bounding_box()
    assert box["width"] > 60 and box["height"] > 10


def test_a_pid_that_comes_back_is_another_process(sampled):
    old = process("worker", 100, pid=77)
    new = at(old, 50) | {"start_time": "2025-06-01T12:00:01.500Z"}
    page = sampled([old], [old], [new])
    expect(path(page, "worker")).to_have_attribute("d", "M118 16V8H120V16Z")


def test_what_was_recorded_is_there_at_once(stats, feed):
    busy = process("busy", 50, start_time="2025-01-01T00:00:00.000Z")
    noon = 1748779200
    feed.trails = lambda asked: {"times": [noon - 2, noon - 1, noon], "processes": [
        {"pid": busy["pid"], "start_time": busy["start_time"], "cpu_percent": [25, 100, 50]}]}
    page = stats(busy)
    feed.time = "2025-06-01T12:00:01.000Z"
    feed.publish(busy)
    expect(path(page, "busy")).to_have_attribute("d", "M112 16V12H114V0H116V8H120V16Z")


def test_a_paused_page_has_paused_sparklines(sampled, feed):
    busy = process("busy", 50)
    page = sampled([busy], [busy])
    expect(path(page, "busy")).to_have_attribute("d", "M116 16V8H120V16Z")
    page.keyboard.press("Space")
    asked = feed.requests
    feed.time = "2025-06-01T12:00:05.000Z"
    feed.publish(at(busy, 100))
    page.wait_for_event("requestfinished", lambda request: feed.requests > asked)
    page.locator("th[data-column=name] button").click()
    expect(path(page, "busy")).to_have_attribute("d", "M116 16V8H120V16Z")
