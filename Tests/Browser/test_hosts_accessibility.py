"""axe-core finds nothing serious or critical on the page of the fleet, in both themes, wide and narrow."""

import pytest
from axe import examined, findings, width  # noqa: F401
from feeds import past
from fleet_feed import FakeFleet, local, one
from playwright.sync_api import expect

HOSTS = [local("hub", 12), one("hot", 97, alerts=["cpu"]), one("warm", 60), one("tepid", 30), one("edge", 8, "stale"),
         one("mail", 99, "lost", alerts=["host-silent"], cpu_average_percent=None)]


@pytest.fixture
def fleet(server, examined):  # noqa: F811
    def open_fleet(address: str, *hosts: dict):
        page = examined
        feed = FakeFleet(page, *hosts)
        feed.past = lambda asked: past(1748778000, {name: [20.0] * 1200 for name in asked["series"].split(",")})
        feed.alerts = {"active": [{"host": name, "rule": "cpu", "state": "firing", "since": "2025-06-01T11:50:00Z",
                                   "seconds": 600, "condition": "CPU above 75 %", "suspects": [{"name": "nginx"}]}
                                  for name in ("hot", "mail")], "recent": [], "rules": []}
        page.goto(server.url + address)
        expect(page.locator("#pulse")).to_have_text("Live")
        return page
    return open_fleet


@pytest.mark.parametrize("address", ["/fleet", "/fleet#min_cpu=90", "/fleet#filter=nobody", "/fleet?host=nobody"])
def test_the_list(fleet, address):
    assert findings(fleet(address, *HOSTS)) == []


def test_a_hub_without_other_hosts(fleet):
    assert findings(fleet("/fleet", local("hub"))) == []


@pytest.mark.parametrize("host", ["hot", "edge", "mail"])
def test_one_host(fleet, host):
    page = fleet(f"/fleet?host={host}", *HOSTS)
    expect(page.locator(".chart canvas").first).to_be_visible()
    expect(page.locator(".chart-plot").first).to_have_attribute("aria-label", "CPU, the last 20 minutes; the values follow")
    assert findings(page) == []


def test_one_silent_host(fleet):
    page = fleet("/fleet?host=hot", *HOSTS)
    expect(page.locator(".chart canvas").first).to_be_visible()
    page.get_by_role("button", name="Zoom in").click()
    expect(page.locator(".charts-scope")).to_contain_text("not live")
    assert findings(page) == []


def test_the_help(fleet):
    page = fleet("/fleet", *HOSTS)
    page.locator("#open-help").click()
    expect(page.locator("#help")).to_be_visible()
    assert findings(page) == []
