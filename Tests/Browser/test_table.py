"""The table: order, identity, windowing and the content of a row."""

import re

from feeds import at, names, process
from playwright.sync_api import expect


def heading(page, column):
    return page.locator(f"thead th[data-column={column}]")


def test_a_click_on_a_heading_sorts_and_a_second_click_reverses_the_order(stats):
    page = stats(process("b", 5), process("a", 9), process("c", 1))
    expect(names(page)).to_have_text(["a", "b", "c"])
    expect(heading(page, "total")).to_have_attribute("aria-sort", "descending")

    heading(page, "name").get_by_role("button").click()
    expect(heading(page, "name")).to_have_attribute("aria-sort", "ascending")
    assert heading(page, "total").get_attribute("aria-sort") is None

    heading(page, "name").get_by_role("button").click()
    expect(heading(page, "name")).to_have_attribute("aria-sort", "descending")
    expect(names(page)).to_have_text(["c", "b", "a"])


def test_every_column_sorts_by_keyboard(stats):
    page = stats(
        process("x", 1, pid=1, user="mail", threads=1, rss_bytes=9e9, status="zombie"),
        process("y", 2, pid=2, user="ana", threads=30, rss_bytes=1e6, status="running",
                children_user_avg=50.0),
        process("z", 3, children_sys_avg=5.0, pid=3, user="root", threads=4, rss_bytes=2e6, status="stopped"),
    )
    for column, order in {
        "pid": ["x", "y", "z"], "owner": ["y", "x", "z"], "user": ["z", "y", "x"],
        "children": ["y", "z", "x"], "total": ["y", "z", "x"],
        "status": ["y", "z", "x"], "threads": ["y", "z", "x"], "memory": ["x", "z", "y"],
    }.items():
        heading(page, column).get_by_role("button").focus()
        page.keyboard.press("Enter")
        expect(names(page)).to_have_text(order)
        expect(page.locator("thead th[aria-sort]")).to_have_attribute("data-column", column)


def test_unknown_values_are_a_dash_with_a_reason_and_come_last(stats):
    page = stats(process("unknown", None), process("idle", 0), process("busy", 1))
    expect(names(page)).to_have_text(["busy", "idle", "unknown"])
    total = page.locator(".process").nth(2).locator(".total")
    expect(total).to_have_text("–")
    expect(total).to_have_attribute("title", re.compile("two samples"))
    heading(page, "total").get_by_role("button").click()
    expect(names(page)).to_have_text(["idle", "busy", "unknown"])


def test_the_order_is_held_under_the_pointer_while_values_change(stats, feed):
    hot, cool, brief = process("hot", 80), process("cool", 20), process("brief", 10)
    page = stats(hot, cool, brief)
    note = page.locator("#order-note")
    expect(note).to_be_hidden()
    page.locator(".process").nth(1).hover()

    feed.publish(at(hot, 5), at(cool, 60), process("fresh", 99))
    expect(names(page)).to_have_text(["hot", "cool", "brief", "fresh"])
    expect(page.locator(".process .total-value")).to_have_text(["5.00", "60.00", "10.00", "99.00"])
    expect(page.locator(".process").nth(2)).to_have_class(re.compile("is-gone"))
    expect(page.locator(".process").nth(2).locator(".status")).to_have_text("ended")
    expect(note).to_be_visible()

    page.locator("h1").hover()
    expect(names(page)).to_have_text(["fresh", "cool", "hot"])
    expect(note).to_be_hidden()


