"""The `kb` command: thin, every job is done elsewhere."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kb import options as network
from kb.checks import check
from kb.problems import Problem, reason, report, summary
from kb.project import SETTINGS, find_root, read_project
from kb.site import build_site
from kb.stats import statistics


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="kb", description="Check and build the MSC-NK Knowledge Base.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (run, add_options) in COMMANDS.items():
        words = run.__doc__ or ""
        command = commands.add_parser(name, help=words.split(".")[0], description=words)
        if add_options:
            add_options(command)
        command.set_defaults(run=run)
    options = parser.parse_args(arguments)
    root = find_root(Path.cwd())
    if root is None:
        print(f"kb: no {SETTINGS} in '{Path.cwd()}' or above; run kb inside the project", file=sys.stderr)
        return 2
    try:
        return options.run(root, options)
    except OSError as error:  # a full disk, a folder that cannot be written to, a file that cannot be read
        print(f"kb {options.command}: {reason(error)}; the last good result stays", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run_check(root: Path, options: argparse.Namespace) -> int:
    """Check pages, records and bibliography without a build.

    Prints one line per problem and the count on stderr; the exit status is 1 when there is an error.
    """
    problems = check(read_project(root))
    wanted = [_below(root, path) for path in options.paths]
    if wanted:
        problems = [p for p in problems if any(p.path == w or p.path.startswith(f"{w}/") or w == "." for w in wanted)]
    print(report(problems, options.format), end="")
    print(f"kb check: {summary(problems)}", file=sys.stderr)
    return int(any(p.severity == "error" for p in problems))


def _below(root: Path, path: str) -> str:
    """A path of the command line as problems name it."""
    full = Path(path).resolve()
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else Path(path).as_posix()


def run_format(root: Path, options: argparse.Namespace) -> int:
    """Format the bibliography and front matter. No value, comment or text changes; `--check` only says what would.

    The exit status is 1 when a file cannot be read, or with `--check` when one is not formatted.
    """
    from kb.files import put
    from kb.format import format_file, formattable

    status = 0
    for file in formattable(root, [Path(path).resolve() for path in options.paths]):
        data, faults = format_file(root, file)
        print("".join(f"{fault}\n" for fault in faults), end="")
        status |= bool(faults)
        if data != file.read_bytes():
            name = file.relative_to(root).as_posix()
            print(f"{name}:1: not formatted; run 'make format'" if options.check else f"formatted {name}")
            status |= options.check
            if not options.check:
                put(file, data)
    return int(status)


def _format_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--check", action="store_true", help="change nothing, name the files that would change")
    command.add_argument("paths", nargs="*", help="files or folders; all where none is named")


def _check_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=("text", "github"), default="text", help="github: annotations for a pull request")
    command.add_argument("paths", nargs="*", help="print only problems in these files or folders")


def run_site(root: Path, options: argparse.Namespace) -> int:
    """Build the site into site/. With an error nothing changes there."""
    return build_site(root)


def run_serve(root: Path, options: argparse.Namespace) -> int:
    """Serve the site on this machine. An edited page appears by itself, and so do the problems of the checker."""
    from kb.hooks import build_edited  # here, because MkDocs takes longer to load than a check takes to run
    from kb.serve import serve

    return serve(root, options.port, build_edited)


def _serve_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default 8000)")


def run_stats(root: Path, options: argparse.Namespace) -> int:
    """Count pages, claims, trials and works. By area, level, provenance and year."""
    print(statistics(read_project(root)), end="")
    return 0


def run_book(root: Path, options: argparse.Namespace) -> int:
    """Make the PDF or the EPUB from the site. With an error the last good file stays."""
    from kb.book import Broken, make_book  # here, because it takes longer to load than a check takes to run

    status = build_site(root)
    if status:
        return status
    try:
        out = make_book(read_project(root), (root / "site").resolve(), options.part, options.format)
    except Broken as error:
        return _book_failed(error.problems)
    print(f"made {out.relative_to(root).as_posix()}")
    return 0


def _book_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=("pdf", "epub"), default="pdf", help="pdf (default) or epub")
    command.add_argument(
        "part", nargs="?", default="", help="a page or section, such as gvhd or mechanisms/ido.md; else everything"
    )


def run_offline(root: Path, options: argparse.Namespace) -> int:
    """Make the offline copy of the site. A zip in dist/ that opens by double-click."""
    from kb.offline import make_offline  # as above

    status = build_site(root)
    if not status:
        print(f"made {make_offline(read_project(root), (root / 'site').resolve()).relative_to(root).as_posix()}")
    return status


def run_release(root: Path, options: argparse.Namespace) -> int:
    """Make the site, the book, the EPUB and the offline copy. Prove that all carry the same."""
    from kb.book import Broken  # as above
    from kb.release import make_release

    try:
        return make_release(root)
    except Broken as error:
        return _book_failed(error.problems)


def _book_failed(problems: list[Problem]) -> int:
    print(report(problems), end="")
    print(f"kb book: {summary(problems)}", file=sys.stderr)
    return 1


def run_add(root: Path, options: argparse.Namespace) -> int:
    """Add a work, a trial or a claim. Asks the public records; nothing is written when something is wrong."""
    from kb.add_command import add  # as above

    return add(root, options)


def run_verify(root: Path, options: argparse.Namespace) -> int:
    """Compare works, trials and outside links with the public records. Needs the network, and time.

    The exit status is 1 when something differs, else 3 when something was not answered, else 0.
    """
    from kb.verify_command import run  # as above

    return run(root, options)


COMMANDS = {
    "check": (run_check, _check_options),
    "add": (run_add, network.add_options),
    "verify": (run_verify, network.verify_options),
    "format": (run_format, _format_options),
    "site": (run_site, None),
    "stats": (run_stats, None),
    "serve": (run_serve, _serve_options),
    "book": (run_book, _book_options),
    "offline": (run_offline, None),
    "release": (run_release, None),
}

if __name__ == "__main__":
    sys.exit(main())
