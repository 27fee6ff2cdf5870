"""The alerts on the page: firing, pending and resolved ones, and their suspects."""

import re

import children
import pytest
from contrast import CONTRAST
from feeds import FakeFeed, alert, alerts, machine, machine_members, process, suspect
from harness import Server
from playwright.sync_api import expect

# So low that the process exceeds it however many others use the CPU.
RULES = """
defaults: false
rules:
  - name: burning
    metric: process
    process: {process}
    above: 5%
    clear: 2%
    over: 1s
    for: 1s
    keep_firing_for: 1s
"""
RULE = {"name": "cpu", "state": "inactive", "condition": "CPU above 75 %", "unit": "percent_of_all_cpus", "value": 3.0}


@pytest.fixture
def stats(server, open_page):
    """Opens the page with synthetic alerts; returns the page and its feed."""
    def open_stats(answer=alerts(rules=[RULE]), **options):
        page = open_page(**options)
        feed = FakeFeed(page)
        feed.alerts = answer
        feed.system = machine(**machine_members())
        feed.publish(process("one", 5), process("burner", 90))
        page.goto(f"{server.url}/stats")
        expect(page.locator(".process").first).to_be_visible()
        return page, feed
    return open_stats


def chips(page):
    return page.locator(".alert-chip")


def voice(page):
    return page.locator(".alerts-voice")


def unfold(page):
    page.locator("#alerts-title").click()
    expect(page.locator("#alerts-body")).to_be_visible()


# The line


def test_without_alerts_the_line_is_inconspicuous(stats):
    page, _ = stats()
    expect(page.locator(".alerts-word")).to_have_text("none, 1 rule watched")
    expect(chips(page)).to_have_count(0)
    expect(voice(page)).to_have_text("")


def test_the_line_shows_the_last_alert(stats):
    page, _ = stats(alerts(recent=[alert(state="resolved", seconds=130, until="2025-06-01T12:01:40Z", end="cleared")]))
    expect(page.locator(".alerts-word")).to_have_text(re.compile(r"none, 0 rules watched · the last one: cpu, .*, for 2 min"))


def test_an_alert_fires_is_announced_once_and_is_resolved(stats):
    page, feed = stats()
    place = page.locator(".process").first.bounding_box()
    feed.alerts = alerts(alert(suspects=[suspect("burner")]), rules=[RULE])
    expect(chips(page)).to_have_text(re.compile(r"firing cpu 99.8 % for 30 s burner 0.4 → 97.5 %"))
    expect(voice(page)).to_have_text(re.compile(r"^Alert cpu fires: CPU above 75 % of all CPUs.*; burner grew most\.$"))
    expect(page.locator("#alerts-title")).to_have_text("Alerts (1)")
    # Nothing below moved.
    assert page.locator(".process").first.bounding_box() == place
    feed.alerts = alerts(recent=[{**feed.alerts["active"][0], "state": "resolved", "seconds": 42.0,
                                  "until": "2025-06-01T12:00:12Z", "end": "cleared"}], rules=[RULE])
    expect(chips(page)).to_have_count(0)
    expect(voice(page)).to_have_text("Alert cpu is resolved.")
    expect(page.locator(".alerts-word")).to_contain_text("the last one: cpu")
    assert page.locator(".process").first.bounding_box() == place


def test_alerts_that_fire_when_the_page_opens_are_not_announced(stats):
    page, _ = stats(alerts(alert()))
    expect(chips(page)).to_have_count(1)
    expect(voice(page)).to_have_text("")


def test_pending_alerts_are_inconspicuous_and_come_last(stats):
    page, _ = stats(alerts(alert("load", "pending", unit="number", value=1.2, seconds=4), alert()))
    expect(chips(page)).to_have_text([re.compile("firing cpu"), re.compile("pending load 1.20 for 4 s")])
    expect(voice(page)).to_have_text("")
    expect(page.locator("#alerts-title")).to_have_text("Alerts (1)")


def test_a_missing_value_is_shown_as_missing(stats):
    page, _ = stats(alerts(alert(value=None)))
    expect(chips(page).locator(".alert-value")).to_have_text("–")


def test_a_server_without_the_route_does_not_show_none(server, page, expected_errors):
    expected_errors.append("404")
    feed = FakeFeed(page)
    feed.publish(process("one", 5))
    page.route(re.compile(r"/alerts(\?|$)"), lambda route: route.fulfill(status=404, json={"detail": "none"}))
    page.goto(f"{server.url}/stats")
    expect(page.locator(".alerts-word")).to_have_text("not known")


# The panel


def test_the_panel_shows_all_alerts_and_stays_open(stats):
    page, _ = stats(alerts(
        alert(suspects=[suspect("burner"), suspect("make", 12, before_percent=None, has_ended=True)], note="all of it"),
        recent=[alert(f"past-{number}", "resolved", until="2025-06-01T10:00:00Z", end="cleared") for number in range(12)],
        rules=[RULE]))
    expect(page.locator("#alerts-body")).to_be_hidden()
    unfold(page)
    firing = page.locator(".alerts-active .alert")
    expect(firing.locator(".alert-value")).to_have_text("99.8 % of all CPUs, at worst 100.0 %")
    expect(firing.locator(".alert-condition")).to_contain_text("clears at 65 %")
    expect(firing.locator(".alert-condition")).to_contain_text("all of it")
    expect(firing.locator(".alert-suspect")).to_have_text(["burner 0.4 → 97.5 %", "make 12.0 %, ended"])
    expect(page.locator(".alerts-past .alert")).to_have_count(8)
    page.get_by_role("button", name="Show all 12").click()
    expect(page.locator(".alerts-past .alert")).to_have_count(12)
    expect(page.locator("#alerts-title")).to_be_focused()
    expect(page.locator(".alerts-rules")).to_contain_text("CPU above 75 %")
    page.reload()
    expect(page.locator("#alerts-body")).to_be_visible()


