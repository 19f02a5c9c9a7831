"""OpenSSL's reasons for refusing a chain: X509_V_ERR_* of ``x509_vfy.h``, one by one or by what they have in common."""

from __future__ import annotations

ROOT_NOT_FOUND = 2
"""An issuer was found, and its own issuer was not."""
NOT_YET_VALID, EXPIRED, REVOKED = 9, 10, 23
SELF_SIGNED_LEAF, SELF_SIGNED_ROOT = 18, 19
NO_ISSUER = frozenset({ROOT_NOT_FOUND, 20, 21})
NO_AUTHORITY = frozenset({24, 79})
"""An issuer that is no authority."""
HOSTNAME = frozenset({62, 63, 64})
"""A name or address that the certificate does not carry: the chain itself was accepted."""
WEAK_AUTHORITY = frozenset({67, 68})
WEAK = frozenset({66, *WEAK_AUTHORITY})
"""A key or a hash below OpenSSL's security level."""
PURPOSE, NOT_PERMITTED, EXCLUDED = 26, 47, 48
"""Made for something else than a server; signed by an authority that may sign for other names only."""
STRICT_FLAG = frozenset(range(80, 95))
"""Checked only with X509_V_FLAG_X509_STRICT."""
ILL_FORMED = NO_AUTHORITY | STRICT_FLAG
"""An authority that is known and not formed as one."""
