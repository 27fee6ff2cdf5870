"""The page with the real server."""

import os
import re
import subprocess
import sys
from contextlib import contextmanager

from feeds import REFUSED, make_proc
from harness import Server
from playwright.sync_api import Page, expect

# Renames itself through /proc/self/comm, then sleeps until a line arrives, then uses the CPU until it is ended.
NAMED = """
open("/proc/self/comm", "w").write({name!r})
print("ready", flush=True)
input()
while True: pass
"""


@contextmanager
def process_called(name: str):
    child = subprocess.Popen([sys.executable, "-c", NAMED.format(name=name)], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert child.stdout.readline() == "ready\n"
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


def row(page: Page, pid: int):
    return page.locator(".process").filter(
        has=page.locator(".pid", has_text=re.compile(f"^{pid}$")))


def test_the_table_fills_with_the_processes_of_the_machine(server, page):
    page.goto(f"{server.url}/stats#filter={os.getpid()}")
    ours = row(page, os.getpid())
    comm = open("/proc/self/comm").read().rstrip("\n")
    expect(ours.locator(".name-text")).to_have_text(comm)
    expect(ours.locator(".status")).to_have_text(re.compile("running|sleeping"))
    expect(ours.locator(".total-value")).to_have_text(re.compile(r"^\d+\.\d\d$"))
    expect(page.locator("#processes")).not_to_contain_text("undefined")


def test_the_figures_above_the_table_describe_this_machine(server, page):
    page.goto(f"{server.url}/stats")
    expect(page.locator("#host-name")).to_have_text(os.uname().nodename)
    expect(page.locator("[data-value=busy]")).to_have_text(re.compile(r"^\d+\.\d\d$"))
    expect(page.locator("[data-value=busy-unit]")).to_have_text(re.compile(r"^of \d+ CPUs? busy$"))
    expect(page.locator("#pulse")).to_have_text("Live")


def test_a_process_that_starts_to_use_the_cpu_shows_within_two_seconds(server, page):
    with process_called("burn-for-test") as child:
        page.goto(f"{server.url}/stats#filter=burn-for-test")
        page.get_by_label("Now").check()
        total = row(page, child.pid).locator(".total-value")
        expect(total).to_have_text("0.00")
        # From just after one sample, so that the next sample holds a whole interval of it.
        sampled = page.locator("[data-value=sampled]")
        expect(sampled).not_to_have_text(sampled.inner_text())
        child.stdin.write("go\n")
        child.stdin.flush()
        expect(total).not_to_have_text("0.00", timeout=2000)


@contextmanager
def shown(page: Page, proc):
    """The page of a server that sees these processes; left before the server stops, so that it reports no error."""
    with Server("--proc", str(proc)) as fixed:
        page.goto(f"{fixed.url}/stats")
        yield
        page.goto("about:blank")


def test_the_scroll_position_is_kept_through_samples(server, page, tmp_path):
    proc = make_proc(tmp_path / "proc", [f"worker-{number}" for number in range(2000)])
    with shown(page, proc):
        expect(page.locator("#process-table")).to_have_attribute("aria-rowcount", "2001")
        page.evaluate("scrollTo(0, 20000)")
        expect(page.locator(".process", has_text="worker-620")).to_be_visible()
        place = page.locator(".process", has_text="worker-620").bounding_box()
        sampled = page.locator("[data-value=sampled]")
        for _ in range(2):
            expect(sampled).not_to_have_text(sampled.text_content())
            assert page.evaluate("scrollY") == 20000
            assert page.locator(".process", has_text="worker-620").bounding_box() == place


def test_hostile_names_are_text(page, tmp_path):
    names = {
        "<img src=x onerror=alert(1)>": "<img src=x onerror=alert(1)>",
        "two\nlines": "two↵lines",
        "exe.\u202egpj": "exe.‹U+202E›gpj",
        "a) S 1 (b": "a) S 1 (b",
        "": "(empty)",
    }
    with shown(page, make_proc(tmp_path / "proc", list(names))):
        expect(page.locator(".process .name-text")).to_have_text(list(names.values()))
        assert page.locator(".process img").count() == 0


def test_a_real_process_with_markup_in_its_name_is_text(server, page):
    with process_called("<b>x</b>") as child:
        page.goto(f"{server.url}/stats#filter={child.pid}")
        expect(row(page, child.pid).locator(".name-text")).to_have_text("<b>x</b>")
        assert page.locator(".process b").count() == 0


def test_the_banner_appears_and_disappears_with_the_server(page, expected_errors):
    expected_errors.append(REFUSED)
    first = Server()
    page.goto(f"{first.url}/stats")
    expect(page.locator("#pulse")).to_have_text("Live")
    first.stop()
    alert = page.get_by_role("alert")
    expect(alert).to_have_text("No answer from the server", timeout=6000)
    expect(page.locator(".notice-age")).to_contain_text(re.compile(r"for \d+ s"))
    with Server(port=first.port):
        expect(alert).to_have_text("")
        expect(page.locator("#trouble-notice")).to_have_css("height", "0px")
        expect(page.locator("#pulse")).to_have_text("Live")
        expect(page.locator(".process").first).to_be_visible()


def test_the_whole_page_is_small(server, page):
    """The files of the page, compressed, without its data and without the library that draws the charts."""
    sizes = []
    others = r"/((cpu_usage|history|process_history|events|alerts)(\?|$)|dygraphs)"
    page.on("response", lambda answer: re.search(others, answer.url) or sizes.append(answer))
    page.goto(f"{server.url}/stats")
    expect(page.locator(".process").first).to_be_visible()
    total = sum(answer.request.sizes()["responseBodySize"] for answer in sizes)
    assert len(sizes) > 10
    assert total < 100_000, total
