"""The site can be built when MkDocs is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.conftest import Build


def test_properdocs_builds_without_mkdocs(project: Callable[..., Path], tmp_path: Path) -> None:
    """A package `mkdocs` that cannot be loaded stands before the real one."""
    with_mkdocs = Build(project()).page("mechanisms/index.html")
    gone = tmp_path / "gone" / "mkdocs"
    gone.mkdir(parents=True)
    (gone / "__init__.py").write_text("raise RuntimeError('MkDocs was loaded')\n", encoding="utf-8")
    root = tmp_path / "project"
    assert "MkDocs was loaded" in Build(root, PYTHONPATH=str(gone.parent)).output
    without = Build(root, "-m", "properdocs", PYTHONPATH=str(gone.parent)).page("mechanisms/index.html")
    assert without.replace("mkdocs-ProperDocs 1.6.7", "mkdocs-1.6.1") == with_mkdocs
