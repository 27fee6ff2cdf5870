"""The past on the real page: it shows which process used the CPU earlier, regardless of the machine's present load."""

import json
import re
from datetime import datetime

import children
import pytest
from feeds import REFUSED
from harness import Server, wait_until
from playwright.sync_api import Page, expect
from test_charts import chart, height, until
from test_time_travel import banner

BURNER = children.unique_name().decode()


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def stamp(time: float) -> str:
    return datetime.fromtimestamp(time).astimezone().isoformat(timespec="milliseconds")


@pytest.fixture(scope="module")
def burned():
    """A server that sampled a burner until it exited; `.burner` is its pid, `.during` a moment at which
    it used the CPU, and `.used` what it used then, in percent."""
    with Server("--flush-interval", "0.2") as running:
        newest = lambda: running.json("/system")["sampled_at"]  # noqa: E731
        begin = newest()
        wait_until(lambda: seconds(newest()) > seconds(begin) + 3)

        def burns():
            """The time of the newest sample and the burner's CPU use then, once it used the CPU."""
            response = running.request("/cpu_usage?fields=name,user_now,sys_now")
            used = [(row["user_now"] or 0) + (row["sys_now"] or 0)
                    for row in json.loads(response.body) if row["name"] == BURNER]
            return (response.headers["X-Sampled-At"], used[0]) if used and used[0] > 5 else None
        with children.named(BURNER.encode(), children.BURN) as child:
            running.burner = child.pid
            running.during, running.used = wait_until(burns)
            since = seconds(running.during)
            wait_until(lambda: seconds(newest()) > since + 3)
            running.span = (since, since + 3)
        ended = newest()
        wait_until(lambda: seconds(newest()) > seconds(ended) + 3)
        yield running


def row(page: Page, pid: int):
    return page.locator(".process", has=page.locator(".pid", has_text=re.compile(f"^{pid}$")))


def visit(page: Page, server: Server, name: str = BURNER):
    page.goto(f"{server.url}/stats?t={server.during.replace('+', '%2B')}#filter={name}")
    expect(banner(page)).to_contain_text("ago")


def test_the_moment_shows_the_burner_of_that_time(burned, page):
    page.goto(f"{burned.url}/stats#filter={BURNER}")
    expect(page.locator("#pulse")).to_have_text("Live")
    expect(page.locator(".process")).to_have_count(0)
    visit(page, burned)
    page.get_by_label("Now").check()
    total = row(page, burned.burner).locator(".total-value")
    expect(total).to_have_text(re.compile(r"^\d+\.\d\d$"))
    assert float(total.text_content()) == pytest.approx(burned.used, rel=0.01, abs=0.1)
    assert float(page.locator("[data-value=busy]").text_content()) > 0.02
    expect(page.locator("[data-value=coverage]")).to_have_text(re.compile(r"^\d+\.\d %$"))
    expect(page.locator("[data-value=own]")).to_contain_text("Top-Server uses")
    # Its sparkline shows what it used until then, although it has exited.
    expect(row(page, burned.burner).locator(".trail path")).to_have_attribute("d", re.compile("^M.*Z$"))
    page.keyboard.press("End")
    expect(page.locator("#pulse")).to_have_text("Live")
    expect(page.locator(".process")).to_have_count(0)


def test_a_colleague_sees_the_same(burned, open_page):
    mine, theirs = open_page(), open_page(width=390)
    visit(mine, burned)
    theirs.goto(mine.url)
    expect(banner(theirs)).to_contain_text("Not live")
    expect(row(theirs, burned.burner)).to_be_visible()
    figures = [one.locator(".total-value").text_content() for one in
               (row(mine, burned.burner), row(theirs, burned.burner))]
    assert figures[0] == figures[1]
    assert mine.url == theirs.url


def test_steps_lead_from_before_its_start_to_after_its_exit(burned, page):
    visit(page, burned, "")
    for key in ("ArrowLeft", "ArrowRight"):
        before = page.url
        for _ in range(60):
            page.keyboard.press(key)
            expect(page).not_to_have_url(before)
            before = page.url
            expect(banner(page)).to_contain_text("ago")
            if row(page, burned.burner).count() == 0:
                break
        assert row(page, burned.burner).count() == 0
        visit(page, burned, "")


