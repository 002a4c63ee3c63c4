"""The workflows of GitHub as far as they can be tried without GitHub: every step that needs no service of it is run.

`make test` also lints them (actionlint), looks for what is unsafe (zizmor) and checks the forms (.pre-commit-config.yaml).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from kb.vocabulary import CELLS, EFFECTS
from tests.conftest import ROOT, small_project
from tests.test_records import CLAIMS, TRIAL

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CONTEXT = {
    "github.server_url": "https://github.com",
    "github.repository": "somebody/a-fork",
    "github.repository_owner": "somebody",
    "github.event.repository.name": "a-fork",
    "github.event.repository.default_branch": "trunk",
    "github.run_id": "1",
    "github.token": "token",
    "vars.KB_CONTACT": "",
}
"""What GitHub would know of a fork."""
SITE_URL = "${{ vars.SITE_URL || format('https://{0}.github.io/{1}/', github.repository_owner, github.event.repository.name) }}"
NEEDS_GITHUB = ("sudo ", "make test", "command -v chromium")
"""Beginnings of steps that are not run here: they change the machine, or are what runs this test."""


@dataclass(frozen=True)
class Step:
    """A step of a workflow that runs commands, with its environment and its folder."""

    workflow: str
    name: str
    run: str
    env: dict[str, str]
    folder: str


def read(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> list[Step]:
    workflow = read(path)
    found = []
    for job in workflow["jobs"].values():
        for step in job.get("steps", ()):
            if "run" in step:
                env = workflow.get("env", {}) | job.get("env", {}) | step.get("env", {})
                found.append(Step(path.name, step["name"], step["run"], env, step.get("working-directory", ".")))
    return found


def resolved(value: str) -> str:
    """A value as GitHub would fill it in; an expression that is not known here fails the test."""
    value = value.replace(SITE_URL, "https://somebody.github.io/a-fork/")
    return re.sub(r"\$\{\{ ([^}]*) \}\}", lambda match: CONTEXT[match[1]], value)


STEPS = [step for path in WORKFLOWS for step in steps(path)]


@pytest.mark.parametrize("step", STEPS, ids=[f"{step.workflow}: {step.name}" for step in STEPS])
def test_commands_of_a_step_are_shell_and_hold_no_text_of_others(step: Step) -> None:
    """A title or a branch name in a command would be run; in the environment it is only text."""
    assert "${{" not in step.run
    subprocess.run(["bash", "-n", "-c", step.run], check=True)


def test_pull_requests_run_without_secrets_and_write_nothing() -> None:
    path = ROOT / ".github/workflows/pull-request.yml"
    workflow = read(path)
    assert list(workflow[True]) == ["pull_request"]  # YAML reads the word `on` as true
    called = [ROOT / job["uses"] for job in workflow["jobs"].values()]
    for file in (path, *called):
        content = read(file)
        assert content["permissions"] == {"contents": "read"}, file
        assert all("permissions" not in job and "secrets" not in job for job in content["jobs"].values()), file
        text = file.read_text(encoding="utf-8")
        assert "secrets." not in text, file
        assert "github.token" not in text, file


def test_actions_are_pinned_by_commit() -> None:
    used = [match for path in WORKFLOWS for match in re.findall(r"uses: (\S+)(.*)", path.read_text(encoding="utf-8"))]
    assert used
    for action, comment in used:
        if not action.startswith("./"):
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_every_workflow_may_only_read_unless_a_job_says_what_it_writes() -> None:
    for path in WORKFLOWS:
        assert read(path)["permissions"] == {"contents": "read"}, path


@dataclass
class Runner:
    """Runs steps in a checkout, as a runner does; `gh` is a stand-in that keeps the one list of issues in a file.

    GitHub's own `gh` needs a repository on GitHub, so what is proved of it here is which commands it is given, in which order.
    """

    root: Path
    bin: Path

    def run(self, step: Step, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "GIT_"))}
        environment |= {name: resolved(value) for name, value in step.env.items()}
        environment |= {
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.root),
            "GITHUB_OUTPUT": str(self.bin / "output"),
            "GITHUB_REF_NAME": "v0.1.0",
            "PATH": f"{self.bin}:{environment['PATH']}",
        } | more
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.run],
            cwd=self.root / step.folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def called(self) -> list[list[str]]:
        """The calls of gh so far."""
        log = self.bin / "log"
        return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


GH = """import json, pathlib, sys
here, given = pathlib.Path(__file__).parent, sys.argv[1:]
with (here / "log").open("a") as log:
    log.write(json.dumps(given) + "\\n")
