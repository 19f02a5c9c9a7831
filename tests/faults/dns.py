"""Answers of a name server that are slow, cut, spoilt, or change, beside those that the demo has."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mnistdoctor.demo.connection import Gone
from mnistdoctor.demo.dns_rules import addresses, failure, nxdomain, records, servfail, silence, zone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnistdoctor.demo.faults_dns import Question, Rule

__all__ = [
    "SINKHOLE",
    "addresses",
    "by_type",
    "failure",
    "garbage",
    "in_turn",
    "no_data",
    "nxdomain",
    "records",
    "refused",
    "servfail",
    "silence",
    "slow",
    "truncated",
    "wrong_id",
    "zone",
]


SINKHOLE = ("0.0.0.0", "::")
"""What filters answer for a name that they block."""


def refused(ede: tuple[tuple[int, str], ...] = ()) -> Rule:
    """REFUSED."""
    return failure("REFUSED", ede)


def no_data() -> Rule:
    """The name exists and has nothing of the type: NOERROR, an SOA, no answer."""
    return records()


def slow(seconds: float, rule: Rule) -> Rule:
    """Answer after a wait."""

    def delayed(question: Question) -> bytes | None:
        if question.stopping.wait(seconds):
            raise Gone
        return rule(question)

    return delayed


def truncated(rule: Rule) -> Rule:
    """Over UDP an empty answer with the TC bit; over TCP the rule's."""

    def cut(question: Question) -> bytes | None:
        import dns.flags

        if question.asked.transport == "tcp":
            return rule(question)
        reply = question.reply()
        reply.flags |= dns.flags.TC
        return bytes(reply.to_wire())

    return cut


def wrong_id(rule: Rule) -> Rule:
    """Answer under another message id."""

    def spoilt(question: Question) -> bytes | None:
        data = rule(question)
        return data and bytes([data[0] ^ 0xFF]) + data[1:]

    return spoilt


def garbage(data: bytes = b"\xde\xad\xbe\xef" * 8, *, keep_id: bool = True) -> Rule:
    """Answer with bytes that are no DNS message, after the query's id unless `keep_id` is false."""
    return lambda question: (question.query.id.to_bytes(2, "big") if keep_id else b"") + data


def by_type(types: Mapping[str, Rule], otherwise: Rule | None = None) -> Rule:
    """Choose by type, e.g. `{"AAAA": silence}`; NODATA for others unless `otherwise` is given."""
    missing = otherwise or no_data()
    return lambda question: types.get(question.type, missing)(question)


def in_turn(*rules: Rule) -> Rule:
    """One rule for each question; the last one stays."""
    lock = threading.Lock()
    asked = 0

    def rule(question: Question) -> bytes | None:
        nonlocal asked
        with lock:
            number, asked = asked, asked + 1
        return rules[min(number, len(rules) - 1)](question)

    return rule
