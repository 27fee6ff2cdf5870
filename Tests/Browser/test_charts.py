"""The charts: what they draw, where it comes from, and how a reader moves through time."""

import re
from datetime import UTC, datetime

import pytest
from feeds import EVENTS, REFUSED, FakeFeed, machine, machine_members, past, process, recorder
from harness import Server
from playwright.sync_api import Page, expect
from test_layout import CONTRAST

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC).timestamp()
# A separate canvas to read from: Chromium warns about reading from one that is drawn on.
COPY = """const canvas = (() => {
  const original = plot.querySelector('canvas');
  const copy = new OffscreenCanvas(original.width, original.height);
  copy.getContext('2d', { willReadFrequently: true }).drawImage(original, 0, 0);
  return copy;
})();"""

# The height of a series in a column of a chart, as a share of the axis.
HEIGHT = "(plot, [key, share]) => {" + """
  // Before the library has drawn anything.
  if (!plot.querySelector('.chart-overlay')) return 0;
  """ + COPY + """
  const overlay = plot.querySelector('.chart-overlay').getBoundingClientRect();
  const place = plot.querySelector('canvas').getBoundingClientRect();
  const scale = canvas.width / place.width;
  const x = (overlay.left - place.left + overlay.width * share) * scale;
  const height = Math.round(overlay.height * scale);
  const { data } = canvas.getContext('2d').getImageData(Math.round(x), 0, 1, height);
  const swatch = document.querySelector(`.chart-swatch[data-series="${key}"]`);
  const color = getComputedStyle(swatch).color.match(/[\\d.]+/g).map(Number);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    const isNear = [0, 1, 2].every((part) => Math.abs(data[at + part] - color[part]) <= 6);
    if (isNear && data[at + 3] > 120) count += 1;
  }
  return count / height;
}"""


def chart(page: Page, name: str):
    return page.locator(f".chart[data-chart={name}]")


def key(page: Page, series: str):
    """The entry of a legend."""
    return page.locator(f".chart-key:has([data-series='{series}'])")


def value(page: Page, series: str):
    return key(page, series).locator(".chart-value")


def height(page: Page, name: str, series: str, share: float) -> float:
    return chart(page, name).locator(".chart-plot").evaluate(HEIGHT, [series, share])


def until(condition, timeout: float = 5000):
    """Waits for a condition that `expect` cannot express, through the page, so that the page continues to run."""
    for _ in range(int(timeout / 50)):
        if condition():
            return
        pytest.current_page.wait_for_timeout(50)
    assert condition()


def steady(user: float = 50, **changes):
    """A history of twenty minutes in which nothing changed."""
    values = {"cpu.user_percent": user, "cpu.system_percent": 10, "load.load_1": 1.0,
              "memory.used_bytes": 2**32, "disk_total.read_bytes_per_second": 2**19, **changes}
    return lambda asked: past(NOON - 1199, {
        name: [values.get(name, 0.0)] * 1200 for name in asked["series"].split(",")})


@pytest.fixture
def charts(server, open_page):
    """Opens the page with a synthetic history; returns the page and its feed."""
    def open_charts(history=steady(), system=None, before=None, **options):
        page = open_page(**options)
        pytest.current_page = page
        feed = FakeFeed(page)
        feed.history = history
        feed.system = system or machine(recorder=recorder(), **machine_members())
        feed.publish(process("one", 5))
        if before:
            before(page)
        page.goto(f"{server.url}/stats")
        expect(page.locator(".process").first).to_be_visible()
        expect(chart(page, "disk").locator("canvas").first).to_be_visible()
        return page, feed
    return open_charts


def drag(page: Page, name: str, start: float, end: float):
    box = chart(page, name).locator(".chart-overlay").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * start, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, y, steps=5)
    page.mouse.up()


def zoom_to_the_newest(page: Page):
    """Zooms with the wheel around the right edge: to a minute of twenty."""
    plot = chart(page, "cpu").locator(".chart-plot")
    box = plot.bounding_box()
    plot.hover(position={"x": box["width"] - 3, "y": 20})
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    expect(scope(page)).to_contain_text("not live")


def scope(page: Page):
    return page.locator(".charts-scope [data-value=range]")


# What is drawn


