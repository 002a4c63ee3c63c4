"""`kb add`: what a contributor types, sees, and finds in the files; and that nothing is written when anything is wrong."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from kb.adding import identifier, make_key
from kb.bibliography import parse_bibliography
from kb.bibtext import bib_names, escaped, full_range
from kb.pages import parse_page
from kb.validation import validate
from kb.works import Work
from kb.writing import Refused
from tests.registry import Answer, Registry, Run, crossref, pubmed, runner, study

DOI = "10.1000/new.1"
BIB = "bib/references.bib"


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A server with one work in both services, and one trial."""
    server = Registry()
    server.works[DOI] = crossref(DOI, "NK cells and MSC")
    server.articles["123"] = pubmed("123", "NK cells and MSC.", DOI, pmcid="PMC99", types="Journal Article|Review")
    server.ids["PMC99"] = {"doi": DOI, "pmid": "123"}
    server.studies["NCT01234567"] = study("NCT01234567", "MSC in <b>GVHD</b>: a trial")
    yield server
    server.close()


@pytest.fixture
def root(project: Callable[..., Path]) -> Path:
    return project()


@pytest.fixture
def kb(root: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(root, registry, monkeypatch, capsys)


def contents(root: Path) -> dict[str, bytes]:
    """Every file below docs and bib, to see that nothing changed; also files left behind."""
    return {str(file): file.read_bytes() for name in ("docs", "bib") for file in (root / name).rglob("*") if file.is_file()}


ENTRY = f"""@article{{Adams2020,
  author      = {{Adams, A. B. and Müller, J.-P.}},
  title       = {{NK cells and MSC}},
  journal     = {{Journal of Examples}},
  year        = {{2020}},
  volume      = {{12}},
  number      = {{3}},
  pages       = {{123--129}},
  doi         = {{{DOI}}},
  pmid        = {{123}},
  pmcid       = {{PMC99}},
  studydesign = {{in vitro, animal}},
  species     = {{mouse}},
  seenat      = {{https://api.crossref.org/works/{DOI} https://pubmed.ncbi.nlm.nih.gov/123/}},
  seenon      = {{{date.today().isoformat()}}},
  confirmed   = {{primary}},
}}
"""


@pytest.mark.parametrize("asked", [DOI, f"https://doi.org/{DOI.upper()}", "doi: 10.1000%2Fnew.1", "123", "PMID: 123", "pmc99"])
def test_a_work_is_added_complete_in_its_place_and_nothing_else_is_touched(kb: Run, root: Path, asked: str) -> None:
    before = (root / BIB).read_text()
    run = kb("add", "reference", asked, "--design", "in vitro, animal", "--species", "mouse")
    assert run.returncode == 0, run.stderr
    assert run.stdout == ENTRY
    assert run.stderr.endswith("kb add: added to bib/references.bib; cite it as [@Adams2020]\n")
    assert "kb add: asking Crossref\n" in run.stderr
    place = before.index("@article{Brown2002")
    assert (root / BIB).read_text() == f"{before[:place]}{ENTRY}\n{before[place:]}"
    assert kb("check").stdout.endswith("'Adams2020' is not cited on any page; cite it or remove it [KB222]\n")
    again = kb("add", "reference", asked, "--design", "in vitro")
    assert again.returncode == 1
    assert re.fullmatch(
        rf"{BIB}:\d+: \w+ '.+' is that of \[@Adams2020\]; cite it instead of adding it again \[KB212\]\n", again.stdout
    )


def test_line_ends_and_mark_of_the_file_stay(kb: Run, root: Path) -> None:
    before = b"\xef\xbb\xbf" + (root / BIB).read_bytes().replace(b"\n", b"\r\n")
    (root / BIB).write_bytes(before)
    assert kb("add", "reference", DOI, "--design", "in vitro, animal", "--species", "mouse").returncode == 0
    place = before.index(b"@article{Brown2002")
    assert (root / BIB).read_bytes() == before[:place] + ENTRY.encode().replace(b"\n", b"\r\n") + b"\r\n" + before[place:]


@pytest.mark.parametrize(("key", "neighbour"), [("Aaa2020", "@article{Adams2001"), ("Zzz2020", "")])
def test_the_first_and_the_last_place(kb: Run, root: Path, key: str, neighbour: str) -> None:
    before = (root / BIB).read_text()
    assert kb("add", "reference", DOI, "--design", "in vitro", "--key", key).returncode == 0
    after = (root / BIB).read_text()
    assert (
        (after.startswith(f"@article{{{key},") and after.endswith(f"\n}}\n\n{before}"))
        if neighbour
        else after.startswith(f"{before}\n@article{{{key},")
    )
    assert kb("check").returncode == 0


def test_what_a_record_must_not_carry_does_not_reach_the_bibliography(kb: Run, registry: Registry, root: Path) -> None:
    registry.articles.clear()
    registry.works[DOI] = crossref(
        DOI,
        "MSC &lt;i&gt;in vivo&lt;/i&gt;: CD4<sup>+</sup> &amp;amp; <mml:math><mml:mi>β</mml:mi></mml:math>"
        "<script>x</script>{a} 5% in_vitro\n \u202e$x$ \\alpha",
        author=[
            {"family": "van der Berg", "given": "Jean-Pierre A"},
            {"name": "The <b>Exa</b> and {Consortium}"},
            {"family": "Ørsted, X", "given": "Ö."},
        ],
        page="S12-9",
        volume=None,
    )
    run = kb("add", "reference", DOI, "--design", "in vitro")
    assert run.returncode == 0, run.stderr
    entry = parse_bibliography(BIB, (root / BIB).read_bytes()).by_key()["VanDerBerg2020"]
    assert entry.get("title") == "MSC <i>in vivo</i>: CD4<sup>+</sup> & β(a) 5% in_vitro $x$ alpha"
    assert entry.authors == [("van der Berg", "J.-P. A."), ("The Exa and Consortium", ""), ("Ørsted X", "Ö.")]
    assert (entry.get("pages"), "volume" in entry.fields) == ("S12--S19", False)
    assert kb("check").returncode == 0


def test_a_marked_work_is_added_with_its_state(kb: Run, registry: Registry, root: Path) -> None:
    update = {"DOI": "10.1000/R", "type": "retraction", "source": "retraction-watch"}
    registry.works[DOI] = crossref(DOI, "RETRACTED: NK cells and MSC", updated_by=[update])
    run = kb("add", "reference", DOI, "--design", "in vitro")
    assert "kb add: this work is marked as retracted; the notice is 10.1000/r\n" in run.stderr
    entry = parse_bibliography(BIB, (root / BIB).read_bytes()).by_key()["Adams2020"]
    assert (entry.get("status"), entry.get("notice")) == ("retracted", "10.1000/r")


def test_a_notice_names_the_entry_to_mark(kb: Run, registry: Registry) -> None:
    registry.works[DOI] = crossref(DOI, "Correction to: IFN-γ", update_to=[{"DOI": "10.1000/exa(1)mple_2", "type": "correction"}])
    run = kb("add", "reference", DOI, "--design", "notice")
    assert "kb add: this work is a notice about 10.1000/exa(1)mple_2; mark [@Adams2001] with it\n" in run.stderr


def test_a_registration_is_added_without_a_design(kb: Run, root: Path) -> None:
    assert kb("add", "reference", "nct01234567").returncode == 0
    entry = parse_bibliography(BIB, (root / BIB).read_bytes()).by_key()["NCT01234567"]
    assert entry.get("title") == "MSC in GVHD: a trial, as registered"
    assert (entry.get("registryid"), entry.get("studydesign"), entry.get("year")) == ("NCT01234567", "registry record", "2019")
    assert kb("check").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("reference", "Adams2001"),
            "'Adams2001' is no identifier that can be looked up; give a DOI, PMID,",
        ),
        (("reference", "10.1000/none"), "doi '10.1000/none' does not exist; correct it"),
        (("reference", "404"), "pmid '404' is not known to PubMed; correct it"),
        (("reference", "PMC404"), "pmcid 'PMC404' is not known to PMC; correct it"),
        (
            ("reference", "10.1000/data"),
            "doi '10.1000/data': it exists, but neither Crossref nor PubMed has it",
        ),
        (("reference", "NCT99999999"), "'NCT99999999' is not known to ClinicalTrials.gov; correct it"),
        (("reference", DOI), "--design is missing; give one of randomised trial, non-randomised trial, single-arm trial,"),
        (("reference", DOI), "(PubMed suggests narrative review)"),
        (("reference", DOI, "--design", "in-vitro"), "--design 'in-vitro' is not known; did you mean 'in vitro'?"),
        (
            ("reference", DOI, "--design", "in vitro", "--key", "adams2001"),
            "key 'adams2001' is already used; choose another",
        ),
        (("reference", DOI, "--design", "in vitro", "--key", "Smith:2020"), "key 'Smith:2020' cannot be cited"),
        (
            ("reference", "10.1000/wrong", "--design", "cohort"),
            "doi '10.1000/wrong' was answered with the record of '10.1000/other'",
        ),
        (("reference", "124", "--design", "cohort"), "pmid '124' was answered with the record of '999'; correct it"),
        (("reference", "NCT00000009"), "'NCT00000009' was answered with the record of 'NCT00000008'; correct it"),
        (
            ("reference", "10.1000/untitled", "--design", "cohort"),
            "the record of '10.1000/untitled' has no title",
        ),
        (
            ("reference", "10.1000/王", "--design", "cohort"),
            "a key cannot be made from author and year of this record",
        ),
        (
            ("reference", "10.1000/nojournal", "--design", "cohort"),
            "'journal' is missing in 'Adams2020'",
        ),
        (("trial", DOI), f"'{DOI}' is no number of ClinicalTrials.gov; write the page of another trial by hand"),
        (("trial", "NCT01234567"), "--cells is missing; give one of MSC, NK, MSC-EV, NK-EV"),
        (("trial", "NCT01234567", "--cells", "MSC,NKK"), "--cells 'NKK' is not known; did you mean 'NK'?"),
        (("trial", "NCT01234567", "--cells", "MSC"), "--disease is missing; give one of acute GVHD, chronic GVHD,"),
        (("claim", "idex.md"), "no page 'idex.md'; did you mean 'index.md'?"),
        (("claim", "index.md", "--source", "Adams2002"), "no work 'Adams2002' in the bibliography; did you mean 'Adams2001'?"),
        (
            ("claim", "about/methods.md", "--source", "Brown2002"),
            "docs/about/methods.md does not cite [@Brown2002]",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(
    kb: Run, registry: Registry, root: Path, arguments: tuple[str, ...], said: str
) -> None:
    registry.handles.add("10.1000/data")
    registry.works["10.1000/wrong"] = crossref("10.1000/other", "Another work")
    registry.works["10.1000/untitled"] = crossref("10.1000/untitled", "")
    registry.works["10.1000/王"] = crossref("10.1000/王", "A work", author=[{"family": "王", "given": "小明"}])
    registry.works["10.1000/nojournal"] = crossref("10.1000/nojournal", "A work", container_title=[])
    registry.articles["124"] = pubmed("999", "Another work")
    registry.studies["NCT00000009"] = study("NCT00000008", "Another trial")
    before = contents(root)
    run = kb("add", *arguments)
    assert run.returncode == 1
    assert said in run.stdout + run.stderr
    assert run.stderr.endswith("; nothing was written\n")
    assert "Traceback" not in run.stderr
    assert contents(root) == before


@pytest.mark.parametrize(
    ("service", "fault", "said"),
    [
        ("/crossref", Answer(500), "Crossref answers 500; a complete entry needs it: try again later"),
        (
            "/pubmed",
            Answer(body="{", missing=9),
            "PubMed gives no answer (the answer breaks off)",
        ),
        ("/crossref", Answer(body='{"message": 1}'), "Crossref answers with what is no record (no 'message')"),
        ("/", Answer(503), "Crossref answers 503"),
        ("/", Answer(delay=1), "gives no answer (silent for too long)"),
    ],
)
def test_a_service_without_answer_leaves_everything_as_it_was(
    kb: Run, registry: Registry, root: Path, service: str, fault: Answer, said: str
) -> None:
    registry.faults[service] = [fault] * 30
    before = contents(root)
    run = kb("add", "reference", "PMC99" if fault.status == 500 else DOI, "--design", "in vitro", "--timeout", "0.3")
    assert run.returncode == 1
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert contents(root) == before


def test_a_bibliography_that_cannot_be_read_is_left_alone(kb: Run, root: Path) -> None:
    (root / BIB).write_text((root / BIB).read_text() + "@article{Broken,\n")
    before = contents(root)
    run = kb("add", "reference", DOI, "--design", "in vitro")
    assert (run.returncode, "cannot be read as an entry" in run.stdout) == (1, True)
    assert contents(root) == before


def test_a_dry_run_shows_the_entry_and_writes_nothing(kb: Run, root: Path) -> None:
    before = contents(root)
    run = kb("add", "reference", DOI, "--design", "in vitro, animal", "--species", "mouse", "--dry-run")
    assert (run.returncode, run.stdout) == (0, ENTRY)
    assert contents(root) == before


def test_at_a_terminal_the_design_is_asked_for(registry: Registry, root: Path) -> None:
    inside, outside = pty.openpty()
    command = [sys.executable, "-m", "kb", "add", "reference", DOI]
    environment = {**os.environ, "KB_SOURCES": registry.address}
    run = subprocess.Popen(
        command, cwd=root, env=environment, stdin=outside, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    os.write(inside, b"wrong\n99\n7\n")
    out, err = run.communicate(timeout=60)
    os.close(inside)
    os.close(outside)
    assert run.returncode == 0, err
    assert "  7 in vitro\n" in err
    assert err.count("design (PubMed suggests narrative review): ") == 3
    assert "studydesign = {in vitro}" in out


def test_a_trial_page_is_written_with_its_entry(kb: Run, root: Path) -> None:
    run = kb("add", "trial", "NCT01234567", "--cells", "MSC, NK", "--disease", "acute GVHD")
    assert run.returncode == 0, run.stderr
    file = root / "docs" / "trials" / "NCT01234567.md"
    meta, problems = validate(parse_page("trials/NCT01234567.md", "", file.read_bytes()))
    assert problems == []
    assert meta is not None
    trial = meta.trial
    assert trial is not None
    assert (trial.cells, trial.phase, trial.design, trial.masking) == (["MSC", "NK"], "1/2", "randomised", "double-blind")
    assert (trial.status, trial.n, trial.n_planned, trial.start, trial.end) == ("completed", 40, None, "2019-04", "2022-01-31")
    assert (trial.purpose, trial.tissue_source, trial.country) == ("treatment", "not stated", ["France", "Türkiye"])
    assert [(arm.name, arm.treatment) for arm in trial.arms] == [("MSC", "MSC from marrow"), ("Placebo", None)]
    assert (trial.status_seen, trial.sources) == (date.today(), ["NCT01234567"])
    assert "<b>" not in file.read_text()
    check = kb("check")
    assert (check.returncode, check.stdout) == (0, "")
    again = kb("add", "trial", "NCT01234567", "--cells", "MSC", "--disease", "acute GVHD")
    there = "docs/trials/NCT01234567.md"
    assert again.stdout == f"{there}:5: registry id 'NCT01234567' is already in {there}; keep one page [KB411]\n"


def test_a_trial_page_uses_the_entry_that_is_there(kb: Run, registry: Registry, root: Path) -> None:
    planned = {"studyType": "INTERVENTIONAL", "phases": ["NA"], "enrollmentInfo": {"count": 12, "type": "ESTIMATED"}}
    registry.studies["NCT00000001"] = study("NCT00000001", "An example trial", designModule=planned, conditionsModule={})
    before = (root / BIB).read_bytes()
    assert "--purpose is missing" in kb("add", "trial", "NCT00000001", "--cells", "MSC", "--disease", "lung").stderr
    run = kb("add", "trial", "NCT00000001", "--cells", "MSC", "--disease", "lung", "--purpose", "support", "--tissue", "placenta")
    assert run.returncode == 0, run.stderr
    assert (root / BIB).read_bytes() == before
    text = (root / "docs" / "trials" / "NCT00000001.md").read_text()
    assert all(
        line in text
        for line in ("  n_planned: 12\n", "  phase: not given\n", "  design: not stated\n", "  tissue_source: placenta\n")
    )
    assert kb("check").returncode == 0


def test_a_status_that_is_no_word_of_ours_is_refused_and_the_entry_is_not_written_either(
    kb: Run, registry: Registry, root: Path
) -> None:
    registry.studies["NCT01234567"] = study("NCT01234567", "A trial", statusModule={"overallStatus": "WITHHELD"})
    before = contents(root)
    run = kb("add", "trial", "NCT01234567", "--cells", "MSC", "--disease", "lung")
    assert run.returncode == 1
    assert re.search(r"docs/trials/NCT01234567.md:\d+: status: 'withheld' is not known here; .* \[KB104\]\n", run.stdout)
    assert contents(root) == before


CLAIM = ("--id", "a-claim", "--statement", "MSC slow NK cells: a test", "--source", "Adams2001", "--locator", "Abstract")


def test_a_claim_is_added_at_the_end_of_the_list(kb: Run, root: Path) -> None:
    page = root / "docs" / "index.md"
    before = page.read_text()
    assert kb("add", "claim", "index.md", *CLAIM).returncode == 0
    one = """claims:
  - id: a-claim
    statement: 'MSC slow NK cells: a test'
    supports:
      - source: Adams2001
        locator: Abstract
---
"""
    assert page.read_text() == before.replace("review_due: 2027-05-23\n---\n", f"review_due: 2027-05-23\n{one}")
    assert (kb("check").returncode, kb("check").stdout) == (0, "")
    with_more = page.read_text().replace("---\n\nStromal", "acknowledged: []  # none\n---\n\nStromal")
    page.write_text(with_more)
    second = ("--actor", "MSC", "--target", "NK", "--factor", "IDO", "--effect", "decreases", "--outcome", "proliferation")
    run = kb("add", "claim", "docs/index.md", *CLAIM, "--id", "b-claim", *second)
    assert run.returncode == 0, run.stdout + run.stderr
    added = [line for line in page.read_text().split("\n") if line not in with_more.split("\n")]
    assert added[:2] == ["  - id: b-claim", "    interaction:"]
    assert page.read_text().index("b-claim") < page.read_text().index("acknowledged")
    assert kb("check").returncode == 0


def test_a_claim_that_is_not_filled_in_stands_open_and_the_checker_asks_for_it(kb: Run, root: Path) -> None:
    run = kb("add", "claim", "index.md", "--source", "Adams2001", "--id", "a-claim", "--interaction")
    assert run.returncode == 0, run.stderr
    open_lines = re.findall(r"docs/index.md:(\d+): fill in '(\w+)'", run.stdout)
    assert [name for _, name in open_lines] == ["statement", "actor", "target", "factor", "effect", "outcome", "locator"]
    asked = kb("check").stdout
    assert re.findall(r"docs/index.md:(\d+): (\w+): .* \[KB104\]", asked) == open_lines


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            (*CLAIM[:6], "--locator", "Abstract", "--id", "A claim"),
            "docs/index.md:11: id: 'A claim' is not valid;",
        ),
        ((*CLAIM, "--actor", "MSC"), None),
    ],
)
def test_a_claim_that_the_checker_refuses_is_not_written(
    kb: Run, root: Path, arguments: tuple[str, ...], said: str | None
) -> None:
    before = contents(root)
    run = kb("add", "claim", "index.md", *arguments)
    if said:
        assert (run.returncode, said in run.stdout, contents(root) == before) == (1, True, True)
    else:
        assert (run.returncode, "fill in 'target'" in run.stdout) == (0, True)


