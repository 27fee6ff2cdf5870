"""Whether the samples are recorded: the recorder's state, its button, and its failures."""

import re

import pytest
from feeds import EVENTS, FakeFeed, machine, process, recorder
from harness import Server, wait_until
from playwright.sync_api import expect
from test_layout import CONTRAST

FULL = "the disk of /var/lib/topserver/history.sqlite is full"


def button(page):
    return page.locator("#recorder button")


def shown(page):
    """The whole text of the line, with single spaces."""
    return re.sub(r"\s+", " ", page.locator(".recorder-text").inner_text()).strip()


def leave(page):
    """Leaves the page before the server stops: a page reports an error if its server does not answer."""
    page.goto("about:blank")


@pytest.fixture
def recording(server, open_page):
    """Opens the page with a synthetic recorder; returns the page and its feed."""
    def open_recording(state, **options):
        page = open_page(**options)
        feed = FakeFeed(page)
        feed.system = machine(recorder=state)
        feed.publish(process("one", 5))
        page.goto(f"{server.url}/stats")
        expect(button(page)).to_be_visible()
        return page, feed
    return open_recording


def test_the_recorder_of_a_real_server_is_switched_by_the_button(page):
    with Server("--flush-interval", "0.2") as server:
        # The charts query the record, so there must be something in it before the recorder is switched off.
        with page.expect_response(re.compile("/history.*disk_total")):
            page.goto(f"{server.url}/stats")
        expect(page.locator(".recorder-word")).to_have_text("Recording")
        expect(page.locator(".recorder-reach")).to_have_text(
            re.compile(r"^(\d+|< 1) s · \d+\.\d of 256 MiB$"))
        button(page).click()
        expect(page.locator(".recorder-word")).to_have_text("Recorder off")
        expect(button(page)).to_have_text("Start recording")
        wait_until(lambda: not server.json("/system")["recorder"]["switched_on"])
        button(page).click()
        expect(page.locator(".recorder-word")).to_have_text("Recording")
        wait_until(lambda: server.json("/system")["recorder"]["switched_on"])
        leave(page)


def test_another_client_switches_it(page):
    with Server("--no-record") as server:
        page.goto(f"{server.url}/stats")
        expect(page.locator(".recorder-word")).to_have_text("Recorder off")
        server.request("/start", method="POST")
        expect(page.locator(".recorder-word")).to_have_text("Recording")
        leave(page)


def test_a_recorder_that_cannot_write_says_why(page):
    with Server("--data", "/proc/nowhere", expected_log="not recording") as server:
        page.goto(f"{server.url}/stats")
        expect(page.locator(".recorder-word")).to_have_text("Not recording")
        expect(page.locator(".recorder-reason")).to_contain_text("/proc/nowhere")
        expect(page.locator("#recorder")).to_have_attribute("data-mark", "failing")
        expect(page.locator("#pulse")).to_have_text("Live")
        leave(page)


def test_how_far_back_and_how_large(recording):
    page, _ = recording(recorder())
    assert shown(page) == "Recording 3 h · 12.0 of 256 MiB"
    expect(page.locator("#recorder")).to_have_attribute(
        "title", re.compile("reaches back to .*2025.*12.0 of 256 MiB in /var/lib/topserver"))


def test_nothing_moves_when_recording_fails(recording):
    for width in (1280, 820, 390):
        page, feed = recording(recorder(), width=width)
        places = [page.locator(part).bounding_box() for part in ("#ledger", "#toolbar", "#processes")]
        feed.system = machine(recorder=recorder(FULL, held_samples=40))
        feed.publish(process("one", 5))
        expect(page.locator(".recorder-reason")).to_have_text(FULL)
        assert shown(page) == f"Not recording {FULL}"
        assert places == [page.locator(part).bounding_box()
                          for part in ("#ledger", "#toolbar", "#processes")]


def test_the_button_waits_for_the_answer_and_keeps_the_focus(recording):
    page, _feed = recording(recorder())
    asked = []

    # Playwright accepts only Python functions here, not built-in ones.
    def hold(route):
        asked.append(route)

    page.route("**/stop", hold)
    button(page).focus()
    page.keyboard.press("Enter")
    expect(button(page)).to_be_disabled()
    page.keyboard.press("Enter")
    expect(button(page)).to_be_focused()
    assert [route.request.method for route in asked] == ["POST"]
    asked[0].fulfill(json=recorder("switched off", since="2025-06-01T12:00:00.500Z"))
    expect(button(page)).to_be_enabled()
    expect(button(page)).to_be_focused()
    expect(page.locator(".recorder-word")).to_have_text("Recorder off")


def test_a_sample_from_before_the_switch_does_not_revert_it(recording):
    page, feed = recording(recorder())
    page.route("**/stop", lambda route: route.fulfill(
        json=recorder("switched off", since="2025-06-01T12:00:00.500Z")))
    button(page).click()
    feed.publish(process("two", 5))
    expect(page.locator(".process .name-text")).to_have_text(["two"])
    with page.expect_response(EVENTS):
        pass
    expect(page.locator(".recorder-word")).to_have_text("Recorder off")
    feed.system = machine(recorder=recorder(since="2025-06-01T12:00:02.000Z"))
    feed.publish(process("three", 5))
    expect(page.locator(".recorder-word")).to_have_text("Recording")


def test_a_switch_that_fails_says_so(recording, expected_errors):
    expected_errors.append("503|ERR_FAILED")
    page, _ = recording(recorder())
    page.route("**/stop", lambda route: route.fulfill(status=503, json={"detail": "Not now."}))
    button(page).click()
    expect(page.locator(".recorder-reason")).to_have_text("not stopped: the server says “Not now.”")
    expect(button(page)).to_be_enabled()
    page.route("**/stop", lambda route: route.abort())
    button(page).click()
    expect(page.locator(".recorder-reason")).to_have_text("not stopped: no answer from the server")


def test_it_stays_current_while_the_page_is_paused(recording):
    page, feed = recording(recorder())
    page.keyboard.press("Space")
    feed.system = machine(recorder=recorder(FULL))
    feed.publish(process("one", 5))
    expect(page.locator(".recorder-word")).to_have_text("Not recording")


def test_a_change_is_announced_and_the_figures_are_not(recording):
    page, feed = recording(recorder())
    status = page.locator("#recorder [role=status]")
    assert status.inner_text().strip() == "Recording"
    feed.system = machine(recorder=recorder(FULL))
    feed.publish(process("one", 5))
    expect(status).to_contain_text(FULL)


def test_a_server_without_a_recorder_shows_no_line(server, page):
    feed = FakeFeed(page)
    feed.publish(process("one", 5))
    page.goto(f"{server.url}/stats")
    expect(page.locator("[data-value=busy]")).to_have_text("0.00")
    expect(page.locator("#recorder")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_trouble_is_legible_in_both_themes(recording, scheme):
    page, _ = recording(recorder(FULL), color_scheme=scheme)
    assert page.locator(".recorder-word").evaluate(CONTRAST) >= 4.5
    assert page.locator(".recorder-reason").evaluate(CONTRAST) >= 4.5


def test_a_finger_can_hit_the_button(recording):
    page, _ = recording(recorder(FULL), width=390, height=844, has_touch=True, is_mobile=True)
    assert button(page).bounding_box()["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
