"""Each client's own rules: what it reads when it starts, how it writes a request, what it repeats.

What needs names or routes is a scene of the closed world: S53 `way-other-variable*` (tests/world/scenes_ways.py), S58
`var-endpoint-gone-*` (scenes_variables.py).
"""

from __future__ import annotations

import pytest

from mnistdoctor.demo.faults_http import by_request, by_user_agent, redirect, respond, route, sequence
from mnistdoctor.demo.log import Request
from mnistdoctor.demo.pki import Authority
from mnistdoctor.demo.servers import Server
from tests.strangers.lab import Lab

DATA = b"0123456789abcdef" * 64
URLLIB = ("keras", "torchvision", "sklearn", "urllib")


def served(lab: Lab) -> Server:
    """A server that has the file under every name."""
    return lab.serve(respond(200, DATA))


def s6_socks_in_the_variable_for_all(lab: Lab) -> None:
    """httpx makes every proxy at its start: a scheme that it refuses stops it, though another variable decides."""
    server = served(lab)
    proxy = served(lab).url("")
    answer = lab.check(server.url("/m.bin"), "--as", "huggingface", ALL_PROXY="socks://p:80", http_proxy=proxy)
    assert answer.cause == "proxy-env-malformed"
    assert answer.certain
    assert answer.fixes[0]["commands"][0]["text"] == "unset ALL_PROXY all_proxy"
    assert answer.fixes[0]["trial"]["status"] == "helped"


def s6_for_the_other_kind_of_url(lab: Lab) -> None:
    """The same of a variable that is for the other kind of URL."""
    answer = lab.check(served(lab).url("/m.bin"), "--as", "huggingface", HTTPS_PROXY="ftp://p:1")
    assert answer.cause == "proxy-env-malformed"


def s6_socks_without_its_package(lab: Lab) -> None:
    """socks5:// in any variable needs socksio."""
    url = served(lab).url("/m.bin")
    answer = lab.check(url, "--as", "huggingface", ALL_PROXY="socks5://p:80", http_proxy=served(lab).url(""))
    assert answer.cause == "proxy-socks-support-missing"


def s6_an_entry_of_no_proxy(lab: Lab) -> None:
    """httpx before httpx2 makes a pattern of each entry of NO_PROXY, and some make none."""
    for entry in ("[::1]", "fd00::/8", "localhost:http"):
        answer = lab.check(served(lab).url("/m.bin"), "--as", "huggingface-1", NO_PROXY=f"{entry},corp.example")
        assert answer.cause == "proxy-env-malformed", entry
        assert "NO_PROXY" in answer.diagnosis["title"]
        assert lab.check(served(lab).url("/m.bin"), "--as", "huggingface", NO_PROXY=entry).verdict == "healthy"


def s6_others_do_not_look(lab: Lab) -> None:
    """requests, urllib, curl and wget look at the variable for this URL alone; a star frees httpx from all of them."""
    url, proxy = served(lab).url("/m.bin"), served(lab).url("")
    for client in ("requests", "keras", "curl", "wget", "aria2"):
        assert lab.check(url, "--as", client, https_proxy="ftp://p:1", http_proxy=proxy).verdict == "healthy", client
    assert lab.check(url, "--as", "huggingface", ALL_PROXY="socks://p:80", NO_PROXY="*").verdict == "healthy"
    assert lab.check(url, "--as", "huggingface", ALL_PROXY=served(lab).url("")).verdict == "healthy"


def s7_offline_for_a_plain_url(lab: Lab) -> None:
    """A URL asked for as the Hub's client meets the Hub's switch."""
    url = served(lab).url("/m.bin")
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        answer = lab.check(url, "--as", "huggingface", cwd=None, **{name: "1"})
        assert (answer.cause, answer.certain) == ("env-offline-mode", True)
        assert answer.fixes[0]["trial"]["status"] == "helped"


def s7_what_switches_nothing_off(lab: Lab) -> None:
    """Another client, a switch of another library, and a switch that is off."""
    url = served(lab).url("/m.bin")
    assert lab.check(url, "--as", "requests", HF_HUB_OFFLINE="1").verdict == "healthy"
    assert lab.check(url, "--as", "huggingface", HF_HUB_OFFLINE="0", TRANSFORMERS_OFFLINE="1").verdict == "healthy"
    assert lab.check(url, "--as", "huggingface", HF_DATASETS_OFFLINE="1").verdict == "healthy"


