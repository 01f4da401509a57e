"""HTML in, PDF bytes out: the only file that knows WeasyPrint."""

import ctypes
import ctypes.util
import gc
import io
import os
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

from flask import g

STATIC = Path(__file__).resolve().parent.parent / "static"
LAST_PLAIN = "\u08ff"  # of the letters that are drawn in the order in which they are written
OURS = "deal:/"  # the address of a bundled file, in what is printed
WHAT_IS_MISSING = (
    "Debian and Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango"
)
MOST_HTML, MOST_PDF = 4_000_000, 100_000_000  # characters that are read and bytes that are given

_one = RLock()  # fonts are shared: never two renders at once in a process


class CannotPrint(Exception):
    """This machine lacks Pango; the message names the line that installs it."""


class TooMuch(CannotPrint):
    """It takes too long, or is too big."""


class Ended(CannotPrint):
    """It failed, or its process died, and why is not known: the worker may make it all the same."""


class Taken(CannotPrint):
    """Another paper is being made in the web at this moment."""


@cache
def what_is_missing() -> str:
    """The line that installs Pango, where it lacks; found out without the weight of WeasyPrint."""
    try:
        for name in ("pango-1.0", "pangoft2-1.0"):
            linux = sys.platform.startswith("linux")
            ctypes.CDLL(f"lib{name}.so.0" if linux else ctypes.util.find_library(name) or name)
    except OSError:
        return WHAT_IS_MISSING
    return ""


def tidy() -> None:
    """Give back what a print took: pages refer to each other in circles, and glibc keeps what fonts leave."""
    gc.collect()
    with suppress(OSError, AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


def joined(papers: list[Any], title: str) -> bytes:
    """Papers one behind the other as one tagged PDF, each with its own page numbers; half the bytes of them alone."""
    whole = papers[0].copy([page for paper in papers for page in paper.pages])
    whole.metadata.title = title
    return write(whole)


@cache
def _weasyprint() -> Any:
    """WeasyPrint, imported at the first print: it takes a second and 35 MB, and needs Pango."""
    os.environ.setdefault("FONTCONFIG_FILE", str(Path(__file__).with_name("fonts.conf")))
    try:
        import weasyprint
    except OSError as error:
        raise CannotPrint(WHAT_IS_MISSING) from error
    _say_what_is_drawn()
    return weasyprint


def _say_what_is_drawn() -> None:
    """Each line of a script whose letters change places, and of emoji, carries its words: else it is read out wrong.

    Not so what runs right to left: readers such as Poppler's turn those words round a second time.
    """
    from pydyf import String
    from weasyprint.pdf.stream import Stream

    marked = Stream.marked

    @contextmanager
    def marked_with_words(stream: Any, box: Any, tag: str) -> Iterator[None]:
        with marked(stream, box, tag):
            about = stream.stream[-2]
            yield
            words = getattr(getattr(box, "pango_layout", None), "text", "")
            rtl = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in words)
            if isinstance(about, dict) and max(words, default="") > LAST_PLAIN and not rtl:
                about["ActualText"] = String(words)

    Stream.marked = marked_with_words


@cache
def _kit() -> tuple[Any, Any, list[Any]]:
    """Fetcher, fonts and stylesheet, made once a process. Never used by two renders at once."""
    weasyprint = _weasyprint()
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class OnlyOurs(URLFetcher):
        """Gives our own bundled fonts, and refuses everything that anybody's words might ask for."""

        pictures: Mapping[str, bytes] = {}  # by name: those of the print under way

        def __init__(self) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False)

        def fetch(self, url: str, headers: Any = None) -> Any:
            """The bundled file or the picture of that name, where there is one."""
            name = url.removeprefix(OURS).lstrip("/")
            if url.startswith(OURS) and name in self.pictures:
                return URLFetcherResponse(url, self.pictures[name])
            known = {path.name: path for path in (STATIC / "vendor").glob("*.woff2")}
            if not url.startswith(OURS) or name not in known:
                raise FatalURLFetchingError(f"nothing is fetched but our own files, and not {url[:80]}")
            return URLFetcherResponse(url, known[name].read_bytes(), {"Content-Type": "font/woff2"})

    fetcher, fonts = OnlyOurs(), FontConfiguration()
    css = (STATIC / "print.css").read_text(encoding="utf-8")
    sheet = weasyprint.CSS(string=css, font_config=fonts, url_fetcher=fetcher, base_url=OURS)
    return fetcher, fonts, [sheet]


def document(html: str, pictures: Mapping[str, bytes] | None = None) -> Any:
    """The laid-out pages of some HTML, which may show these pictures: deal:/<name>."""
    if len(html) > MOST_HTML:
        raise TooMuch
    with _one:
        fetcher, fonts, sheets = _kit()
        fetcher.pictures = pictures or {}
        page = _weasyprint().HTML(string=html, url_fetcher=fetcher, base_url=OURS)
        for element in page.etree_element.iter():
            if element.get("dir") == "auto":  # WeasyPrint does not know it
                element.set("dir", direction("".join(element.itertext())))
        return page.render(font_config=fonts, stylesheets=sheets, pdf_variant="pdf/ua-1")


def direction(words: str) -> str:
    """ "rtl" where the first letter that has a direction runs right to left, else "ltr": HTML's rule for dir=auto."""
    strong = (unicodedata.bidirectional(letter) for letter in words)
    return "rtl" if next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L" else "ltr"


def pdf(html: str, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """A tagged PDF (PDF/UA-1) of some HTML, which needs a lang and a title. Raises CannotPrint without Pango."""
    return write(document(html, pictures))


def write(laid_out: Any) -> bytes:
    """The bytes of laid-out pages; none where `g.papers` is a list, on which they are put to be joined."""
    if g and "papers" in g:
        g.papers.append(laid_out)
        return b""
    out = io.BytesIO()
    with _one:
        laid_out.write_pdf(out, pdf_variant="pdf/ua-1")
    if out.tell() > MOST_PDF:
        raise TooMuch
    return out.getvalue()
