"""Cleans text that comes from outside: no markup but <sup>, <sub> and <i>, no entities, no control characters."""

from __future__ import annotations

import html
import re
import unicodedata

_TAGS = {"sup": "sup", "sub": "sub", "i": "i", "em": "i", "italic": "i"}
_DROPPED = re.compile(
    r"<(?P<name>(?:\w+:)?(?:tex-math|annotation|script|style))\b[^>]*>.*?</(?P=name)>|<!--.*?-->", re.DOTALL | re.I
)
_KEPT = re.compile(r"</?(?:sup|sub|i)>")
_TAG = re.compile(r"<(?P<end>/?)(?:\w+:)?(?P<name>[A-Za-z][\w.-]*)(?:\s[^<>]*)?/?>")


def clean(value: object) -> str:
    """Text of a record without HTML, JATS and MathML, entities and control characters; <sup>, <sub> and <i> stay."""
    text = value if isinstance(value, str) else ""
    for _ in range(3):  # '&amp;lt;i&amp;gt;' was escaped twice on its way
        text = html.unescape(_TAG.sub(_kept_tag, _DROPPED.sub("", text)))
    text = _balanced(_TAG.sub(_kept_tag, text))
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn"))
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _kept_tag(match: re.Match[str]) -> str:
    name = _TAGS.get(match["name"].lower())
    return f"<{match['end']}{name}>" if name else ""


def _balanced(text: str) -> str:
    """Drop all tags where they are not properly nested: half a tag would run on through the reference list."""
    open_tags: list[str] = []
    for end, name in re.findall(r"<(/?)(sup|sub|i)>", text):
        if not end:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            return _KEPT.sub("", text)
    return _KEPT.sub("", text) if open_tags else text


def plain(value: object) -> str:
    """As `clean`, without any markup: names, journals, numbers."""
    return _KEPT.sub("", clean(value)) if not isinstance(value, int) else str(value)
