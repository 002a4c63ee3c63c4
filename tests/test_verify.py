"""`kb verify`: what differs from the public records is named with its line, what agrees is not, and --fix mends by rule."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from kb.bibliography import parse_bibliography
from kb.comparison import compare, folded
from kb.works import from_crossref
from tests.conftest import ROOT
from tests.registry import Answer, Registry, Run, crossref, pubmed, runner, study

BIB = "bib/references.bib"


def entry(key: str, kind: str = "article", **fields: str) -> str:
    """An entry that agrees with the usual record of the server; a field given as '' is left out."""
    usual = {
        "author": "Adams, A. B. and Müller, J.-P.",
        "title": "A work",
        "journal": "Journal of Examples",
        "year": "2020",
        "volume": "12",
        "pages": "123--129",
        "studydesign": "in vitro",
        "seenat": "docs/index.md",
        "seenon": "2026-11-23",
        "confirmed": "primary",
    }
    lines = [f"  {name:<11} = {{{value}}},\n" for name, value in (usual | fields).items() if value]
    return f"@{kind}{{{key},\n{''.join(lines)}}}\n\n"


def record(key: str, number: str) -> str:
    """The entry of a registration."""
    left_out = dict.fromkeys(("author", "journal", "year", "volume", "pages"), "")
    url, title = f"https://clinicaltrials.gov/study/{number}", "A trial, as registered"
    fields = {
        "title": title,
        "publisher": "ClinicalTrials.gov",
        "url": url,
        "registryid": number,
        "studydesign": "registry record",
    }
    return entry(key, "misc", **left_out | fields)


def trial(number: str, **fields: str) -> str:
    """The page of a trial that agrees with the usual study of the server."""
    usual = {"status": "completed", "status_seen": "2026-11-23", "n": "40", "start": "2019-04-05", "end": "'2022-01'"}
    lines = "".join(f"  {name}: {value}\n" for name, value in (usual | fields).items())
    return (
        f"---\ntitle: A trial\ndescription: What it did.\ntrial:\n  registry: [{number}]\n  title: A trial\n  cells: [MSC]\n"
        f"  phase: 1/2\n  design: randomised\n  disease: acute GVHD\n  condition: acute GVHD\n  purpose: treatment\n"
        f"  tissue_source: bone marrow\n{lines}  sources: [{number}]\n---\n\nForty people [@{number}].\n"
    )


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A server whose works 10.1000/a to 10.1000/z and trial all agree with the usual entry and page."""
    server = Registry()
    for letter in "abcdefghijklmnopqrstuvwxyz":
        server.works[f"10.1000/{letter}"] = crossref(f"10.1000/{letter}", "A work")
    server.studies["NCT00000001"] = study("NCT00000001", "A trial")
    yield server
    server.close()


@pytest.fixture
def verify(
    project: Callable[..., Path], registry: Registry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Run]:
    """Make a project with a bibliography and pages, and run kb verify in it: verify(bib, {name: page})('--fix')."""

    def make(bib: str, pages: dict[str, str] | None = None) -> Run:
        cited = " ".join(f"[@{key}]" for key in re.findall(r"(?m)^@\w+\{(\w+),", bib))
        head = "---\ntitle: Home\ndescription: D.\n"
        reviewed = "summary: [One., Two., Three.]\nreviewed: 2026-11-23\nreview_due: 2027-05-23\n"
        files = {
            BIB: bib,
            "docs/index.md": f"{head}{reviewed}---\n\nText {cited}.\n",
            "docs/mechanisms/index.md": f"{head}{reviewed}---\n\nText.\n",
            "docs/about/methods.md": f"{head}---\n\nText.\n",
        }
        root = project({**files, **{f"docs/{name}": text for name, text in (pages or {}).items()}})
        run = runner(root, registry, monkeypatch, capsys)
        return lambda *arguments: run("verify", *arguments)

    return make


def test_what_agrees_is_silent(verify: Callable[..., Run], registry: Registry) -> None:
    registry.articles["5"] = pubmed("5", "A work.", "10.1000/b")
    registry.articles["6"] = pubmed("6", "A work.")
    registry.ids["PMC7"] = {"doi": "10.1000/c"}
    bib = entry("A", doi="10.1000/A") + entry("B", doi="10.1000/b", pmid="5") + entry("C", pmcid="PMC7", doi="10.1000/c")
    bib += entry("D", pmid="6") + record("NCT00000001", "NCT00000001")
    run = verify(bib, {"trials/NCT00000001.md": trial("NCT00000001")})()
    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr == "kb verify: 6 compared, 0 differences, 0 without answer, 0 not comparable\n"


