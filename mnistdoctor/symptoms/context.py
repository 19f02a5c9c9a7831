"""What a text tells besides the error: the address, the loader and its release, the platform, the proxy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mnistdoctor.causes.facts import landing_pages
from mnistdoctor.redact import for_this_user
from mnistdoctor.symptoms.read import Message

_URL = re.compile(r"(?:https?|ftp)://[^\s'\"<>`\\^{}|]{3,2000}")
_POOL = re.compile(r"HTTPS?ConnectionPool\(host='(?P<host>[^']{1,255})', port=(?P<port>\d{1,5})\)")
_POOL_PATH = re.compile(r"with url: (?P<path>/[^\s'\")(]{0,2000})")
_FETCHING = re.compile(r"(?i)\b(?:download|trying url|retrieve|fetch|get|from|url|connecting to|--\d{4}-)")
# Pages that texts point to for help, and that nobody was downloading.
_HELP = re.compile(
    r"github\.com/[^/\s]+/[^/\s]+/(?:issues|pull|discussions|wiki|blob)|stackoverflow\.com|readthedocs|/docs?/|docs\."
    r"|tensorflow\.org/(?:datasets|guide|api)|gitlab\.com/.*/issues|localhost:\d+/(?:lab|tree|notebooks)|help\."
    r"|git-lfs\.(?:github\.)?com|urllib3\.readthedocs|errors\.html|support\.|api_docs|huggingface\.co/settings|huggingface\.co/docs"
)
# What makes a URL one that was asked for, whatever it looks like: the argument of a call or of a command.
_ASKED = re.compile(
    r"(?i)(?:\w\((?:url=)?[rf]?|\borigin=|\bdownloading:? (?:data )?(?:from )?|trying url |URI=|failure on )['\"]?$"
    r"|\b(?:wget|curl|aria2c|gdown)\b[^|;&\n]*\s['\"]?$"
)
_SIZE = re.compile(r"UrlInfo\(size=(?P<number>[\d.]+) ?(?P<unit>[KMGT]?i?B|bytes)")
_UNITS = {"B": 1, "bytes": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_COUNT = re.compile(r"(?<!\d)(?P<done>\d+)(?:it|/\d+) \[|^(?P<bar>\d+)/\d+\b")
_R_LENGTH = re.compile(r"length (?P<due>\d+) bytes")
_R_DONE = re.compile(r"downloaded (?P<done>[\d.]+) (?P<unit>[KMG]?B)\b")

_LOADERS = {
    "torchvision": "torchvision",
    "keras": "keras",
    "tf_keras": "keras",
    "sklearn": "sklearn",
    "tensorflow_datasets": "tfds",
    "datasets": "huggingface",
    "huggingface_hub": "huggingface",
    "transformers": "huggingface",
    "mxnet": "gluon",
    "gluonts": "gluon",
    "paddle": "paddle",
    "fastai": "fastai",
    "medmnist": "medmnist",
}
_SPOKEN = (
    (r"\bkeras[/.\\]|URL fetch failure on|\.keras\b", "keras"),
    (r"torchvision|trying next", "torchvision"),
    (r"fetch_openml|fetch_mldata|\bsklearn\b|\bopenml\b", "sklearn"),
    (r"tensorflow_datasets|\btfds\b|UrlInfo\(|DownloadError: Failed to get url", "tfds"),
    (r"huggingface|\bhf_hub_|load_dataset\(", "huggingface"),
    (r"\bmxnet\b|\bmx\.gluon", "gluon"),
)
_PLATFORMS = (
    (r"\b[A-Za-z]:\\|\\site-packages\\|\bWinError\b|PowerShell|AppData", "Windows"),
    (r"/Library/Frameworks/|/Users/|/usr/local/Cellar|/opt/homebrew|\bmacOS\b|\bDarwin\b", "macOS"),
    (r"/home/|/usr/lib/python|/content/|/root/|/opt/", "Linux"),
)
_PYTHON = re.compile(r"(?i)python[/\\]?(?:Versions[/\\])?(?P<major>[23])[._]?(?P<minor>\d{1,2})\b")
_CERTIFI_USERS = re.compile(r"\brequests\b|\burllib3\b|\bhttpx\b|HTTPSConnectionPool|MaxRetryError|aiohttp|\bcertifi\b")
_ORGANISATIONS = re.compile(
    r"(?i)\b(?:proxy|firewall|zscaler|netskope|corporate|company network|vpn|forcepoint|bluecoat)\b"
)
_KAGGLE = re.compile(r"\bkaggle\.com/|KaggleApi|\bkaggle(?:hub)?[/\\]")
_KAGGLE_NOTEBOOK = re.compile(r"/kaggle/(?:working|input|lib)|(?i:kaggle (?:kern[ea]l|notebook|script))|KAGGLE_KERNEL")
_KAGGLE_COMMAND = re.compile(r"\bkaggle (?:competitions|datasets|models|kernels) (?:download|files|pull)\b")

_EITHER_END = 1000
"""Lines of the beginning and of the end of a text in which its surroundings are looked for."""


@dataclass(frozen=True)
class Context:
    """What is known of the download besides its error; None and empty where the text does not say."""

    url: str | None
    host: str
    port: int
    loader: str | None
    release: str | None
    platform: str
    python: str | None
    proxied: bool
    proxy_host: str
    """Its name or address, where the text says it."""
    traits: frozenset[str]
    """What templates may require by `where`."""


def traits_of(messages: Sequence[Message], whole: str) -> frozenset[str]:
    """The traits of a text that is taken as a whole."""
    return context_of(messages, [whole], [Message(message=whole)]).traits


def context_of(said: Sequence[Message], lines: Sequence[str], near: Sequence[Message]) -> Context:
    """What the whole text tells; `near` are the errors that decide, whose own address counts first."""
    text = "\n".join(lines if len(lines) < _EITHER_END * 2 else [*lines[:_EITHER_END], *lines[-_EITHER_END:]])
    own = "\n".join(one.text for one in near)
    url, host, port = _address(own, text)
    # A connection pool whose URL is absolute is the proxy's: urllib3 hands it the whole URL.
    by_proxy = re.search(r"ConnectionPool\(host='([^']{1,255})'.{0,80}with url: https?://", own)
    gone = re.search(r"(?:Failed to connect to|Connecting to) (127\.0\.0\.1|localhost|\[?::1\]?)\b", own)
    if gone and host and host not in ("localhost", "127.0.0.1", "::1"):
        by_proxy = gone  # nobody else stands between a program and a host elsewhere
    loader = _loader(said, text)
    proxied = bool(re.search(r"ProxyError|[Pp]roxy|SOCKS|socks", own) or by_proxy)
    traits = {
        trait
        for trait, true in {
            "proxy": proxied,
            "drive": bool(re.search(r"(?:drive|docs)\.google\.com|\bgdown\b", f"{own} {url}")),
            "certifi": bool(_CERTIFI_USERS.search(own)) or loader in ("huggingface", "tfds"),
            "much-smaller": _much_smaller(text),
            "short-count": _short_count(text),
            "store": bool(re.search(r"storage\.googleapis\.com|\.amazonaws\.com|\.blob\.core\.windows\.net", host)),
            "organisation": bool(_ORGANISATIONS.search(text)),
            "landing-page": any(landing_pages.page(_clean(one[0])) for one in _URL.finditer(text) if _is_asked(one)),
            "kaggle-notebook": bool(_KAGGLE_NOTEBOOK.search(text)),
            "carriage-return": bool(re.search(r"https?://\S{3,400}%0[Dd]\b", text)),
            "kaggle": bool(_KAGGLE.search(f"{own} {url}") or _KAGGLE_COMMAND.search(text)),
            loader or "": loader is not None,
        }.items()
        if true
    }
    return Context(
        url=url,
        host=host,
        port=port,
        loader=loader,
        release=_release(loader, text),
        platform=_first(_PLATFORMS, text),
        python=_python(text),
        proxied=proxied,
        proxy_host=by_proxy[1] if by_proxy and proxied else "",
        traits=frozenset(traits),
    )


def _address(own: str, text: str) -> tuple[str | None, str, int]:
    """The URL that failed, its host and port: the error's own, that of its connection pool, or the last one fetched."""
    for part in (own, text):
        pool = _POOL.search(part)
        if pool and part is own:
            path = _POOL_PATH.search(part)
            scheme = "https" if "HTTPSConnectionPool" in part else "http"
            absolute = re.search(r"with url: (https?://[^\s)]+)", part)
            port = int(pool["port"])
            if absolute:
                return _clean(absolute[1]), _host_of(absolute[1]), port
            usual = {"https": 443, "http": 80}[scheme]
            at = pool["host"] if port == usual else f"{pool['host']}:{port}"
            return (_clean(f"{scheme}://{at}{path['path']}") if path else None), pool["host"], port
        found = [match for match in _URL.finditer(part) if _is_data(match)]
        if not found:
            continue
        fetched = [match for match in found if _FETCHING.search(part[max(0, match.start() - 40) : match.start()])]
        url = _clean((fetched or found)[0 if part is own else -1][0])
        return url, _host_of(url), 443 if url.startswith("https") else 80
    bare = re.search(
        r"(?:host|Could not resolve host|unable to resolve host address)[:=]? ?'?([\w-]{1,63}(?:\.[\w-]{1,63}){1,30})",
        own,
    )
    return None, bare[1] if bare else "", 0