def _limits(lab: Lab, prefix: str) -> str:
    tired = respond(429, b"{}", (("Retry-After", "60"),), content_type="application/json")
    return lab.serve(by_user_agent(lambda name: name.startswith(prefix), tired, respond(200, DATA))).url("/f.tar.bin")


def s19_the_agent_decides(lab: Lab) -> None:
    """429 with a pause to one agent, and the file to another: no limit of requests."""
    answer = lab.check(_limits(lab, "python-requests"))
    assert answer.cause == "http-403-user-agent"
    assert lab.check(_limits(lab, "python-requests"), "--as", "urllib").verdict == "healthy"


def s19_everybody_is_limited(lab: Lab) -> None:
    """429 to all of them, or with a count of requests, is a limit."""
    tired = respond(429, b"{}", (("Retry-After", "60"),), content_type="application/json")
    assert lab.check(lab.serve(tired).url("/f.bin")).cause == "http-429-rate-limited"
    counted = respond(429, b"{}", (("X-RateLimit-Remaining", "0"), ("Retry-After", "60")))
    server = lab.serve(by_user_agent(lambda name: name.startswith("python"), counted, respond(200, DATA)))
    assert lab.check(server.url("/f.bin")).cause == "http-429-rate-limited"


def s28_the_users_own_agent(lab: Lab) -> None:
    """An agent given by --header is changed by the control and by the trial."""
    server = lab.serve(by_user_agent(lambda name: name.startswith("aria2"), respond(403, b"no"), respond(200, DATA)))
    answer = lab.check(server.url("/a.bin"), "--as", "curl", "--header", "User-Agent: aria2/1.37.0")
    assert answer.cause == "http-403-user-agent"
    assert answer.fixes[0]["trial"]["status"] == "helped"


def s28_refused_under_every_name(lab: Lab) -> None:
    """The sentence that another agent was refused as well stands only where another one was sent."""
    server = lab.serve(respond(403, b"no"))
    answer = lab.check(server.url("/a.bin"), "--as", "curl", "--header", "User-Agent: aria2/1.37.0")
    assert answer.cause == "http-403-unexplained"
    agents = {request.field("user-agent") for request in server.log.of(Request)}
    assert len(agents) == 2


def s50_a_letter_a_blank_a_login(lab: Lab) -> None:
    """urllib escapes nothing and reads no login; the encoded address arrives."""
    server = served(lab)
    for path in ("/ä.bin", "/a b.bin"):
        for client in URLLIB:
            answer = lab.check(server.url(path), "--as", client)
            assert (answer.cause, answer.certain) == ("url-malformed", True), (path, client)
            assert answer.fixes[0]["trial"]["status"] == "helped"
    login = server.url("/m.bin").replace("//", "//user:secret@")
    answer = lab.check(login, "--as", "keras")
    assert answer.cause == "url-malformed"
    assert "secret" not in answer.out
    assert answer.fixes[0]["trial"]["status"] == "helped"


def s50_clients_that_mend_it(lab: Lab) -> None:
    """requests, httpx, wget and aria2 escape both and read the login; curl escapes the letter."""
    server = served(lab)
    login = server.url("/m.bin").replace("//", "//user:secret@")
    for client in ("requests", "huggingface", "tfds", "wget", "aria2", "pooch"):
        for url in (server.url("/ä b.bin"), login):
            assert lab.check(url, "--as", client).verdict == "healthy", (client, url)
    assert lab.check(server.url("/ä.bin"), "--as", "curl").verdict == "healthy"
    assert lab.check(server.url("/a b.bin"), "--as", "curl").cause == "url-malformed"
    assert lab.check(server.url("/a[1].bin"), "--as", "curl").cause == "url-malformed"
    assert lab.check(server.url("/a[1].bin"), "--as", "keras").verdict == "healthy"


def s50_dots_are_sent_as_they_are(lab: Lab) -> None:
    """urllib and aria2 send `/x/../`, which a server may refuse; the others take it out."""
    raw = lambda request: "/../" in request.target  # noqa: E731
    server = lab.serve(by_request(raw, respond(400, b"no"), respond(200, DATA)))
    for client in ("keras", "aria2"):
        assert lab.check(server.url("/x/../m.bin"), "--as", client).verdict == "ailing", client
    for client in ("requests", "curl", "wget", "huggingface"):
        assert lab.check(server.url("/x/../m.bin"), "--as", client).verdict == "healthy", client