def test_the_order_is_held_while_a_row_has_the_focus(stats, feed):
    one, two = process("one", 80), process("two", 20)
    page = stats(one, two)
    page.locator(".process").nth(0).focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".process").nth(1)).to_be_focused()
    feed.publish(at(one, 1), at(two, 70))
    expect(page.locator(".process .total-value")).to_have_text(["1.00", "70.00"])
    expect(page.locator(".process").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(names(page)).to_have_text(["two", "one"])


def test_a_setting_reorders_even_under_the_pointer(stats):
    page = stats(process("b", 5), process("a", 9, rss_bytes=10), process("c", 1))
    page.locator(".process").nth(1).hover()
    page.keyboard.press("n")
    expect(names(page)).to_have_text(["b", "a", "c"])


def test_a_reused_pid_is_another_process(stats, feed):
    old = process("old", 5)
    page = stats(old)
    page.locator(".process").hover()
    feed.publish(process("new", 5, pid=old["pid"], start_time="2025-01-01T00:00:09Z"))
    expect(names(page)).to_have_text(["old", "new"])
    expect(page.locator(".process").nth(0)).to_have_class(re.compile("is-gone"))


def test_rows_keep_their_elements_from_sample_to_sample(stats, feed):
    one, two = process("one", 80), process("two", 20)
    page = stats(one, two)
    page.locator(".process").nth(0).evaluate("row => { row.mark = 'kept' }")
    feed.publish(at(one, 10), at(two, 90))
    expect(names(page)).to_have_text(["two", "one"])
    assert page.locator(".process").nth(1).evaluate("row => row.mark") == "kept"


def test_ten_thousand_processes_need_few_rows(stats, feed):
    many = [process(f"p{number}", 0, pid=number) for number in range(1, 10_001)]
    page = stats(*many)
    table = page.locator("#process-table")
    expect(table).to_have_attribute("aria-rowcount", "10001")
    assert page.locator(".process").count() < 100
    page.keyboard.press("End")
    last = page.locator(".process", has_text="p10000")
    expect(last).to_be_in_viewport()
    expect(last).to_have_attribute("aria-rowindex", "10001")
    assert page.locator(".process").count() < 100


def test_a_bar_is_one_cpu_and_marks_more(stats):
    page = stats(process("many", 300), process("half", 50))
    bars = page.locator(".process .bar")
    expect(bars.nth(0)).to_have_attribute("data-over", "")
    assert bars.nth(1).get_attribute("data-over") is None
    width = "bar => bar.children[0].offsetWidth + bar.children[1].offsetWidth"
    whole = bars.nth(0).evaluate("bar => bar.offsetWidth")
    assert abs(bars.nth(0).evaluate(width) - whole) <= 2
    assert abs(bars.nth(1).evaluate(width) - whole / 2) <= 2
    expect(page.locator(".process .total").nth(0)).to_have_attribute("title", "3.00 CPUs")


def test_a_row_includes_its_ended_children(stats):
    page = stats(process("make", 3, children_user_avg=60.0, children_sys_avg=7.0, children_user_now=9.0),
                 process("cc1", 50))
    expect(names(page)).to_have_text(["make", "cc1"])
    make = page.locator(".process").nth(0)
    for part, text in {".user": "2.00", ".system": "1.00", ".children": "67.00",
                       ".total-value": "70.00"}.items():
        expect(make.locator(part)).to_have_text(text)
    expect(make.locator(".total")).to_have_attribute(
        "title", "0.70 CPUs: 0.03 by the process itself, 0.67 by children that exited")
    share = make.locator(".bar-children").evaluate("part => part.offsetWidth / part.parentNode.offsetWidth")
    assert abs(share - 0.67) < 0.02

    page.get_by_label("Now").check()
    expect(names(page)).to_have_text(["cc1", "make"])
    make = page.locator(".process").nth(1)
    expect(make.locator(".total-value")).to_have_text("12.00")
    expect(make.locator(".children")).to_have_text("9.00")


def test_the_caption_says_what_is_measured_and_over_which_time(stats, feed):
    feed.window = 12
    page = stats(process("young", 5, window_seconds=3.1))
    caption = page.locator("#caption-text")
    expect(caption).to_have_text("Percent of one CPU, average over the last 12 s")
    expect(page.locator(".process .total")).to_have_attribute(
        "title", "0.05 CPUs, averaged over the 3 s since it was first seen")
    feed.window = 60
    feed.publish(process("old", 5))
    expect(caption).to_have_text("Percent of one CPU, average over the last 60 s")
    page.get_by_label("Now").check()
    expect(caption).to_have_text("Percent of one CPU over the last 1 s")
    feed.publish(process("first", None))
    expect(caption).to_have_text("Percent of one CPU; the first values need two samples")


def test_it_is_a_real_table(stats):
    page = stats(process("one", 80))
    expect(page.get_by_role("table", name=re.compile("Percent of one CPU"))).to_be_visible()
    expect(page.get_by_role("columnheader")).to_have_count(10)
    expect(page.get_by_role("rowheader", name="one")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("one root 53.33"))).to_have_attribute(
        "aria-rowindex", "2")
