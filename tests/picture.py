"""Takes the picture of Home that the README shows: `make picture`."""

from __future__ import annotations

import io
import shutil

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.conftest import ROOT

PICTURE = ROOT / ".github" / "home.png"
SIZE = {"width": 1280, "height": 960}  # CSS pixels: a small laptop


def main() -> None:
    """Photograph the built site from the disk, in 128 colours so that the file stays small."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport=SIZE, color_scheme="light")
        page.goto((ROOT / "site" / "index.html").resolve().as_uri(), wait_until="networkidle")
        shot = page.screenshot()
        chromium.close()
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(128).save(PICTURE, optimize=True)
    print(f"made {PICTURE.relative_to(ROOT).as_posix()} ({PICTURE.stat().st_size / 1000:.0f} kB)")


if __name__ == "__main__":
    main()
