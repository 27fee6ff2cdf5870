"""Who used the CPU in a time range: how a reader requests it, and what the answer shows."""

import pytest
from contrast import CONTRAST
from feeds import consumer, explanation
from playwright.sync_api import Page, expect
from test_charts import charts, drag, height, scope, until  # noqa: F401

SPIKE = consumer("spike", 45.0, 0.0, new=True, ended=True, children_seconds=5.0, user_seconds=30.0, system_seconds=10.0)
STEADY = consumer("steady", 10.0, 12.5)
KERNEL = consumer("kworker/0:1", 1.0, 0.5, kernel=True, user=None)


def panel(page: Page):
    return page.get_by_role("region", name="Who used the CPU")


def rows(page: Page):
    return panel(page).locator("tbody tr")


@pytest.fixture
def asking(charts):  # noqa: F811
    def open_page(answer=explanation(SPIKE, STEADY, KERNEL), **options):
        page, feed = charts(**options)
        feed.explanation = lambda asked: answer
        until(lambda: height(page, "cpu", "user", 0.5) > 0)
        return page, feed
    return open_page


def test_a_marked_range_is_explained(asking):
    page, feed = asking()
    expect(panel(page)).to_be_hidden()
    drag(page, "cpu", 0.25, 0.5)
    expect(scope(page)).to_contain_text("not live")
    expect(rows(page)).to_have_count(3)
    first = rows(page).first
    expect(first.get_by_role("button")).to_have_text("spike")
    expect(first).to_contain_text("new")
    expect(first).to_contain_text("ended")
    expect(rows(page).nth(1).locator(".explain-new")).to_be_hidden()
    figures = [first.locator(f"td.explain-{name}").text_content() for name in
               ("user", "system", "children", "used", "share", "before", "change")]
    assert figures == ["30.00", "10.00", "5.00", "45.00", "80.4 %", "0.00", "+45.00"]
    expect(rows(page).nth(1).locator("td.explain-change")).to_have_text("−2.50")
    expect(panel(page)).to_contain_text("56.00 s of CPU time ÷ 60.00 s recorded = 0.93 of 4 CPUs busy · coverage 99.5 %")
    expect(panel(page)).to_contain_text("All 3 processes together: 56.00 s = 100.00 % of the CPU time")
    assert feed.ranges[-1]["from"].startswith("2025-06-01T11:4")


def test_the_query_is_about_the_shown_range(asking):
    page, feed = asking()
    drag(page, "cpu", 0.25, 0.5)
    expect(rows(page)).to_have_count(3)
    asked = len(feed.ranges)
    page.get_by_role("button", name="Earlier", exact=True).first.click()
    until(lambda: len(feed.ranges) > asked)
    assert feed.ranges[-1]["to"] < feed.ranges[asked - 1]["to"]
    page.get_by_role("button", name="Back to live").click()
    expect(panel(page)).to_be_hidden()


def test_a_row_sets_and_clears_the_filter(asking):
    page, _feed = asking()
    drag(page, "cpu", 0.25, 0.5)
    rows(page).nth(1).locator("td.explain-used").click()
    expect(page.locator("#filter")).to_have_value("steady")
    expect(rows(page).nth(1).get_by_role("button")).to_have_attribute("aria-pressed", "true")
    rows(page).nth(1).locator("td.explain-used").click()
    expect(page.locator("#filter")).to_have_value("")
    # A kernel thread would stay hidden.
    rows(page).nth(2).get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#filter")).to_have_value("kworker/0:1")
    expect(page.get_by_label("Hide kernel threads")).not_to_be_checked()


def test_the_keyboard_opens_and_closes_it(asking):
    page, feed = asking()
    page.keyboard.press("e")
    expect(rows(page)).to_have_count(3)
    expect(panel(page)).to_be_focused()
    # The range of the charts: all of the twenty minutes.
    assert feed.ranges[-1]["from"] == "2025-06-01T11:40:00.000Z"
    assert feed.ranges[-1]["to"] == "2025-06-01T12:00:00.000Z"
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    opener = page.get_by_role("button", name="Who used it?")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel(page)).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("e")
    expect(panel(page)).to_be_hidden()


def test_a_closed_panel_stays_closed_until_the_reader_opens_it(asking):
    page, _feed = asking()
    drag(page, "cpu", 0.25, 0.5)
    panel(page).get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(500)
    expect(panel(page)).to_be_hidden()
    drag(page, "cpu", 0.3, 0.6)
    expect(panel(page)).to_be_visible()


def test_nothing_is_compared_with_an_unknown_range(asking):
    page, _ = asking(explanation(SPIKE, STEADY, before=12.0))
    drag(page, "cpu", 0.25, 0.5)
    expect(panel(page)).to_contain_text("Only 12.00 s of the range of equal length before are recorded, so there is no comparison")
    expect(rows(page).first.locator("td.explain-change")).to_have_text("–")
    expect(rows(page).nth(1).locator("td.explain-before")).to_have_text("12.50")


def test_only_the_first_rows_are_shown_at_first(asking):
    page, _ = asking(explanation(*[consumer(f"p{number}", 20.0 - number) for number in range(12)],
                                 processes_total=40))
    drag(page, "cpu", 0.25, 0.5)
    expect(rows(page)).to_have_count(8)
    expect(panel(page)).to_contain_text("These 8 of 40 processes together: 132.0 s")
    panel(page).get_by_role("button", name="Show 12").click()
    expect(rows(page)).to_have_count(12)
    panel(page).get_by_role("button", name="Show fewer").click()
    expect(rows(page)).to_have_count(8)


def test_an_empty_range_and_a_missing_server_are_reported(asking, expected_errors):
    expected_errors.append("404|ERR_FAILED")
    page, feed = asking(None)
    drag(page, "cpu", 0.25, 0.5)
    expect(panel(page)).to_contain_text("Nothing was recorded in this range.")
    expect(panel(page).locator("table")).to_be_hidden()
    gone = lambda route: route.abort()  # noqa: E731
    page.route("**/explain?*", gone)
    drag(page, "cpu", 0.3, 0.6)
    expect(panel(page)).to_contain_text("No answer from the server.")
    page.unroute("**/explain?*", gone)
    feed.explanation = lambda asked: explanation(STEADY)
    expect(rows(page)).to_have_count(1)


def test_hostile_names_are_text(asking):
    page, _ = asking(explanation(consumer("<img src=x onerror=alert(1)>", 2.0), consumer("exe.\u202egpj", 1.0),
                                 consumer("", 0.5, pid=4711)))
    drag(page, "cpu", 0.25, 0.5)
    expect(rows(page).get_by_role("button")).to_have_text(
        ["<img src=x onerror=alert(1)>", "exe.‹U+202E›gpj", "(empty)"])
    rows(page).nth(2).get_by_role("button").click()
    expect(page.locator("#filter")).to_have_value("4711")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_legible_and_fits(asking, scheme):
    page, _ = asking(color_scheme=scheme)
    page.keyboard.press("e")
    expect(rows(page)).to_have_count(3)
    for selector in (".explain-scope", ".explain-sum", ".explain-table th", ".explain-name", ".explain-new",
                     ".explain-ended", ".explain-table td.explain-pid", ".explain-total"):
        assert page.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector
    for width in (320, 390, 600, 820, 1100, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert rows(page).first.get_by_role("button").bounding_box()["width"] >= 30
