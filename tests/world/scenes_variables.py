"""Variables and releases that send a loader astray, the Hub's transfer hosts, and names with two answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from mnistdoctor.settings.model import in_container

from . import files, sites, whole
from .nameserver import ROUTER, UNBENT
from .scenes import LABELS as URL
from .scenes import How, Scene, scene
from .whole import MIRROR, XET
from .world import World

QUICK = ("--timeout", "2")
HUB = ("huggingface:mnist",)
TORCH = ("torchvision:mnist",)


def _row(
    name: str,
    motive: str,
    cause: str | tuple[str, ...],
    stage: str | None,
    argv: tuple[str, ...],
    lay: Callable[[World], Mapping[str, str] | None],
    *,
    warns: str | None = None,
    proves: bool = False,
) -> Scene:
    def arrange(world: World) -> How:
        env = whole.serve(world)
        return {"env": {**env, **(lay(world) or {})}}

    causes = ((cause,) if cause else ()) if isinstance(cause, str) else cause
    return Scene(f"var-{name}", motive, arrange, "ailing" if causes else "healthy", causes, stage, argv, warns=warns,
                 proves=proves)  # fmt: skip


def _env(**names: str) -> Callable[[World], Mapping[str, str]]:
    return lambda _world: names


def _blocked(host: str, action: str) -> Callable[[World], None]:
    def lay(world: World) -> None:
        world.firewall(host, action)

    return lay


def _cached(world: World) -> Mapping[str, str]:
    """Both files where the Hub's libraries keep them."""
    for name, file in whole.made().items():
        if name.startswith("mnist_parquet/"):
            path = world.home / ".cache/huggingface/hub/datasets--ylecun--mnist/snapshots/77f3279" / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.body)
    return {"HF_HUB_OFFLINE": "1"}


def _denied_name(world: World) -> None:
    world.dns(XET, rcode="NXDOMAIN")


def _mirror_down(world: World) -> Mapping[str, str]:
    world.firewall(MIRROR, "reset")
    return {"HF_ENDPOINT": f"https://{MIRROR}"}


def _mirror_signs_in(world: World) -> Mapping[str, str]:
    world.host("data.openml.org", status=200, body=b"<html><title>Sign in</title><form>Password</form></html>")
    return {"HF_ENDPOINT": "https://data.openml.org"}


def _mirror_and_transfer_down(world: World) -> Mapping[str, str]:
    world.firewall(XET, "drop")
    return _mirror_down(world)


def _mirror_gone_and_transfer_down(world: World) -> Mapping[str, str]:
    world.firewall(XET, "drop")
    return {"HF_ENDPOINT": "https://hub.mirror.nosuch.example"}


def _no_names(world: World) -> Mapping[str, str]:
    for name in ("huggingface.co", XET):
        world.dns(name, rcode="NXDOMAIN")
    return {"HF_ENDPOINT": "https://hub.mirror.nosuch.example"}


def _all_down(world: World) -> Mapping[str, str]:
    world.firewall("*", "drop")
    return {"HF_ENDPOINT": f"https://{MIRROR}"}


