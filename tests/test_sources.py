"""The network as a contributor meets it: slow, busy, broken or wrong; each ends in one clear line and nothing half kept."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree

from kb.cleaning import clean
from kb.sources import GIVES_UP, SERVICES, NoAnswer, Sources
from kb.works import Work, from_crossref, from_pubmed
from tests.conftest import ROOT
from tests.registry import HTML, JSON, XML, Answer, Registry, crossref, pubmed, study

DOI = "10.1000/exa(1)mple_2"


@pytest.fixture
def registry() -> Iterator[Registry]:
    """Two works, a trial, and a server that has them."""
    server = Registry()
    server.works[DOI] = crossref(DOI, "A work")
    server.articles["11111111"] = pubmed("11111111", "A work.", DOI)
    server.studies["NCT00000001"] = study("NCT00000001", "A trial")
    yield server
    server.close()


@pytest.fixture
def ask(registry: Registry, tmp_path: Path) -> Iterator[Callable[..., Sources]]:
    """Open the services: ask(timeout=0.2)."""
    opened: list[Sources] = []

    def open_one(**options: object) -> Sources:
        opened.append(Sources(tmp_path / "cache", base=registry.address, **options))
        return opened[-1]

    yield open_one
    for sources in opened:
        sources.close()


def test_a_busy_server_is_asked_again_when_it_says_so(registry: Registry, ask: Callable[..., Sources]) -> None:
    registry.faults["/crossref"] = [
        Answer(429, headers={"Retry-After": "1"}),
        Answer(503, headers={"Retry-After": "1"}),
        Answer(500),
    ]
    begun = time.monotonic()
    record = ask().crossref(DOI)
    assert record is not None
    assert record["title"] == ["A work"]
    assert len(registry.asked) == 4
    assert time.monotonic() - begun >= 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Answer(500), "Crossref answers 500"),
        (Answer(429), "Crossref answers 429"),
        (Answer(403, "no"), "Crossref answers 403"),
        (Answer(body='{"message": {"title": ["A', missing=40), "Crossref gives no answer (the answer breaks off)"),
        (Answer(delay=1), "Crossref gives no answer (silent for too long)"),
        (Answer(302, headers={"Location": "/crossref/works/x"}), "Crossref gives no answer (more than 5 redirects)"),
        (Answer(503, headers={"Retry-After": "soon"}), "Crossref gives no answer (InvalidHeader)"),
    ],
)
def test_a_server_that_stays_broken_is_named_with_the_reason(
    registry: Registry, ask: Callable[..., Sources], fault: Answer, said: str
) -> None:
    registry.faults["/crossref"] = [fault] * 20
    with pytest.raises(NoAnswer, match=re.escape(said)):
        ask(timeout=0.2).crossref(DOI)
    registry.faults.clear()
    assert ask(timeout=5).crossref(DOI) is not None  # nothing of the failure was kept


@pytest.mark.parametrize(
    "body",
    ['{"message": {"title": ["A', "<html>We are sorry</html>", "[]", '{"status": "ok"}', '{"message": []}', "", "\x00", "null"],
)
def test_a_malformed_record_is_no_answer_and_is_not_kept(registry: Registry, ask: Callable[..., Sources], body: str) -> None:
    registry.faults["/crossref"] = [Answer(body=body, kind=JSON)]
    with pytest.raises(NoAnswer, match="Crossref answers with what is no record"):
        ask().crossref(DOI)
    assert ask().crossref(DOI) is not None


@pytest.mark.parametrize("body", ["<PubmedArticleSet><Pub", "{}", "", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_a_malformed_article_is_no_answer(registry: Registry, ask: Callable[..., Sources], body: str) -> None:
    registry.faults["/pubmed"] = [Answer(body=body, kind=XML)]
    sources = ask()
    if body.endswith("</a>"):
        assert sources.pubmed("11111111") is None
    else:
        with pytest.raises(NoAnswer, match="PubMed answers with what is no record"):
            sources.pubmed("11111111")


def test_a_truncated_body_is_asked_for_again(registry: Registry, ask: Callable[..., Sources]) -> None:
    registry.faults["/trials"] = [Answer(body='{"protocolSection": {}}', missing=10)]
    found = ask().study("NCT00000001")
    assert found is not None
    assert found["identificationModule"]["nctId"] == "NCT00000001"
    assert len(registry.asked) == 2


def test_an_unknown_identifier_is_none_everywhere(registry: Registry, ask: Callable[..., Sources]) -> None:
    sources = ask()
    assert sources.crossref("10.1000/none") is None
    assert sources.pubmed("404") is None
    assert sources.study("NCT99999999") is None
    assert sources.article_ids("PMC1") == {}
    assert sources.pubmed_numbers("10.1000/none") == []
    assert not sources.is_registered("10.1000/none")


def test_answers_are_remembered_across_runs_also_that_there_is_none(registry: Registry, ask: Callable[..., Sources]) -> None:
    for _ in range(2):
        sources = ask()
        assert sources.crossref(DOI) is not None
        assert sources.crossref("10.1000/none") is None
        sources.close()
    assert len(registry.asked) == 2
    assert ask(fresh=True).crossref(DOI) is not None
    assert len(registry.asked) == 3


def test_a_damaged_memory_is_made_anew(registry: Registry, ask: Callable[..., Sources], tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "answers.sqlite").write_bytes(b"not a database" * 100)
    assert ask().crossref(DOI) is not None


def test_a_host_that_fails_again_and_again_is_left_alone(registry: Registry, ask: Callable[..., Sources]) -> None:
    registry.faults["/crossref"] = [Answer(500)] * 100
    sources = ask()
    for number in range(GIVES_UP + 3):
        with pytest.raises(NoAnswer):
            sources.crossref(f"10.1000/{number}")
    assert {path for path in registry.paths("works")} == {f"/crossref/works/10.1000/{number}" for number in range(GIVES_UP)}
    with pytest.raises(NoAnswer, match="in succession and was left alone"):
        sources.crossref(DOI)
    assert sources.study("NCT00000001") is not None  # the others are asked all the same


def test_who_asks_is_told_and_never_forged(registry: Registry, ask: Callable[..., Sources], tmp_path: Path) -> None:
    ask(contact="a.b@example.org").pubmed("11111111")
    _, path, headers = registry.asked[-1]
    assert headers["User-Agent"] == "msc-nk-kb (mailto:a.b@example.org)"
    assert "email=a.b%40example.org" in path
    for forged in ("a@example.org\r\nX: y", "a@example.org) (b", "nobody"):
        with pytest.raises(ValueError, match="is not an e-mail address; set KB_CONTACT to yours"):
            Sources(tmp_path, contact=forged)


def test_questions_to_one_host_keep_their_distance(registry: Registry, tmp_path: Path) -> None:
    sources = Sources(tmp_path / "cache")  # paced as against the world, with links of this machine
    begun = time.monotonic()
    assert sources.is_alive(f"{registry.address}/web/a")
    assert sources.is_alive(f"{registry.address}/web/b")
    assert time.monotonic() - begun >= 1
    sources.close()
    assert {name: 1 / service.interval for name, service in SERVICES.items()} == pytest.approx(
        {"crossref": 5, "pubmed": 2.5, "pmc": 2.5, "trials": 0.77, "handle": 5}, abs=0.01
    )  # per second: below 10, 3, 3, 0.83 (50 a minute) and what a handle server bears


def test_links(registry: Registry, ask: Callable[..., Sources]) -> None:
    registry.links = {"gone": 410, "missing": 404, "closed": 403, "old": 301}
    registry.faults["/web/moved"] = [Answer(301, headers={"Location": "/web/here"})]
    registry.faults["/web/no-head"] = [Answer(405, kind=HTML), Answer(200, "<p>x</p>", HTML)]
    sources = ask()
    assert sources.is_alive(f"{registry.address}/web/fine")
    assert sources.is_alive(f"{registry.address}/web/moved")
    assert sources.is_alive(f"{registry.address}/web/no-head")
    assert not sources.is_alive(f"{registry.address}/web/gone")
    assert not sources.is_alive(f"{registry.address}/web/missing")
    with pytest.raises(NoAnswer, match="answers 403"):
        sources.is_alive(f"{registry.address}/web/closed")
    registry.faults["/web/away"] = [Answer(302, headers={"Location": "file:///etc/passwd"})]
    with pytest.raises(NoAnswer, match="InvalidSchema"):
        sources.is_alive(f"{registry.address}/web/away")
    for broken in ("http://[bad", "https://", "http://a..b/", "http://exa mple/"):
        with pytest.raises(NoAnswer, match="gives no answer"):
            sources.is_alive(broken)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(NoAnswer, match="no connection"):
            sources.is_alive(f"http://127.0.0.1:{unused.getsockname()[1]}/")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("IFN-&#947; &amp;amp; <i>in vitro</i>", "IFN-γ & <i>in vitro</i>"),
        ("&lt;i&gt;NK&lt;/i&gt; cells", "<i>NK</i> cells"),
        ("<jats:italic>A</jats:italic><jats:sup>+</jats:sup>", "<i>A</i><sup>+</sup>"),
        ("TGF-<mml:math><mml:mrow><mml:mi>β</mml:mi></mml:mrow></mml:math>1", "TGF-β1"),
        ("<inline-formula><tex-math>$\\beta$</tex-math></inline-formula>A", "A"),
        ("a <script>alert(1)</script><img src=x onerror=y>b", "a b"),
        ("half <i>a tag", "half a tag"),
        ("<i>cross<sup>ed</i></sup>", "crossed"),
        ("p < 0.05 and 3 > 2", "p < 0.05 and 3 > 2"),
        ("a\u202eb\u200b\x00c\u2028d\n e", "ab c d e"),
        ("e\u0301", "é"),
        (None, ""),
        (["list"], ""),
    ],
)
def test_text_from_outside_carries_no_markup_and_no_control_characters(raw: object, expected: str) -> None:
    assert clean(raw) == expected


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"title": None, "author": None, "issued": None, "page": None},
        {"title": [], "author": [], "issued": {"date-parts": [[None]]}, "updated-by": []},
        {"title": [None], "author": [None, "x", {}], "issued": {"date-parts": []}, "updated-by": [{"type": None}]},
        {"title": "text", "author": {"family": "A"}, "issued": {"date-parts": "2020"}, "volume": 12, "type": 3},
    ],
)
def test_a_record_with_missing_or_strange_fields_is_a_work_with_empty_ones(record: dict[str, object]) -> None:
    work = from_crossref(record)
    assert (work.authors, work.years, work.pages, work.state) == ((), (), (), ("", ""))


def _article(xml: str) -> Work:
    return from_pubmed(etree.fromstring(xml))


def test_names_of_people_and_consortia() -> None:
    work = from_crossref(
        crossref(
            DOI,
            "A",
            author=[
                {"family": "Núñez-Ørsted", "given": "Ö."},
                {"name": "The <b>Example</b> Consortium"},
                {"given": "Mono"},
                {"family": "王", "given": "小明"},
                {"family": "Haluska", "given": "P. J.", "suffix": "Jr"},
            ],
        )
    )
    assert work.authors == (
        ("Núñez-Ørsted", "Ö."),
        ("The Example Consortium", ""),
        ("Mono", ""),
        ("王", "小明"),
        ("Haluska Jr", "P. J."),
    )
    listed = "<Author><CollectiveName>Example Group</CollectiveName></Author>"
    listed += "<Author><LastName>Li</LastName><Initials>X</Initials></Author>"
    assert _article(pubmed("1", "A.", authors=listed)).authors == (("Example Group", ""), ("Li", "X"))


def test_article_of_pubmed() -> None:
    comments = (
        '<CommentsCorrections RefType="ErratumIn"><RefSource>J Ex. 2021;1:2</RefSource><PMID>7</PMID></CommentsCorrections>'
        '<CommentsCorrections RefType="RetractionIn"><RefSource>J Ex. 2022;3. doi: 10.1000/R.</RefSource></CommentsCorrections>'
        '<CommentsCorrections RefType="CommentIn"><PMID>8</PMID></CommentsCorrections>'
    )
    work = _article(
        pubmed(
            "5", "[Killer <i>cells</i> &amp; CD4<sup>+</sup>.]", "10.1000/ABC", comments=comments, types="Review|Meta-Analysis"
        )
    )
    assert work.title == "Killer <i>cells</i> & CD4<sup>+</sup>"
    assert (work.doi, work.years, work.pages, work.state) == ("10.1000/abc", ("2020",), ("123-9",), ("retracted", "10.1000/r"))
    assert work.designs == ("meta-analysis", "narrative review")
    assert _article(pubmed("5", "A", year="<MedlineDate>2003 Nov-Dec</MedlineDate>")).years == ("2003",)
    assert _article("<PubmedArticle/>").title == ""


def test_states_of_crossref_with_those_of_retraction_watch() -> None:
    updates = [
        {"DOI": "10.1000/c", "type": "correction", "label": "Correction", "source": "publisher"},
        {"DOI": "10.1000/R", "type": "retraction", "label": "Retraction", "source": "retraction-watch", "record-id": 1},
        {"DOI": "10.1000/v", "type": "new_version", "source": "publisher"},
    ]
    work = from_crossref(crossref(DOI, "A", updated_by=updates))
    assert work.state == ("retracted", "10.1000/r")
    notice = from_crossref(crossref("10.1000/r", "Retraction: A", update_to=[{"DOI": DOI, "type": "retraction"}]))
    assert (notice.state, notice.notice_of) == (("", ""), (("retracted", DOI),))
    concern = from_crossref(crossref(DOI, "A", updated_by=[{"DOI": "10.1000/e", "type": "expression_of_concern"}]))
    assert concern.state == ("concern", "10.1000/e")


def test_only_the_commands_that_need_the_network_can_use_it() -> None:
    modules = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / "kb").glob("*.py")}
    library = re.compile(r"(?m)^\s*(?:import|from) (?:requests|urllib3|urllib\.request|http\.client|socket)")
    reach = {name for name, text in modules.items() if library.search(text)}
    assert reach == {"sources", "transport"}
    while more := {name for name, text in modules.items() if set(re.findall(r"(?m)^from kb\.(\w+)", text)) & reach} - reach:
        reach |= more
    assert reach - {"sources", "transport"} == {
        *("lookup", "adding", "adding_trials", "add_command"),
        *("verify", "mending", "verify_command"),
    }