issue = here / "issue"
if given[:2] == ["issue", "create"]:
    issue.write_text("7")
elif given[:2] == ["issue", "close"]:
    issue.unlink()
elif given[:2] == ["issue", "list"] and issue.exists():
    print(issue.read_text())
"""


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A checkout of the smallest project with the Makefile and the environment of this one."""
    root = small_project(
        tmp_path / "checkout",
        {
            "docs/mechanisms/index.md": CLAIMS,
            "docs/trials/NCT00000002.md": TRIAL,
            "docs/trials/index.md": "---\ntitle: Trials\ndescription: All.\n---\n\n{{ trials }}\n",
            "docs/about/downloads.md": "---\ntitle: Downloads\ndescription: Files.\n---\n\n{{ downloads }}\n",
        },
    )
    with (root / "mkdocs.yml").open("a", encoding="utf-8") as settings:
        settings.write("  - Downloads: about/downloads.md\n  - Trials: trials/index.md\n")
    for name in ("book", "CITATION.cff", "Makefile", "pyproject.toml"):
        (root / name).symlink_to(ROOT / name)
    (root / ".venv").symlink_to((ROOT / ".venv").resolve())
    (root / ".cache").mkdir()
    for stamp in ("environment", "fonts"):
        (root / ".cache" / stamp).touch()
    names = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    (root / ".gitignore").write_text("/.venv\n/.cache\n/site\n/dist\n", encoding="utf-8")
    for command in (["init", "-q"], ["add", "--all"], ["commit", "-q", "-m", "As published"]):
        subprocess.run(["git", *names, *command], cwd=root, check=True)
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "gh.py").write_text(GH, encoding="utf-8")
    # A shell between, because the first line of a script takes no path with a space.
    call = f'#!/bin/sh\nexec "{(ROOT / ".venv/bin/python").absolute()}" "{commands / "gh.py"}" "$@"\n'
    (commands / "gh").write_text(call, encoding="utf-8")
    (commands / "gh").chmod(0o755)
    return Runner(root, commands)


def of(workflow: str) -> dict[str, Step]:
    """The steps of a workflow that can be run here, by name."""
    return {step.name: step for step in STEPS if step.workflow == workflow and not step.run.startswith(NEEDS_GITHUB)}


def test_pull_request_gets_an_annotation_at_the_line_of_a_fault(runner: Runner) -> None:
    check = of("build.yml")["Check pages, records and bibliography"]
    assert runner.run(check).returncode == 0
    page = runner.root / "docs/mechanisms/index.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nNobody saw this [@Nobody1999].\n", encoding="utf-8")
    done = runner.run(check)
    assert done.returncode != 0
    line = page.read_text(encoding="utf-8").count("\n")
    assert re.search(rf"^::error file=docs/mechanisms/index.md,line={line}.*Nobody1999", done.stdout, re.MULTILINE)


def test_pull_request_gets_what_a_release_gets() -> None:
    """So the next test, which makes a release, tries both."""
    name = "Make site, book, EPUB and offline copy"
    made, released = of("build.yml")[name], of("release.yml")[name]
    assert made.run == released.run
    assert made.env.items() <= released.env.items()


