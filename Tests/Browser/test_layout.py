"""Widths, themes and touch."""

import pytest
from contrast import CONTRAST
from feeds import FakeFeed, ledger, machine, process
from playwright.sync_api import expect


@pytest.fixture
def stats(server, open_page):
    def open_stats(*processes, system=machine(), **options):
        page = open_page(**options)
        feed = FakeFeed(page)
        feed.system = system
        feed.publish(*processes)
        page.goto(f"{server.url}/stats")
        expect(page.locator(".process").first).to_be_visible()
        return page
    return open_stats


def some_processes():
    return [process("a-process-with-quite-a-long-name" * 3, 432.1, pid=4194303, status="running"),
            process("warm", 75, pid=2), process("tepid", 55), process("cool", 12),
            process("still", 0), process("make", 1, children_user_avg=340.0), process("defunct", 0, status="zombie"), process("?", None)]


def troubled_machine():
    return machine(
        ledger(processes=120, ended=60, kernel=9, steal=4, unaccounted=80),
        coverage_advice=[{"reason": "/proc shows 12 processes", "remedy": "start with --pid=host"}],
        last_gap={"ended_at": "2025-06-01T11:59:50Z", "seconds": 31.2, "suspended_seconds": 0})


def test_no_width_scrolls_sideways(stats):
    page = stats(*some_processes(), system=troubled_machine())
    for width in (320, 390, 600, 820, 1100, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # Only rows near the viewport exist.
        page.locator("#process-table thead").scroll_into_view_if_needed()
        assert page.locator(".process .name").first.bounding_box()["width"] >= 56
        total = page.locator(".process .total-value").first.bounding_box()
        assert total["x"] + total["width"] <= width


def test_a_phone_keeps_the_important_parts(stats):
    page = stats(*some_processes(), width=390, height=844, has_touch=True, is_mobile=True)
    row = page.locator(".process").first
    for part in (".pid", ".name-text", ".user", ".system", ".total-value", ".bar", ".name-status"):
        expect(row.locator(part)).to_be_visible()
    expect(row.locator(".name-status")).to_have_text("running")
    expect(row.locator(".memory")).to_be_hidden()
    expect(row.locator(".name-children")).to_be_hidden()
    parent = page.locator(".process").nth(1)
    expect(parent.locator(".name-more")).to_have_text("sleeping 340.00 by ended children")


def test_a_finger_can_hit_every_control(stats):
    page = stats(*some_processes(), width=390, height=844, has_touch=True, is_mobile=True)
    controls = page.locator(".masthead button, .toolbar :is(button, input[type=search], label), thead button")
    heights = [control.bounding_box()["height"] for control in controls.all() if control.is_visible()]
    assert len(heights) >= 10
    assert min(heights) >= 44


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_legible_in_both_themes(stats, scheme):
    page = stats(*some_processes(), color_scheme=scheme, system=troubled_machine())
    light = page.locator("body").evaluate(
        "body => parseInt(getComputedStyle(body).backgroundColor.match(/\\d+/)[0])") > 128
    assert light == (scheme == "light")
    faint = {}
    for selector in (".process .pid", ".process .name-text", ".process .total-value", ".is-zero",
                     ".status[data-status=zombie]", ".figure-note", "thead button", ".caption-text",
                     ".segments input:checked + span", ".toolbar-facts", ".pulse", ".host-name",
                     ".ledger-scope", ".ledger-coverage", ".ledger-figures dt", ".figure-facts",
                     ".advice-reason", ".advice-remedy", ".advice code", ".bar-key"):
        elements = page.locator(selector).all()
        assert elements, selector
        contrast = min(element.evaluate(CONTRAST) for element in elements)
        if contrast < 4.5:
            faint[selector] = contrast
    assert not faint


def test_the_theme_can_be_selected_and_is_stored(stats):
    page = stats(*some_processes(), color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.keyboard.press("?")
    page.get_by_label("Dark").check()
    dark = page.evaluate(background)
    assert dark != light
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate(background) == dark


def test_nothing_is_animated_with_reduced_motion(server, open_page):
    page = open_page(reduced_motion="reduce")
    FakeFeed(page).hang()
    page.goto(f"{server.url}/stats")
    expect(page.locator("#pulse")).to_have_attribute("data-state", "waiting")
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(stats):
    page = stats(*some_processes())
    # The charts have many controls, and a separate test.
    page.get_by_role("button", name="Charts").click()
    page.reload()
    expect(page.locator(".process").first).to_be_visible()
    reached = []
    for _ in range(21):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("""() => {
          const at = document.activeElement;
          // A hidden radio button shows its ring on the label next to it.
          const ringed = at.matches('.segments input') ? at.nextElementSibling : at;
          const ring = getComputedStyle(ringed).outlineStyle !== 'none';
          const name = at.name || at.id || at.closest('th')?.dataset.column || at.className;
          return (ring ? '' : 'no ring: ') + name;
        }"""))
    assert reached[:10] == [
        "skip-link", "page-link", "open-help", "charts-title", "alerts-title", "filter", "basis", "hideIdle", "hideKernel",
        "pause"]
    assert reached[10:21] == ["pid", "name", "owner", "user", "system", "children", "total", "status",
                             "threads", "memory", "process"]


def test_a_notice_moves_no_row(stats):
    page = stats(*some_processes())
    before = page.locator(".process").first.bounding_box()
    page.keyboard.press("Space")
    expect(page.locator("#paused-notice")).to_be_in_viewport()
    assert page.locator(".process").first.bounding_box() == before