def test_the_charts_show_the_past_at_once(charts):
    page, feed = charts()
    until(lambda: height(page, "cpu", "user", 0.1) > 0)
    for share in (0.1, 0.5, 0.9):
        assert height(page, "cpu", "user", share) == pytest.approx(0.5, abs=0.03)
        assert height(page, "cpu", "system", share) == pytest.approx(0.1, abs=0.03)
    assert feed.questions[0]["from"] == "-1200s"
    assert "cpu.steal_percent" in feed.questions[0]["series"].split(",")


def test_every_chart_draws(charts):
    page, _ = charts()
    for name, series in {"cpu": "user", "load": "load-1", "memory": "memory-used", "disk": "disk-read"}.items():
        until(lambda: height(page, name, series, 0.5) > 0)


def test_a_gap_stays_a_gap(charts):
    def with_gap(asked):
        answer = steady()(asked)
        for values in answer["series"].values():
            values[400:800] = [None] * 400
        return answer
    page, _ = charts(with_gap)
    until(lambda: height(page, "cpu", "user", 0.2) > 0)
    for name, series in {"cpu": "user", "load": "load-1", "memory": "memory-used"}.items():
        assert height(page, name, series, 0.5) == 0
        assert height(page, name, series, 0.8) > 0


def test_values_that_are_not_recorded_are_drawn_live(charts):
    page, feed = charts(lambda asked: past(0, {}))
    until(lambda: len(feed.questions) > 0)
    for second in range(1, 4):
        feed.system = machine(sampled_at=f"2025-06-01T12:00:0{second}Z", recorder=recorder(), **machine_members(user=40.0 + second))
        feed.publish(process("one", 5))
        expect(value(page, "user")).to_have_text(f"{40 + second}.0")
    zoom_to_the_newest(page)
    until(lambda: height(page, "cpu", "user", 0.99) == pytest.approx(0.42, abs=0.03))
    assert height(page, "cpu", "user", 0.5) == 0


def test_a_server_without_memory_figures_has_its_other_charts(charts):
    bare = machine_members()
    del bare["memory"], bare["swap"], bare["disk_total"]
    page, feed = charts(system=machine(recorder=recorder(), **bare))
    until(lambda: height(page, "cpu", "user", 0.5) > 0)
    assert "memory.used_bytes" not in feed.questions[0]["series"]
    expect(value(page, "memory-used")).to_have_text("–")


def test_live_points_arrive(charts):
    page, feed = charts()
    until(lambda: height(page, "cpu", "user", 0.99) == pytest.approx(0.5, abs=0.05))
    expect(value(page, "user")).to_have_text("20.0")
    for second in range(1, 31):
        feed.system = machine(sampled_at=f"2025-06-01T12:00:{second:02}Z", recorder=recorder(), **machine_members(user=90.0))
        feed.publish(process("one", 5))
        with page.expect_response(EVENTS):
            pass
        if second > 6 and height(page, "cpu", "user", 0.998) > 0.8:
            break
    expect(value(page, "user")).to_have_text("90.0")
    assert height(page, "cpu", "user", 0.998) > 0.8
    assert height(page, "cpu", "user", 0.9) == pytest.approx(0.5, abs=0.05)


def test_a_real_server_draws_and_survives_a_restart(page, tmp_path, expected_errors):
    expected_errors.append(REFUSED)
    pytest.current_page = page
    first = Server("--flush-interval", "0.2", data=tmp_path)
    page.goto(f"{first.url}/stats")
    expect(value(page, "user")).to_have_text(re.compile(r"^\d+\.\d$"))

    def has_drawn():
        zoom_to_the_newest(page)
        page.wait_for_timeout(500)
        drawn = any(height(page, "cpu", series, 0.98) > 0 for series in ("user", "system"))
        page.get_by_role("button", name="Back to live").click()
        return drawn
    until(has_drawn)
    first.stop()
    expect(page.get_by_role("alert")).to_have_text("No answer from the server", timeout=6000)
    second = Server("--flush-interval", "0.2", port=first.port, data=tmp_path)
    with second, page.expect_response("**/history*") as answer:
        expect(page.locator("#pulse")).to_have_text("Live")
        history = answer.value.json()
        assert None in history["series"]["cpu.user_percent"]
        before = value(page, "user").text_content()
        expect(value(page, "user")).not_to_have_text(before)


# The legend


