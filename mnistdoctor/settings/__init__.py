"""How to go out: the client's own way with proxies, trust stores and fields, and the run's limits."""

from mnistdoctor.settings.clients import Proxy, RequestForm, rules_of
from mnistdoctor.settings.model import Environment, Settings, of_user
from mnistdoctor.settings.python import NoPython, Python
from mnistdoctor.settings.route import RouteChoice, choose_route
from mnistdoctor.settings.trust import TrustChoice, choose_trust, other_stores

__all__ = [
    "Environment",
    "NoPython",
    "Proxy",
    "Python",
    "RequestForm",
    "RouteChoice",
    "Settings",
    "TrustChoice",
    "choose_route",
    "choose_trust",
    "of_user",
    "other_stores",
    "rules_of",
]
