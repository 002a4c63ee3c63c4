"""What a contributor sees while editing: the page in the browser follows the file."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Page, expect


@contextlib.contextmanager
def served(root: Path) -> Iterator[str]:
    """`kb serve` in its own process; its output tells when it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "kb", "serve", "--port", str(port)],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        assert process.stdout
        assert any("Serving on" in line for line in process.stdout), "the server ended before it was ready"
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=20)


def test_an_edited_page_appears_by_itself(tab: Page, project: Callable[..., Path]) -> None:
    root = project()
    page = root / "docs/about/methods.md"
    with served(root) as address:
        tab.goto(f"{address}/about/methods.html")
        expect(tab.locator("h1")).to_be_visible()
        page.write_text(page.read_text(encoding="utf-8") + "\nA sentence that was added.\n", encoding="utf-8")
        expect(tab.get_by_text("A sentence that was added.")).to_be_visible()