def test_every_code_has_an_example_here_and_a_heading_in_the_documentation(
    verify: Callable[..., Run], registry: Registry
) -> None:
    registry.links["gone"] = 404
    registry.works["10.1000/j"] |= {"updated-by": [{"DOI": "10.1000/r", "type": "retraction", "source": "retraction-watch"}]}
    registry.faults["/crossref/works/10.1000/k"] = [Answer(500)] * 9
    bib = (
        entry("C", doi="10.1000/c", title="Another work")
        + entry("D", doi="10.1000/d", author="Brown, C. and Müller, J.-P.")
        + entry("E", doi="10.1000/e", year="2010")
        + entry("F", doi="10.1000/f", volume="13", pages="1--2")
        + entry("G", doi="10.1000/none")
        + entry("H", pmid="404")
        + entry("J", doi="10.1000/j")
        + entry("K", doi="10.1000/k")
        + entry("L", doi="10.1000/l", volume="")
        + entry("M", url=f"{registry.address}/web/gone")
        + record("NCT00000001", "NCT00000001")
    )
    run = verify(bib, {"trials/NCT00000001.md": trial("NCT00000001", n="41")})()
    people = "Adams Anna B.; Müller Jean-Pierre"
    assert run.stdout == (
        "not comparable (no DOI, PubMed number or number of ClinicalTrials.gov): M\n"
        f"{BIB}:3: title 'Another work' is not that of the record (Crossref: 'A work'); "
        "correct the title or the identifier [KB601]\n"
        f"{BIB}:16: author 'Brown C.' is not in that place (Crossref: '{people}'); correct it [KB602]\n"
        f"{BIB}:33: year '2010' is not that of the record (Crossref: '2020 or 2019'); correct it, and the key [KB603]\n"
        f"{BIB}:48: volume '13' is not that of the record (Crossref: '12'); correct it [KB603]\n"
        f"{BIB}:49: pages '1--2' is not that of the record (Crossref: '123-9'); correct it [KB603]\n"
        f"{BIB}:68: doi '10.1000/none' does not exist; correct it [KB604]\n"
        f"{BIB}:82: pmid '404' is not known to PubMed; correct it [KB604]\n"
        f"{BIB}:85: 'J' is not marked as retracted (Crossref); add status = {{retracted}}, notice = {{10.1000/r}} [KB605]\n"
        f"{BIB}:99: warning: 'K' could not be verified: Crossref answers 500 [KB608]\n"
        f"{BIB}:113: warning: volume is left out; Crossref has '12'; add it [KB609]\n"
        f"{BIB}:137: url '{registry.address}/web/gone' does not exist any more; replace it [KB607]\n"
        "docs/trials/NCT00000001.md:16: n '41' is '40' in the registry; correct it, or say why in 'differences' [KB606]\n"
    )
    assert run.stderr == "kb verify: 11 compared, 11 differences, 1 without answer, 1 not comparable\n"
    assert run.returncode == 1
    documented = re.findall(r"(?m)^### (KB6\d\d)", (ROOT / "docs/about/contributing.md").read_text(encoding="utf-8"))
    assert sorted(set(re.findall(r"\[(KB\d+)\]", run.stdout))) == documented


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("IFN-γ and NK cells", "IFN-gamma and NK Cells."),
        ("CD4\\textsuperscript{+} T cells – a study", "CD4<sup>+</sup> T-cells &#8212; a &lt;i&gt;study&lt;/i&gt;"),
        ("TGF-β1", "TGF-<mml:math><mml:mi>β</mml:mi></mml:math>1"),
        ("A work", "RETRACTED ARTICLE: A work"),
        ("A work: with a subtitle", "A work"),
        ("Über Zellen", "Uber Zellen"),
        ("„Quoted“ words", '"Quoted" words'),
    ],
)
def test_titles_that_are_the_same(verify: Callable[..., Run], registry: Registry, ours: str, theirs: str) -> None:
    registry.works["10.1000/a"] |= {"title": [theirs], "subtitle": ["With a subtitle"]}
    assert verify(entry("A", doi="10.1000/a", title=ours))().returncode == 0


