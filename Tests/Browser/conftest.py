"""A real Chromium, and a page on which every unexpected error is a failure."""

import os
import re
import shutil
from urllib.parse import urlparse

import pytest
from feeds import FakeFeed
from playwright.sync_api import Page, expect, sync_playwright

# Expectations are met at once on an idle machine, and late on a busy one.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def launch():
    """Starts Debian's Chromium, with further arguments: the tests download no browser."""
    path = os.environ.get("TOPSERVER_CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert path, "no chromium: install it, or name it in TOPSERVER_CHROMIUM"
    with sync_playwright() as playwright:
        # The sandbox needs privileges that containers seldom have; the pages are our own.
        yield lambda *arguments: playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", *arguments])


@pytest.fixture(scope="session")
def browser(launch):
    # A renderer that serves one page after the other compiles the modules of the page once.
    running = launch("--process-per-site")
    yield running
    running.close()


@pytest.fixture(scope="session")
def shared_context(browser):
    """One context for the pages of most tests, with a first page that keeps their renderer alive."""
    context = browser.new_context()
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body="", content_type="text/html"))
    # All servers of the tests are one site: a site has a host and no port.
    page.goto("http://127.0.0.1/")
    yield context
    context.close()


def forget(page: Page):
    """Removes what the page stored: the next page in the context may come from the same address."""
    address = urlparse(page.url)
    if address.netloc:
        session = page.context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", {
            "origin": f"{address.scheme}://{address.netloc}", "storageTypes": "all"})
        session.detach()


@pytest.fixture
def expected_errors():
    """Patterns of console errors that the test provokes on purpose."""
    return []


@pytest.fixture
def open_page(browser, shared_context, expected_errors):
    """Opens pages, `open_page(width=390, …)`, and fails on any error that one of them reports.

    The browser reports a breach of the content security policy as a console error, too.
    A page with options of a context, such as `has_touch`, gets one of its own; `own_context` asks for one.
    """
    pages, contexts, complaints = [], [], []

    def open_one(width: int = 1280, height: int = 800, color_scheme=None, reduced_motion=None,
                 own_context: bool = False, **options) -> Page:
        context = shared_context
        if own_context or options:
            context = browser.new_context(**options)
            contexts.append(context)
        page = context.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: message.type in ("error", "warning")
                and complaints.append(f"{message.type}: {message.text} {message.location}"))
        return page

    yield open_one
    for page in pages:
        if page.context is shared_context and not page.is_closed():
            forget(page)
            page.close()
    for context in contexts:
        context.close()
    unexpected = [complaint for complaint in complaints
                  if not any(re.search(pattern, complaint) for pattern in expected_errors)]
    assert not unexpected, "the page complained:\n" + "\n".join(unexpected)


@pytest.fixture
def page(open_page) -> Page:
    return open_page()


@pytest.fixture
def feed(page) -> FakeFeed:
    """Answers the page's requests for samples with the samples of the test."""
    return FakeFeed(page)


@pytest.fixture
def stats(server, page, feed):
    """Opens the page with the first sample of the test: `stats(process(…), …)`."""
    def open_stats(*processes) -> Page:
        # The page polls more often than once a second, so that tests wait less.
        page.add_init_script("""
          const everySoOften = setInterval;
          window.setInterval = (action, delay) => everySoOften(action, delay / 5);""")
        feed.publish(*processes)
        page.goto(f"{server.url}/stats")
        expect(page.locator("#pulse")).to_have_text("Live")
        return page
    return open_stats