OFFLINE = (
    _row("hub-offline", "HF_HUB_OFFLINE=1 in an image for clusters", "env-offline-mode", "dns", HUB,
         _env(HF_HUB_OFFLINE="1"), proves=True),
    _row("transformers-offline", "The older name of the same", "env-offline-mode", "dns", HUB,
         _env(TRANSFORMERS_OFFLINE="yes"), proves=True),
    _row("datasets-offline", "The one of the datasets library", "env-offline-mode", "dns", HUB,
         _env(HF_DATASETS_OFFLINE="True"), proves=True),
    _row("offline-outweighed", "HF_HUB_OFFLINE=0 outweighs the older name", "", None, HUB,
         _env(HF_HUB_OFFLINE="0", TRANSFORMERS_OFFLINE="1")),
    _row("offline-cached", "Offline on purpose, with the files in the cache", "", None, HUB, _cached),
    _row("hub-offline-zero", "HF_HUB_OFFLINE=0 switches nothing off", "", None, HUB, _env(HF_HUB_OFFLINE="0")),
    _row("offline-keras", "Keras does not read it", "", None, ("keras:mnist",), _env(HF_HUB_OFFLINE="1")),
    _row("hub-online", "The Hub in good health, by its transfer host", "", None, HUB, _env()),
)  # fmt: skip
ENDPOINT = (
    _row("endpoint-works", "A mirror of the Hub that works", "", None, HUB, _env(HF_ENDPOINT=f"https://{MIRROR}"),
         warns="env-endpoint-override"),
    _row("endpoint-down", "The mirror refuses, and the Hub answers", "env-endpoint-override", "dns", HUB, _mirror_down,
         proves=True),
    _row("endpoint-empty", "A mirror that has not got the file", "env-endpoint-override", "dns", HUB,
         _env(HF_ENDPOINT="https://data.openml.org"), proves=True),
    _row("endpoint-unknown", "A mirror whose name is gone", "env-endpoint-override", "dns", HUB,
         _env(HF_ENDPOINT="https://hub.mirror.nosuch.example/"), proves=True),
    _row("endpoint-gone-half", "The same, and the Hub's transfer host is out of reach", "env-endpoint-override",
         "dns", HUB, _mirror_gone_and_transfer_down),
    _row("endpoint-gone-all", "No outside name is known, the mirror's among them", ("dns-nxdomain", "dns-filtered"),
         "dns", HUB, _no_names),
    _row("endpoint-bare", "A mirror without https:// in front", "env-endpoint-override", "dns", HUB,
         _env(HF_ENDPOINT=MIRROR), proves=True),
    _row("endpoint-ftp", "A mirror that the library cannot speak with", "env-endpoint-override", "dns", HUB,
         _env(HF_ENDPOINT=f"ftp://{MIRROR}"), proves=True),
    _row("endpoint-page", "A mirror that wants people to sign in", "env-endpoint-override", "dns", HUB,
         _mirror_signs_in, proves=True),
    _row("endpoint-transfer-down", "The Hub answers for the mirror, and cannot send the file either", "tcp-refused",
         "tcp", HUB, _mirror_and_transfer_down, warns="env-endpoint-override"),
    _row("endpoint-all-down", "Nothing answers: the override is not to blame", ("tcp-filtered", "dns-nxdomain"), "tcp",
         HUB, _all_down),
)  # fmt: skip
CLIENTS_OWN = (
    _row("keys-file", "SSLKEYLOGFILE of another machine", "tls-context-failed", "tls", (URL, "--as", "keras"),
         _env(SSLKEYLOGFILE="/var/nowhere/keys.log"), proves=True),
    _row("keys-file-curl", "curl passes over it", "", None, (URL, "--as", "curl"),
         _env(SSLKEYLOGFILE="/var/nowhere/keys.log")),
    _row("socks-for-all", "httpx comes up with every proxy or not at all", "proxy-env-malformed", "proxy", HUB,
         _env(ALL_PROXY="socks://10.77.0.66:1080")),
    _row("login-in-url", "A login in a URL that urllib cannot send", "url-malformed", "dns",
         (URL.replace("://", "://user:word@"), "--as", "keras"), _env(), proves=True),
    _row("letter-in-url", "An umlaut in a URL that urllib cannot send", "url-malformed", "dns",
         (URL.replace("mnist", "mnist/ä/.."), "--as", "torchvision"), _env()),
    _row("letter-in-url-requests", "requests escapes it, and takes the dots out", "", None,
         (URL.replace("mnist", "mnist/ä/..", 1),), _env()),
)  # fmt: skip
TRANSFER = (
    _row("xet-dropped", "A firewall knows huggingface.co and no other host", "fw-xet-path-blocked", "tcp", HUB,
         _blocked(XET, "drop")),
    _row("xet-refused", "The same with a refusal", "fw-xet-path-blocked", "tcp", HUB, _blocked(XET, "reset")),
    _row("xet-sni", "The same by the name in the handshake", "fw-xet-path-blocked", "tls", HUB,
         _blocked(XET, "sni-reset")),
    _row("xet-name", "The name service hides the transfer host", "fw-xet-path-blocked", "dns", HUB, _denied_name),
)  # fmt: skip


def _old(version: str, status: int | None = 403) -> Callable[[World], Mapping[str, str]]:
    def lay(world: World) -> Mapping[str, str]:
        if status:
            world.host("yann.lecun.com", status=status, body=b"<html><title>Forbidden</title>Forbidden</html>")
        return whole.release(world, "torchvision", version)

    return lay


def _old_and_dead(world: World) -> Mapping[str, str]:
    world.firewall("yann.lecun.com", "reset")
    return whole.release(world, "torchvision", "0.9.0")


def _old_and_filtered(status: int) -> Callable[[World], Mapping[str, str]]:
    def lay(world: World) -> Mapping[str, str]:
        page = b"<html><title>Web Page Blocked</title>Powered By FortiGuard</html>"
        world.host("yann.lecun.com", status=status, body=page)
        return whole.release(world, "torchvision", "0.9.0")

    return lay


def _old_and_served(world: World) -> Mapping[str, str]:
    for name in (files.LABELS, files.TRAIN_LABELS, files.IMAGES):
        world.serve("yann.lecun.com", f"/exdb/mnist/{name}", files.genuine("mnist", name))
    images = whole.made()["mnist/train-images"]
    world.serve("yann.lecun.com", f"/exdb/mnist/{images.name}", images.body)
    return whole.release(world, "torchvision", "0.8.2")