def test_what_still_counts_in_a_title() -> None:
    assert folded("IL-12") != folded("IL-15")
    assert folded("α") != folded("β")
    assert folded("λ") == folded("Lambda") == folded("Λ")


@pytest.mark.parametrize(
    ("ours", "fault"),
    [
        ("Adams, A. B. and van der Müller, J.-P.", ""),
        ("ADAMS, Anna and Muller, J.", ""),
        ("Adams, A. and others", ""),
        ("{The Example Group} and Adams, A. and Müller, J.", ""),
        ("Adams, A. and Müller, J. and {The Example Group}", "author 'The Example Group' is not in that place"),
        ("Adams, A.", "author lists 1 of 2 people"),
        ("Müller, J.-P. and others", "author 'Müller J.-P.' is not in that place"),
        ("Adams, X. and Müller, J.", "author 'Adams X.' is not in that place"),
        ("Müller, J. and Adams, A.", "author 'Müller J.' is not in that place"),
        ("Adams, A. and Li, X. and Müller, J.", "author 'Li X.' is not in that place"),
    ],
)
def test_authors(ours: str, fault: str) -> None:
    people = [{"name": "The Example Group"}] if ours.startswith("{") else []
    people += [{"family": "Adams", "given": "Anna B."}, {"family": "Müller", "given": "Jean-Pierre"}]
    work = from_crossref(crossref("10.1000/a", "A work", author=people))
    found = compare(parse_bibliography(BIB, entry("A", author=ours, doi="10.1000/a").encode()).entries[0], [work])
    told = [difference.message.partition(" (")[0] for difference in found if difference.code == "KB602"]
    assert told == ([fault] if fault else [])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("123--129", "123-9"), ("S12--S19", "S12–9"), ("49", "49"), ("e7", "E7"), ("1--9", "1-9.e3"), ("8", "8-8")],
)
def test_pages_that_are_the_same(verify: Callable[..., Run], registry: Registry, ours: str, theirs: str) -> None:
    registry.works["10.1000/a"]["page"] = theirs
    assert verify(entry("A", doi="10.1000/a", pages=ours))().returncode == 0


def test_one_record_that_agrees_is_enough(verify: Callable[..., Run], registry: Registry) -> None:
    registry.works["10.1000/a"] |= {"title": ["A WORK, MANGLED"], "volume": "99", "page": "1", "author": []}
    registry.articles["5"] = pubmed("5", "A work.", "10.1000/a")
    assert verify(entry("A", doi="10.1000/a", pmid="5"))().returncode == 0


def test_states_of_pubmed_and_of_notices_in_the_bibliography(verify: Callable[..., Run], registry: Registry) -> None:
    comment = '<CommentsCorrections RefType="ExpressionOfConcernIn"><RefSource>J</RefSource><PMID>9</PMID></CommentsCorrections>'
    registry.articles["5"] = pubmed("5", "A work.", "10.1000/a", comments=comment)
    about = [{"DOI": "10.1000/B", "type": "retraction"}, {"DOI": "10.1000/c", "type": "correction"}]
    registry.works["10.1000/n"] |= {"update-to": about}
    registry.works["10.1000/d"] |= {"updated-by": [{"DOI": "10.1000/x", "type": "correction"}]}
    marked = entry("C", doi="10.1000/c", status="corrected", notice="10.1000/n")
    worse = entry("D", doi="10.1000/d", status="retracted", notice="10.1000/y")
    registry.handles |= {"10.1000/n", "10.1000/y"}
    bib = entry("A", doi="10.1000/a", pmid="5") + entry("B", doi="10.1000/b") + marked + worse + entry("N", doi="10.1000/n")
    run = verify(bib)
    out = run().stdout
    assert out == (
        f"{BIB}:1: 'A' is not marked as concern (PubMed); "
        "add status = {concern}, notice = {https://pubmed.ncbi.nlm.nih.gov/9/} [KB605]\n"
        f"{BIB}:16: 'B' is not marked as retracted (the notice 10.1000/n is in the bibliography); "
        "add status = {retracted}, notice = {10.1000/n} [KB605]\n"
        f"{BIB}:69: 'N' is itself a notice about '10.1000/b' (Crossref); write studydesign = {{notice}} [KB605]\n"
    )
    run("--fix")
    mended = parse_bibliography(BIB, Path(BIB).read_bytes()).by_key()["B"]
    assert (mended.get("status"), mended.get("notice")) == ("retracted", "10.1000/n")