def test_release_of_a_fork_refuses_another_version_and_publishes_everything_with_its_hash(runner: Runner) -> None:
    version = re.search(r"(?m)^version: (.*)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert version
    refused = runner.run(of("release.yml")["Refuse a tag that is not the version of CITATION.cff"], GITHUB_REF_NAME="v9.9.9")
    assert refused.returncode == 1
    assert "::error file=CITATION.cff::the tag is v9.9.9" in refused.stdout
    for step in of("release.yml").values():
        done = runner.run(step, GITHUB_REF_NAME=f"v{version[1]}")
        assert done.returncode == 0, step.name + done.stdout + done.stderr
    [published] = runner.called()
    files = {name: runner.root / name for name in published if name.startswith("dist/")}
    assert {Path(name).suffix for name in files} == {".pdf", ".epub", ".zip", ".txt", ""}
    listed = dict(line.split()[::-1] for line in files["dist/SHA256SUMS"].read_text(encoding="utf-8").splitlines())
    assert listed.keys() == {Path(name).name for name in files} - {"SHA256SUMS", "same-content.txt"}
    for name, digest in listed.items():
        assert hashlib.sha256((runner.root / "dist" / name).read_bytes()).hexdigest() == digest, name
    with zipfile.ZipFile(runner.root / "dist/msc-nk-knowledge-base-data.zip") as archive:
        assert {"data/datapackage.json", "references/all.bib"} <= set(archive.namelist())
    assert "CITATION.cff" in published
    page = (runner.root / "site/mechanisms/index.html").read_text(encoding="utf-8")
    assert "https://github.com/somebody/a-fork/edit/trunk/docs/mechanisms/index.md" in page
    assert '<link rel="canonical" href="https://somebody.github.io/a-fork/mechanisms/index.html">' in page
    assert published[published.index("--title") + 1] == f"v{version[1]}"


def test_weekly_run_keeps_one_issue(runner: Runner) -> None:
    opened, closed = (of("verify.yml")[name] for name in ("Open or update the issue", "Close the issue"))
    assert [runner.run(closed).returncode, runner.called()[-1][:2]] == [0, ["issue", "list"]]
    for week in ("first", "second"):
        (runner.root / "differences.txt").write_text(f"the {week} list\n" + "x" * 70_000, encoding="utf-8")
        done = runner.run(opened)
        assert done.returncode == 0, done.stderr
        body = (runner.root / "body.md").read_text(encoding="utf-8")
        assert f"the {week} list" in body
        assert "https://github.com/somebody/a-fork/actions/runs/1" in body
        assert len(body) < 65_536
    assert runner.run(closed).returncode == 0
    changes = [call[:3] for call in runner.called() if call[1] in ("create", "edit", "close") and call[0] == "issue"]
    assert changes == [["issue", "create", "--title"], ["issue", "edit", "7"], ["issue", "close", "7"]]


@pytest.mark.parametrize(("status", "passes"), [(0, True), (1, True), (2, False), (3, True)])
def test_weekly_run_tells_a_difference_from_a_fault(runner: Runner, status: int, passes: bool) -> None:
    """The sources are asked over the network, which no test has: here the command that asks them gives each of its answers."""
    python = runner.root / ".venv" / "bin" / "python"
    (runner.root / ".venv").unlink()
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\necho "$@"\nexit {status}\n', encoding="utf-8")
    python.chmod(0o755)
    done = runner.run(of("verify.yml")["Ask the sources"])
    assert (done.returncode == 0) is passes
    assert (runner.root / "differences.txt").read_text(encoding="utf-8") == "-m kb verify\n"
    assert (runner.bin / "output").read_text(encoding="utf-8") == f"status={status}\n"


def form(name: str) -> dict[str, dict]:
    """The fields of an issue form by their names."""
    return {field["id"]: field["attributes"] for field in read(ROOT / ".github/ISSUE_TEMPLATE" / name)["body"]}


def test_forms_offer_the_words_of_the_records() -> None:
    assert form("new-claim.yml")["effect"]["options"] == [*EFFECTS, "not such a claim"]
    assert form("new-trial.yml")["cells"]["options"] == list(CELLS)


def test_pull_request_template_has_six_boxes() -> None:
    assert (ROOT / ".github/pull_request_template.md").read_text(encoding="utf-8").count("- [ ] ") == 6


def test_container_is_set_up_by_a_target_of_the_makefile(runner: Runner) -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    tried = subprocess.run(container["postCreateCommand"], shell=True, cwd=runner.root, capture_output=True, check=False)
    assert tried.returncode == 0, tried.stderr


def test_picture_of_the_readme_is_there_small_and_told() -> None:
    alt, name = re.search(r"!\[([^\]]{40,})\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")).groups()
    assert alt
    assert (ROOT / name).stat().st_size <= 150_000
