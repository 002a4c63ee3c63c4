"""Shows the site on this machine while it is edited, and tells each open page when there is a newer version of it."""

from __future__ import annotations

import hashlib
import io
import posixpath
import sys
import threading
from collections.abc import Iterator
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, urlencode, urlsplit

SCRIPT, EVENTS = "/_kb/reload.js", "/_kb/events"
_RELOAD = """// Loads the page again when the server has another version of it.
// A hidden tab does not ask: browsers allow few connections.
const {searchParams} = new URL(document.currentScript.src);
let events;
const listen = () => {
  events?.close();
  if (document.hidden) return;
  events = new EventSource("/_kb/events?page=" + encodeURIComponent(searchParams.get("page")));
  events.onmessage = ({data}) => data === searchParams.get("version") || location.reload();
};
document.addEventListener("visibilitychange", listen);
listen();
"""
_NOTICE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
li {{ margin: .7rem 0; overflow-wrap: anywhere }}
code, pre {{ font: .95rem/1.5 monospace; white-space: pre-wrap }}
</style>
</head><body><main><h1>{title}</h1><p>{text}</p>{more}</main></body></html>
"""
_REPEAT = 15.0  # seconds


class Preview:
    """What is shown at this moment: the built site, pages that are newer than it, or a notice in place of all pages.

    Attributes:
        site: the link to the built site; it may not exist yet.
    """

    def __init__(self, site: Path) -> None:
        self.site = site
        self._pages: dict[str, bytes] = {}
        self._notice = b""
        self._look = 0
        self._changes = 0
        self._changed = threading.Condition()

    def show_site(self, new_look: bool) -> None:
        """Show the site as it was built now.

        Args:
            new_look: whether more than text changed, so that every open page loads again and not only those that differ.
        """
        self._show({}, b"", self._look + new_look)

    def show_pages(self, pages: dict[str, bytes]) -> None:
        """Show these pages, by path, in place of those of the site until `show_site`; a notice goes."""
        self._show(self._pages | pages, b"", self._look)

    def show_notice(self, title: str, text: str, more: str = "") -> None:
        """Show a text in place of every page.

        Args:
            title: plain text, as heading.
            text: plain text, as first paragraph.
            more: HTML that follows.
        """
        notice = _NOTICE.format(title=escape(title), text=escape(text), more=more)
        self._show(self._pages, notice.encode(), self._look)

    def _show(self, pages: dict[str, bytes], notice: bytes, look: int) -> None:
        with self._changed:
            self._pages, self._notice, self._look = pages, notice, look
            self._changes += 1
            self._changed.notify_all()

    def page(self, name: str) -> bytes | None:
        """The HTML shown at a path of the site; None where there is no such page."""
        shown = self._notice or self._pages.get(name)
        if shown:
            return shown
        try:
            return (self.site / name).read_bytes()
        except OSError:  # no such page, or the site was replaced at this moment
            return None

    def version(self, page: bytes | None) -> str:
        """A value that differs whenever a reader of the page would see a difference."""
        return hashlib.sha256(b"%d %b" % (self._look, page or b"")).hexdigest()[:16]

    def versions(self, name: str) -> Iterator[str]:
        """The version of a page now, after each change, and now and then, which shows that the server is there."""
        seen = -1
        while True:
            with self._changed:
                self._changed.wait_for(lambda seen=seen: self._changes != seen, _REPEAT)
                seen = self._changes
            yield self.version(self.page(name))


def start_server(preview: Preview, port: int) -> ThreadingHTTPServer:
    """Serve on 127.0.0.1, in threads that end with the process.

    Raises:
        OSError: when the port is taken or not allowed.
    """
    server = _Server(("127.0.0.1", port), lambda *request: _Handler(preview, *request))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A tab that closes is no fault."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, preview: Preview, *request: Any) -> None:
        self.preview = preview
        super().__init__(*request, directory=str(preview.site.resolve()))

    def log_message(self, format: str, *args: object) -> None:
        """The terminal is for what the contributor must know."""

    def end_headers(self) -> None:
        """Nothing is kept by the browser: it may be another file a second later."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def do_GET(self) -> None:
        """Answer with a file, a page, or the stream of versions of a page."""
        address = urlsplit(self.path)
        if address.path != EVENTS:
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for version in self.preview.versions(parse_qs(address.query).get("page", [""])[0]):
            self.wfile.write(f"data: {version}\n\n".encode())

    def send_head(self) -> IO[bytes] | None:
        """A page with the script that loads it again; other files as they are."""
        path = urlsplit(self.path).path
        if path == SCRIPT:
            return self._send(200, "text/javascript", _RELOAD.encode())
        name = posixpath.relpath(self.translate_path(path), self.directory)
        if path.endswith("/"):
            name = posixpath.normpath(posixpath.join(name, "index.html"))
        if not name.endswith(".html"):
            return super().send_head()
        page = self.preview.page(name)
        shown = page or self.preview.page("404.html") or b"Not found</body>"
        query = urlencode({"page": name, "version": self.preview.version(page)})
        script = f'<script src="{SCRIPT}?{escape(query)}"></script></body>'
        return self._send(200 if page else 404, "text/html; charset=utf-8", shown.replace(b"</body>", script.encode()))

    def _send(self, status: int, kind: str, content: bytes) -> IO[bytes]:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return io.BytesIO(content)