def test_a_record_of_another_work_is_never_compared(verify: Callable[..., Run], registry: Registry) -> None:
    registry.works["10.1000/a"] = crossref("10.1000/zzz", "Another work")
    registry.articles["5"] = pubmed("999", "Another work")
    registry.articles["6"] = pubmed("6", "Another work", "10.1000/other")
    registry.articles["7"] = pubmed("7", "A work", "10.1000/d", pmcid="PMC7")
    registry.studies["NCT00000001"] = study("NCT00000002", "Another trial")
    bib = (
        entry("A", doi="10.1000/a")
        + entry("B", pmid="5")
        + entry("C", doi="10.1000/c", pmid="6")
        + entry("D", doi="10.1000/d", pmid="7", pmcid="PMC8")
        + record("NCT00000001", "NCT00000001")
    )
    run = verify(bib, {"trials/NCT00000001.md": trial("NCT00000001")})()
    assert [line.partition(": ")[2] for line in run.stdout.splitlines()] == [
        "doi '10.1000/a' was answered with the record of '10.1000/zzz'; correct it [KB604]",
        "pmid '5' was answered with the record of '999'; correct it [KB604]",
        "pmid '6' is the record of doi '10.1000/other', not of '10.1000/c'; correct one [KB604]",
        "pmcid 'PMC8' is not that of the record (PubMed: 'PMC7'); correct it [KB604]",
        "'NCT00000001' was answered with the record of 'NCT00000002'; correct it [KB604]",
        "'NCT00000001' was answered with the record of 'NCT00000002'; correct it [KB604]",
    ]


def test_what_cannot_be_compared_is_named_by_reason(verify: Callable[..., Run], registry: Registry) -> None:
    registry.handles.add("10.1000/data")
    bib = (
        entry("A", url=f"{registry.address}/web/a") + entry("B", doi="10.1000/data") + entry("C", url=f"{registry.address}/web/c")
    )
    page = (
        trial("NCT00000001")
        .replace("NCT00000001", "ChiCTR1")
        .replace("sources: [ChiCTR1]", "sources: [A]")
        .replace("@ChiCTR1", "@A")
    )
    run = verify(bib, {"trials/ChiCTR1.md": page})()
    assert run.stdout == (
        "not comparable (its DOI is neither at Crossref nor in PubMed): B\n"
        "not comparable (no DOI, PubMed number or number of ClinicalTrials.gov): A, C\n"
        "not comparable (no number of ClinicalTrials.gov): ChiCTR1\n"
    )
    assert (run.returncode, run.stderr) == (0, "kb verify: 2 compared, 0 differences, 0 without answer, 4 not comparable\n")


def test_trials_differ_in_status_enrolment_and_dates(verify: Callable[..., Run], registry: Registry) -> None:
    planned = {"enrollmentInfo": {"count": 60, "type": "ESTIMATED"}}
    days = {"startDateStruct": {"date": "2019-06-01"}, "completionDateStruct": {"date": "2030-01"}}
    registry.studies["NCT00000001"] = study(
        "NCT00000001", "A trial", designModule=planned, statusModule={"overallStatus": "ACTIVE_NOT_RECRUITING", **days}
    )
    page = trial("NCT00000001", n_planned="50", status="recruiting")
    run = verify(record("NCT00000001", "NCT00000001"), {"trials/NCT00000001.md": page})()
    assert [line.partition(": ")[2] for line in run.stdout.splitlines()] == [
        "status 'recruiting' is 'active, not recruiting' in the registry; correct it [KB606]",
        "start '2019-04-05' is '2019-06-01' in the registry; correct it [KB606]",
        "end '2022-01' is '2030-01' in the registry; correct it [KB606]",
        "n_planned '50' is '60' in the registry; correct it, or say why in 'differences' [KB606]",
    ]


def test_a_difference_of_enrolment_that_the_page_explains_is_a_warning(verify: Callable[..., Run]) -> None:
    page = trial("NCT00000001", n="39", differences="One person left.")
    run = verify(record("NCT00000001", "NCT00000001"), {"trials/NCT00000001.md": page})()
    assert (run.returncode, run.stdout.count(": warning: n '39' is '40' in the registry")) == (0, 1)