def test_a_claim_id_that_is_taken_and_a_list_on_one_line_are_refused(kb: Run, root: Path) -> None:
    assert kb("add", "claim", "index.md", *CLAIM).returncode == 0
    run = kb("add", "claim", "index.md", *CLAIM)
    assert run.stdout == "docs/index.md:11: claim id 'a-claim' is already used; choose another [KB401]\n"
    page = root / "docs" / "about" / "methods.md"
    page.write_text(page.read_text().replace("---\n", "---\nclaims: []\n", 1) + "\nText [@Adams2001].\n")
    before = contents(root)
    run = kb("add", "claim", "about/methods.md", *CLAIM, "--id", "b-claim")
    assert run.stdout.startswith("docs/about/methods.md:2: 'claims' is not a list with one item a line;")
    assert contents(root) == before


@pytest.mark.parametrize("what", [(), ("reference",), ("trial",), ("claim",)])
def test_help(kb: Run, what: tuple[str, ...]) -> None:
    run = kb("add", *what, "--help")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"usage: {' '.join(['kb', 'add', *what])} ")


@pytest.mark.parametrize("text", ["", "10.1000/", "10.1000/a b", "NCT123", "0123", "PMC", "javascript:1", "10.1000/{a}"])
def test_what_is_no_identifier(text: str) -> None:
    with pytest.raises(Refused, match="is no identifier that can be looked up"):
        identifier(text)


