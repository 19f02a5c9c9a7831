"""Nothing that must stay private reaches a record."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.redact import Redactor, cookie_values, parameters, userinfo


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("http://jo:s3cret@proxy:3128", "http://***@proxy:3128"),
        ("http://jo@proxy:3128/", "http://***@proxy:3128/"),
        ("https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature=abc123&x=1",
         "https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature=***&x=1"),
        ("https://h/k?sig=abc%2F&se=2026", "https://h/k?sig=***&se=2026"),
        ("https://h/k?token=abc#frag", "https://h/k?token=***#frag"),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer ***"),
        ("the token hf_abcdefghijklmnopqrst leaked", "the token *** leaked"),
        ("a \x1b[31mred\x1b[0m word\r\n", "a \\x1b[31mred\\x1b[0m word\\x0d\\x0a"),
        ("right\u202eleft", "right\\u202eleft"),
        ("a\u00adb\u034fc\u061cd\u180ee\U000e0041f", "a\\xadb\\u034fc\\u061cd\\u180ee\\U000e0041f"),
        ("M\u00fcller \u2714\ufe0f \u5bc6", "M\u00fcller \u2714\ufe0f \u5bc6"),
        ("nothing to hide: 3 < 4", "nothing to hide: 3 < 4"),
    ],
)  # fmt: skip
def test_text(text: str, clean: str) -> None:
    assert Redactor().text(text) == clean


def test_home_and_user() -> None:
    redactor = Redactor(home=Path("/home/jo"), user="jo")
    assert redactor.text("/home/jo/.keras/datasets") == "~/.keras/datasets"
    assert redactor.text("/home/joanna/x") == "/home/joanna/x"
    assert redactor.text("/scratch/jo/data") == "/scratch/~/data"
    assert redactor.text("https://host/jo/data") == "https://host/jo/data"
    assert redactor.text("file:///home/jo/x.gz") == "file://~/x.gz"
    assert redactor.text("https://host/home/jo/x") == "https://host/home/jo/x"


def test_known_secrets_in_every_spelling() -> None:
    redactor = Redactor(secrets=userinfo("http://jo:p@ss/w#rd@proxy:3128"))
    for shown in ("p@ss/w#rd", "p%40ss%2Fw%23rd", "jo:p@ss/w#rd"):
        assert "p@ss" not in redactor.text(f"see {shown} here")
        assert "p%40ss" not in redactor.text(f"see {shown} here")


def test_fields_of_a_record() -> None:
    record = ev.Exchange(
        id="o1", stage="http", method="GET", url="https://u:p@h/",
        request_fields=(("Authorization", "Basic dTpw"), ("Cookie", "a=b"), ("Accept", "*/*")),
        fields=(("Set-Cookie", "session=1"), ("Location", "https://h/?token=x1"), ("Server", "nginx")),
    )  # fmt: skip
    clean = Redactor().record(record)
    assert clean.url == "https://***@h/"
    assert clean.request_fields == (("Authorization", "Basic ***"), ("Cookie", "***"), ("Accept", "*/*"))
    assert clean.fields == (("Set-Cookie", "***"), ("Location", "https://h/?token=***"), ("Server", "nginx"))


def test_line_breaks_stay_in_bodies_only() -> None:
    record = ev.Transfer(id="o1", stage="length", text="one\ntwo\x07", detail="one\ntwo")
    clean = Redactor().record(record)
    assert clean.text == "one\ntwo\\x07"
    assert clean.detail == "one\\x0atwo"


@pytest.mark.parametrize(
    "value",
    [
        "http://jo:S3cretPw9@proxy:3128", "jo:S3cretPw9@proxy:3128", "http:/jo:S3cretPw9@proxy", "htp://jo:S3cretPw9@proxy",
        "http//jo:S3cretPw9@proxy", "'http://jo:S3cretPw9@proxy'", " http://jo:S3cretPw9@proxy\n",
        "http://jo%3AS3cretPw9@proxy", "http://jo:S3cretPw9/@proxy", "http://jo:x:S3cretPw9@proxy", "http://S3cretPw9@proxy",
    ],
)  # fmt: skip
def test_a_malformed_value_gives_its_secret_away_nowhere(value: str) -> None:
    redactor = Redactor(secrets=userinfo(value))
    for text in (value, "cannot parse: 'jo:S3cretPw9' is no host", "S3cretPw9"):
        assert "S3cretPw9" not in redactor.text(text)


def test_what_basic_sends_is_a_secret_too() -> None:
    redactor = Redactor(secrets=userinfo("http://jo:p%40ss@proxy"))
    assert redactor.text("you sent am86cEBzcw== to us") == "you sent ***== to us"


def test_a_scheme_is_no_secret() -> None:
    assert "http" not in userinfo("http:/jo:S3cretPw9@proxy")


def test_a_short_secret_is_a_whole_word() -> None:
    redactor = Redactor(secrets=userinfo("http://jo:com@proxy"))
    assert redactor.text("https://example.common.net said com") == "https://example.common.net said ***"


def test_the_beginning_of_a_secret_at_a_cut() -> None:
    redactor = Redactor(secrets=("tok_9f8e7d6c5b4a",))
    assert redactor.text("Cookie: sid=tok_9f8e7d") == "Cookie: sid=***"
    assert redactor.text("Cookie: sid=tok_") == "Cookie: sid=tok_"


@pytest.mark.parametrize(
    "name", ["private_token", "refresh_token", "client_secret", "jwt", "X-Amz-Security-Token", "sig"]
)
def test_parameters_that_are_secrets(name: str) -> None:
    url = f"https://h/k?x=1&{name}=abcdef12&y=2"
    assert parameters(url) == ("abcdef12",)
    assert Redactor().text(url) == f"https://h/k?x=1&{name}=***&y=2"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("http://u:hunter2%40127.0.0.1:9", "http://***@127.0.0.1:9"),
        ("http://u:hunter2\uff20h:9", "http://***@h:9"),
        ("http://u:hunter2", "http://u:***"),
        ("http://u:hun/hunter2@h:9/x", "http://***@h:9/x"),
        ("http://h/?secret_key=hunter2&a=1", "http://h/?secret_key=***&a=1"),
        ("http://h/?PHPSESSID=hunter2", "http://h/?PHPSESSID=***"),
        ("http://h/?subscription-key=hunter2", "http://h/?subscription-key=***"),
    ],
)
def test_passwords_in_odd_places(text: str, safe: str) -> None:
    assert Redactor().text(text) == safe


@pytest.mark.parametrize(
    "text",
    [
        "http://host:8080/a@b", "https://registry.example/@scope/x", "http://[::1]:80/x", "http://host:99999/",
        "see http://h:80, and `https://h:443`.", "http://h:8080\u2026", "(http://10.0.0.1:3128)",
    ],
)  # fmt: skip
def test_what_is_no_password_stays(text: str) -> None:
    assert Redactor().text(text) == text


NAMES = (
    "hdnea", "hdnts", "__token__", "rlkey", "resourcekey", "sign", "signkey", "sid", "ticket", "passphrase",
    "credentials", "userkey", "sharekey", "download_key", "%74oken", "access%5Ftoken", "filter[token]",
)  # fmt: skip
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.S3CRETvalue9dozjgNryP4J3"
LINKS = (
    *(f"https://h/f?a=1&{name}=S3CRETvalue9&b=2" for name in NAMES),
    "https://h/f?url=https%3A%2F%2Fx%2F%3Ftoken%3DS3CRETvalue9%26a%3D1&b=2",
    "https://h/f?url=https%253A%252F%252Fx%252F%253Ftoken%253DS3CRETvalue9&b=2",
    "https://h/f?url=https%3A%2F%2Fjo%3AS3CRETvalue9%40x%2F&b=2",
    "https://h/f#access_token=S3CRETvalue9",
    "https://h/f;jsessionid=S3CRETvalue9?x=1",
    "https://h/f?verify=S3CRETvalue9-1790000000-abc",
    "https://h/f?md5=S3CRETvalue9&expires=1790000000",
    "https://h/f?expires=1790000000&md5=S3CRETvalue9",
    "https://h/bot123456:S3CRETvalue9_abcdefghijklm/getFile",
    f"https://h/{JWT}/f",
)


@pytest.mark.parametrize("link", LINKS)
def test_links_with_a_secret(link: str) -> None:
    clean = Redactor().text(f"it sent you to {link} and on")
    assert "S3CRET" not in clean
    assert clean.startswith("it sent you to https://h/")
    assert clean.endswith(" and on")


@pytest.mark.parametrize(
    "link",
    [
        "https://h/f?md5=0123456789abcdef0123456789abcdef",
        "https://h/f?verify=1&verify=false",
        "https://h/f?design=a&keyboard=b&assign=c&sidebar=d&turnkey=e",
        "https://h/eyJ/f?url=https%3A%2F%2Fx%2F%3Fa%3D1",
        "https://h/bot/robots.txt",
    ],
)
def test_links_without_a_secret(link: str) -> None:
    assert Redactor().text(link) == link


def test_a_password_as_a_page_quotes_it_and_in_hexadecimal() -> None:
    redactor = Redactor(secrets=["p<w>'x\"&é"])
    for shown in (
        "p&lt;w&gt;&#x27;x&quot;&amp;é",
        "p&lt;w&gt;&#39;x&quot;&amp;é",
        "p&lt;w&gt;'x\"&amp;é",
        "p<w>'x\\\"&\\u00e9",
    ):
        assert redactor.text(f"<b>{shown}</b>") == "<b>***</b>"


def test_bytes_in_hexadecimal() -> None:
    whole = ev.Transfer(id="o1", stage="length", head=b"\x00\x01a s3cret\xff".hex())
    cut = ev.Transfer(id="o2", stage="length", head=b"got s3cret-an".hex())
    plain = ev.Transfer(id="o3", stage="length", head=b"\x1f\x8b\x08\x00".hex())
    redactor = Redactor(secrets=["s3cret"])
    assert bytes.fromhex(redactor.record(whole).head) == b"\x00\x01a ***\xff"
    assert redactor.record(plain) is plain
    assert bytes.fromhex(Redactor(secrets=["s3cret-and-more"]).record(cut).head) == b"got ***"


def test_fields_that_carry_credentials_by_their_names() -> None:
    record = ev.Exchange(
        id="o1", stage="http", method="GET", url="https://h/",
        request_fields=(("PRIVATE-TOKEN", "abcdef"), ("X-Vault-Token", "abcdef"), ("apikey", "abcdef")),
        fields=(("X-CSRF-Token", "abcdef"), ("X-Tokens-Left", "12"), ("Server", "nginx")),
    )  # fmt: skip
    clean = Redactor().record(record)
    assert {value for _, value in clean.request_fields} == {"***"}
    assert clean.fields == (("X-CSRF-Token", "***"), ("X-Tokens-Left", "12"), ("Server", "nginx"))


def test_what_a_server_gave_us_is_learned() -> None:
    redactor = Redactor(secrets=("abcdef",))
    redactor.learn(cookie_values((("Set-Cookie", "sid=k3yOfSession; Path=/"), ("Set-Cookie", "lang=english"))))
    assert redactor.text("abcdef, k3yOfSession, english, sid k3yOfS") == "***, ***, english, sid ***"


def test_many_cookies_are_not_learned_without_end() -> None:
    redactor = Redactor()
    for number in range(5000):
        redactor.learn((f"value-{number:09}",))
    assert redactor.text("value-000000001 and value-000004999") == "*** and value-000004999"


def test_fields_that_the_user_sends_are_hidden_by_their_name() -> None:
    record = ev.Exchange(
        id="o1", stage="http", method="GET", url="https://h/",
        request_fields=(("X-Door", "12"), ("Accept", "*/*")), fields=(("X-Door", "12"),),
    )  # fmt: skip
    clean = Redactor(secret_fields=("x-door",)).record(record)
    assert clean.request_fields == (("X-Door", "***"), ("Accept", "*/*"))
    assert clean.fields == (("X-Door", "***"),)