def test_a_status_that_has_no_word_here_is_named_and_not_written(verify: Callable[..., Run], registry: Registry) -> None:
    registry.studies["NCT00000001"] = study("NCT00000001", "A trial", statusModule={"overallStatus": "WITHHELD"})
    run = verify(record("NCT00000001", "NCT00000001"), {"trials/NCT00000001.md": trial("NCT00000001")})("--fix")
    assert "status 'completed' is 'withheld' in the registry; add the word to STATUSES in kb/vocabulary.py [KB606]" in run.stdout
    assert run.returncode == 1


def test_links_of_entries_and_of_the_text(verify: Callable[..., Run], registry: Registry) -> None:
    web = f"{registry.address}/web"
    registry.links |= {"gone": 410, "closed": 403}
    registry.works["10.1000/a"] |= {"updated-by": [{"DOI": "10.1000/lost", "type": "correction"}]}
    seen = f"{web}/fine {web}/gone https://doi.org/10.1000/a"
    bib = entry("A", doi="10.1000/a", seenat=seen, status="corrected", notice="10.1000/lost") + entry(
        "B", doi="10.1000/b", url=f"{web}/closed"
    )
    links = f"[a]({web}/gone), [b](https://doi.org/10.1000/nowhere), [c](https://doi.org/10.1000/c)"
    text = f"---\ntitle: M\ndescription: D.\n---\n\nSee {links}.\n"
    run = verify(bib, {"about/methods.md": text})()
    host = registry.address.removeprefix("http://")
    assert run.stdout == (
        f"{BIB}:9: warning: seenat '{web}/gone' does not exist any more; replace it [KB607]\n"
        f"{BIB}:14: notice 'https://doi.org/10.1000/lost' does not exist any more; replace it [KB607]\n"
        f"{BIB}:29: warning: '{web}/closed' could not be verified: {host} answers 403 [KB608]\n"
        f"docs/about/methods.md:6: link '{web}/gone' does not exist any more; replace it [KB607]\n"
        "docs/about/methods.md:6: link 'https://doi.org/10.1000/nowhere' does not exist any more; replace it [KB607]\n"
    )
    assert sorted(registry.paths("/handle")) == [
        f"/handle/api/handles/10.1000/{name}?type=URL" for name in ("c", "lost", "nowhere")
    ]
    # HEAD, then GET to be sure, once for both places.
    assert [method for method, path, _ in registry.asked if path == "/web/gone"] == ["HEAD", "GET"]


def test_links_can_be_left_out(verify: Callable[..., Run], registry: Registry) -> None:
    run = verify(entry("A", doi="10.1000/a", url=f"{registry.address}/web/a"))
    assert run("--no-links").returncode == 0
    assert registry.paths("/web") == []


def test_without_an_answer_the_status_is_another(verify: Callable[..., Run], registry: Registry) -> None:
    run = verify(entry("A", doi="10.1000/a") + entry("B", doi="10.1000/b", pmid="5"))
    registry.articles["5"] = pubmed("5", "A work.", "10.1000/b")
    registry.faults["/pubmed"] = [Answer(body="<html>Sorry", kind="text/html")]
    out = run()
    assert out.stdout.startswith(f"{BIB}:15: warning: 'B' could not be verified: PubMed answers with what is no record (")
    assert (out.returncode, out.stderr) == (3, "kb verify: 2 compared, 0 differences, 1 without answer, 0 not comparable\n")
    assert run().returncode == 0  # only what was not answered is asked again
    assert registry.paths("/crossref") == ["/crossref/works/10.1000/a", "/crossref/works/10.1000/b"]


