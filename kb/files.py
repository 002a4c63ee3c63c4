"""Puts a file in place in one step: a reader finds the old content or the new one, whatever ends the writing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def put(file: Path, data: bytes) -> None:
    """Write a file; it keeps the rights it had.

    Args:
        file: in a folder that exists.
        data: its new content.
    """
    fresh = file.with_name(f".{file.name}.{os.getpid()}")  # two processes at once do not write into one file
    try:
        fresh.write_bytes(data)
        if file.exists():
            shutil.copymode(file, fresh)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
