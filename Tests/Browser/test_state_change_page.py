"""Requests that a page of another site can make a real browser send: none of them switches the recorder."""

import http.server
import threading

import pytest
from harness import Server, wait_until
from playwright.sync_api import expect

# Names that are neither loopback nor https: Chromium sends no Sec-Fetch headers to those.
OURS, THEIRS = "box.example.org", "other.example.net"


@pytest.fixture(scope="module")
def browser(launch):
    running = launch(f"--host-resolver-rules=MAP {OURS} 127.0.0.1, MAP {THEIRS} 127.0.0.1")
    yield running
    running.close()


@pytest.fixture(scope="module")
def running():
    with Server("--interval", "0.1", "--allowed-host", OURS) as server:
        server.address = f"http://{OURS}:{server.port}"
        yield server


@pytest.fixture
def server(running):
    yield running
    running.request("/start")


@pytest.fixture
def other_site():
    """Serves one page from another origin, `other_site(html)`; returns its address."""
    page = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = page["html"].encode()
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=site.serve_forever)
    thread.start()

    def serve(html: str) -> str:
        page["html"] = "<!doctype html><title>other</title>" + html
        return f"http://{THEIRS}:{site.server_address[1]}/"
    yield serve
    site.shutdown()
    thread.join()
    site.server_close()


def is_on(server) -> bool:
    """The recorder in the next sample, because the current one may be older than the switch."""
    sequence = server.json("/system")["sequence"]
    wait_until(lambda: server.json("/system")["sequence"] > sequence)
    return server.json("/system")["recorder"]["switched_on"]


ATTACKS = {
    "image": '<img src="{stop}">',
    "image without a referrer": '<img src="{stop}" referrerpolicy="no-referrer">',
    "frame": '<iframe src="{stop}"></iframe>',
    "sandboxed frame": '<iframe sandbox="allow-forms allow-scripts" src="{stop}"></iframe>',
    "script": '<script src="{stop}"></script>',
    "style": '<link rel="stylesheet" href="{stop}">',
    "prefetch": '<link rel="prefetch" href="{stop}">',
    "form": '<form method="post" action="{stop}" target="there"></form><iframe name="there"></iframe>'
            '<script>document.forms[0].submit()</script>',
    "form by GET": '<form action="{stop}" target="there"></form><iframe name="there"></iframe>'
                   '<script>document.forms[0].submit()</script>',
    "form without a referrer": '<meta name="referrer" content="no-referrer"><form method="post" action="{stop}"></form>'
                               '<script>document.forms[0].submit()</script>',
    "fetch": '<script>fetch("{stop}", {{mode: "no-cors"}})</script>',
    "fetch by POST": '<script>fetch("{stop}", {{mode: "no-cors", method: "POST"}})</script>',
    "fetch with credentials": '<script>fetch("{stop}", {{mode: "no-cors", method: "POST", credentials: "include"}})</script>',
    "beacon": '<script>navigator.sendBeacon("{stop}", "x")</script>',
    "navigation": '<script>location = "{stop}"</script>',
    "data frame": '<iframe src="data:text/html,<form method=post action={stop}></form>'
                  '<script>document.forms[0].submit()</script>"></iframe>',
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("host", [OURS, "127.0.0.1"], ids=["plain", "loopback"])
def test_no_page_of_another_site_switches_it(browser, server, other_site, attack, host):
    stop = f"http://{host}:{server.port}/stop"
    page = browser.new_page()
    ended = []
    for event in ("requestfinished", "requestfailed"):
        page.context.on(event, lambda request: request.url.rstrip("?") == stop and ended.append(request))
    try:
        page.goto(other_site(ATTACKS[attack].format(stop=stop)), wait_until="commit")
        for _ in range(200):
            if ended:
                break
            page.wait_for_timeout(50)
        assert ended, "the request of the attack was not sent"
        assert is_on(server)
    finally:
        page.close()


def test_a_person_switches_it_over_plain_http(browser, server):
    """The address bar leads to a page with a button, which works without scripts."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    try:
        page.goto(f"{server.address}/stop")
        expect(page.get_by_role("heading")).to_have_text("Stop recording?")
        assert is_on(server)
        page.get_by_role("button", name="Stop recording").click()
        page.wait_for_load_state()
        assert not is_on(server)
        page.goto(f"{server.address}/start")
        page.get_by_role("button", name="Start recording").click()
        page.wait_for_load_state()
        assert is_on(server)
    finally:
        context.close()


@pytest.mark.parametrize("host", [OURS, "127.0.0.1"], ids=["plain", "loopback"])
def test_the_button_of_our_own_page_works(browser, server, host):
    page = browser.new_page()
    try:
        page.goto(f"http://{host}:{server.port}/stats")
        page.locator("#recorder button").click()
        expect(page.locator(".recorder-word")).to_have_text("Recorder off")
        assert not is_on(server)
    finally:
        page.close()


def test_the_address_bar_switches_it_on_loopback(browser, server):
    page = browser.new_page()
    try:
        page.goto(f"http://127.0.0.1:{server.port}/stop")
        assert not is_on(server)
    finally:
        page.close()