def _is_data(found: re.Match[str]) -> bool:
    """Whether somebody asked for it, or it is at least no page of help."""
    return not _HELP.search(found[0]) or _is_asked(found)


def _is_asked(found: re.Match[str]) -> bool:
    return bool(_ASKED.search(found.string[max(0, found.start() - 60) : found.start()]))


def _host_of(url: str) -> str:
    return re.split(r"[/:?#]", re.sub(r"^[a-z]+://(?:[^/@]*@)?", "", url))[0]


def _clean(url: str) -> str:
    """Without what a sentence puts behind it, and without secrets."""
    return for_this_user().text(url.rstrip(")].,;:!?*_'…"))


def _loader(said: Sequence[Message], text: str) -> str | None:
    for one in reversed(said):
        for package in reversed(one.packages):
            if package in _LOADERS:
                return _LOADERS[package]
    return _first(_SPOKEN, text) or None


def _release(loader: str | None, text: str) -> str | None:
    if loader is None:
        return None
    name = {"sklearn": "scikit[-_]learn", "tfds": "tensorflow[-_]datasets"}.get(loader, loader)
    match = re.search(rf"\b{name}[-= /]{{0,60}}(?:version)?[=: ]{{0,4}}v?(\d+\.\d+(?:\.\d+)?)", text)
    return match[1] if match else None


def _first(rows: Sequence[tuple[str, str]], text: str) -> str:
    return next((name for pattern, name in rows if re.search(pattern, text)), "")


def _python(text: str) -> str | None:
    match = _PYTHON.search(text)
    return f"{match['major']}.{match['minor']}" if match else None


def _bytes(number: str, unit: str) -> float:
    return float(number) * _UNITS.get(unit, _UNITS.get(unit[:1], 1))


def _much_smaller(text: str) -> bool:
    """Whether what came is a page's size where data were due: tfds says both, torchvision's bar says the first."""
    sizes = [_bytes(match["number"], match["unit"]) for match in _SIZE.finditer(text)][:2]
    if len(sizes) == 2:
        return sizes[1] < 512 * 1024 and sizes[1] * 20 < sizes[0]
    counts = [int(match["done"] or match["bar"]) for match in _COUNT.finditer(text)]
    return bool(counts) and "corrupted" in text and counts[-1] < 200_000


def _short_count(text: str) -> bool:
    """Whether R's download.file says how long it should be and how much came."""
    due, done = _R_LENGTH.search(text), _R_DONE.search(text)
    return bool(due and done) and _bytes(done["done"], done["unit"]) < 0.99 * int(due["due"])  # type: ignore[index]
