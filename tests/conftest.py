"""What the tests share: the real site, a server for it, the real Chromium, and tiny projects."""

from __future__ import annotations

import contextlib
import functools
import html
import http.server
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from kb.site import build_site

ROOT = Path(__file__).resolve().parent.parent
GOOD = ROOT / "tests" / "good"
expect.set_options(timeout=20_000)  # ms: a busy machine is no fault of the site


@pytest.fixture(scope="session")
def site() -> Path:
    """The site of this checkout, built by the code that `make site` runs."""
    assert build_site(ROOT) == 0
    return (ROOT / "site").resolve()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Keep the test log for failures."""


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A tab that closes before a file is sent is no fault of the site."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def site_url(site: Path) -> Iterator[str]:
    """Address of the served site, without a slash at the end."""
    with serving(site) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A fresh tab, 1280 pixels wide, whose script errors fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address in a context with other settings than `tab` has."""
    contexts = []

    def opened(address: str, **settings: object) -> Page:
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


def small_project(root: Path, files: dict[str, str]) -> Path:
    """A copy of the smallest good project with the real settings, theme and machine, and files replaced or added."""
    shutil.copytree(GOOD, root)
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[0]
    (root / "mkdocs.yml").write_text(settings + "\n" + (root / "nav.yml").read_text(encoding="utf-8"))
    (root / "bib" / "style.csl").write_bytes((ROOT / "bib" / "style.csl").read_bytes())
    for name in ("overrides", "kb", "requirements.txt"):
        (root / name).symlink_to(ROOT / name)
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Make a small project in the folder of the test: project({'docs/index.md': '...'})."""
    return lambda files=None: small_project(tmp_path / "project", files or {})


def run_kb(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the kb command in a project, as a contributor does."""
    return subprocess.run(
        [sys.executable, "-m", "kb", *arguments],
        cwd=root,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


class Build:
    """A site built by `mkdocs build` in its own process: its output, status and pages."""

    def __init__(self, root: Path, *command: str, cwd: Path | None = None, **environment: str):
        self.folder = root / "built"
        run = subprocess.run(
            [
                sys.executable,
                *(command or ("-m", "mkdocs")),
                "build",
                "-f",
                str(root / "mkdocs.yml"),
                "-d",
                str(self.folder),
            ],
            cwd=cwd or root,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1", **environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        self.status, self.output = run.returncode, run.stdout + run.stderr

    def page(self, name: str = "index.html") -> str:
        """HTML of a page; a failed build shows its output."""
        assert self.status == 0, self.output
        return (self.folder / name).read_text(encoding="utf-8")

    def text(self, name: str = "index.html") -> str:
        """What a reader sees in the article of a page, without the reference list."""
        article = self.page(name).partition("<article")[2].partition("</article>")[0]
        body = article.partition('<div class="footnote')[0]
        spaced = re.sub(r"</(?:caption|li|p|td|th)>", " ", body)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", "", spaced)).split())

    def references(self, name: str = "index.html") -> list[str]:
        """The reference list of a page, one text per work."""
        listed = self.page(name).partition('<div class="footnote')[2].partition("</div>")[0]
        items = re.findall(r"<li id=.*?</li>", listed, re.DOTALL)
        return [" ".join(html.unescape(re.sub(r"<[^>]+>", "", item)).split()) for item in items]


@pytest.fixture(scope="module")
def address(built: Build) -> Iterator[str]:
    """Address of the site that a test module builds once, in its fixture `built`."""
    assert built.status == 0, built.output
    with serving(built.folder) as url:
        yield url


@contextlib.contextmanager
def started(
    command: list[str], folder: Path, until: str, environment: dict[str, str] | None = None, status: int | None = None
) -> Iterator[str]:
    """A server in its own process, from the line of its output that holds `until`; gives its address.

    It finds a free port in PORT, and where a word of the command is 'PORT'. Where a `status` is given, it must end with it.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    process = subprocess.Popen(
        [port if word == "PORT" else word for word in command],
        cwd=folder,
        env={**(environment or os.environ), "PORT": port},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        assert process.stdout
        assert any(until in line for line in process.stdout), f"{command}: ended before it was ready"
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=20)
    assert status is None or process.returncode == status
