"""axe-core finds nothing serious or critical on the page, in both themes, wide and narrow."""

import pytest
from axe import examined, findings, width  # noqa: F401
from feeds import FakeFeed, alert, alerts, consumer, explanation, ledger, machine, machine_members, past, process, recorder, suspect
from playwright.sync_api import expect

BEGIN = 1748778000
MIDDLE = "2025-06-01T11:50:00.000Z"


@pytest.fixture
def stats(server, examined):  # noqa: F811
    """The page with content in each of its parts; at `address` it may begin in the past."""
    def open_stats(address="/stats", **system):
        page = examined
        feed = FakeFeed(page)
        feed.history = lambda asked: past(BEGIN, {
            name: [20.0] * 1200 for name in asked["series"].split(",") if "*" not in name})
        feed.moment = lambda at: None if at < "2025-06-01T11" else [process("burner", 97), process("still", 0)]
        feed.explanation = lambda asked: explanation(
            consumer("burner", 49.5, before=0.2, new=True), consumer("make", 12.5, before=12.5),
            consumer("kworker/0:1", 2.0, before=9.0, kernel=True, ended=True), processes_total=40)
        feed.system = machine(ledger(processes=120, ended=60, kernel=9, steal=4, unaccounted=80),
                              recorder=recorder(), **{**machine_members(), **system})
        feed.publish(process("burner", 97), process("tepid", 55), process("still", 0),
                     process("make", 1, children_user_avg=340.0), process("gone", 0, status="zombie"))
        page.goto(server.url + address)
        expect(page.locator(".chart canvas").first).to_be_visible()
        # Only rows near the viewport exist.
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


def test_values_that_are_old(stats, expected_errors):
    expected_errors.append("503")
    page, feed = stats()
    feed.refuse(503, "the sampler is stuck")
    expect(page.locator("body")).to_have_class("is-stale")
    assert findings(page) == []


def test_the_help(stats):
    page, _ = stats()
    page.locator("#open-help").click()
    expect(page.locator("#help")).to_be_visible()
    assert findings(page) == []


def test_a_table_without_rows(stats):
    page, _ = stats()
    page.locator("#filter").fill("no process has this name")
    expect(page.locator("#empty")).to_be_visible()
    page.locator(".chart-key").first.click()
    assert findings(page) == []


def test_the_past(stats):
    page, _ = stats(f"/stats?t={MIDDLE}")
    expect(page.locator("#past-notice")).to_contain_text("ago")
    assert findings(page) == []


@pytest.mark.parametrize("asked", ["2025-05-01T12:00:00.000Z", "noon"])
def test_a_past_without_a_record(stats, expected_errors, asked):
    expected_errors.append("404")
    page, _ = stats(f"/stats?t={MIDDLE}")
    page.evaluate("asked => { history.pushState(null, '', '?t=' + asked); dispatchEvent(new Event('popstate')); }", asked)
    expect(page.locator("#empty")).to_contain_text("No processes were recorded")
    assert findings(page) == []


@pytest.mark.parametrize("address", ["/stats", f"/stats?t={MIDDLE}"])
def test_who_used_the_cpu(stats, address):
    page, _ = stats(address)
    page.locator("#explain-open").click()
    expect(page.locator(".explain-table tbody tr")).to_have_count(3)
    # One row is pressed: the table below is filtered by it.
    page.locator(".explain-name").first.click()
    assert findings(page) == []


@pytest.mark.parametrize("answer, words", [
    (None, "Nothing was recorded in this range."), (explanation(before=12.0), "so there is no comparison")])
def test_a_range_without_an_explanation(stats, expected_errors, answer, words):
    expected_errors.append("404")
    page, feed = stats()
    feed.explanation = lambda asked: answer
    page.get_by_role("button", name="Zoom in").click()
    expect(page.locator("#explain")).to_contain_text(words)
    assert findings(page) == []