RELEASES = (
    _row("old-403", "torchvision 0.9.0 knows only the old home page, which refuses", "fw-url-stale", "http", TORCH,
         _old("0.9.0"), proves=True),
    _row("old-404", "The same with a 404", "fw-url-stale", "http", TORCH, _old("0.8.2", 404), proves=True),
    _row("old-page", "The same with a web page and status 200", "fw-url-stale", None, TORCH, _old("0.9.0", 200),
         proves=True),
    _row("old-dead", "The old home page does not answer at all", "fw-url-stale", "tcp", TORCH, _old_and_dead,
         proves=True),
    _row("old-filtered-403", "A filter refuses the old home page", "http-403-corporate-filter", "http", TORCH,
         _old_and_filtered(403)),
    _row("old-filtered-page", "A filter shows its page in its place", "body-block-page", "length", TORCH,
         _old_and_filtered(200)),
    _row("old-works", "An old release whose address still serves", "", None, TORCH, _old_and_served),
    _row("mirror", "torchvision 0.20.1 falls back to its second mirror", "", None, TORCH, _old("0.20.1"),
         warns="http-403-unexplained"),
)  # fmt: skip


INSIDE = "data.research.example.org"
OUTSIDE = f"nameserver {sites.UPSTREAM_RESOLVER}\n"
STUB = "nameserver 127.0.0.53\noptions timeout:1 attempts:1\n"
ASKED_OFFICE = (f"https://{INSIDE}/mnist/train.gz", "--resolver", ROUTER, *QUICK)
LABELS = (files.GCS + files.LABELS, *QUICK)
ASKED_ELSEWHERE = (*LABELS, "--resolver", UNBENT)
GCS_HOST = urlsplit(files.GCS).hostname or ""


def _sent_to(address: str, action: str = "") -> Callable[[World], None]:
    """This network's name server sends the host to another public address, where a firewall acts so."""

    def lay(world: World) -> None:
        world.dns(GCS_HOST, answer=address)
        if action:
            world.firewall("example.com", action)

    return lay


def _names(resolv: str, *inside: str) -> Callable[[World], None]:
    """What the system's name servers are, and what the office's one says to the inner name."""

    def lay(world: World) -> None:
        world._resolv = resolv
        if inside:
            world.dns(INSIDE, answer=inside)

    return lay


NAMES = (
    _row("vpn-down", "Public name servers deny a name that the office's one knows", "dns-split-horizon", "dns",
         ASKED_OFFICE, _names(OUTSIDE, "10.20.0.5")),
    _row("vpn-down-nobody-knows", "The office's one denies it as well", "dns-nxdomain", "dns", ASKED_OFFICE,
         _names(OUTSIDE)),
    _row("vpn-down-public", "The other one has a public address for it: a filter", "dns-filtered", "dns", ASKED_OFFICE,
         _names(OUTSIDE, sites.address("example.com"))),
    _row("led-to-the-dead", "This network's name server sends the host where nobody answers; the named one does not",
         "dns-filtered", "dns", ASKED_ELSEWHERE, _sent_to(sites.address("example.com"), "reset")),
    _row("led-to-silence", "The same, and there it is silent", "dns-filtered", "dns", ASKED_ELSEWHERE,
         _sent_to(sites.address("example.com"), "drop")),
    _row("led-to-a-stranger", "The same, and another host's certificate is shown there", "dns-filtered", "dns",
         ASKED_ELSEWHERE, _sent_to(sites.address("example.com"))),
    _row("led-nowhere-else", "The named one says the same address, which is silent: the host is", ("tcp-filtered",),
         "tcp", ASKED_ELSEWHERE, lambda world: world.firewall(GCS_HOST, "drop")),
    _row("stub", "resolv.conf names the host's own stub, and nothing listens there",
         "dns-container-resolver" if in_container() else "dns-temporary-failure", "dns", LABELS, _names(STUB)),
    _row("stub-and-server", "A second name server answers", "", None, LABELS,
         _names(f"{STUB}nameserver {ROUTER}\n")),
)  # fmt: skip


@scene("ailing", "dns-hosts-override", "dns", argv=HUB)
def var_xet_hosts_file(world: World) -> How:
    """The way to the transfer host is barred by a line on this very machine"""
    env = whole.serve(world)
    world.firewall("deeplearning.net", "reset")
    return {"env": env, "hosts": f"{sites.address('deeplearning.net')} {XET}"}


@scene("ailing", "dns-hosts-override", "dns", argv=TORCH)
def var_old_hosts_file(world: World) -> How:
    """An old release, whose address is led astray by a line on this very machine"""
    env = {**whole.serve(world), **whole.release(world, "torchvision", "0.9.0")}
    return {"env": env, "hosts": f"{sites.address('example.com')} yann.lecun.com"}


SCENES = (*OFFLINE, *ENDPOINT, *CLIENTS_OWN, *TRANSFER, *RELEASES, *NAMES, var_xet_hosts_file, var_old_hosts_file)
