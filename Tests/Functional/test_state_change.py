"""Which clients may switch the recorder: our own page and programs, but no page of another site."""

import re

import pytest
from answers import assert_problem, assert_security_headers
from harness import Server, wait_until

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
# As Chromium sends them over plain http to an address that is not loopback: no Sec-Fetch headers.
IMAGE = {"Referer": "http://other.example/", "User-Agent": CHROME, "Accept": "image/avif,image/webp,*/*"}
PAGE = {"User-Agent": CHROME, "Accept": "text/html,application/xhtml+xml", "Upgrade-Insecure-Requests": "1",
        "Accept-Language": "en-US,en;q=0.9"}


@pytest.fixture(scope="module")
def switched():
    with Server("--interval", "0.1", "--allowed-host", "box.example.org") as running:
        yield running


@pytest.fixture(autouse=True)
def on_again(switched):
    yield
    switched.request("/start")


def is_on(server) -> bool:
    """The recorder in the next sample, because the current one may be older than the switch."""
    sequence = server.json("/system")["sequence"]
    wait_until(lambda: server.json("/system")["sequence"] > sequence)
    return server.json("/system")["recorder"]["switched_on"]


@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://top.example.org", "Sec-Fetch-Mode": "cors"},
    {"Host": "localhost:443", "Origin": "https://localhost", "User-Agent": CHROME},
    {"Host": "localhost", "Origin": "http://localhost:80", "User-Agent": CHROME},
    {"Host": "Box.Example.org:8845", "Origin": "http://box.example.org:8845", "User-Agent": CHROME},
    {"Host": "[::1]:8845", "Origin": "http://[::1]:8845", "User-Agent": CHROME},
    {"Host": "localhost", "Sec-Fetch-Site": "none", "Origin": "http://localhost", "User-Agent": CHROME},
    {"User-Agent": "curl/8.14.1", "Accept": "*/*"}, {"User-Agent": "our-own-script/1.0"},
    {},
], ids=str)
def test_these_posts_switch_it(switched, headers):
    response = switched.request("/stop", "POST", headers)
    assert response.status == 200, response.body
    assert not is_on(switched)


@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"},
    {"Origin": "null", "User-Agent": CHROME}, {"Origin": "http://localhost:1"}, {"User-Agent": CHROME},
    {"Host": "localhost:80", "Origin": "https://localhost"}, {"Referer": "http://localhost/"}, {"Cookie": "a=b"},
    {"Sec-Fetch-Site": "none", "Origin": "null"}, {"Sec-Fetch-Site": "none", "User-Agent": CHROME},
    {"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Mode": "no-cors"},
    {"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"},
], ids=str)
def test_these_posts_do_not_switch_it(switched, headers):
    response = switched.request("/stop", "POST", headers)
    assert_problem(response, 403)
    assert_security_headers(response)
    assert is_on(switched)


@pytest.mark.parametrize("headers", [
    {}, {"User-Agent": "curl/8.14.1", "Accept": "*/*"}, {"User-Agent": "Wget/1.25"},
    {"User-Agent": "HTTPie/3.2.4"}, {"User-Agent": "python-requests/2.32"}, {"User-Agent": "Go-http-client/1.1"},
    {**PAGE, "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"},
    {**PAGE, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"},
], ids=str)
def test_these_gets_switch_it(switched, headers):
    response = switched.request("/stop", "GET", headers)
    assert response.status == 200, response.body
    assert response.headers["Content-Type"] == "application/json"
    assert not is_on(switched)


@pytest.mark.parametrize("headers", [
    {**IMAGE, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {**IMAGE, "Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "image"},
    {**PAGE, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "image"},
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {**PAGE, "Origin": "http://evil.example"},
    {**PAGE, "Sec-Fetch-Site": "none", "Sec-Purpose": "prefetch;prerender"}, {**PAGE, "Purpose": "prefetch"},
], ids=str)
def test_these_gets_do_not_switch_it(switched, headers):
    assert_problem(switched.request("/stop", "GET", headers), 403)
    assert is_on(switched)


@pytest.mark.parametrize("headers", [IMAGE, PAGE, {"User-Agent": CHROME}, {"Referer": "http://other.example/"},
                                     {"Accept": "image/webp"}, {"Cookie": "a=b"}, {"Accept-Language": "de"},
                                     # The player of the system or of an app, for a video of a page.
                                     {"User-Agent": "stagefright/1.2 (Linux;Android 9)", "Range": "bytes=0-"},
                                     {"User-Agent": "AppleCoreMedia/1.0.0.21F90 (iPhone; U; CPU OS 17_5)"},
                                     {"User-Agent": "Dalvik/2.1.0 (Linux; U; Android 14)"}, {"User-Agent": "VLC/3.0.20"},
                                     {"User-Agent": "Lavf/60.16.100", "Icy-MetaData": "1"},
                                     {"User-Agent": "SomeApp/1"}], ids=str)
def test_a_client_that_a_page_may_use_gets_a_button(switched, headers):
    response = switched.request("/stop", "GET", {"Host": f"10.0.0.5:{switched.port}", **headers})
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "form-action 'self'" in policy and "frame-ancestors 'none'" in policy
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert re.search(rb'<form method="post" action="stop"><button>Stop recording</button></form>', response.body)
    assert is_on(switched)
    # The request of the button over plain http.
    own = f"http://10.0.0.5:{switched.port}"
    pressed = switched.request("/stop", "POST", {"Host": own.removeprefix("http://"), "Origin": own, **PAGE})
    assert pressed.status == 200
    assert not is_on(switched)


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, PAGE], ids=str)
def test_head_changes_nothing(switched, headers):
    assert switched.request("/stop", "HEAD", headers).status == 405
    assert is_on(switched)


def test_the_redirect_to_the_page_works_below_another_path(switched):
    response = switched.request("/")
    assert response.status == 307
    assert response.headers["Location"] == "stats"
