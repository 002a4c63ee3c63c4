"""Says which scripts a page may run: the Content-Security-Policy of every page, and of hosts that read `_headers`."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

_INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)
_DATA = re.compile(r'type="application/(?:ld\+)?json"')
_RULES = {
    "default-src": "'self'",
    "script-src": "'self' file:",  # file: for a copy that is opened from the disk, where 'self' is nothing
    "style-src": "'self' file: 'unsafe-inline'",  # the theme sets widths in style attributes
    "img-src": "'self' file: data:",  # the icons of the theme stand in its stylesheet
    "connect-src": "'self' file:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
HEADERS = "_headers"


def script_hashes(html: str) -> list[str]:
    """Hash of every script that stands in a page, in its order; data are no scripts."""
    codes = (match["code"] for match in _INLINE.finditer(html) if not _inert(match["attributes"]))
    return list(dict.fromkeys(_hash(code) for code in codes))


def _inert(attributes: str) -> bool:
    return " src=" in attributes or bool(_DATA.search(attributes))


def _hash(code: str) -> str:
    digest = hashlib.sha256(code.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def policy(hashes: Iterable[str]) -> str:
    """The policy: own files, and the inline scripts with these hashes; nothing from anywhere else."""
    rules = _RULES | {"script-src": " ".join([_RULES["script-src"], *hashes])}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def with_policy(html: str, hashes: Iterable[str]) -> str:
    """The page with its policy, which lets the scripts with these hashes run, as the first thing that its head says."""
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(hashes)}">'
    return html.replace("<head>", f"<head>\n    {meta}", 1)


def headers(hashes: Iterable[str]) -> str:
    """`_headers` for hosts that read it: the same for all pages, and what a meta element cannot say."""
    lines = [
        f"Content-Security-Policy: {policy(sorted(set(hashes))).replace(' file:', '')}; frame-ancestors 'none'",
        "X-Content-Type-Options: nosniff",
        "Referrer-Policy: no-referrer",
        "Cross-Origin-Opener-Policy: same-origin",
    ]
    return "/*\n" + "".join(f"  {line}\n" for line in lines)
