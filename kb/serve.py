"""Serves the site while it is edited: checks after each change, shows the edited page first and the whole site after it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from html import escape
from pathlib import Path

from kb.checks import check
from kb.preview import Preview, start_server
from kb.problems import Problem, report, summary
from kb.project import SETTINGS, read_project

WATCHED = ("docs", "bib", "overrides", SETTINGS)
_LOOK = 0.1
"""Seconds between two looks at the files."""
_WAIT = ("The site is being built", "This page comes by itself.")
Files = dict[str, tuple[int, int]]
BuildEdited = Callable[[Path, Path], bool]


def serve(root: Path, port: int, build_edited: BuildEdited) -> int:
    """Serve the site on this machine and follow every change until the process is told to end.

    Args:
        root: project root.
        port: port on 127.0.0.1.
        build_edited: builds single pages; see `kb.hooks.build_edited`.

    Returns:
        0, or 1 where the port cannot be used.
    """
    preview = Preview(root / "site")
    if not preview.page("index.html"):
        preview.show_notice(*_WAIT)
    try:
        server = start_server(preview, port)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        print(f"kb serve: port {port} cannot be used: {why}; choose another, such as 'make serve PORT=9000'", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"Serving on http://127.0.0.1:{port}/ (end with Ctrl-C)", flush=True)
    loop = _Loop(root, preview, build_edited)
    try:
        while True:
            loop.step()
            time.sleep(_LOOK)
    except KeyboardInterrupt:
        return 0
    finally:
        loop.stop()
        server.shutdown()


class _Loop:
    """What is known between two looks at the files."""

    def __init__(self, root: Path, preview: Preview, build_edited: BuildEdited) -> None:
        self.root, self.preview, self.build_edited = root, preview, build_edited
        self.copy = root / ".cache" / "preview"
        self.files: Files = {}
        self.said = ""
        self.new_look = True
        self.build: subprocess.Popen[bytes] | None = None
        self.log = root / ".cache" / "serve.log"

    def step(self) -> None:
        """Follow what changed since the last look, or the build that runs."""
        try:
            files = watched(self.root)
            if files != self.files:
                self.stop()
                self._follow({name for name in files.keys() | self.files.keys() if files.get(name) != self.files.get(name)})
                self.files = files
        except FileNotFoundError:  # it went away between the look and the reading: look again
            return
        if self.build and self.build.poll() is not None:
            self._finish(self.build.returncode)

    def stop(self) -> None:
        """End the build that runs; what it made so far is nobody's."""
        if self.build:
            os.killpg(self.build.pid, signal.SIGKILL)
            self.build.wait()
            self.build = None

    def _follow(self, changed: set[str]) -> None:
        """Check; show the problems, or the changed pages, and begin to build the whole site."""
        began = time.monotonic()
        problems = check(read_project(self.root))
        self._say(problems)
        errors = [problem for problem in problems if problem.severity == "error"]
        self.new_look |= not all(name.endswith((".md", ".bib")) for name in changed)
        if errors:
            items = "".join(f"<li><code>{escape(problem.as_text())}</code></li>" for problem in errors)
            text = "The page comes back by itself when these are mended; the last good site stays."
            self.preview.show_notice(summary(errors), text, f"<ol>{items}</ol>")
            return
        pages = {name.removeprefix("docs/").removesuffix(".md") + ".html" for name in changed if name.endswith(".md")}
        if not (self.preview.site / "index.html").is_file():
            self.preview.show_notice(*_WAIT)
        elif self.files:
            edited = self._edited(pages)
            self.preview.show_pages(edited)
            if edited:
                print(f"shown: {', '.join(sorted(edited))} ({time.monotonic() - began:.1f} s)", flush=True)
        self._begin()

    def _say(self, problems: list[Problem]) -> None:
        said = f"{report(problems)}kb check: {summary(problems)}"
        if said != self.said:
            print(said, flush=True)
            self.said = said

    def _edited(self, pages: set[str]) -> dict[str, bytes]:
        """The changed pages, built alone; nothing where that cannot be done."""
        if not self.copy.is_dir() or not pages:
            return {}
        made = {page: self.copy / page for page in pages}
        for file in self.copy.rglob("*.html"):  # these are older than their source, all others are not
            os.utime(file, (0, 0) if file in made.values() else None)
        built = self.build_edited(self.root, self.copy)
        return {page: file.read_bytes() for page, file in made.items() if built and file.is_file()}

    def _begin(self) -> None:
        """Build the whole site as `make site` does, in a process of its own that the next change can end."""
        command = [sys.executable, "-m", "kb", "site"]
        self.log.parent.mkdir(exist_ok=True)
        with self.log.open("wb") as log:
            self.build = subprocess.Popen(command, cwd=self.root, stdout=log, stderr=log, start_new_session=True)

    def _finish(self, status: int) -> None:
        """Show the whole site, or why it could not be built."""
        self.build = None
        output = self.log.read_text(encoding="utf-8", errors="replace").strip()
        if status:
            print(output, file=sys.stderr, flush=True)
            said = f"<pre>{escape(output[-2000:])}</pre>"
            self.preview.show_notice("The site was not built", "The last lines of the build:", said)
            return
        print(output.rpartition("\n")[2], flush=True)
        self.preview.show_site(self.new_look)
        self.new_look = False
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.root / "site", self.copy, copy_function=shutil.copyfile)


def watched(root: Path) -> Files:
    """Time and size of every file that the site is made from and that is edited."""
    found: Files = {}
    for name in WATCHED:
        path = root / name
        for file in path.rglob("*") if path.is_dir() else [path]:
            if file.is_file() and not file.name.startswith("."):
                status = file.stat()
                found[file.relative_to(root).as_posix()] = status.st_mtime_ns, status.st_size
    return found