def s50_a_redirect_is_mended(lab: Lab) -> None:
    """A blank or a letter in a redirect is escaped by urllib and by curl."""
    for path in ("/a b.bin", "/ä.bin".encode().decode("latin-1")):
        server = lab.serve(route({"/m.bin": redirect(path)}, respond(200, DATA)))
        for client in ("keras", "curl", "requests", "huggingface", "wget"):
            assert lab.check(server.url("/m.bin"), "--as", client).verdict == "healthy", (client, path)


def s54_five_redirects(lab: Lab) -> None:
    """torchvision follows as many as urllib does in each of its calls."""
    hops = {f"/{n}": redirect(f"/{n + 1}") for n in range(5)}
    server = lab.serve(route(dict(hops), respond(200, DATA)))
    assert lab.check(server.url("/0"), "--as", "torchvision", "--length", str(len(DATA))).verdict == "healthy"
    endless = lab.serve(route({f"/{n}": redirect(f"/{n + 1}") for n in range(12)}, respond(200, DATA)))
    assert lab.check(endless.url("/0"), "--as", "torchvision").cause == "http-redirect-loop"


def s56_the_file_of_keys(lab: Lab) -> None:
    """Python makes no TLS context while it cannot open the file of SSLKEYLOGFILE."""
    authority = Authority("Laboratory")
    server = lab.serve(respond(200, DATA), authority.issue("localhost").server_context())
    ca = lab.folder / "ca.pem"
    ca.write_bytes(authority.pem)
    url = server.url("/m.bin").replace("127.0.0.1", "localhost")
    for client in ("keras", "requests", "huggingface-1"):
        for keys in (lab.folder / "gone" / "keys", lab.folder):
            answer = lab.check(url, "--as", client, "--ca-bundle", str(ca), SSLKEYLOGFILE=str(keys))
            assert (answer.cause, answer.certain) == ("tls-context-failed", True), client
            assert answer.fixes[0]["trial"]["status"] == "helped"
    for client in ("curl", "wget", "huggingface"):  # they pass over it
        answer = lab.check(url, "--as", client, "--ca-bundle", str(ca), SSLKEYLOGFILE=str(lab.folder / "gone" / "keys"))
        assert answer.verdict == "healthy"
    answer = lab.check(url, "--as", "keras", "--ca-bundle", str(ca), SSLKEYLOGFILE=str(lab.folder / "keys"))
    assert answer.verdict == "healthy"
    assert not (lab.folder / "keys").exists()


def s56_a_set_up_without_ciphers(lab: Lab) -> None:
    """OPENSSL_CONF that loads a provider and leaves out the default one; one that is not there changes nothing."""
    setup = lab.folder / "openssl.cnf"
    setup.write_text("openssl_conf = a\n[a]\nproviders = p\n[p]\nnull = n\n[n]\nactivate = 1\n")
    url = "https://localhost:9/m.bin"
    assert lab.check(url, "--as", "keras", OPENSSL_CONF=str(setup)).cause == "tls-context-failed"
    assert lab.check(url, "--as", "keras", OPENSSL_CONF=str(lab.folder / "none.cnf")).cause == "tcp-refused"


def s62_a_password_is_cut_at_its_first_at(lab: Lab) -> None:
    """`_parse_proxy` (3.8 to 3.13): with an `@` the authority ends at the first slash after the first one."""
    proxy = served(lab)
    url = served(lab).url("/m.bin")
    for password in ("p@s/w", "p@:s/w"):
        value = f"http://user:{password}@{proxy.host}:{proxy.port}"
        answer = lab.check(url, "--as", "keras", http_proxy=value)
        assert answer.cause == "proxy-env-credentials-unencoded", password
    for password in ("p@ss", "p/ss", "p%40s%2Fw"):
        value = f"http://user:{password}@{proxy.host}:{proxy.port}"
        assert lab.check(url, "--as", "keras", http_proxy=value).verdict == "healthy", password


def s63_a_pause_that_tfds_waits_for(lab: Lab) -> None:
    """urllib3's Retry waits for Retry-After of 413, 429 and 503; without the field 429 is final."""
    for status in (413, 429):
        tired = respond(status, b"no", (("Retry-After", "1"),))
        server = lab.serve(sequence(tired, respond(200, DATA)))
        answer = lab.check(server.url("/m.bin"), "--as", "tfds")
        assert answer.verdict == "healthy", status
        assert answer.warnings
        server = lab.serve(sequence(tired, respond(200, DATA)))
        assert lab.check(server.url("/m.bin"), "--as", "requests").verdict == "ailing"
    server = lab.serve(sequence(respond(429, b"no"), respond(200, DATA)))
    assert lab.check(server.url("/m.bin"), "--as", "tfds").verdict == "ailing"


