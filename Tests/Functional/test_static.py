"""The page and its other files."""

import gzip
import shutil

import pytest
from answers import assert_problem
from harness import STATIC, Server
from wire import Wire, lines

TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FILES = sorted(str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file() and path.suffix in TYPES)


def asked(server, path: str, **headers):
    return server.request(path, headers={"Accept-Encoding": "", **headers})


def test_the_page_is_served_at_stats(server):
    response = asked(server, "/stats")
    assert response.status == 200
    assert response.headers["Content-Type"] == TYPES[".html"]
    assert response.body == (STATIC / "stats.html").read_bytes()


def test_the_root_redirects_to_the_page(server):
    for method in ("GET", "HEAD"):
        response = server.request("/", method=method)
        assert response.status in (302, 307, 308)
        assert response.headers["Location"] == "stats"


@pytest.mark.parametrize("name", [name for name in FILES if name != "stats.html"])
def test_each_file_is_served_with_its_type(server, name):
    response = asked(server, f"/{name}")
    assert response.status == 200
    assert response.headers["Content-Type"] == TYPES[(STATIC / name).suffix]
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.body == (STATIC / name).read_bytes()


@pytest.mark.parametrize("path", ["/stats", "/client.css", "/client.js"])
def test_files_are_conditional_and_compressed(server, path):
    plain = asked(server, path)
    packed = server.request(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert plain.headers["ETag"] != packed.headers["ETag"]
    for response, coding in ((plain, ""), (packed, "gzip")):
        again = server.request(path, headers={"Accept-Encoding": coding,
                                              "If-None-Match": response.headers["ETag"]})
        assert again.status == 304
        assert again.body == b""
        assert again.headers["ETag"] == response.headers["ETag"]


@pytest.mark.parametrize("path", [
    "/../Package.swift", "/static/../../Package.swift", "/%2e%2e/Package.swift", "/..%2fPackage.swift",
    "/%2e%2e%2fPackage.swift", "/..%5cPackage.swift", "//etc/passwd", "/etc/passwd", "/./stats.html",
    "/stats/..", "/client.js/", "/client.js/../client.css", "/stats/", "/.%2e/Package.swift",
    "/client.js%00.css", "/~root", "/.git/config", "/static/client.js", "/shared/../client.js", "/shared/%2e%2e/client.js",
    "/shared/", "/shared", "/shared//dom.js", "/stats/../../Package.swift",
])
def test_no_path_leaves_the_folder(server, path):
    with Wire(server) as wire:
        wire.send(lines(f"GET {path} HTTP/1.1", "Host: localhost"))
        reply = wire.reply()
    assert reply.status in (400, 404)
    assert_problem(reply, reply.status)


@pytest.mark.parametrize("path", ["/nowhere", "/client.mjs", "/CPU_USAGE", "/cpu_usage/", "/client.js.map"])
def test_unknown_paths_are_404(server, path):
    assert_problem(server.request(path), 404)


def test_another_folder_is_served_with_all_its_files(tmp_path):
    folder = shutil.copytree(STATIC, tmp_path / "static")
    (folder / "extra.js").write_text("export const extra = 1;\n")
    (folder / "more").mkdir()
    (folder / "more" / "extra.js").write_text("export const more = 1;\n")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "stats.html").write_text("<!doctype html><title>other</title>")
    with Server("--static", str(folder)) as server:
        assert asked(server, "/extra.js").body == b"export const extra = 1;\n"
        assert asked(server, "/more/extra.js").body == b"export const more = 1;\n"
        assert asked(server, "/stats").body == b"<!doctype html><title>other</title>"
        assert asked(server, "/secret.txt").status == 404
        assert asked(server, "/../secret.txt").status == 400