def test_only_and_since_limit_the_run(verify: Callable[..., Run], registry: Registry) -> None:
    bib = (
        entry("A", doi="10.1000/a")
        + entry("B", doi="10.1000/b", seenon="2026-12")
        + entry("C", doi="10.1000/c", seenon="2026-10-01")
    )
    run = verify(bib + record("NCT00000001", "NCT00000001"), {"trials/NCT00000001.md": trial("NCT00000001")})
    assert run("--since", "2026-12-24").stderr.startswith("kb verify: 1 compared")
    assert registry.paths() == ["/crossref/works/10.1000/b"]
    assert run("--only", "A", "NCT00000001").stderr.startswith("kb verify: 3 compared")
    assert registry.paths("works") == ["/crossref/works/10.1000/b", "/crossref/works/10.1000/a"]
    assert run("--since", "2027-01-01").stderr.startswith("kb verify: 0 compared")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--only", "Aa"), "kb verify: no work or trial 'Aa'; did you mean 'A'?\n"),
        (("--only", "Zzzzzz"), "kb verify: no work or trial 'Zzzzzz'; give keys of works or numbers of trials\n"),
        (("--since", "yesterday"), "'yesterday' is not a date; write it as 2026-11-23\n"),
        (("--timeout", "0"), "'0' is not a number of seconds above 0\n"),
    ],
)
def test_wrong_use_is_said_in_one_line(
    verify: Callable[..., Run], registry: Registry, arguments: tuple[str, ...], said: str
) -> None:
    run = verify(entry("A", doi="10.1000/a"))(*arguments)
    assert run.returncode == 2
    assert run.stderr.endswith(said)
    assert registry.asked == []


