"""A pasted text and the cause that it shows: one row a wording (`wordings.toml`), and what looks alike."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mnistdoctor.catalogue import Catalogue, load
from mnistdoctor.symptoms import matches
from mnistdoctor.symptoms.matches import Reading, read

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CATALOGUE: Catalogue = load()
ROOM = Path(matches.__file__).parent


def reading(text: str) -> Reading:
    return read(text, CATALOGUE)


def top(text: str) -> str:
    found = reading(text)
    return found.matches[0].cause if found.matches else found.verdict


WORDINGS = tomllib.loads((Path(__file__).parent / "wordings.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", WORDINGS.values(), ids=WORDINGS.keys())
def test_the_wording_shows_its_cause(row: dict[str, str]) -> None:
    assert top(row["text"]) == row["cause"]


WRAPPERS = {
    "colours": "\x1b[31m{}\x1b[0m",
    "a quotation in Markdown": "> {}",
    "pytest": "E   {}",
    "a worker's name": "[kubeflow][worker-2] {}",
    "docker build": "#12 3.456 {}",
    "bold": "**{}**",
    "a question before it": "Why do I get this?\n\n{}\n\nI am on Ubuntu.",
    "carriage returns": "10%\r20%\r{}\r\n",
}


@pytest.mark.parametrize("wrapper", WRAPPERS.values(), ids=WRAPPERS.keys())
def test_what_stands_around_a_line_does_not_matter(wrapper: str) -> None:
    assert top(wrapper.format("urllib.error.URLError: <urlopen error [Errno 111] Connection refused>")) == "tcp-refused"


def test_a_mirror_that_failed_is_no_failed_download_where_the_next_one_worked() -> None:
    found = reading(
        "Downloading http://yann.lecun.com/exdb/mnist/a.gz\n"
        "Failed to download (trying next):\nHTTP Error 403: Forbidden\n"
        "\nDownloading https://ossci-datasets.s3.amazonaws.com/mnist/a.gz\n100.0%\nExtracting a.gz to raw\n"
    )
    assert (found.verdict, found.matches) == ("not-a-download-failure", ())
    assert "403" in found.survived


def test_the_last_mirror_s_error_counts_where_all_failed() -> None:
    text = (
        "Downloading http://a.example/a.gz\nFailed to download (trying next):\nHTTP Error 403: Forbidden\n\n"
        "Downloading https://b.example/a.gz\nFailed to download (trying next):\n"
        "<urlopen error [Errno 111] Connection refused>\n\n"
        "RuntimeError: Error downloading a.gz\n"
    )
    assert top(text) == "tcp-refused"


def test_the_address_the_loader_and_the_release_are_found() -> None:
    found = reading(
        "Traceback (most recent call last):\n"
        '  File "/home/u/.venv/lib/python3.11/site-packages/torchvision/datasets/utils.py"'
        ", line 138, in download_url\nurllib.error.URLError: <urlopen error [Errno 111] Connection refused>\n"
        "Downloading https://joe:secret@ossci-datasets.s3.amazonaws.com/mnist/a.gz torchvision==0.19.1"
    )
    assert (found.context.loader, found.context.release) == ("torchvision", "0.19.1")
    assert found.context.python == "3.11"
    assert found.context.url is not None
    assert "secret" not in str(found.matches) + found.context.url


def test_the_excerpt_shows_the_words_that_decide_and_no_secret() -> None:
    long = (
        "CondaHTTPError: HTTP 000 CONNECTION FAILED for url <https://joe:secret@repo.example/a> "
        + "a retry helps. " * 40
    )
    said = reading(f'{long}\nSSLError("certificate verify failed: certificate has expired")').matches[0].excerpt
    assert "certificate has expired" in said
    assert len(said) < 320
    assert "secret" not in said


def test_what_a_person_wrote_below_a_block_is_not_what_the_program_said() -> None:
    found = reading("```\nURLError: <urlopen error [Errno 111] Connection refused>\n```\nI run it on two machines.")
    assert "two machines" not in found.matches[0].excerpt


def test_a_failure_without_a_reason_is_one_and_is_not_certain() -> None:
    found = reading("RuntimeError: Failed downloading url https://files.example/m.zip")
    assert (found.verdict, found.matches[0].cause, found.matches[0].certainty) == (
        "download-failure",
        "unexplained",
        "likely",
    )


def test_a_proxy_without_a_name_is_spoken_of_in_words() -> None:
    found = reading(
        "OSError: HTTPSConnectionPool(host='files.example', port=443): Tunnel connection failed: 403 Forbidden"
    )
    assert found.matches[0].title == "a proxy on the way does not allow files.example:443"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("requests.get(url, verify=False)", "disable-verification"),
        ("ssl._create_default_https_context = ssl._create_unverified_context", "disable-verification"),
        ("curl -fL --insecure https://a.example/x", "disable-verification"),
        ("os.environ['CURL_CA_BUNDLE'] = ''", "disable-verification"),
        ("conda config --set ssl_verify False", "disable-verification"),
        ("aria2c --check-certificate=false https://a.example/x", "disable-verification"),
        ("sudo chmod -R 777 /data", "chmod-777"),
        ('load_dataset("x", verification_mode="no_checks")', "ignore-checksum"),
        ("export GIT_SSL_NO_VERIFY=1", "disable-verification"),
        ("git config --global http.sslVerify false", "disable-verification"),
        ("conda config --set ssl_verify false", "disable-verification"),
        ("ssl_verify: no", "disable-verification"),
        ("npm config set strict-ssl false", "disable-verification"),
        ("pip install --trusted-host pypi.org keras", "disable-verification"),
        (
            'os.environ["HF_HUB_DISABLE_SSL_VERIFICATION"] = "1"; HF_HUB_DISABLE_SSL_VERIFICATION=1',
            "disable-verification",
        ),
        ('os.environ["CURL_CA_BUNDLE"] = ""', "disable-verification"),
        ("export NODE_TLS_REJECT_UNAUTHORIZED=0", "disable-verification"),
        ("wget --no-check-certificate https://a.example/x", "disable-verification"),
        ("aiohttp.TCPConnector(ssl=False)", "disable-verification"),
        ("sed -i 's/https:/http:/' mnist.py", "plain-http"),
        ("url.replace('https://', 'http://')", "plain-http"),
        ("just use http instead of https", "plain-http"),
        ("datasets.load_dataset('x', ignore_verifications=True)", "ignore-checksum"),
        ("get_file('x', URL, file_hash=None)", "ignore-checksum"),
        ("chmod a+rwx data", "chmod-777"),
        ("os.chmod(path, 0o777)", "chmod-777"),
        ("mnist.load_data(root='/tmp')", "mistaken-code"),
        ("os.path.getsize(mnist.data.filename)", "mistaken-code"),
        ("from tensorflow.examples.tutorials.mnist import input_data", "mistaken-code"),
        ('os.environ["HTTPS_PROXY"] = "https://proxy.example:3128"', "mistaken-code"),
        ('fashion_mnist.load_data(path="/tmp/x")', "mistaken-code"),
    ],
)
def test_what_harms_is_answered(line: str, kind: str) -> None:
    found = reading(f"HTTPError: HTTP Error 404: Not Found\nsomebody says: {line}")
    assert [danger.kind for danger in found.dangers] == [kind]


@pytest.mark.parametrize(
    "line",
    [
        "mnist.load_data(path='m.npz')",
        "curl -fL https://a.example/x-k",
        "verify=True",
        "chmod 755 x",
        "CURL_CA_BUNDLE='/etc/b.pem'",
        "chmod 0777777",
        "git config http.sslVerify true",
        "conda config --set ssl_verify /etc/ssl/corp.pem",
        "conda config --show ssl_verify",
        "npm config set strict-ssl true",
        "unset GIT_SSL_NO_VERIFY",
        "GIT_SSL_NO_VERIFY=0",
        "os.environ['CURL_CA_BUNDLE'] = '/etc/ssl/corp.pem'",
        "export REQUESTS_CA_BUNDLE=/etc/ssl/corp.pem",
        "ssl=ssl.create_default_context()",
        "umask 022",
        "url.replace('http://', 'https://')",
        "git commit --no-verify",
        "imdb.load_data(path='imdb.npz')",
        "fashion_mnist.load_data()",
        "x = frame.data.file_name",
        "HTTPS_PROXY=http://proxy.example:3128",
        "file_hash='abc'",
        "use https instead of http",
    ],
)
def test_what_does_not_harm_is_left_alone(line: str) -> None:
    assert not reading(line).dangers


def test_every_template_says_where_it_was_read() -> None:
    rows = tomllib.loads((ROOM / "templates.toml").read_text(encoding="utf-8"))["template"]
    assert [row["says"] for row in rows if "says" in row and not row.get("read")] == []


@pytest.mark.parametrize(
    "unit", ["a.", "Error: ", "(", "https://a", "HTTPSConnectionPool(host='", 'File "', "> ", "\x1b[", "é"]
)
def test_time_grows_with_the_text_and_not_faster(unit: str) -> None:
    """Counted in lines of bytecode would be better; the ratio of two processor times in one run is what can be had."""
    import time

    def took(count: int) -> float:
        began = time.process_time()
        reading(unit * count)
        return time.process_time() - began

    took(1000)
    small, large = took(20_000), took(80_000)
    assert large < 16 * small + 0.5