def test_a_suspect_becomes_the_filter(stats):
    page, _ = stats(alerts(alert(suspects=[suspect("burner")])))
    chips(page).get_by_role("button").click()
    expect(page.locator("#filter")).to_have_value("burner")
    expect(page.locator(".process .name-text")).to_have_text(["burner"])


def test_a_click_on_a_time_visits_that_moment(stats):
    page, feed = stats(alerts(alert()))
    feed.moment = lambda at: [process("then", 99)]
    unfold(page)
    page.evaluate("document.addEventListener('visit', (event) => { window.visited = event.detail; })")
    page.locator(".alert-time").click()
    assert page.evaluate("visited") == {"time": 1748779170000}
    expect(page.locator(".process .name-text")).to_have_text(["then"])


def test_hostile_names_are_text(stats):
    page, feed = stats()
    evil = "<img src=x onerror=alert(1)>\u202e\n"
    feed.alerts = alerts(alert(suspects=[suspect(evil)]))
    expect(chips(page).locator(".alert-suspect bdi")).to_have_text("<img src=x onerror=alert(1)>‹U+202E›↵")
    expect(voice(page)).to_contain_text("‹U+202E›↵ grew most")
    unfold(page)
    assert page.locator("#alerts img").count() == 0


def test_the_focus_stays_while_values_change(stats):
    page, feed = stats(alerts(alert(id=7, suspects=[suspect("burner")])))
    chips(page).get_by_role("button").focus()
    feed.alerts = alerts(alert("load", id=8), {**feed.alerts["active"][0], "value": 88.0})
    expect(chips(page)).to_have_count(2)
    expect(chips(page).get_by_role("button", name="burner")).to_be_focused()


def test_the_charts_mark_the_time_in_which_an_alert_fired(stats):
    page, feed = stats(alerts(alert(id=7, since="2025-06-01T11:50:00Z")))
    marks = page.locator(".chart[data-chart=cpu] .chart-mark")
    expect(marks).to_have_count(1)
    expect(marks).to_have_attribute("data-ends", "false")
    overlay = page.locator(".chart[data-chart=cpu] .chart-overlay").bounding_box()
    mark = marks.bounding_box()
    assert mark["x"] + mark["width"] == pytest.approx(overlay["x"] + overlay["width"], abs=1)
    assert mark["width"] == pytest.approx(overlay["width"] / 2, abs=2)
    feed.alerts = alerts(recent=[alert(state="resolved", id=7, since="2025-06-01T11:50:00Z",
                                       until="2025-06-01T11:55:00Z", end="cleared")])
    expect(marks).to_have_attribute("data-ends", "true")
    assert marks.bounding_box()["width"] == pytest.approx(overlay["width"] / 4, abs=2)


# Looks


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_alerts_can_be_read_in_both_themes(stats, scheme):
    page, _ = stats(alerts(alert(suspects=[suspect("burner")]), alert("load", "pending"),
                           recent=[alert(state="resolved", until="2025-06-01T10:00:00Z")], rules=[RULE]),
                    color_scheme=scheme)
    unfold(page)
    faint = {}
    for selector in ("#alerts-title", ".alert-chip span", ".alert-chip bdi", ".alert-state", ".alert-name", ".alert-value",
                     ".alert-time", ".alert-length", ".alert-condition", ".alert-suspect", ".alerts-rules dd"):
        for element in page.locator(f".alerts {selector}").all():
            if element.evaluate(CONTRAST) < 4.5:
                faint[selector] = element.evaluate(CONTRAST)
    assert not faint


def test_no_width_scrolls_sideways(stats):
    page, _ = stats(alerts(*[alert(f"a-rule-with-quite-a-long-name-{number}", suspects=[suspect("w" * 60)] * 5)
                             for number in range(3)], rules=[RULE]))
    unfold(page)
    for width in (320, 390, 600, 820, 1100, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


# The real thing


def test_a_real_alert_appears_and_resolves_on_the_page(page, tmp_path):
    rules = tmp_path / "alerts.yml"
    burner = children.unique_name()
    rules.write_text(RULES.format(process=burner.decode()))
    with Server("--interval", "0.5", "--alerts", str(rules)) as server:
        page.goto(f"{server.url}/stats")
        expect(page.locator(".alerts-word")).to_have_text("none, 1 rule watched")
        with children.named(burner, children.BURN):
            expect(chips(page)).to_have_text(re.compile(rf"firing burning .*{burner.decode()}"), timeout=30_000)
            expect(voice(page)).to_contain_text("Alert burning fires")
        expect(page.locator(".alerts-word")).to_contain_text("the last one: burning", timeout=30_000)
        expect(voice(page)).to_have_text("Alert burning is resolved.")
        unfold(page)
        expect(page.locator(".alerts-past .alert-suspect").first).to_contain_text(burner.decode())
        page.goto("about:blank")
