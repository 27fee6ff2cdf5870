"""axe-core finds nothing serious or critical on the page, in both themes, wide and narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from feeds import FakeFeed, alert, alerts, host, ledger, machine, past, process, recorder, suspect

GRAVE = {"serious", "critical"}


def findings(page) -> list[str]:
    """What axe-core holds for serious or worse, with the places."""
    answer = Axe().run(page).response
    return [f"{one['impact']}: {one['id']}: {one['help']}: {node['html'][:120]} {node['failureSummary'][:300]}"
            for one in answer["violations"] if one["impact"] in GRAVE for node in one["nodes"]]


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


@pytest.fixture(params=[1280, 390])
def width(request):
    return request.param


@pytest.fixture
def stats(server, open_page, scheme, width):
    """The page in the theme and the width of the test, with something to see in each of its parts."""
    def open_stats(**system):
        page = open_page(width=width, height=844, color_scheme=scheme, has_touch=width < 500)
        feed = FakeFeed(page)
        feed.history = lambda asked: past(1748778000, {
            name: [20.0] * 1200 for name in asked["series"].split(",")})
        feed.system = machine(ledger(processes=120, ended=60, kernel=9, steal=4, unaccounted=80),
                              recorder=recorder(), **{**host(), **system})
        feed.publish(process("burner", 97), process("tepid", 55), process("still", 0),
                     process("make", 1, children_user_avg=340.0), process("gone", 0, status="zombie"))
        page.goto(f"{server.url}/stats")
        expect(page.locator(".chart canvas").first).to_be_visible()
        # Rows exist where the reader is.
        page.locator("#process-table thead").scroll_into_view_if_needed()
        expect(page.locator(".process").first).to_be_visible()
        return page, feed
    return open_stats


def test_the_page_at_rest(stats):
    page, _ = stats()
    assert findings(page) == []


def test_the_page_in_trouble(stats):
    page, feed = stats(
        coverage_advice=[{"reason": "/proc shows 12 processes", "remedy": "start with --pid=host"}],
        last_gap={"ended_at": "2025-06-01T11:59:50Z", "seconds": 31.2, "suspended_seconds": 0})
    feed.alerts = alerts(
        alert(suspects=[suspect("burner"), suspect("make", 40)]), alert("load", "pending", unit="number"),
        recent=[alert(f"past-{number}", "resolved", until="2025-06-01T10:00:00Z", end="cleared",
                      suspects=[suspect("burner", has_ended=True)]) for number in range(12)],
        rules=[{"name": "cpu", "state": "firing", "condition": "CPU above 75 %"}])
    expect(page.locator(".alert-chip")).to_have_count(2)
    page.locator("#alerts-title").click()
    expect(page.locator(".alerts-past .alert").first).to_be_visible()
    page.locator("#pause").click()
    assert findings(page) == []


def test_the_help(stats):
    page, _ = stats()
    page.locator("#open-help").click()
    expect(page.locator("#help")).to_be_visible()
    assert findings(page) == []


def test_a_table_without_rows(stats):
    page, _ = stats()
    page.locator("#filter").fill("nobody is called like this")
    expect(page.locator("#empty")).to_be_visible()
    page.locator(".chart-key").first.click()
    assert findings(page) == []
