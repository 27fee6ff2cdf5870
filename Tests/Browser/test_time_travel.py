"""Another moment on the page: how a reader gets there, what it shows, and the ways onward and back."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from contrast import CONTRAST
from feeds import EVENTS, FakeFeed, at, consumer, explanation, machine, machine_members, names, past, process, recorder
from playwright.sync_api import Page, expect
from test_charts import NOON, chart, charts, drag, goes_on, height, scope, steady, until, value  # noqa: F401

MISSING = "404"
ONE, TWO = process("one", 5), process("two", 3)


def stamp(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def moment(seconds: float) -> str:
    """A time some seconds after noon, in the format of addresses."""
    time = datetime.fromtimestamp(NOON, UTC) + timedelta(seconds=seconds)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def banner(page: Page):
    return page.locator("#past-notice")


def expect_live(page: Page, feed: FakeFeed):
    """Publishes a new sample, because the page says "Not moving" after three seconds without one."""
    feed.publish(ONE, TWO)
    expect(page.locator("#pulse")).to_have_text("Live")


def click(page: Page, name: str, share: float):
    until(lambda: height(page, "cpu", "user", 0.5) > 0)
    box = chart(page, name).locator(".chart-overlay").bounding_box()
    page.mouse.click(box["x"] + box["width"] * share, box["y"] + 20)


def goes_back(asked: str):
    """`one` uses ten percent, plus one for every second of the moment after a full minute."""
    return [at(ONE, 10 + stamp(asked) % 60), TWO]


@pytest.fixture
def travelling(charts):  # noqa: F811
    """The page with a history of twenty minutes, and a table for each moment of it."""
    def open_page(moment=goes_back, history=None, **options):
        # The stars select names that this history does not have.
        plain = lambda asked: steady()(  # noqa: E731
            asked | {"series": ",".join(name for name in asked["series"].split(",") if "*" not in name)})
        page, feed = charts(history=history or plain, **options)
        feed.moment = moment
        return page, feed
    return open_page


# Arriving


def test_a_click_on_a_chart_shows_the_processes_of_that_moment(travelling):
    page, feed = travelling()
    expect(banner(page)).to_be_hidden()
    click(page, "load", 0.5)
    expect(banner(page)).to_contain_text("Not live")
    expect(banner(page)).to_contain_text(re.compile("(9|10) min ago"))
    expect(page.locator("#pulse")).to_have_text("Not live")
    # The middle of twenty minutes, to a pixel, and at a sample instead of a place between two.
    assert stamp(feed.visits[-1]) == pytest.approx(NOON - 600, abs=6)
    assert feed.visits[-1].endswith(".000Z")
    expect(page.locator(".process .total-value").first).to_have_text(f"{10 + stamp(feed.visits[-1]) % 60:.2f}")
    assert f"?t={feed.visits[-1]}" in page.url


def test_a_tap_is_a_click_and_a_drag_is_not(travelling):
    page, feed = travelling(width=390, height=844, has_touch=True, is_mobile=True)
    chart(page, "cpu").locator(".chart-plot").scroll_into_view_if_needed()
    box = chart(page, "cpu").locator(".chart-plot").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 30)
    expect(banner(page)).to_contain_text("Not live")
    asked = len(feed.visits)
    page.get_by_role("button", name="Back to live").first.click()
    drag(page, "cpu", 0.3, 0.6)
    page.wait_for_timeout(400)
    assert len(feed.visits) == asked


def test_the_figures_are_those_of_the_moment(travelling):
    columns = {"cpu_count": 4, "cpu.user_percent": 50, "cpu.nice_percent": 0, "cpu.system_percent": 10,
               "cpu.iowait_percent": 0, "cpu.irq_percent": 0, "cpu.softirq_percent": 0,
               "ledger.busy_percent": 240, "ledger.processes_percent": 200, "ledger.ended_children_percent": 20,
               "ledger.kernel_threads_percent": 5, "ledger.interrupts_percent": 5, "ledger.steal_percent": 0,
               "ledger.unaccounted_percent": 10, "ledger.coverage_percent": 95.8, "self.cpu_percent": 0.5,
               "self.rss_bytes": 2**24}

    def history(asked):
        wanted = columns if "ledger.*" in asked["series"] else {name: columns.get(name, 1) for name in asked["series"].split(",")}
        return past(NOON - 1199, {name: [value] * 1200 for name, value in wanted.items()})
    page, _ = travelling(history=history)
    click(page, "cpu", 0.5)
    expect(page.locator("[data-value=busy]")).to_have_text("2.40")
    expect(page.locator("[data-value=processes]")).to_have_text("2")
    expect(page.locator("[data-value=own]")).to_have_text("Top-Server uses 0.5 % of a CPU, 16.0 MiB")
    expect(page.locator("[data-value=coverage]")).to_have_text("95.8 %")
    expect(page.locator("[data-value=scope]")).to_contain_text("over the 60 s before")
    expect(page.locator(".caption-text")).to_contain_text("; – is not recorded")
    page.get_by_label("Now").check()
    expect(page.locator("[data-value=scope]")).to_contain_text("over the 1 s before")
    expect(page.locator("[data-value=coverage]")).to_have_text("95.8 %")


def test_all_charts_mark_the_moment_and_show_its_values(travelling):
    page, _ = travelling()
    click(page, "load", 0.25)
    page.mouse.move(5, 5)
    expect(page.locator(".chart-flag:visible")).to_have_count(4)
    for name in ("cpu", "load", "memory", "disk"):
        over = chart(page, name).locator(".chart-overlay").bounding_box()
        flag = chart(page, name).locator(".chart-flag").bounding_box()
        assert (flag["x"] - over["x"]) / over["width"] == pytest.approx(0.25, abs=0.02)
    # 20 is the newest value.
    expect(value(page, "user")).to_have_text("50.0")
    page.keyboard.press("End")
    expect(page.locator(".chart-flag:visible")).to_have_count(0)
    expect(value(page, "user")).to_have_text("20.0")


def test_the_past_does_not_move_and_can_be_sorted_and_filtered(travelling):
    page, feed = travelling()
    click(page, "cpu", 0.5)
    expect(names(page)).to_have_count(2)
    before = page.locator(".process .total-value").all_text_contents()
    feed.system = machine(sampled_at="2025-06-01T12:00:05Z", recorder=recorder(), **machine_members())
    feed.publish(process("newer", 90))
    asked = feed.requests
    until(lambda: feed.requests > asked + 1)
    assert page.locator(".process .total-value").all_text_contents() == before
    page.locator("th[data-column=name] button").click()
    expect(names(page)).to_have_text(["one", "two"])
    page.locator("th[data-column=name] button").click()
    expect(names(page)).to_have_text(["two", "one"])
    page.locator("#filter").fill("tw")
    expect(names(page)).to_have_text(["two"])
    assert page.url.endswith("#filter=tw") and "?t=2025" in page.url


def test_an_address_from_a_colleague_is_visited(travelling):
    page, feed = travelling()
    page.evaluate("time => document.dispatchEvent(new CustomEvent('visit', {detail: {time}}))", (NOON - 300) * 1000)
    expect(banner(page)).to_contain_text("Not live")
    assert feed.visits == [moment(-300)]
    # A moment outside the view moves the charts.
    page.evaluate("time => document.dispatchEvent(new CustomEvent('visit', {detail: {time}}))", (NOON - 7200) * 1000)
    expect(scope(page)).to_contain_text("not live")
    expect(page.locator(".chart-flag:visible")).to_have_count(4)
    # Moving there needs no query.
    expect(page.locator("#explain")).to_be_hidden()


@pytest.mark.parametrize("times", [("12:00:05", "12:00:09", "12:00:30", "12:00:31"), ("12:05:00", "12:05:01")])
def test_the_charts_keep_the_moment_while_time_advances(travelling, times):
    page, feed = travelling()
    page.evaluate("time => document.dispatchEvent(new CustomEvent('visit', {detail: {time}}))", (NOON - 1190) * 1000)
    expect(banner(page)).to_contain_text("19 min ago")
    expect(scope(page)).to_have_text("the last 20 minutes")
    goes_on(page, feed, *times)
    expect(scope(page)).to_contain_text("not live")
    expect(page.locator(".chart-flag:visible")).to_have_count(4)
    # Not 90, which is the newest.
    expect(value(page, "user")).to_have_text("50.0")
    # If the reader moves them to the newest, they stay there.
    page.get_by_label("1 h", exact=True).check()
    page.get_by_label("20 min", exact=True).check()
    goes_on(page, feed, "12:06:00")
    expect(scope(page)).to_have_text("the last 20 minutes")
    expect(banner(page)).to_contain_text("Not live")


def test_the_past_is_explained_and_the_panel_stays_while_the_keys_step(travelling):
    page, feed = travelling()
    feed.explanation = lambda asked: explanation(consumer("two", 9.0), consumer("gone", 3.0, ended=True))
    click(page, "cpu", 0.5)
    expect(names(page)).to_have_text(["one", "two"])
    page.keyboard.press("e")
    panel = page.get_by_role("region", name="Who used the CPU")
    expect(panel.locator("tbody tr")).to_have_count(2)
    assert feed.ranges[-1]["to"] == moment(0)
    panel.get_by_role("button", name="two").click()
    expect(names(page)).to_have_text(["two"])
    before = page.url
    page.keyboard.press("ArrowLeft")
    expect(page).not_to_have_url(before)
    expect(names(page)).to_have_text(["two"])
    page.keyboard.press("p")
    page.keyboard.press("a")
    expect(page.get_by_label("Now")).to_be_checked()
    expect(page.locator(".caption-text")).to_contain_text("over the 1 s before")
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(banner(page)).to_contain_text("Not live")


@pytest.mark.parametrize("way", ["key", "button"])
def test_a_request_before_the_first_sample_is_answered_later(travelling, way):
    page, feed = travelling()
    held = []

    # Playwright accepts only Python functions here, not built-in ones.
    def hold(route):
        held.append(route)

    page.route(EVENTS, hold)
    page.goto(f"{page.url}?t={moment(-60)}")
    expect(banner(page)).to_contain_text("Not live")
    if way == "key":
        page.keyboard.press("e")
    else:
        page.get_by_role("button", name="Who used it?").click()
    expect(page.locator("#explain")).to_be_hidden()
    page.unroute(EVENTS, hold)
    for route in held:
        route.fallback()
    expect(page.locator("#explain")).to_contain_text("of CPU time")
    assert feed.ranges[-1]["to"] == moment(0)


# Moving on


def test_keys_and_buttons_step_through_the_samples(travelling):
    page, feed = travelling()
    page.keyboard.press("ArrowLeft")
    expect(banner(page)).to_contain_text("· 1 s ago")
    page.keyboard.press("ArrowLeft")
    expect(banner(page)).to_contain_text("· 2 s ago")
    page.keyboard.press("Shift+ArrowLeft")
    expect(banner(page)).to_contain_text("· 62 s ago")
    page.keyboard.press("ArrowRight")
    expect(banner(page)).to_contain_text("· 61 s ago")
    banner(page).get_by_role("button", name="Earlier").click()
    expect(banner(page)).to_contain_text("· 62 s ago")
    banner(page).get_by_role("button", name="Later").click(modifiers=["Shift"])
    expect(banner(page)).to_contain_text("· 2 s ago")
    assert f"?t={moment(-2)}" in page.url
    # The sample before the newest is the last one in the past.
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect_live(page, feed)
    assert "?t=" not in page.url


def test_a_step_skips_a_gap(travelling, expected_errors):
    expected_errors.append(MISSING)

    def with_gap(asked):
        answer = steady()(asked)
        for values in answer["series"].values():
            values[900:1100] = [None] * 200
        return answer
    page, feed = travelling(history=with_gap)
    page.goto(f"{page.url}?t={moment(-1199 + 1100)}")
    expect(banner(page)).to_contain_text("· 99 s ago")
    page.keyboard.press("ArrowLeft")
    expect(banner(page)).to_contain_text("5 min ago")
    assert feed.visits[-1] == moment(-1199 + 899)
    page.keyboard.press("ArrowRight")
    expect(banner(page)).to_contain_text("· 99 s ago")


def test_the_beginning_of_the_record_is_reported(travelling):
    page, _ = travelling()
    page.goto(f"{page.url}?t={moment(-1199)}")
    expect(banner(page)).to_contain_text("19 min ago")
    page.keyboard.press("ArrowLeft")
    expect(banner(page)).to_contain_text("nothing earlier is recorded")
    page.keyboard.press("ArrowRight")
    expect(banner(page)).not_to_contain_text("nothing earlier")


def test_keys_belong_to_fields_and_switches(travelling):
    page, feed = travelling()
    page.locator("#filter").fill("one")
    page.locator("#filter").press("ArrowLeft")
    page.locator("#filter").press("End")
    page.get_by_label("Average").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Now")).to_be_checked()
    page.get_by_role("button", name="Pause").focus()
    page.keyboard.press("?")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("e")
    page.wait_for_timeout(300)
    expect(banner(page)).to_be_hidden()
    expect(page.locator("#explain")).to_be_hidden()
    assert feed.visits == []


def test_in_the_present_the_end_key_goes_to_the_end_of_the_page(travelling):
    page, feed = travelling()
    feed.publish(*[process(f"p{number}") for number in range(200)])
    expect(page.locator("#process-table")).to_have_attribute("aria-rowcount", "201")
    page.keyboard.press("End")
    until(lambda: page.evaluate("scrollY") > 3000)


# Back, and elsewhere


def test_the_end_key_returns_to_live(travelling):
    page, feed = travelling()
    feed.publish(process("now", 9))
    click(page, "cpu", 0.5)
    expect(names(page)).to_have_count(2)
    page.keyboard.press("End")
    expect(names(page)).to_have_text(["now"])
    expect(banner(page)).to_be_hidden()
    expect_live(page, feed)
    assert "?t=" not in page.url


@pytest.mark.parametrize("way", ["banner", "charts", "space", "resume", "double click"])
def test_every_way_back_works(travelling, way):
    page, feed = travelling()
    click(page, "cpu", 0.5)
    expect(names(page)).to_have_count(2)
    match way:
        case "banner": banner(page).get_by_role("button", name="Back to live").click()
        case "charts": page.locator(".charts-live").click()
        case "space": page.keyboard.press("Space")
        case "resume": page.get_by_role("button", name="Resume").click()
        case "double click": chart(page, "memory").locator(".chart-overlay").dblclick(force=True)
    expect_live(page, feed)
    page.wait_for_timeout(400)
    expect(banner(page)).to_be_hidden()


def test_the_address_shows_the_same_to_every_reader(travelling):
    page, _ = travelling()
    page.goto(f"{page.url}?t=2025-06-01T13:50:30%2B02:00#filter=one")
    expect(banner(page)).to_contain_text("9 min ago")
    expect(page.locator(".process .total-value")).to_have_text(["40.00"])
    expect(page.locator(".chart-flag:visible")).to_have_count(4)
    expect(page).to_have_title(re.compile("^not live"))


def test_the_browsers_buttons_go_through_the_moments(travelling):
    page, feed = travelling()
    click(page, "cpu", 0.25)
    expect(banner(page)).to_contain_text(re.compile("1[45] min ago"))
    click(page, "cpu", 0.75)
    expect(banner(page)).to_contain_text(re.compile("· [45] min ago"))
    page.keyboard.press("End")
    expect(banner(page)).to_be_hidden()
    page.go_back()
    expect(banner(page)).to_contain_text(re.compile("· [45] min ago"))
    page.go_back()
    expect(banner(page)).to_contain_text(re.compile("1[45] min ago"))
    page.go_back()
    expect(banner(page)).to_be_hidden()
    expect_live(page, feed)
    page.go_forward()
    expect(banner(page)).to_contain_text(re.compile("1[45] min ago"))


def test_steps_are_one_entry_for_the_back_button(travelling):
    page, _ = travelling()
    for ago in (1, 2, 3):
        page.keyboard.press("ArrowLeft")
        expect(banner(page)).to_contain_text(f"· {ago} s ago")
    page.go_back()
    expect(banner(page)).to_be_hidden()


# If there is nothing


@pytest.mark.parametrize("facts, seconds, words", [
    (recorder(), -60, "there is a gap"),
    (recorder("switched off", since=moment(-120)), -60, "the recorder has been off since"),
    (recorder(oldest=moment(-900)), -1000, "the history begins"),
    (recorder(), 3600, "it is in the future"),
    (recorder(oldest=None, held_samples=0), -60, "the recorder has not recorded anything yet"),
    (None, -60, "this server does not report that it records anything"),
])
def test_the_page_says_why_there_is_nothing(travelling, expected_errors, facts, seconds, words):
    expected_errors.append(MISSING)
    page, _ = travelling(moment=lambda asked: None,
                         system=machine(recorder=facts, **machine_members()))
    page.goto(f"{page.url}?t={moment(seconds)}")
    expect(banner(page)).to_contain_text("Nothing was recorded at")
    expect(banner(page)).to_contain_text(words)
    expect(page.locator(".process")).to_have_count(0)
    expect(page.locator("#empty")).to_contain_text("No processes were recorded at this moment")
    for figure in ("busy", "processes", "sampled", "coverage"):
        expect(page.locator(f"[data-value={figure}]").first).to_have_text("–")
    page.keyboard.press("End")
    expect(names(page)).to_have_text(["one"])


def test_an_address_without_a_valid_time_is_reported(travelling):
    page, feed = travelling()
    page.goto(f"{page.url}?t=<b>noon</b>")
    expect(banner(page)).to_contain_text("The address contains “<b>noon</b>”, which is not a time")
    expect(banner(page).get_by_role("button", name="Earlier")).to_be_hidden()
    assert feed.visits == []
    banner(page).get_by_role("button", name="Back to live").click()
    expect(names(page)).to_have_text(["one"])


def test_a_missing_server_is_reported_and_queried_again(travelling, expected_errors):
    expected_errors.append("ERR_FAILED")
    page, _feed = travelling()
    gone = lambda route: route.abort()  # noqa: E731
    page.route("**/cpu_usage?*at=*", gone)
    page.goto(f"{page.url}?t={moment(-60)}")
    expect(banner(page)).to_contain_text("cannot be looked up: no answer from the server")
    expect(page.locator(".process")).to_have_count(0)
    page.unroute("**/cpu_usage?*at=*", gone)
    expect(names(page)).to_have_text(["one", "two"])
    expect(banner(page)).to_contain_text("ago")


def test_merged_samples_do_not_look_like_one_instant(travelling):
    page, feed = travelling()
    feed.interval = 60
    page.goto(f"{page.url}?t={moment(-600)}")
    expect(banner(page)).to_contain_text("its newest values cover 60 s")


# Accessibility


def test_a_screen_reader_announces_the_moment(travelling):
    page, _ = travelling()
    click(page, "cpu", 0.5)
    expect(page.get_by_role("group", name="Not live")).to_be_visible()
    expect(page.locator("#announcer")).to_have_text(re.compile(r"^2 processes shown, .*, not live, .*:\d\d"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_banner_is_legible_and_moves_no_row(travelling, scheme):
    page, _ = travelling(color_scheme=scheme)
    before = page.locator(".process").first.bounding_box()
    click(page, "cpu", 0.5)
    expect(names(page)).to_have_count(2)
    expect(banner(page)).to_be_in_viewport()
    assert page.locator(".process").first.bounding_box() == before
    for selector in ("#past-notice .notice-text", "#past-notice .button", "#past-notice .button-live", ".pulse"):
        assert page.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector


def test_a_finger_can_hit_the_banner(travelling):
    page, _ = travelling(width=390, height=844, has_touch=True, is_mobile=True)
    page.evaluate("time => document.dispatchEvent(new CustomEvent('visit', {detail: {time}}))", (NOON - 300) * 1000)
    expect(banner(page)).to_be_visible()
    heights = [one.bounding_box()["height"] for one in banner(page).get_by_role("button").all()]
    assert len(heights) == 3 and min(heights) >= 44
    for width in (320, 390, 600, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