def test_a_click_on_the_legend_hides_a_series_and_is_remembered(charts):
    page, _ = charts()
    until(lambda: height(page, "cpu", "user", 0.5) > 0)
    key(page, "user").click()
    expect(key(page, "user")).to_have_attribute("aria-pressed", "false")
    until(lambda: height(page, "cpu", "user", 0.5) == 0)
    assert height(page, "cpu", "system", 0.5) == pytest.approx(0.1, abs=0.03)
    page.reload()
    until(lambda: height(page, "cpu", "system", 0.5) > 0)
    assert height(page, "cpu", "user", 0.5) == 0
    key(page, "user").focus()
    page.keyboard.press("Enter")
    until(lambda: height(page, "cpu", "user", 0.5) > 0)


def test_series_differ_by_more_than_their_colour(charts):
    page, _ = charts()
    looks = page.locator(".chart-legend").evaluate_all("""legends => legends.map((legend) =>
      [...legend.querySelectorAll('.chart-swatch')].map((swatch) => swatch.dataset.look))""")
    stacked, *others = looks
    # In the stack the order distinguishes them as well: it is that of the legend, from below.
    assert stacked[:4] == ["area"] * 4 and stacked[4:6] == ["hatched"] * 2
    assert all(len(set(chart)) == len(chart) for chart in others)


def test_the_pointer_reads_all_charts_at_one_moment(charts):
    page, _ = charts()
    until(lambda: height(page, "cpu", "user", 0.5) > 0)
    expect(value(page, "user")).to_have_text("20.0")
    box = chart(page, "load").locator(".chart-overlay").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    expect(value(page, "user")).to_have_text("50.0")
    expect(value(page, "memory-used")).to_have_text("4.0 GiB")
    expect(page.locator(".chart-cursor:visible")).to_have_count(4)
    page.mouse.move(5, 5)
    expect(value(page, "user")).to_have_text("20.0")
    expect(page.locator(".chart-cursor:visible")).to_have_count(0)


# Moving through time


def test_charts_zoom_together_and_return_to_live(charts):
    page, _ = charts()
    until(lambda: height(page, "cpu", "user", 0.5) > 0)
    back = page.get_by_role("button", name="Back to live")
    expect(back).to_be_hidden()
    drag(page, "cpu", 0.25, 0.5)
    expect(scope(page)).to_contain_text("not live")
    ticks = page.locator(".chart").evaluate_all("""charts => charts.map((chart) =>
      [...chart.querySelectorAll('.dygraph-axis-label-x')].map((label) => label.textContent))""")
    assert set(ticks[1]) == set(ticks[2]) == set(ticks[3])
    assert len(ticks[0]) >= 4
    back.click()
    expect(scope(page)).to_have_text("the last 20 minutes")
    expect(back).to_be_hidden()


def test_a_view_of_the_past_does_not_move(charts):
    page, feed = charts()
    drag(page, "cpu", 0.25, 0.5)
    expect(scope(page)).to_contain_text("not live")
    before = scope(page).text_content()
    feed.system = machine(sampled_at="2025-06-01T12:00:09Z", recorder=recorder(), **machine_members(user=90))
    feed.publish(process("two", 5))
    expect(page.locator(".process .name-text")).to_have_text("two")
    assert scope(page).text_content() == before


def test_a_double_click_returns_to_live(charts):
    page, _ = charts()
    drag(page, "cpu", 0.25, 0.5)
    expect(scope(page)).to_contain_text("not live")
    chart(page, "memory").locator(".chart-overlay").dblclick(force=True)
    expect(scope(page)).to_have_text("the last 20 minutes")


def test_the_keyboard_moves_through_time(charts):
    page, _ = charts()
    page.get_by_role("button", name="Earlier").focus()
    page.keyboard.press("Enter")
    expect(scope(page)).to_contain_text("not live")
    page.get_by_role("button", name="Later").focus()
    page.keyboard.press("Enter")
    expect(scope(page)).to_have_text("the last 20 minutes")


def test_a_view_beyond_the_known_data_is_queried(charts):
    page, feed = charts()
    until(lambda: len(feed.questions) > 0)
    page.get_by_role("button", name="Earlier").click()
    until(lambda: len(feed.questions) > 1)
    asked = feed.questions[-1]
    # The view, and its length on either side, but nothing of the future.
    assert float(asked["from"]) == pytest.approx(NOON - 3000, abs=2)
    assert float(asked["to"]) == pytest.approx(NOON, abs=2)


