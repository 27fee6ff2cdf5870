"""The page of a load report, opened from its file."""

import json
import re

import pytest
from contrast import CONTRAST
from harness import Server, report
from playwright.sync_api import expect

WIDTHS = (320, 390, 600, 768, 1024, 1280, 1920)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """A report of one server, and one that compares two; the command of both contains a name with HTML in it."""
    folder = tmp_path_factory.mktemp("reports")
    with Server("--interval", "0.2") as first, Server("--interval", "0.2") as second:
        for name, arguments in (("one", []), ("two", ["--compare", f"{second.url}/cpu_usage"])):
            done = report(f"{first.url}/cpu_usage", "--duration", "2s", "--output", f"{name}<i>.html",
                          "--json", f"{name}.json", *arguments, folder=folder)
            assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def open_report(reports, open_page):
    def open_one(name: str, **options):
        page = open_page(**options)
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto((reports / f"{name}<i>.html").as_uri())
        assert len(requests) == 1, "the page loads another file"
        return page
    return open_one


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["one", "two"])
def test_the_three_figures_are_large_and_visible_at_once(open_report, reports, name, scheme):
    page = open_report(name, color_scheme=scheme)
    values = json.loads((reports / f"{name}.json").read_text())
    for figure in ("requests_per_second", "mean_seconds", "requests"):
        shown = page.locator(f"[data-figure={figure}]")
        expect(shown).to_have_count(len(values["targets"]))
        for index, target in enumerate(values["targets"]):
            expect(shown.nth(index)).to_be_in_viewport()
            assert json.loads(shown.nth(index).get_attribute("value")) == target[figure]
            assert shown.nth(index).bounding_box()["height"] >= 32
    light = page.locator("body").evaluate(
        "body => parseInt(getComputedStyle(body).backgroundColor.match(/\\d+/)[0])") > 128
    assert light == (scheme == "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["one", "two"])
def test_text_is_legible_in_both_themes(open_report, name, scheme):
    page = open_report(name, color_scheme=scheme)
    for selector in ("h1", "h2", ".meta", ".brand span", ".value", ".note", "th", "td", ".method p", ".key"):
        for element in page.locator(selector).all():
            assert element.evaluate(CONTRAST) >= 4.5, (selector, element.inner_text())


@pytest.mark.parametrize("name", ["one", "two"])
def test_no_width_scrolls_sideways(open_report, name):
    page = open_report(name)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        outside = page.evaluate("""() => [...document.querySelectorAll('body *')].filter((element) => {
          const box = element.getBoundingClientRect();
          return box.width > 0 && (box.left < -0.5 || box.right > innerWidth + 0.5);
        }).map((element) => element.outerHTML.slice(0, 80))""")
        assert outside == [], width


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["one", "two"])
def test_no_label_of_a_plot_covers_another(open_report, name, width):
    page = open_report(name, width=width)
    for plot in page.locator("svg.plot").all():
        for kind in ("row", "column"):
            boxes = [label.bounding_box() for label in plot.locator(f"text.{kind}").all()]
            assert len(boxes) >= 2
            for one, other in zip(boxes, boxes[1:]):
                apart_x = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
                apart_y = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
                assert apart_x or apart_y, (kind, boxes)


@pytest.mark.parametrize("name, lines", [("one", 1), ("two", 2)])
def test_the_plots_have_texts_and_a_line_for_each_server(open_report, name, lines):
    page = open_report(name)
    for subject in ("Requests per second", "Time per response"):
        expect(page.get_by_role("img", name=subject).locator("polyline")).to_have_count(lines)


def test_the_servers_cpu_is_drawn_below_on_the_same_time(open_report):
    page = open_report("one")
    rate, cpu = (page.get_by_role("img", name=name) for name in ("Requests per second", "CPU of the server"))
    times = [plot.locator("text.column").all_inner_texts() for plot in (rate, cpu)]
    assert times[0] == times[1]
    assert rate.bounding_box()["x"] == cpu.bounding_box()["x"]


def test_names_are_text_and_never_markup(open_report):
    page = open_report("one")
    expect(page.locator("#command")).to_contain_text("'one<i>.html'")
    expect(page.locator("i")).to_have_count(0)


@pytest.mark.parametrize("name", ["one", "two"])
def test_on_paper_it_is_light_and_fits_two_pages(open_report, name):
    page = open_report(name, color_scheme="dark")
    pages = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert 1 <= len(pages) <= 2
    page.emulate_media(media="print", color_scheme="dark")
    background = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert background == "rgb(255, 255, 255)"
