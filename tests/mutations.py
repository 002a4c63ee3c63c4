"""Changes to a text such as slips of a hand, of an editor or of a merge make them; the same on every run."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

PIECES = (
    *(
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        '"',
        "'",
        "`",
        "```",
        "~~~",
        "\\",
        "@",
        "[@",
        "[@Adams2001]",
        "[@]",
        "#",
        "---",
        "...",
    ),
    *(
        ":",
        ": ",
        ",",
        ";",
        "- ",
        "* ",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "\t",
        "    ",
        "|",
        ">",
        "&a ",
        "*a",
        "!!python/x ",
        "%",
        "$",
        "~",
    ),
    *(
        "\x00",
        "\x0b",
        "\x1b[31m",
        "\x85",
        "\u2028",
        "\ufeff",
        "\ufffe",
        "\ud7ff",
        "\U0001f9ec",
        "é",
        "e\u0301",
        "\u202e",
        "𝒙",
        "१",
    ),
    *(
        "null",
        "true",
        "1e999",
        "-0",
        ".nan",
        "0x1F",
        "2026-02-30",
        "99999999999999999999999",
        "{{ claims }}",
        "{{",
        "}}",
        "<<: *a",
    ),
    *(
        "<!--",
        "-->",
        "<b>",
        "</",
        "&#0;",
        "![](x)",
        "[a](b)",
        "](",
        "^[1]",
        "[^1]",
        "*[A]: b",
        "--8<--",
        "--8<-- 'x'",
        "!!! note",
        "??? x",
    ),
    *(
        "@string{a = {b}}",
        "@comment{",
        "@misc{",
        "title = {",
        "},",
        "=",
        " and ",
        r"\textsuperscript{",
        r"\url{",
        r"\'e",
        "https://",
        "docs/",
    ),
)

Mutation = Callable[[random.Random, str], str]


def _place(chance: random.Random, text: str) -> int:
    return chance.randrange(len(text) + 1)


def _inserted(chance: random.Random, text: str) -> str:
    at = _place(chance, text)
    return text[:at] + chance.choice(PIECES) * chance.choice((1, 1, 1, 2, 50)) + text[at:]


def _cut_out(chance: random.Random, text: str) -> str:
    at = _place(chance, text)
    return text[:at] + text[at + chance.choice((1, 1, 2, 10, 200)) :]


def _replaced(chance: random.Random, text: str) -> str:
    at = _place(chance, text)
    return text[:at] + chance.choice(PIECES) + text[at + 1 :]


def _cut_off(chance: random.Random, text: str) -> str:
    return text[: _place(chance, text)]


def _repeated(chance: random.Random, text: str) -> str:
    at, length = _place(chance, text), chance.choice((5, 80, 400))
    return text[: at + length] + text[at:]


def _lines(change: Callable[[random.Random, list[str]], None]) -> Mutation:
    def mutation(chance: random.Random, text: str) -> str:
        lines = text.split("\n")
        change(chance, lines)
        return "\n".join(lines)

    return mutation


def _drop(chance: random.Random, lines: list[str]) -> None:
    del lines[chance.randrange(len(lines))]


def _move(chance: random.Random, lines: list[str]) -> None:
    lines.insert(chance.randrange(len(lines)), lines.pop(chance.randrange(len(lines))))


def _twice(chance: random.Random, lines: list[str]) -> None:
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))


def _indent(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    lines[at] = lines[at].lstrip() if chance.random() < 0.5 else chance.choice((" ", "  ", "    ", "\t")) + lines[at]


MUTATIONS: tuple[Mutation, ...] = (
    *(_inserted, _inserted, _replaced, _cut_out, _cut_off, _repeated),
    *(_lines(change) for change in (_drop, _move, _twice, _indent)),
)


def mutants(text: str, number: int, seed: str) -> Iterator[bytes]:
    """Contents of a file, each with one to four changes; one in twenty is no UTF-8."""
    chance = random.Random(seed)
    for _ in range(number):
        changed = text
        for _ in range(chance.choice((1, 1, 2, 4))):
            changed = chance.choice(MUTATIONS)(chance, changed)
        data = bytearray(changed.encode("utf-8", errors="replace"))
        if data and chance.random() < 0.05:
            data[chance.randrange(len(data))] = chance.randrange(256)
        yield bytes(data)