def test_keys() -> None:
    work = Work("", "", title="The role of exosomes in mice", authors=(("Núñez-Ørsted", "Ö."),), years=("2020",))
    assert make_key(work, set()) == "Nunez-Orsted2020"
    assert make_key(work, {"nunez-orsted2020"}) == "Nunez-Orsted2020role"
    assert make_key(work, {"nunez-orsted2020", "nunez-orsted2020role"}) == "Nunez-Orsted2020exosomes"
    with pytest.raises(Refused, match="with every word of the title too"):
        make_key(work, {f"nunez-orsted2020{word}" for word in ("", "role", "exosomes", "mice")})
    assert (
        make_key(Work("", "", title="A", authors=(("The Example Group", ""),), years=("2020",)), set()) == "TheExampleGroup2020"
    )


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ("123-9", "123--129"),
        ("123–129", "123--129"),
        ("123-129.e4", "123--129"),
        ("12-9; discussion 20", "12--19"),
        ("S12-9", "S12--S19"),
        ("e1004", "e1004"),
        ("49", "49"),
        ("7-7", "7"),
        ("977353", "977353"),
    ],
)
def test_pages_in_full(pages: str, expected: str) -> None:
    assert full_range(pages) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (("Adams", "Anna B"), "Adams, A. B."),
        (("Müller", "Jean-Pierre"), "Müller, J.-P."),
        (("Li", "XY"), "Li, X. Y."),
        (("Li", "X.Y."), "Li, X. Y."),
        (("Example & Group", ""), "{Example \\& Group}"),
        (("Sand and Sea", "A."), "{Sand and Sea}, A."),
        (("王", "小明"), "王, 小."),
    ],
)
def test_names_as_bibtex(name: tuple[str, str], expected: str) -> None:
    assert bib_names([name]) == expected


def test_text_as_bibtex() -> None:
    assert escaped("a<sup>+</sup> {b} 5% ~ c\\d") == "a\\textsuperscript{+} (b) 5\\% ∼ cd"
