"""What the page says when samples stop, and that it sends no more requests than it should."""

import pytest
from feeds import EVENTS, at, ledger, machine, process
from playwright.sync_api import expect


@pytest.fixture
def page(open_page):
    """In a context of its own: the pages of a context share one clock."""
    return open_page(own_context=True)


@pytest.fixture
def clocked(server, page, feed):
    """The page with a clock that the test can advance."""
    def open_stats(*processes):
        if processes:
            feed.publish(*processes)
        page.clock.install()
        page.goto(f"{server.url}/stats")
        if processes:
            expect(page.locator("#pulse")).to_have_text("Live")
        return page
    return open_stats


def test_before_the_first_sample_the_page_says_so(clocked):
    page = clocked()
    expect(page.locator("#empty")).to_contain_text("Waiting for the first sample")
    expect(page.locator("#pulse")).to_have_text("Connecting…")
    expect(page.get_by_role("alert")).to_have_text("")


def test_the_same_sample_again_and_again_shows_the_banner(clocked, feed):
    one = process("one", 80)
    page = clocked(one)
    for _ in range(5):
        with page.expect_response("**/cpu_usage*"):
            page.clock.run_for(1000)
    expect(page.get_by_role("alert")).to_have_text("No new sample from the server")
    expect(page.locator("#pulse")).to_have_text("Not moving")
    feed.publish(at(one, 70))
    expect(page.get_by_role("alert")).to_have_text("")
    expect(page.locator(".process .total-value")).to_have_text("70.00")


def test_a_slow_sampler_is_not_stale(clocked, feed):
    feed.interval = 30
    page = clocked(process("one", 80))
    for _ in range(5):
        page.clock.run_for(1000)
    expect(page.locator("[data-value=age]")).to_contain_text("every 30 s")
    expect(page.get_by_role("alert")).to_have_text("")


def test_an_error_of_the_server_is_shown_in_its_words(clocked, feed, expected_errors):
    expected_errors.append("503")
    page = clocked(process("one", 80))
    feed.refuse(503, "The sampler has stopped; see the log.")
    for _ in range(5):
        page.clock.run_for(1000)
    expect(page.get_by_role("alert")).to_have_text(
        "The server says “The sampler has stopped; see the log.”")
    feed.publish(process("two", 20))
    expect(page.get_by_role("alert")).to_have_text("")


def test_a_hanging_server_is_noticed_and_gets_one_request_at_a_time(clocked, page, feed):
    waiting, overlaps = [], []

    def begin(request):
        overlaps.extend(url for url in waiting if url == request.url)
        waiting.append(request.url)
    page.on("request", begin)
    for end in ("requestfinished", "requestfailed"):
        page.on(end, lambda request: waiting.remove(request.url))
    clocked(process("one", 80))
    feed.hang()
    with page.expect_request("**/cpu_usage*"), page.expect_request(EVENTS):
        page.clock.run_for(1000)
    for _ in range(3):
        page.clock.run_for(1000)
    expect(page.get_by_role("alert")).to_have_text("No answer from the server")
    expect(page.locator("[data-value=coverage]")).to_have_text("100.0 %")
    assert overlaps == []


def test_the_table_works_without_the_ledger(clocked, feed, expected_errors):
    expected_errors.append("503")
    feed.system = machine(ledger(processes=80.0))
    one = process("one", 80)
    page = clocked(one)
    expect(page.locator("[data-value=busy]")).to_have_text("0.80")
    feed.system = None
    for total in (70, 60, 50, 40, 30):
        feed.publish(at(one, total))
        page.clock.run_for(1000)
        expect(page.locator(".process .total-value")).to_have_text(f"{total}.00")
    expect(page.locator("[data-value=busy]")).to_have_text("–")
    expect(page.locator("[data-value=coverage]")).to_have_text("–")
    expect(page.locator("[data-value=scope]")).to_have_text("not known: no events from /events")
    expect(page.locator("#pulse")).to_have_text("Table only")
    expect(page.get_by_role("alert")).to_have_text("")
    feed.system = machine(ledger(processes=20.0))
    page.clock.run_for(2000)
    expect(page.locator("[data-value=busy]")).to_have_text("0.20")
    expect(page.locator("#pulse")).to_have_text("Live")


def test_a_hanging_stream_delays_no_sample(clocked, page, feed):
    one = process("one", 80)
    clocked(one)
    page.unroute(EVENTS)
    page.route(EVENTS, lambda route: None)
    for total in (70, 60):
        feed.publish(at(one, total))
        page.clock.run_for(1000)
        expect(page.locator(".process .total-value")).to_have_text(f"{total}.00")


def test_the_page_follows_a_restarted_server_that_counts_from_the_start(clocked, feed):
    feed.sequence = 5000
    page = clocked(process("before", 80))
    feed.sequence = 0
    feed.publish(process("after", 20, start_time="2025-02-02T00:00:00Z"))
    expect(page.locator(".process .name-text")).to_have_text(["after"])


def test_a_hidden_page_sends_no_requests_and_catches_up_at_once(clocked, feed):
    one = process("one", 80)
    page = clocked(one)
    page.evaluate("""() => {
      Object.defineProperty(document, 'hidden', { get: () => window.isCovered, configurable: true });
      window.cover = (covered) => {
        window.isCovered = covered;
        document.dispatchEvent(new Event('visibilitychange'));
      };
      window.cover(true);
    }""")
    asked = feed.requests
    page.clock.run_for(20_000)
    assert feed.requests <= asked + 1  # one may have been under way
    feed.publish(at(one, 33))
    page.evaluate("window.cover(false)")
    expect(page.locator(".process .total-value")).to_have_text("33.00", timeout=900)
    expect(page.get_by_role("alert")).to_have_text("")


def test_headers_are_optional(server, page):
    page.route("**/cpu_usage*", lambda route: route.fulfill(json=[process("bare", 12)]))
    page.goto(f"{server.url}/stats")
    expect(page.locator(".process .name-text")).to_have_text(["bare"])
    expect(page.locator("[data-value=busy-unit]")).to_have_text("CPUs busy")