def test_a_click_on_the_peak_finds_it(burned, page):
    page.goto(f"{burned.url}/stats#filter={BURNER}")
    until_drawn(page)
    zoom(page, burned)
    plot = chart(page, "cpu").locator(".chart-overlay").bounding_box()
    page.mouse.click(plot["x"] + plot["width"] / 2, plot["y"] + 20)
    expect(banner(page)).to_contain_text("ago")
    expect(row(page, burned.burner)).to_be_visible()


def test_the_burner_explains_the_range(burned, page):
    page.goto(f"{burned.url}/stats")
    until_drawn(page)
    zoom(page, burned)
    box = chart(page, "cpu").locator(".chart-overlay").bounding_box()
    # The middle third of the shown range, marked from the right.
    page.mouse.move(box["x"] + box["width"] * 0.66, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.34, box["y"] + 20, steps=4)
    page.mouse.up()
    panel = page.get_by_role("region", name="Who used the CPU")
    burner = panel.locator("tbody tr", has=page.locator("td.explain-pid", has_text=re.compile(f"^{burned.burner}$")))
    expect(burner.get_by_role("button")).to_have_text(BURNER)
    assert float(burner.locator("td.explain-used").text_content()) > 0.5
    expect(panel).to_contain_text("of CPU time ÷")
    burner.get_by_role("button").click()
    expect(page.locator("#filter")).to_have_value(BURNER)


def until_drawn(page: Page):
    pytest.current_page = page
    expect(page.locator("#pulse")).to_have_text("Live")
    expect(chart(page, "cpu").locator("canvas").first).to_be_visible()


def zoom(page: Page, server: Server):
    """Shows thirty seconds, with the burner in the middle."""
    middle = sum(server.span) * 500
    page.evaluate("([from, to]) => document.dispatchEvent(new CustomEvent('look', {detail: {from, to}}))",
                  [middle - 15_000, middle + 15_000])
    expect(page.locator(".charts-scope [data-value=range]")).to_contain_text("not live")
    until(lambda: any(height(page, "cpu", series, 0.5) > 0 for series in ("user", "system")))


def test_a_gap_is_reported_and_skipped_by_a_step(page, expected_errors, tmp_path):
    expected_errors.append("404")
    with Server("--flush-interval", "0.2", data=tmp_path) as running:
        newest = lambda: seconds(running.json("/system")["sampled_at"])  # noqa: E731
        begin = newest()
        wait_until(lambda: newest() > begin + 2)
        running.request("/stop")
        off = newest()
        wait_until(lambda: newest() > off + 8, timeout=30)
        running.request("/start")
        on = newest()
        wait_until(lambda: newest() > on + 3)
        page.goto(f"{running.url}/stats?t={stamp(off + 6).replace('+', '%2B')}")
        expect(banner(page)).to_contain_text("Nothing was recorded at")
        expect(banner(page)).to_contain_text("there is a gap")
        page.keyboard.press("ArrowLeft")
        expect(banner(page)).to_contain_text("ago")
        before = seconds(page.url.split("t=")[1])
        assert begin <= before <= off + 1.5
        page.keyboard.press("ArrowRight")
        expect(page).to_have_url(re.compile(r"\?t="))
        until_other(page, before)
        assert on - 0.5 <= seconds(page.url.split("t=")[1]) <= on + 3
        running.expected_log = re.compile("recorder|switched")
        page.goto("about:blank")


def until_other(page: Page, before: float):
    pytest.current_page = page
    until(lambda: abs(seconds(page.url.split("t=")[1]) - before) > 2)


def test_a_dead_server_is_reported_and_its_past_returns_with_it(page, expected_errors, tmp_path):
    expected_errors.append(REFUSED)
    first = Server("--flush-interval", "0.2", data=tmp_path)
    newest = lambda: seconds(first.json("/system")["sampled_at"])  # noqa: E731
    begin = newest()
    wait_until(lambda: newest() > begin + 3)
    page.goto(f"{first.url}/stats")
    expect(page.locator("#pulse")).to_have_text("Live")
    page.keyboard.press("ArrowLeft")
    expect(banner(page)).to_contain_text("ago")
    shown = page.locator(".process").count()
    first.stop()
    page.keyboard.press("ArrowLeft")
    expect(banner(page)).to_contain_text(re.compile("no answer from the server|the server does not answer"))
    with Server("--flush-interval", "0.2", data=tmp_path, port=first.port):
        expect(page.get_by_role("alert")).to_have_text("")
        page.keyboard.press("ArrowLeft")
        expect(banner(page)).to_contain_text("ago")
        expect(page.locator(".process").first).to_be_visible()
        assert shown > 0
