"""`topserver agent` over wss://: which certificates it accepts."""

import subprocess

import pytest
from agents import Agent, Relay
from harness import Server, wait_until

QUICK = ("--interval", "0.2")
UNTRUSTED = "the hub cannot be used: its certificate is not trusted"


def openssl(*arguments: str):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Two authorities, and certificates of the first: for localhost, addresses and other names, and an expired one."""
    folder = tmp_path_factory.mktemp("certificates")
    for authority in ("ours", "theirs"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", f"/CN={authority}", "-keyout", f"{folder}/{authority}.key", "-out", f"{folder}/{authority}.pem")
    for name, host, days in (("local", "DNS:localhost", "2"), ("other", "DNS:hub.example", "2"),
                             ("near", "IP:127.0.0.1,IP:::1", "2"), ("far", "IP:192.0.2.1,IP:2001:db8::1", "2"),
                             ("old", "DNS:localhost", "-1")):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.csr")
        (folder / "names").write_text(f"subjectAltName={host}\n")
        openssl("x509", "-req", "-in", f"{folder}/{name}.csr", "-CA", f"{folder}/ours.pem", "-CAkey",
                f"{folder}/ours.key", "-CAcreateserial", "-days", days, "-extfile", f"{folder}/names",
                "-out", f"{folder}/{name}.pem")
    return folder


@pytest.fixture(scope="module")
def hub():
    with Server() as running:
        yield running


def test_a_certificate_of_the_trusted_authority_is_accepted(hub, certificates):
    with Relay(hub.port, certificates / "local.pem", certificates / "local.key") as relay:
        with Agent(relay.url("localhost"), "--name", "secure", "--ca-file", str(certificates / "ours.pem"), *QUICK) as it:
            it.when_logged("connected")
            assert wait_until(lambda: hub.json("/hosts?host=secure")["hosts"])
            wait_until(lambda: relay.messages > 10)


@pytest.mark.parametrize("address, host", [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")], ids=["IPv4", "IPv6"])
def test_a_hub_may_be_reached_by_an_address_that_its_certificate_has(hub, certificates, address, host):
    name = f"by-{'six' if ':' in address else 'four'}"
    with Relay(hub.port, certificates / "near.pem", certificates / "near.key", address) as relay:
        with Agent(relay.url(host), "--name", name, "--ca-file", str(certificates / "ours.pem"), *QUICK) as it:
            it.when_logged("connected")
            assert wait_until(lambda: hub.json(f"/hosts?host={name}")["hosts"])


def test_another_address_is_refused_and_named(hub, certificates):
    with Relay(hub.port, certificates / "far.pem", certificates / "far.key", "::1") as relay:
        with Agent(relay.url("[::1]"), "--name", "fooled", "--ca-file", str(certificates / "ours.pem"), *QUICK,
                   expected_log=UNTRUSTED) as agent:
            assert "It is not for ::1." in agent.when_logged("its certificate is not trusted")
        assert not relay.handshakes


@pytest.mark.parametrize("name, host, arguments", [
    ("local", "localhost", ["theirs.pem"]),
    ("local", "localhost", []),
    ("local", "127.0.0.1", ["ours.pem"]),
    ("other", "localhost", ["ours.pem"]),
    ("old", "localhost", ["ours.pem"]),
], ids=["another authority", "the system's authorities", "an address", "another name", "expired"])
def test_another_certificate_is_rejected(hub, certificates, name, host, arguments):
    options = [item for file in arguments for item in ("--ca-file", str(certificates / file))]
    with Relay(hub.port, certificates / f"{name}.pem", certificates / f"{name}.key") as relay:
        with Agent(relay.url(host), "--name", "fooled", *options, *QUICK, expected_log=UNTRUSTED) as agent:
            agent.when_logged("its certificate is not trusted")
        assert not relay.handshakes, "the agent sent something to a foreign server, perhaps the token"
    assert not hub.json("/hosts?host=fooled")["hosts"]


def test_a_hub_without_tls_is_explained(hub, certificates):
    expected = "no connection to the hub: no secure connection"
    with Agent(f"wss://localhost:{hub.port}/webservices/cpu/", "--ca-file", str(certificates / "ours.pem"), *QUICK,
               expected_log=expected) as agent:
        agent.when_logged("no secure connection")


def test_a_missing_file_of_authorities_is_explained(hub, tmp_path):
    with Agent(f"wss://localhost:{hub.port}/webservices/cpu/", "--ca-file", str(tmp_path / "none.pem"), *QUICK,
               expected_log="no connection to the hub") as agent:
        assert "none.pem" in agent.when_logged("no connection to the hub")
