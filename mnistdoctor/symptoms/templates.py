"""In which words programs say what a probe would have recorded: the rows of ``templates.toml``."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from mnistdoctor.catalogue.reader import read_toml

# What every template has at least one of: lines without any of it are passed over at once.
_HINT = re.compile(
    r"(?i)err|fail|except|refus|denied|time|certif|ssl|tls|proxy|socks|resolv|resolution|[45]\d\d|expired|reach|route"
    r"|not (?:a|in|found|available|known)|unknown|unavailable|corrupt|checksum|hash|md5|truncat|incomplete|end of|ended"
    r"|lfs|html|quota|limit|space|permission|url|gate|offline|bytes|json|reset|closed|too many|drive|cafile|scheme"
    r"|hostname|such file|valid|spelled|no builder|pretrained|keyword|reshape|pickle|2746|revocation"
    r"|curl|rpc|sideband|hung up|oid|state_dict|attribute|array|content-disposition|confirm_token|length"
    r"|forbid|authen|author|credential|accept|storage\.|misbehav|undefvar|no such|not exist|retries"
    r"|servname|nonnumeric|connect|拒否|タイムアウト|eaddr|eacces|socket|http code|not defined|activat|mismatch"
    r"|signed|missing"
    r"|verif|unsafe|key_too|protocol|version|8009201|cert_e_|unrecognized|eof|issuer|redirect|access|traffic|couldn"
    r"|cas-|<code>|release file|://\S+\\|mldata|wget|iwr|badstatus|cannot|slow|empty reply|deserial|badzip|zip file"
    r"|could not|bad crc|expecting|磁盘|name too long|adapters|splits|went wrong"
    r"|temporär|eai_|assign requested|deadline|basic constraints|ca_certs|too_weak|alert|untrusted|shared_cipher"
    r"|infinite loop|xethub|invoke-|received http|virus|payload|强迫|unpack_from|enospc|enametoo|read-only|no host"
    r"|expectedmore|unable to|temporaire|enotfound|too[_ ](?:weak|small)|verweigert|unexpecteddown"
    r"|拒绝|超时|名|不可达|没有到|ist nicht|inconnu|refus|interrompu|zurück|abgelehnt|invalid"
)


@dataclass(frozen=True)
class Template:
    """One wording."""

    says: re.Pattern[str] | None
    """None where the words say too little for a text."""
    record: str
    """Which record it makes; empty where the words alone are what there is."""
    fields: Mapping[str, Any]
    """Of the record, beside the groups of the pattern."""
    causes: tuple[str, ...]
    """What the words alone show, the likeliest first."""
    vague: bool
    """Whether the words say that a download failed and not why: whatever else the text says counts before them."""
    where: Mapping[str, tuple[str, ...]]
    """Trait of a text -> what they show there."""
    further: tuple[str, ...]
    """What they may mean besides."""
    terms: tuple[str, ...]
    """By what else a person may ask."""

    def shows(self, traits: Collection[str]) -> tuple[str, ...]:
        """The causes that the words alone show in a text with these traits, the likeliest first."""
        return next((causes for trait, causes in self.where.items() if trait in traits), self.causes)

    def counts(self, traits: Collection[str]) -> bool:
        """Whether it says anything of a text with these traits."""
        return bool(self.record or self.shows(traits))


@cache
def templates() -> tuple[Template, ...]:
    """All of them, in the order in which they are tried."""
    rows = cast("list[dict[str, Any]]", read_toml(Path(__file__).with_name("templates.toml"))["template"])
    return tuple(
        Template(
            says=re.compile(row["says"]) if "says" in row else None,
            record=row.get("record", ""),
            fields=row.get("with", {}),
            causes=tuple(row.get("causes", ())),
            vague=row.get("vague", False),
            where={trait: tuple(causes) for trait, causes in row.get("where", {}).items()},
            further=tuple(row.get("further", ())),
            terms=tuple(row.get("terms", ())),
        )
        for row in rows
    )


def first_match(text: str, traits: Collection[str]) -> tuple[Template, re.Match[str]] | None:
    """The first template that the text has, and where; None for none."""
    if not _HINT.search(text):
        return None
    fitting = ((one, one.says) for one in templates() if one.says and one.counts(traits))
    return next(((one, match) for one, says in fitting if (match := says.search(text))), None)
