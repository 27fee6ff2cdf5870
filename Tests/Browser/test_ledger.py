"""Where the CPU time went: the bar, its figures, the advice, and a real server."""

import re
import subprocess
import sys
from contextlib import contextmanager

import pytest
from feeds import EVENTS, ledger, machine, process
from playwright.sync_api import expect

ADVICE = [
    {"reason": "/proc shows only the 12 processes of a container",
     "remedy": "start the container with --pid=host, or name the host's with --proc"},
    {"reason": "<b>x</b>", "remedy": "nothing"},
]

# Lets one short-lived process after another do the work, and waits for each.
STORM = """
import os, time
print("ready", flush=True)
while True:
    child = os.fork()
    if child == 0:
        end = time.process_time() + 0.05
        while time.process_time() < end: pass
        os._exit(0)
    os.waitpid(child, 0)
"""


@contextmanager
def storm_of_children():
    parent = subprocess.Popen([sys.executable, "-c", STORM], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout.readline() == "ready\n"
        yield parent
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()


def figure(page, part):
    return page.locator(f".ledger-figures [data-part={part}] dd")


def widths(page):
    """The widths of the segments, as shares of the bar."""
    return page.locator(".ledger-bar").evaluate("""bar => Object.fromEntries([...bar.children].map(
      part => [part.dataset.part, part.getBoundingClientRect().width / bar.clientWidth]))""")


def test_the_bar_divides_the_cpus_of_the_machine(stats, feed):
    feed.system = machine(ledger(processes=121, ended=40, kernel=10, interrupts=2, steal=7, unaccounted=20))
    page = stats(process("one", 5))
    for part, cpus in {"processes": "1.21", "ended": "0.40", "kernel": "0.12", "steal": "0.07",
                       "unaccounted": "0.20", "idle": "2.00"}.items():
        expect(figure(page, part)).to_have_text(cpus)
        expect(figure(page, part)).to_be_visible()
    expect(page.locator("[data-value=busy]")).to_have_text("2.00")
    expect(page.locator("[data-value=coverage]")).to_have_text("90.0 %")
    assert widths(page) == pytest.approx({
        "processes": 0.3025, "ended": 0.1, "kernel": 0.03, "steal": 0.0175, "unaccounted": 0.05}, abs=0.002)


def test_unaccounted_time_is_marked_by_more_than_a_colour(stats, feed):
    feed.system = machine(ledger(processes=100, unaccounted=100))
    page = stats(process("one", 5))
    for place in (".ledger-bar [data-part=unaccounted]", ".ledger-bar [data-part=processes]"):
        image = page.locator(place).evaluate("part => getComputedStyle(part).backgroundImage")
        assert ("gradient" in image) == ("unaccounted" in place)


def test_the_bar_follows_the_switch(stats, feed):
    feed.system = machine(ledger(processes=121), ledger(processes=30, unaccounted=10))
    page = stats(process("one", 5))
    expect(page.locator("[data-value=busy]")).to_have_text("1.21")
    expect(page.locator("[data-value=scope]")).to_have_text("over the last 60 s")
    page.get_by_label("Now").check()
    expect(page.locator("[data-value=busy]")).to_have_text("0.40")
    # In one second it would only show the tick of the kernel's clock.
    expect(page.locator("[data-value=coverage]")).to_have_text("100.0 %")
    expect(page.locator("[data-value=scope]")).to_have_text("over the last 1 s")


def test_stolen_time_appears_and_disappears_and_moves_nothing(stats, feed):
    feed.system = machine(ledger(processes=100))
    page = stats(process("one", 5))
    parts = page.locator(".ledger-figures > *, .process")
    places = [part.bounding_box() for part in parts.all()]
    expect(figure(page, "steal")).to_be_hidden()
    feed.system = machine(ledger(processes=100, steal=30))
    feed.publish(process("one", 5))
    expect(figure(page, "steal")).to_be_visible()
    assert [part.bounding_box() for part in parts.all()] == places


def test_a_machine_that_is_more_than_full_fills_the_bar(stats, feed):
    feed.system = machine(ledger(processes=400, ended=2))
    page = stats(process("one", 5))
    expect(figure(page, "idle")).to_have_text("0.00")
    assert sum(widths(page).values()) == pytest.approx(1, abs=0.001)


def test_before_two_samples_there_are_no_values(stats, feed):
    nothing = {"now": None, "window": None}
    feed.system = machine(ledger=nothing, cpu=nothing, self={"cpu_percent": nothing, "rss_bytes": 9})
    page = stats(process("one", None))
    expect(page.locator("[data-value=scope]")).to_have_text("the first values need two samples")
    expect(page.locator("[data-value=coverage]")).to_have_text("–")
    expect(page.locator("[data-value=busy]")).to_have_text("–")
    expect(page.locator("[data-value=own]")).to_have_text("")


def test_a_pause_freezes_the_ledger_with_the_table(stats, feed):
    feed.system = machine(ledger(processes=100))
    page = stats(process("one", 5))
    busy = page.locator("[data-value=busy]")
    expect(busy).to_have_text("1.00")
    page.keyboard.press("Space")
    feed.system = machine(ledger(processes=200))
    feed.publish(process("one", 5))
    with page.expect_response(EVENTS):
        pass
    with page.expect_response(EVENTS):
        pass
    expect(busy).to_have_text("1.00")
    page.keyboard.press("Space")
    expect(busy).to_have_text("2.00")


def test_low_coverage_is_explained_until_the_reader_dismisses_it(stats, feed):
    feed.system = machine(ledger(processes=50, unaccounted=50), coverage_advice=ADVICE)
    page = stats(process("one", 5))
    advice = page.get_by_role("complementary", name="Why part of the CPU time is unaccounted for")
    expect(advice.locator("li")).to_have_text([
        ("/proc shows only the 12 processes of a container. "
         "Start the container with --pid=host, or name the host's with --proc."),
        "<b>x</b>. Nothing."])
    expect(advice.locator("code")).to_have_text(["--pid=host", "--proc"])

    # Coverage near the threshold: the note does not appear and disappear with every sample.
    feed.system = machine(ledger(processes=50))
    feed.publish(process("two", 5))
    expect(page.locator("[data-value=coverage]")).to_have_text("100.0 %")
    expect(advice).to_be_visible()

    advice.get_by_role("button", name="Dismiss").click()
    expect(advice).to_be_hidden()
    expect(page.locator("#ledger")).to_be_focused()
    feed.system = machine(ledger(processes=50, unaccounted=50), coverage_advice=ADVICE)
    page.reload()
    expect(page.locator("[data-value=coverage]")).to_have_text("50.0 %")
    expect(page.locator("#advice")).to_be_hidden()


def test_advice_disappears_after_a_window_without_it(stats, feed):
    feed.system = machine(ledger(processes=50, unaccounted=50), coverage_advice=ADVICE)
    page = stats(process("one", 5))
    expect(page.locator("#advice")).to_be_visible()
    feed.system = machine(ledger(processes=50), sampled_at="2025-06-01T12:01:01.000Z")
    feed.publish(process("one", 5))
    expect(page.locator("#advice")).to_be_hidden()


def test_advice_moves_no_row_that_the_reader_scrolled_to(stats, feed):
    many = [process(f"p{number}", 0, pid=number) for number in range(1, 501)]
    page = stats(*many)
    page.evaluate("scrollTo(0, 8000)")
    row = page.locator(".process", has_text=re.compile("p240"))
    expect(row).to_be_in_viewport()
    place = row.bounding_box()
    feed.system = machine(ledger(processes=50, unaccounted=50), coverage_advice=ADVICE)
    feed.publish(*many)
    expect(page.locator("#advice")).to_be_visible()
    expect(row).to_be_in_viewport()
    # A page scrolls by whole pixels, and the height of the note need not be a whole number of them.
    assert row.bounding_box()["y"] == pytest.approx(place["y"], abs=1)


def test_the_page_shows_the_cost_of_the_server_and_the_last_gap(stats, feed):
    feed.system = machine(last_gap={"ended_at": "2025-06-01T11:59:30Z", "seconds": 31.4})
    page = stats(process("one", 5))
    expect(page.locator("[data-value=own]")).to_have_text("Top-Server uses 0.3 % of a CPU, 16.0 MiB")
    expect(page.locator("[data-value=gap]")).to_have_text(re.compile(r"^A gap of 31 s ended at \d\d:59:30$"))
    feed.system = machine(last_gap={"ended_at": "2025-06-01T11:58:30Z", "seconds": 31.4})
    feed.publish(process("one", 5))
    expect(page.locator("[data-value=gap]")).to_have_text("")


def test_the_figures_of_this_machine_add_up(server, page):
    page.goto(f"{server.url}/stats")
    expect(page.locator("[data-value=coverage]")).to_have_text(re.compile(r"^\d+\.\d %$"))
    figures = page.locator(".ledger-figures").evaluate(
        "list => [...list.querySelectorAll('dd')].reduce((sum, dd) => sum + Number(dd.textContent), 0)")
    count = int(re.search(r"\d+", page.locator("[data-value=busy-unit]").inner_text())[0])
    assert figures == pytest.approx(count, abs=0.07)
    expect(page.locator("[data-value=own]")).to_have_text(re.compile(r"^Top-Server uses \d+\.\d % of a CPU, "))


def test_a_parent_shows_the_work_of_its_short_lived_children(server, page):
    with storm_of_children() as parent:
        page.goto(f"{server.url}/stats#filter={parent.pid}")
        row = page.locator(".process").filter(
            has=page.locator(".pid", has_text=re.compile(f"^{parent.pid}$")))
        expect(row.locator(".children")).to_have_text(re.compile(r"^\d\d+\.\d\d$"), timeout=8000)
        shares = row.evaluate("""row => ({
          own: Number(row.querySelector('.user').textContent) + Number(row.querySelector('.system').textContent),
          children: Number(row.querySelector('.children').textContent),
          total: Number(row.querySelector('.total-value').textContent),
          segment: row.querySelector('.bar-children').offsetWidth / row.querySelector('.bar').offsetWidth,
        })""")
        assert shares["total"] == pytest.approx(shares["own"] + shares["children"], abs=0.021)
        assert shares["segment"] == pytest.approx(min(1, shares["children"] / 100), abs=0.03)
        assert shares["children"] > 3 * shares["own"]
        expect(page.locator(".ledger-figures [data-part=ended] dd")).not_to_have_text("0.00")
