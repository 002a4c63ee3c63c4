"""Options of the commands that ask the network; what runs them is loaded only when one is called."""

from __future__ import annotations

import argparse
import re
from datetime import date

from kb.vocabulary import CELLS, DESIGNS, DISEASES, EFFECTS, OUTCOMES, PURPOSES, TISSUES


def add_options(command: argparse.ArgumentParser) -> None:
    """Options of `kb add`."""
    kinds = command.add_subparsers(dest="what", required=True, metavar="WHAT")
    reference = kinds.add_parser("reference", help="look a work up and add its entry", description=_REFERENCE)
    reference.add_argument("identifier", help="DOI, PMID, PMCID (PMC1234567) or NCT number, also as an address")
    reference.add_argument("--design", default="", help=f"study design, or two with a comma: {', '.join(DESIGNS)}")
    reference.add_argument("--species", default="", help="such as 'human' or 'human, mouse'")
    reference.add_argument("--key", default="", help="key of the entry (default: author and year)")
    trial = kinds.add_parser("trial", help="add the page of a registered trial", description=_TRIAL)
    trial.add_argument("identifier", help="NCT number")
    trial.add_argument("--cells", default="", help=f"what is given, several with a comma: {', '.join(CELLS)}")
    trial.add_argument("--disease", default="", help=f"group of the condition: {', '.join(DISEASES)}")
    trial.add_argument("--purpose", default="", help=f"where the registry does not say it: {', '.join(PURPOSES)}")
    trial.add_argument("--tissue", default="not stated", choices=TISSUES, metavar="TISSUE", help="tissue the cells came from")
    for kind in (reference, trial):
        kind.add_argument("--dry-run", action="store_true", help="show what would be written, and write nothing")
        kind.add_argument("--timeout", type=_seconds, default=20.0, help="seconds without an answer (default 20)")
    claim = kinds.add_parser("claim", help="add a claim to a page", description=_CLAIM)
    claim.add_argument("page", help="such as mechanisms/ido.md")
    claim.add_argument("--id", default="", help="unique, lower case with hyphens")
    claim.add_argument("--statement", default="", help="one sentence: what was found, in whom or what")
    claim.add_argument("--source", default="", help="key of a work that the page cites")
    claim.add_argument("--locator", default="", help="where in the work it stands: Abstract, Table 2")
    claim.add_argument("--interaction", action="store_true", help="with the fields of an interaction")
    for name, known in (("actor", CELLS), ("target", CELLS), ("factor", None), ("effect", EFFECTS), ("outcome", OUTCOMES)):
        claim.add_argument(f"--{name}", default="", choices=known, metavar=name.upper(), help=", ".join(known or ["IDO + PGE2"]))


_REFERENCE = """Look a work up at Crossref and PubMed, or a registration at ClinicalTrials.gov, and write its entry
into the bibliography. Nothing is written when the work is there already, is not found, or is not answered for."""
_TRIAL = """Write docs/trials/<number>.md from the record of ClinicalTrials.gov, and the entry that the page cites."""
_CLAIM = """Write a claim at the end of the list of a page. What is not given stays empty, and `kb check` asks for it."""


def verify_options(command: argparse.ArgumentParser) -> None:
    """Options of `kb verify`."""
    command.add_argument("--since", type=_day, metavar="DATE", help="only what was seen on this day or later")
    command.add_argument("--only", nargs="+", default=[], metavar="KEY", help="only these works (keys) and trials (numbers)")
    command.add_argument("--no-links", action="store_true", help="leave outside links out")
    command.add_argument("--fix", action="store_true", help="write what can be mended by rule")
    command.add_argument("--fresh", action="store_true", help="ask again for what was answered in the last seven days")
    command.add_argument("--timeout", type=_seconds, default=20.0, help="seconds without an answer (default 20)")
    command.add_argument("--format", choices=("text", "github"), default="text", help="github: annotations for a pull request")


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text) or not float(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds above 0")
    return float(text)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date; write it as 2026-11-23") from None