def goes_on(page, feed, *times: str):
    """Publishes samples of these moments."""
    for time in times:
        feed.system = machine(sampled_at=f"2025-06-01T{time}Z", recorder=recorder(), **machine_members(user=90))
        feed.publish(process("one", 5))
        # The first request may have been sent before.
        for _ in range(2):
            with page.expect_response(EVENTS):
                pass
    page.wait_for_timeout(200)


@pytest.mark.parametrize("recorded", [True, False])
def test_a_view_keeps_its_points_while_time_advances(charts, recorded):
    page, feed = charts()
    until(lambda: height(page, "cpu", "user", 0.1) > 0)
    drag(page, "cpu", 0.02, 0.22)
    expect(scope(page)).to_contain_text("not live")
    page.mouse.move(5, 5)
    before = scope(page).text_content()
    if not recorded:
        feed.history = lambda asked: past(0, {})
    # First the left edge is older than twenty minutes, then all of the view.
    for times in (("12:00:01", "12:00:02", "12:01:30", "12:01:31"), ("12:08:00", "12:08:01")):
        goes_on(page, feed, *times)
        for share in (0.02, 0.5, 0.98):
            assert height(page, "cpu", "user", share) == pytest.approx(0.5, abs=0.03)
    assert scope(page).text_content() == before
    expect(value(page, "user")).to_have_text("50.0")
    # A part of it is available without a query, too.
    page.get_by_role("button", name="Zoom in").click()
    expect(scope(page)).not_to_have_text(before)
    assert height(page, "cpu", "user", 0.02) == pytest.approx(0.5, abs=0.03)
    assert {asked["from"] for asked in feed.questions} == {"-1200s"}
    page.get_by_role("button", name="Back to live").click()
    expect(value(page, "user")).to_have_text("90.0")


def test_after_a_long_view_of_the_past_the_reader_can_move_to_the_newest(charts):
    page, feed = charts()
    page.get_by_role("button", name="Earlier").click()
    until(lambda: len(feed.questions) > 1)
    goes_on(page, feed, "12:15:00", "12:15:01")
    page.get_by_role("button", name="Later").click()
    expect(scope(page)).to_contain_text("not live")
    page.get_by_role("button", name="Later").click()
    expect(scope(page)).to_contain_text("not live")
    page.get_by_role("button", name="Later").click()
    expect(scope(page)).to_have_text("the last 20 minutes")


def test_longer_ranges_come_from_history_and_are_remembered(charts):
    page, feed = charts()
    page.get_by_label("6 h", exact=True).check()
    expect(scope(page)).to_have_text("the last 6 hours")
    until(lambda: feed.questions[-1]["from"] == "-21600s")
    page.reload()
    expect(scope(page)).to_have_text("the last 6 hours")
    expect(page.get_by_label("6 h", exact=True)).to_be_checked()


def test_a_spike_in_a_long_range_is_visible(charts):
    def day(asked):
        if asked["from"] != "-86400s":
            return steady()(asked)
        columns = {name: [10.0 if name == "cpu.user_percent" else 0.0] * 1440
                   for name in asked["series"].split(",")}
        columns["cpu.busy_percent:max"][700:760] = [100.0] * 60
        return past(NOON - 1439 * 60, columns, 60)
    page, _ = charts(day)
    expect(key(page, "peak")).to_be_hidden()
    page.get_by_label("1 d", exact=True).check()
    expect(key(page, "peak")).to_be_visible()
    shade = "plot => {" + COPY + """
      const { data } = canvas.getContext('2d').getImageData(canvas.width * 0.55, 30, 1, 1);
      return data[3];
    }"""
    until(lambda: chart(page, "cpu").locator(".chart-plot").evaluate(shade) > 40)


def test_a_finger_moves_the_charts_and_still_scrolls_the_page(charts):
    page, _ = charts(width=390, height=844, has_touch=True, is_mobile=True)
    until(lambda: height(page, "cpu", "user", 0.5) > 0)
    chart(page, "cpu").locator(".chart-plot").scroll_into_view_if_needed()
    box = chart(page, "cpu").locator(".chart-plot").bounding_box()
    fingers = page.context.new_cdp_session(page)

    def swipe(dx, dy):
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        fingers.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for part in range(1, 9):
            fingers.send("Input.dispatchTouchEvent", {
                "type": "touchMove", "touchPoints": [{"x": x + dx * part / 8, "y": y + dy * part / 8}]})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    swipe(120, 0)
    expect(scope(page)).to_contain_text("not live")
    before = page.evaluate("scrollY")
    swipe(0, -200)
    until(lambda: page.evaluate("scrollY") > before)


