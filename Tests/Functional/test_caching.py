"""Conditional requests and content coding of /cpu_usage, on an unchanging snapshot."""

import gzip

import pytest
from answers import content, sequence, strict_json
from harness import wait_until

ACCEPTS_GZIP = ["gzip", "GZIP", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8", "gzip;q=0.001", "*;q=0, gzip",
                "deflate , gzip ; q=0.5"]
REFUSES_GZIP = [None, "", "identity", "deflate, br", "gzip;q=0", "gzip;q=0.0", "gzip; q=0.000",
                "br, gzip;Q=0", "gzip;q=0, *", "notgzip", "gzipped"]


def asked(server, path="/cpu_usage", coding=None, etag=None, method="GET"):
    headers = {name: value for name, value in (("Accept-Encoding", coding), ("If-None-Match", etag))
               if value is not None}
    # http.client would add its own coding.
    headers.setdefault("Accept-Encoding", "")
    return server.request(path, method=method, headers=headers)


@pytest.mark.parametrize("coding", ACCEPTS_GZIP)
def test_gzip_for_clients_that_accept_it(frozen, coding):
    response = asked(frozen, coding=coding)
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(response.body) == asked(frozen).body


@pytest.mark.parametrize("coding", REFUSES_GZIP)
def test_identity_for_all_other_clients(frozen, coding):
    response = asked(frozen, coding=coding)
    assert response.headers["Content-Encoding"] is None
    assert response.headers["Vary"] == "Accept-Encoding"
    assert strict_json(response.body)


def test_gzip_is_smaller(frozen):
    assert len(asked(frozen, coding="gzip").body) < len(asked(frozen).body) / 2


@pytest.mark.parametrize("query", ["limit=3", "fields=all", "status=dead", "sort=pid"])
def test_filtered_answers_negotiate_in_the_same_way(frozen, query):
    path = f"/cpu_usage?{query}"
    plain, packed = asked(frozen, path), asked(frozen, path, coding="gzip")
    assert content(packed) == plain.body
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("coding", [None, "gzip"])
@pytest.mark.parametrize("path", ["/cpu_usage", "/cpu_usage?limit=2"])
def test_known_etag_costs_a_304(frozen, path, coding):
    etag = asked(frozen, path, coding).headers["ETag"]
    response = asked(frozen, path, coding, etag)
    assert response.status == 304
    assert response.body == b""
    assert response.headers["ETag"] == etag
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["Cache-Control"] == "no-cache"


def test_etag_is_quoted_and_different_for_each_coding(frozen):
    plain, packed = asked(frozen).headers["ETag"], asked(frozen, coding="gzip").headers["ETag"]
    assert plain != packed
    for etag in (plain, packed):
        assert etag.startswith('"') and etag.endswith('"') and len(etag) > 2
    assert asked(frozen, etag=packed).status == 200, "the client holds the other coding"


@pytest.mark.parametrize("template", ["{}", "W/{}", '"other", {}', '{}, "other"', '"a,b" , {}', "*"])
def test_if_none_match_is_a_list_compared_weakly(frozen, template):
    etag = asked(frozen).headers["ETag"]
    assert asked(frozen, etag=template.format(etag)).status == 304


@pytest.mark.parametrize("etag", ['"other"', '""', "nonsense", 'W/"other"', '"unclosed'])
def test_other_etags_get_the_whole_answer(frozen, etag):
    response = asked(frozen, etag=etag)
    assert response.status == 200
    assert response.body


def test_head_is_conditional_too(frozen):
    etag = asked(frozen, method="HEAD").headers["ETag"]
    assert etag == asked(frozen).headers["ETag"]
    assert asked(frozen, etag=etag, method="HEAD").status == 304


def test_a_new_sweep_has_a_new_etag(server):
    etag, first = asked(server).headers["ETag"], sequence(server)
    wait_until(lambda: sequence(server) > first)
    response = asked(server, etag=etag)
    assert response.status == 200
    assert response.headers["ETag"] != etag
