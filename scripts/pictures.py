"""Makes the pictures of the README from the demonstration: `.venv/bin/python -m scripts.pictures [FOLDER]`.

Loads the demonstration into a database of its own, serves it, signs in as a resident, a coach and the manager, and
writes resident.png, question.png, coach.png, manager.png and summary.png (the first page on paper) into docs/pictures.
Needs Chromium and pdftoppm, as the tests do.
"""

import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page

from deal.config import ROOT
from tests.live import NO_CHROMIUM, find_chromium, running_chromium, running_deal

SIZE = {"width": 600, "height": 848}  # of every picture; a page of A4 has this shape too
DESK = {"width": 1280, "height": 800}
COLOURS = 96


def main(folder: Path) -> None:
    """Make every picture, and say how large each is."""
    executable = find_chromium() or sys.exit(NO_CHROMIUM)
    if not shutil.which("pdftoppm"):
        sys.exit("There is no pdftoppm here, so no paper can be drawn: sudo apt-get install poppler-utils")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as instance,
        running_deal(Path(instance), demonstration=True) as live,
        running_chromium(executable) as chromium,
    ):
        people = json.loads(live.run("demo", "--json"))["people"]
        first = {person["role"]: person for person in reversed(people)}
        for name, picture in pictures(chromium, live.address, first).items():
            size = keep(picture, folder / f"{name}.png")
            print(f"{folder / name}.png: {size // 1000} kB")


def pictures(chromium: Browser, address: str, first: dict[str, Any]) -> dict[str, bytes]:
    """Each picture's name and its PNG."""
    pages = {role: signed_in(chromium, address, first[role], SIZE) for role in ("resident", "coach", "manager")}
    drawn, resident = {role: page.screenshot() for role, page in pages.items()}, pages["resident"]
    paper = resident.request.get(f"{first['resident']['home']}/summary.pdf").body()
    resident.goto(f"{first['resident']['home']}/about-me")
    resident.locator("main summary").first.click()
    resident.locator("main details a").first.click()
    resident.wait_for_load_state()
    drawn["question"] = resident.screenshot()
    return drawn | {"summary": first_page(paper)}


def signed_in(chromium: Browser, address: str, person: dict[str, Any], size: Any) -> Page:
    """A browser of that size on somebody's first page."""
    page = chromium.new_context(base_url=address, viewport=size).new_page()
    page.goto(person["page"])
    for field, typed in person["fields"].items():
        page.locator(f"[name={field}]").fill(typed)
    page.locator("main form button:not([type=button])").first.click()
    page.wait_for_url(person["home"])
    return page


def first_page(paper: bytes) -> bytes:
    """The first page of a PDF as a PNG."""
    size = "-scale-to-x", str(SIZE["width"]), "-scale-to-y", str(SIZE["height"])
    command = ["pdftoppm", "-png", *size, "-f", "1", "-l", "1", "-singlefile", "-"]
    return subprocess.run(command, input=paper, stdout=subprocess.PIPE, check=True).stdout


def keep(picture: bytes, path: Path) -> int:
    """Write a PNG with few colours, which is a third as large and looks the same; its size in bytes."""
    few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    return path.stat().st_size


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures")