# The rest of the page


def test_a_paused_page_has_paused_charts(charts):
    page, feed = charts()
    until(lambda: height(page, "cpu", "user", 0.5) > 0)
    page.keyboard.press("Space")
    feed.system = machine(sampled_at="2025-06-01T12:00:09Z", recorder=recorder(), **machine_members(user=90))
    feed.publish(process("two", 5))
    with page.expect_response(EVENTS):
        pass
    page.wait_for_timeout(200)
    expect(value(page, "user")).to_have_text("20.0")
    page.keyboard.press("Space")
    feed.system = machine(sampled_at="2025-06-01T12:00:10Z", recorder=recorder(), **machine_members(user=80))
    feed.publish(process("two", 5))
    expect(value(page, "user")).to_have_text("80.0")


def test_colours_follow_the_theme(charts):
    page, _ = charts(color_scheme="light")
    until(lambda: height(page, "cpu", "user", 0.5) > 0)
    pixel = "plot => {" + COPY + """
      return canvas.getContext('2d').getImageData(100, plot.clientHeight - 30, 1, 1).data.join();
    }"""
    light = chart(page, "cpu").locator(".chart-plot").evaluate(pixel)
    page.emulate_media(color_scheme="dark")
    until(lambda: chart(page, "cpu").locator(".chart-plot").evaluate(pixel) != light)
    assert height(page, "cpu", "user", 0.5) == pytest.approx(0.5, abs=0.03)


def test_closed_charts_load_no_library_and_stay_closed(charts):
    page, _ = charts()
    page.get_by_role("button", name="Charts").click()
    expect(page.locator("#charts-body")).to_be_hidden()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.locator(".process").first).to_be_visible()
    expect(page.locator("#charts-body")).to_be_hidden()
    assert not [url for url in asked if "dygraphs" in url]
    page.get_by_role("button", name="Charts").click()
    expect(chart(page, "cpu").locator("canvas").first).to_be_visible()
    until(lambda: height(page, "cpu", "user", 0.5) > 0)


def test_a_missing_library_is_reported_and_the_rest_works(server, page, feed, expected_errors):
    expected_errors.append("404")
    page.route("**/dygraphs.js", lambda route: route.fulfill(status=404, json={"detail": "none"}))
    feed.publish(process("one", 5))
    page.goto(f"{server.url}/stats")
    expect(page.locator(".charts-missing")).to_contain_text("libjs-dygraphs")
    expect(page.locator("#charts-body")).to_be_hidden()
    expect(page.locator(".process .name-text")).to_have_text("one")
    page.get_by_label("1 h", exact=True).check()
    expect(page.locator("#pulse")).to_have_text("Live")


def test_the_charts_have_their_values_as_text(charts):
    page, _ = charts()
    plot = page.get_by_role("img", name="CPU, the last 20 minutes; the values follow")
    expect(plot).to_be_visible()
    legend = page.get_by_role("list", name="CPU, percent of 4 CPUs")
    expect(legend.get_by_role("button", name="user 20.0")).to_be_visible()
    expect(page.get_by_role("list", name="Memory, of 16.0 GiB").get_by_role("button", name="used 6.0 GiB")
           ).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_texts_of_the_charts_are_legible(charts, scheme):
    page, _ = charts(color_scheme=scheme)
    until(lambda: height(page, "cpu", "user", 0.5) > 0)
    drag(page, "cpu", 0.25, 0.5)
    expect(scope(page)).to_contain_text("not live")
    for selector in (".chart-note", ".chart-label", ".chart-value", ".dygraph-axis-label", ".charts-live",
                     ".charts-scope [data-value=range]", ".charts-scope [data-value=moment]"):
        assert page.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector


def test_a_finger_can_hit_the_controls_of_the_charts(charts):
    page, _ = charts(width=390, height=844, has_touch=True, is_mobile=True)
    controls = page.locator(".charts-head :is(button, label), .chart-key").all()
    heights = [control.bounding_box()["height"] for control in controls if control.is_visible()]
    assert len(heights) >= 20
    assert min(heights) >= 44
    for width in (320, 390, 600, 820, 1100, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
