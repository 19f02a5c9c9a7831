"""SOCKS proxies: who looks names up, who speaks SOCKS at all, and what the proxy says."""

from __future__ import annotations

from collections.abc import Callable

from .proxy import PASSWORD, USER
from .scenes import LABELS, PLAIN, How, Scene
from .world import World


def _row(
    name: str,
    motive: str,
    cause: str | tuple[str, ...],
    scheme: str,
    *,
    argv: tuple[str, ...] = (LABELS,),
    login: str = "",
    user: str = "",
    reply: int = 0,
    lay: Callable[[World], None] | None = None,
    proves: bool = False,
) -> Scene:
    def arrange(world: World) -> How:
        address = world.socks(user=user, password=PASSWORD if user else "", reply=reply)
        if lay:
            lay(world)
        return {"env": {"ALL_PROXY": f"{scheme}://{login}{address}", "HTTPS_PROXY": f"{scheme}://{login}{address}",
                        "http_proxy": f"{scheme}://{login}{address}"}}  # fmt: skip

    causes = ((cause,) if cause else ()) if isinstance(cause, str) else cause
    return Scene(f"socks-{name}", motive, arrange, "ailing" if causes else "healthy", causes,
                 "proxy" if causes else None, argv, proves=proves)  # fmt: skip


def _no_names(world: World) -> None:
    world.dns("*", rcode="NXDOMAIN")


def _walled(world: World) -> None:
    world.firewall("*", "drop")


LOGIN = f"{USER}:{PASSWORD}@"
SCENES = (
    _row("5h", "The proxy looks the name up, and this network can not", "", "socks5h", lay=_no_names),
    _row("5h-walled", "Nothing else gets out", "", "socks5h", lay=_walled),
    _row("5h-plain", "A plain http URL", "", "socks5h", argv=(PLAIN,)),
    _row("5", "Names are looked up at home, where they resolve", "", "socks5"),
    _row("5-no-names", "Names are looked up at home, where none resolves", "proxy-socks-dns-local", "socks5",
         lay=_no_names, proves=True),
    _row("login", "A user name and the right password", "", "socks5h", login=LOGIN, user=USER),
    _row("login-none", "It wants a password, and none was given", "proxy-auth-required", "socks5h", user=USER),
    _row("login-wrong", "The password is wrong", "proxy-auth-wrong", "socks5h", login=f"{USER}:forgotten@", user=USER),
    _row("rules", "The proxy's rules forbid it (reply 2)", "proxy-connect-denied", "socks5h", reply=2),
    _row("no-host", "The proxy finds no way to the host (reply 4)", "proxy-upstream-failed", "socks5h", reply=4),
    _row("refused", "The host refused the proxy (reply 5)", "proxy-upstream-failed", "socks5h", reply=5),
    _row("urllib", "urllib cannot speak SOCKS", "proxy-socks-support-missing", "socks5",
         argv=(LABELS, "--as", "keras")),
    _row("4", "Version 4 takes an IPv4 address, looked up at home", "", "socks4"),
    _row("4-curl", "The same in curl", "", "socks4", argv=(LABELS, "--as", "curl")),
    _row("4a", "Version 4a looks the name up itself", "", "socks4a", lay=_no_names),
    _row("4-no-names", "With version 4 names are looked up at home, where none resolves", "proxy-socks-dns-local",
         "socks4", lay=_no_names, proves=True),
    _row("4-refused", "Version 4 refuses or fails, and says no more", "proxy-upstream-failed", "socks4", reply=91),
    _row("4-ident", "Version 4 wants to know who asks", "proxy-connect-denied", "socks4a", reply=92),
    _row("command", "The proxy does not do CONNECT (reply 7)", "proxy-upstream-failed", "socks5h", reply=7),
    _row("as-http", "A SOCKS port given as http", "proxy-env-malformed", "http", proves=True),
)  # fmt: skip
