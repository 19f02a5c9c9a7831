"""The closed world is what it says: tried with curl, requests and dnspython, before the doctor is judged in it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import files, rootless
from .instruments import HOST, SHA256, URL, fetch
from .namespace import REGISTER, remove_stale, start_time
from .world import World, missing

pytestmark = pytest.mark.world


def test_healthy_fetch_is_byte_identical_and_counted(world: World) -> None:
    assert fetch(world, URL) == f"200 {SHA256}"
    (seen,) = world.requests()
    assert (seen.host, seen.status, seen.port, seen.authorization) == (HOST, 200, 443, False)
    assert seen.agent.startswith("python-requests/")
    assert sorted(world.queries()) == [(HOST, "A"), (HOST, "AAAA")]
    assert world.connections(HOST, 443) == 1


def test_urllib_trusts_the_system_store(world: World) -> None:
    code = f"import urllib.request as u; print(u.urlopen({URL!r}).status)"
    assert world.run(sys.executable, "-c", code).stdout == "200\n"
    assert "CERTIFICATE_VERIFY_FAILED" in world.run(sys.executable, "-c", code, system=()).stderr
    assert "CERTIFICATE_VERIFY_FAILED" in world.run(sys.executable, "-c", code, ca="none").stderr
    assert world.run(sys.executable, "-c", code, ca="env").stdout == "200\n"
    assert "CERTIFICATE_VERIFY_FAILED" in fetch(world, URL, certifi=("genuine",))


def test_github_raw_redirects_to_its_store(world: World) -> None:
    url = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/" + files.LABELS
    digest = hashlib.sha256(files.genuine("fashion_mnist", files.LABELS)).hexdigest()
    assert fetch(world, url) == f"200 {digest}"
    assert [seen.host for seen in world.requests()] == ["github.com", "raw.githubusercontent.com"]


def test_stores_answer_a_missing_key_with_access_denied(world: World) -> None:
    ended = world.run("curl", "-s", "-w", "%{http_code}", files.S3 + "nothing.gz")
    assert "<Code>AccessDenied</Code>" in ended.stdout
    assert ended.stdout.endswith("403")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://connectivitycheck.gstatic.com/generate_204", "204 "),
        ("http://www.msftconnecttest.com/connecttest.txt", "200 Microsoft Connect Test"),
        ("http://detectportal.firefox.com/success.txt", "200 success\n"),
    ],
)
def test_controls(world: World, url: str, expected: str) -> None:
    status, _, body = expected.partition(" ")
    ended = world.run("curl", "-s", "-w", "%{stderr}%{http_code}", url)
    assert (ended.stderr, ended.stdout) == (status, body)
    assert fetch(world, "https://www.cloudflare.com/cdn-cgi/trace").startswith("200 ")
    assert fetch(world, "https://example.com/").startswith("200 ")


def test_served_document_and_status_with_body_and_fields(world: World) -> None:
    world.serve(HOST, "/a.gz", b"\x1f\x8bxyz")
    world.serve(HOST, "/b", b'{"error": "$5"}', status=429, headers={"Retry-After": "7"}, kind="application/json")
    world.host("openml.org", status=451, body=b"<p>no</p>", headers={"Link": '<https://x.org>; rel="blocked-by"'})
    assert fetch(world, f"https://{HOST}/a.gz") == f"200 {hashlib.sha256(bytes.fromhex('1f8b') + b'xyz').hexdigest()}"
    answer = world.run("curl", "-si", f"https://{HOST}/b").stdout
    assert answer.startswith("HTTP/1.1 429")
    assert "Retry-After: 7" in answer
    assert answer.endswith('{"error": "$5"}')
    answer = world.run("curl", "-si", "https://openml.org/any/path").stdout
    assert answer.startswith("HTTP/1.1 451")
    assert 'Link: <https://x.org>; rel="blocked-by"' in answer
    world.clear()
    assert fetch(world, f"https://{HOST}/a.gz").startswith("403 ")


def test_hosts_file(world: World) -> None:
    assert world.run("getent", "ahostsv4", HOST, hosts=f"127.0.0.9 {HOST}").stdout.split()[0] == "127.0.0.9"


def test_made_files_are_what_they_say(tmp_path: Path) -> None:
    import gzip
    import zipfile

    images = files.idx_images(count=2000)
    plain = gzip.decompress(images.body)
    assert plain[:16] == bytes.fromhex("00000803000007d00000001c0000001c")
    assert len(plain) == 16 + 2000 * 784
    assert images == files.idx_images(count=2000)
    path = tmp_path / "mnist.npz"
    path.write_bytes(files.npz(300, 100).body)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        x_train = archive.read("x_train.npy")
    start = 10 + int.from_bytes(x_train[8:10], "little")
    assert start % 64 == 0
    assert b"(300, 28, 28)" in x_train[:start]
    assert len(x_train) == start + 300 * 784


def test_a_dead_owners_lab_is_removed(world: World) -> None:
    """A killed test run leaves namespaces and daemons; the next world takes them away, and nothing else."""
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r})\n"
        "import os, signal\nfrom world.world import World\n"
        "world = World(); print(*(c.pid for c in world._lab.daemons.values()), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    pids = [int(word) for word in ended.stdout.split()]
    assert len(pids) == 2, ended.stderr
    assert all(start_time(pid) for pid in pids)
    remove_stale()
    assert not any(start_time(pid) for pid in pids)
    assert set(world._lab.names.values()) <= {path.name for path in Path("/run/netns").iterdir()}
    assert (REGISTER / f"{os.getpid()}.json").exists()
    assert fetch(world, URL).startswith("200 ")


def test_missing_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None if name == "squid" else f"/usr/sbin/{name}")
    assert missing() == "not installed: squid"
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert missing() == "network namespaces with real ports need root, or `python -m tests.world.rootless`"


def test_it_comes_up_in_a_user_namespace_too() -> None:
    """Where the machine allows it: one scene, played by somebody who is root over nothing but his own networks."""
    if reason := rootless.refusal():
        pytest.skip(f"no user namespace can be made here: {reason}")
    argv = [sys.executable, "-m", "tests.world.rootless", "-q", "tests/world/test_check.py", "-k", "exam-hosts-right"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, env={**os.environ, "PYTEST_ADDOPTS": ""})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
