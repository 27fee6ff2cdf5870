"""The sparklines in the rows: what each process used over the last minute."""

import re

import pytest
from feeds import at, process
from playwright.sync_api import Page, expect


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


def test_a_row_draws_what_its_process_used(sampled):
    busy, idle = process("busy", 50), process("idle", 0)
    page = sampled([busy, idle], [at(busy, 100), idle], [at(busy, 25), idle])
    expect(path(page, "busy")).to_have_attribute("d", "M114 16V8H116V0H118V12H120V16Z")
    assert not path(page, "idle").get_attribute("d")
    expect(page.locator(".process .trail").first).to_have_attribute("aria-hidden", "true")
    box = page.locator(".process .trail").first.bounding_box()
    assert box["width"] > 60 and box["height"] > 10


def test_a_reused_pid_is_another_process(sampled):
    old = process("worker", 100, pid=77)
    new = at(old, 50) | {"start_time": "2025-06-01T12:00:01.500Z"}
    page = sampled([old], [old], [new])
    expect(path(page, "worker")).to_have_attribute("d", "M118 16V8H120V16Z")


def test_recorded_values_are_shown_at_once(stats, feed):
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