def s64_no_proxy_of_httpx2(lab: Lab) -> None:
    """A star with a suffix and a network free the host; huggingface_hub 1.x, on httpx, goes to the proxy."""
    url, dead = served(lab).url("/m.bin"), "http://127.0.0.1:9"
    assert lab.check(url, "--as", "huggingface", http_proxy=dead, NO_PROXY="127.0.0.0/8").verdict == "healthy"
    assert lab.check(url, "--as", "huggingface-1", http_proxy=dead, NO_PROXY="127.0.0.0/8").verdict == "ailing"
    proxied = lab.check(url, "--as", "huggingface", http_proxy=served(lab).url("") + " ")
    assert proxied.verdict == "healthy"
    assert proxied.targets[0]["route"]["kind"] == "forward-proxy"


def s65_curl_takes_the_folder(lab: Lab) -> None:
    """curl 7.88 with SSL_CERT_FILE and SSL_CERT_DIR both set does not look at the file."""
    authority = Authority("Laboratory")
    server = lab.serve(respond(200, DATA), authority.issue("localhost").server_context())
    url, none = server.url("/m.bin").replace("127.0.0.1", "localhost"), str(lab.folder / "none.pem")
    both = lab.check(url, "--as", "curl", SSL_CERT_FILE=none, SSL_CERT_DIR=str(lab.folder))
    assert both.verdict == "ailing"
    assert both.cause != "tls-ca-path-wrong"  # this authority is in no store, and that is all
    assert lab.check(url, "--as", "curl", SSL_CERT_FILE=none).cause == "tls-ca-path-wrong"
    assert (
        lab.check(url, "--as", "curl", CURL_CA_BUNDLE=none, SSL_CERT_DIR=str(lab.folder)).cause == "tls-ca-path-wrong"
    )


def s67_wget(lab: Lab) -> None:
    """wget reads the variables in lower case, and no ALL_PROXY; CA variables are nothing to it."""
    url, dead = served(lab).url("/m.bin"), "http://127.0.0.1:9"
    for name in ("ALL_PROXY", "all_proxy", "HTTP_PROXY"):
        assert lab.check(url, "--as", "wget", cwd=None, **{name: dead}).verdict == "healthy", name
    assert lab.check(url, "--as", "wget", http_proxy=dead).cause == "proxy-env-stale"
    assert lab.check(url, "--as", "wget", http_proxy="https://p:1").cause == "proxy-env-malformed"


def s67_wget_sends_a_login_when_asked(lab: Lab) -> None:
    """wget keeps a login back until the server asks for it; aria2 and requests send it with the first request."""
    named = lambda request: request.field("authorization") is not None  # noqa: E731
    wants = respond(401, b"", (("WWW-Authenticate", 'Basic realm="x"'),))
    server = lab.serve(by_request(named, respond(200, DATA), wants))
    url = server.url("/m.bin").replace("//", "//user:secret@")
    for client in ("wget", "aria2", "requests"):
        assert lab.check(url, "--as", client).verdict == "healthy", client
    shy = lab.serve(by_request(named, respond(400, b"one way to sign in only"), respond(200, DATA)))
    (lab.home / ".netrc").write_text(f"machine {shy.host} login user password secret\n")
    (lab.home / ".netrc").chmod(0o600)
    for client, verdict in (("wget", "healthy"), ("aria2", "ailing"), ("curl", "healthy"), ("urllib", "healthy")):
        assert lab.check(shy.url("/m.bin"), "--as", client).verdict == verdict, client


def s67_cookies(lab: Lab) -> None:
    """wget and aria2 hand a redirect's cookie on; curl does not."""
    welcome = redirect("/again", fields=(("Set-Cookie", "seen=1"),))
    again = by_request(lambda request: "seen" in (request.field("cookie") or ""), respond(200, DATA), welcome)
    server = lab.serve(route({"/m.bin": welcome}, again))
    for client in ("wget", "aria2", "requests"):
        assert lab.check(server.url("/m.bin"), "--as", client).verdict == "healthy", client
    assert lab.check(server.url("/m.bin"), "--as", "curl").cause == "http-redirect-loop"


def s67_an_unknown_client(lab: Lab) -> None:
    """The clients of their own are offered by name."""
    pytest.importorskip("click")
    assert lab.run("check", "--as", "wgett", "http://127.0.0.1/").code == 2