def test_a_contact_that_is_no_address_is_refused(
    verify: Callable[..., Run], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = verify(entry("A", doi="10.1000/a"))
    monkeypatch.setenv("KB_CONTACT", "somebody")
    assert run().stderr == "kb verify: contact 'somebody' is not an e-mail address; set KB_CONTACT to yours\n"
    assert registry.asked == []


def test_an_interrupted_run_goes_on_where_it_stopped(verify: Callable[..., Run], registry: Registry) -> None:
    run = verify("".join(entry(letter.upper(), doi=f"10.1000/{letter}") for letter in "abcdefghijkl"))
    process: list[subprocess.Popen[str]] = []
    registry.faults["/crossref/works/10.1000/l"] = [Answer(500, delay=0.5, before=lambda: process[0].send_signal(signal.SIGINT))]
    command = [sys.executable, "-m", "kb", "verify"]
    process.append(subprocess.Popen(command, stdout=-1, stderr=-1, text=True, env={**os.environ, "KB_SOURCES": registry.address}))
    out, err = process[0].communicate(timeout=60)
    assert (process[0].returncode, out) == (130, "")
    assert err == "kb verify: interrupted; what was answered is kept for seven days, run it again to go on\n"
    answered = set(registry.paths())
    registry.asked.clear()
    assert run().stderr == "kb verify: 12 compared, 0 differences, 0 without answer, 0 not comparable\n"
    assert len(answered | set(registry.paths())) == 12
    assert len(registry.paths()) < 12


def test_progress_is_told_when_it_takes_longer_than_a_second(verify: Callable[..., Run], registry: Registry) -> None:
    registry.faults["/crossref"] = [Answer(429, headers={"Retry-After": "2"})]
    run = verify(entry("A", doi="10.1000/a") + entry("B", doi="10.1000/b"))()
    assert run.stderr.splitlines()[0] == "kb verify: 2 of 2, 2 s"


def test_fix_writes_what_is_safe_and_touches_nothing_else(verify: Callable[..., Run], registry: Registry) -> None:
    registry.articles["5"] = pubmed("5", "A work.", "10.1000/b", pmcid="PMC6")
    registry.works["10.1000/c"] |= {"updated-by": [{"DOI": "10.1000/r", "type": "retraction"}]}
    registry.works["10.1000/a"] |= {"title": ["MSC &amp; NK <i>in vitro</i>"]}
    registry.handles.add("10.1000/r")
    before = {
        "A": entry("A", doi="10.1000/a", title="[A study of MSC]", author="", volume=""),
        "B": entry("B", doi="10.1000/none", pmid="5", pages="123--128", author="Adams, A. B."),
        "C": entry("C", doi="10.1000/c"),
        "D": entry("D", doi="10.1000/d", volume="7"),
        "E": entry("E", doi="10.1000/e", title="Another work", volume="7"),
        "F": entry("F", doi="10.1000/f", title="[A study of MSC]", year="2001"),
        "G": entry("G", doi="10.1000/g", year="2001", volume="7"),
    }
    page = trial("NCT00000001", status="recruiting  # seen by hand", start="2019-05")
    bib = "% The works.\n" + "".join(before.values()) + record("NCT00000001", "NCT00000001")
    run = verify(bib, {"trials/NCT00000001.md": page})
    told = run("--fix")
    after = {
        "A": before["A"]
        .replace("{[A study of MSC]}", r"{MSC \& NK \emph{in vitro}}")
        .replace("  title ", "  author      = {Adams, A. B. and Müller, J.-P.},\n  title ")
        .replace("  pages ", "  volume      = {12},\n  pages "),
        "B": before["B"]
        .replace("10.1000/none", "10.1000/b")
        .replace("123--128", "123--129")
        .replace("Adams, A. B.", "Adams, A. B. and others")
        .replace("{5},\n", "{5},\n  pmcid       = {PMC6},\n"),
        "C": before["C"].replace("{10.1000/c},\n", "{10.1000/c},\n  status      = {retracted},\n  notice      = {10.1000/r},\n"),
        "D": before["D"].replace("{7}", "{12}"),
    }
    assert Path(BIB).read_text() == "% The works.\n" + "".join((before | after).values()) + record("NCT00000001", "NCT00000001")
    seen = date.today().isoformat()
    assert Path("docs/trials/NCT00000001.md").read_text() == page.replace("recruiting", "completed").replace(
        "2019-05", "2019-04"
    ).replace("status_seen: 2026-11-23", f"status_seen: {seen}")
    left = [line for line in told.stdout.splitlines() if not line.startswith("mended: ")]
    assert [line[-6:-1] for line in left] == ["KB601", "KB603", "KB601", "KB603", "KB603", "KB603"]
    assert told.stderr.endswith(" 11 mended\n")
    again = run()  # the lines have moved, what is left has not
    assert [line.partition(": ")[2] for line in again.stdout.splitlines()] == [line.partition(": ")[2] for line in left]


def test_fix_writes_nothing_that_the_checker_refuses_and_the_rest_all_the_same(
    verify: Callable[..., Run], registry: Registry
) -> None:
    registry.articles["5"] = pubmed("5", "A work.", "10.1000/b", pmcid="PMC6")
    registry.works["10.1000/c"]["volume"] = "99"
    registry.ids["PMC6"] = {"doi": "10.1000/a"}
    bib = entry("A", pmcid="PMC6", doi="10.1000/a") + entry("B", doi="10.1000/b", pmid="5") + entry("C", doi="10.1000/c")
    told = verify(bib)("--fix")
    assert Path(BIB).read_text() == bib.replace(entry("C", doi="10.1000/c"), entry("C", doi="10.1000/c", volume="99"))
    assert f"{BIB}:16: warning: pmcid is left out; PubMed has 'PMC6'; add it [KB609]\n" in told.stdout
    assert told.stderr.endswith("1 mended\n")


def test_fix_marks_a_retracted_work_although_the_checker_then_asks_what_rests_on_it(
    verify: Callable[..., Run], registry: Registry
) -> None:
    registry.works["10.1000/a"] |= {"updated-by": [{"DOI": "10.1000/r", "type": "retraction"}]}
    claim = (
        "---\ntitle: M\ndescription: D.\nclaims:\n  - id: a-b\n    statement: MSC slow NK cells.\n"
        "    supports:\n      - {source: A, locator: Abstract}\n---\n\nText [@A].\n"
    )
    run = verify(entry("A", doi="10.1000/a"), {"about/methods.md": claim})
    assert run("--fix").stdout.startswith(f"mended: {BIB}:1: 'A' is not marked as retracted")
    assert "status      = {retracted}" in Path(BIB).read_text()


def test_a_field_over_several_lines_is_left_to_a_person(verify: Callable[..., Run]) -> None:
    bib = entry("A", doi="10.1000/a", volume="7").replace("{7}", "{\n    7}")
    told = verify(bib)("--fix")
    assert Path(BIB).read_text() == bib
    assert told.stdout == f"{BIB}:6: volume '7' is not that of the record (Crossref: '12'); correct it [KB603]\n"


def test_line_ends_stay(verify: Callable[..., Run]) -> None:
    run = verify(entry("A", doi="10.1000/a", volume="7"))
    before = Path(BIB).read_bytes().replace(b"\n", b"\r\n")
    Path(BIB).write_bytes(before)
    run("--fix")
    assert Path(BIB).read_bytes() == before.replace(b"{7}", b"{12}")


def test_help_names_the_exit_statuses(verify: Callable[..., Run]) -> None:
    words = " ".join(verify("")("--help").stdout.split())
    assert "The exit status is 1 when something differs, else 3 when something was not answered, else 0." in words
