"""The events that the page receives: one stream for all tabs, none for hidden ones, and missed samples."""

import json
import re

import pytest
from feeds import EVENTS, REFUSED, FakeFeed, machine, machine_members, process, recorder
from harness import Server, wait_until
from playwright.sync_api import expect
from test_charts import height, until, value, zoom_to_the_newest

# Hides and shows a page as another tab does; a headless browser has no tabs to switch to.
COVER = """(covered) => {
  Object.defineProperty(document, 'hidden', { get: () => covered, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""

# Another listener of the same stream, which keeps the sequence numbers of the samples.
LISTEN = """async () => {
  const { mountEvents } = await import('/stats/events.js');
  const target = new EventTarget();
  window.heard = [];
  target.addEventListener('missed', ({ detail }) => heard.push(...detail.map((one) => one.sequence)));
  target.addEventListener('system', ({ detail }) => heard.push(detail.sequence));
  mountEvents(target);
}"""


def streams(server: Server) -> dict:
    return server.json("/system")["self"]["event_streams"]


def open_streams(server: Server, count: int) -> bool:
    return streams(server)["open"] == count


def sampled(page):
    """The time of the sample on the screen."""
    return page.locator("[data-value=sampled]")


@pytest.fixture
def server(tmp_path):
    """One server for each test, because streams are counted; without rules, because firing alerts cause requests."""
    rules = tmp_path / "none.yml"
    rules.write_text("defaults: false\n")
    with Server("--interval", "0.5", "--alerts", str(rules)) as running:
        yield running


@pytest.fixture
def page(open_page):
    """In a context of its own: the pages of a context share one stream."""
    return open_page(own_context=True)


def test_live_data_comes_from_the_stream_without_polling(server, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/stats")
    for _ in range(4):
        tables = sum("/cpu_usage" in url for url in asked)
        expect(sampled(page)).not_to_have_text(sampled(page).text_content())
        wait_until(lambda: (page.wait_for_timeout(20), sum("/cpu_usage" in url for url in asked) > tables)[1])
    assert not [url for url in asked if url.endswith("/system")]
    assert sum("/history" in url for url in asked) <= 2
    assert sum("/alerts" in url for url in asked if not url.endswith((".js", ".css"))) <= 3
    assert streams(server)["open"] == 1


def test_two_tabs_share_a_stream_and_hidden_ones_close_it(server, page):
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{server.url}/stats")
        expect(tab.locator("#pulse")).to_have_text("Live")
        expect(tab.locator("[data-value=busy]")).to_have_text(re.compile(r"\d"))
    assert streams(server) == {"open": 1, "opened": 1, "dropped": 0}
    page.evaluate(COVER, True)
    before = sampled(other).text_content()
    expect(sampled(other)).not_to_have_text(before)
    assert streams(server)["open"] == 1
    other.evaluate(COVER, True)
    wait_until(lambda: open_streams(server, 0))
    page.evaluate(COVER, False)
    wait_until(lambda: open_streams(server, 1))
    before = sampled(page).text_content()
    expect(sampled(page)).not_to_have_text(before)
    assert streams(server)["opened"] == 2
    other.close()
    page.close()
    wait_until(lambda: open_streams(server, 0))


def test_a_tab_that_is_closed_is_forgotten(server, page):
    """The stream ends with its last reader, even if another tab is still open and hidden."""
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{server.url}/stats")
        expect(tab.locator("#pulse")).to_have_text("Live")
    other.evaluate(COVER, True)
    page.close()
    wait_until(lambda: open_streams(server, 0), timeout=40)


def test_missed_samples_arrive_afterwards(server, page):
    page.goto(f"{server.url}/stats")
    page.evaluate(LISTEN)
    wait_until(lambda: page.evaluate("heard.length") > 2)
    page.evaluate(COVER, True)
    wait_until(lambda: open_streams(server, 0))
    page.wait_for_timeout(1500)
    count = page.evaluate("heard.length")
    page.evaluate(COVER, False)
    wait_until(lambda: page.evaluate("heard.length") > count + 4)
    heard = page.evaluate("heard")
    assert heard == list(range(heard[0], heard[0] + len(heard)))


@pytest.mark.parametrize("shares", [True, False], ids=["shared", "alone"])
def test_the_stream_survives_a_restart(page, expected_errors, shares):
    expected_errors.append(REFUSED)
    if not shares:
        page.add_init_script("delete window.SharedWorker")
    first = Server("--interval", "0.5")
    page.goto(f"{first.url}/stats")
    expect(page.locator("#pulse")).to_have_text("Live")
    first.stop()
    expect(page.get_by_role("alert")).to_have_text("No answer from the server")
    expect(page.locator("#pulse")).to_have_text("No data")
    with Server("--interval", "0.5", port=first.port) as second:
        expect(page.locator("#pulse")).to_have_text("Live")
        wait_until(lambda: open_streams(second, 1))
        for _ in range(2):
            busy = page.locator("[data-value=sampled]")
            expect(busy).not_to_have_text(busy.text_content())
        expect(page.locator("[data-value=coverage]")).to_have_text(re.compile("%"))
        # A stream that the browser gave up would be opened again and again.
        assert streams(second)["opened"] <= 2
        page.goto("about:blank")


def test_a_page_without_shared_workers_has_its_own_stream(server, page):
    page.add_init_script("delete window.SharedWorker")
    page.goto(f"{server.url}/stats")
    expect(page.locator("#pulse")).to_have_text("Live")
    wait_until(lambda: open_streams(server, 1))
    page.evaluate(COVER, True)
    wait_until(lambda: open_streams(server, 0))
    page.evaluate(COVER, False)
    wait_until(lambda: open_streams(server, 1))


def test_the_page_works_without_a_worker_that_cannot_start(server, page, expected_errors):
    expected_errors.append("events-worker")
    page.add_init_script("""
      const Real = SharedWorker;
      window.SharedWorker = class extends Real {
        constructor(url, options) { super('no-such-worker.js', options); }
      };""")
    expected_errors.append("404")
    page.goto(f"{server.url}/stats")
    wait_until(lambda: open_streams(server, 1))
    before = sampled(page).text_content()
    expect(sampled(page)).not_to_have_text(before)


def test_samples_that_arrive_together_are_all_in_the_charts(server, page):
    """As after a while in a hidden tab: there is no history to query."""
    feed = FakeFeed(page)
    feed.publish(process("one", 5))
    page.unroute(EVENTS)
    body = "retry: 60000\n\n"
    for second in range(31):
        system = machine(sampled_at=f"2025-06-01T12:00:{second:02}Z", recorder=recorder(), **machine_members(user=80))
        body += f"id: {second + 1}\nevent: system\ndata: {json.dumps(system)}\n\n"
    page.route(EVENTS, lambda route: route.fulfill(body=body, content_type="text/event-stream"))
    page.goto(f"{server.url}/stats")
    expect(value(page, "user")).to_have_text("80.0")
    pytest.current_page = page
    zoom_to_the_newest(page)
    until(lambda: height(page, "cpu", "user", 0.6) > 0.7)


def test_varying_intervals_query_the_past_once(server, page):
    feed = FakeFeed(page)
    feed.publish(process("one", 5))
    for second in range(8):
        feed.system = machine(sampled_at=f"2025-06-01T12:00:0{second}Z", recorder=recorder(), **machine_members(user=second),
                              interval_seconds=1 + 0.001 * second)
        if second == 0:
            page.goto(f"{server.url}/stats")
        expect(value(page, "user")).to_have_text(f"{second}.0")
    assert len(feed.questions) == 1
