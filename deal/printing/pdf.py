"""HTML in, PDF bytes out: the only file that knows WeasyPrint."""

import atexit
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
RTL = ("R", "AL")  # Unicode's kinds of letters that run right to left
OURS = "deal:/"  # the address of a bundled file, in what is printed
WHAT_IS_MISSING = (
    "Debian and Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango"
)
MOST_HTML, MOST_PDF = 4_000_000, 100_000_000  # characters that are read and bytes that are given

_one = RLock()  # fonts are shared: never two renders at once in a process


class CannotPrint(Exception):
    """This machine lacks Pango; the message names the line that installs it."""

    why = "no-pango"


class RenderLimit(CannotPrint):
    """It takes too long, or is too big."""

    why = "too-much"


class Ended(CannotPrint):
    """It failed, or its process died, and why is not known: the worker may make it all the same."""

    why = "ended"


class RendererBusy(CannotPrint):
    """Another paper is being made in the web at this moment."""

    why = "taken"


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
def _kit() -> tuple[Any, Any, list[Any]]:
    """Fetcher, fonts and stylesheet, made at the first print: WeasyPrint takes a second, 35 MB and Pango."""
    os.environ.setdefault("FONTCONFIG_FILE", str(Path(__file__).with_name("fonts.conf")))
    try:
        from weasyprint import CSS
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
    except OSError as error:
        raise CannotPrint(WHAT_IS_MISSING) from error
    typefaces = {path.name: path for path in (STATIC / "vendor").glob("*.woff2")}

    class OnlyOurs(URLFetcher):
        """Gives our own bundled fonts, and refuses everything that anybody's words might ask for."""

        pictures: Mapping[str, bytes] = {}  # by name: those of the print under way

        def fetch(self, url: str, headers: Any = None) -> Any:
            """The bundled file or the picture of that name, where there is one."""
            name = url.removeprefix(OURS).lstrip("/") if url.startswith(OURS) else ""
            if name in self.pictures:
                return URLFetcherResponse(url, self.pictures[name])
            if name in typefaces:
                return URLFetcherResponse(url, typefaces[name].read_bytes(), {"Content-Type": "font/woff2"})
            raise FatalURLFetchingError(f"nothing is fetched but our own files, and not {url[:80]}")

    fetcher, fonts = OnlyOurs(allowed_protocols=(), allow_redirects=False), FontConfiguration()
    css = (STATIC / "print.css").read_text(encoding="utf-8")
    sheet = CSS(string=css, font_config=fonts, url_fetcher=fetcher, base_url=OURS)
    return fetcher, fonts, [sheet]


atexit.register(_kit.cache_clear)  # fonts must go before WeasyPrint does


def document(html: str, pictures: Mapping[str, bytes] | None = None) -> Any:
    """The laid-out pages of some HTML, which may show these pictures: deal:/<name>."""
    if len(html) > MOST_HTML:
        raise RenderLimit
    with _one:
        fetcher, fonts, sheets = _kit()
        from weasyprint import HTML

        fetcher.pictures = pictures or {}
        page = HTML(string=html, url_fetcher=fetcher, base_url=OURS)
        for element in page.etree_element.iter():
            if element.get("dir") == "auto":  # WeasyPrint does not know it
                element.set("dir", direction("".join(element.itertext())))
        return page.render(font_config=fonts, stylesheets=sheets, pdf_variant="pdf/ua-1")


def direction(words: str) -> str:
    """ "rtl" where the first letter that has a direction runs right to left, else "ltr": HTML's rule for dir=auto."""
    strong = (kind for kind in map(unicodedata.bidirectional, words) if kind in ("L", *RTL))
    return "rtl" if next(strong, "L") in RTL else "ltr"


def pdf(html: str, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """A tagged PDF (PDF/UA-1) of some HTML, which needs a lang and a title. Raises CannotPrint without Pango."""
    return write(document(html, pictures))


class PageWithWords:
    """A laid-out page, whose lines carry their words where letters change places, and where they are emoji.

    Else they are read out wrong. Not so what runs right to left: readers such as Poppler's turn it round once more.
    """

    def __init__(self, page: Any) -> None:
        self.page = page

    def __getattr__(self, name: str) -> Any:
        return getattr(self.page, name)

    def paint(self, stream: Any, scale: float = 1) -> None:
        """As WeasyPrint paints it; each mark for a screen reader gets the words as well."""
        from pydyf import String

        marked = stream.marked

        @contextmanager
        def marked_with_words(box: Any, tag: str) -> Iterator[None]:
            with marked(box, tag):
                about = stream.stream[-2]
                yield
            words = getattr(getattr(box, "pango_layout", None), "text", "")
            if max(words, default="") > LAST_PLAIN and not any(unicodedata.bidirectional(one) in RTL for one in words):
                about["ActualText"] = String(words)

        stream.marked = marked_with_words
        try:
            self.page.paint(stream, scale)
        finally:
            del stream.marked  # no circle that keeps it


def write(laid_out: Any) -> bytes:
    """The bytes of laid-out pages; none where `g.papers` is a list, on which they are put to be joined."""
    if g and "papers" in g:
        g.papers.append(laid_out)
        return b""
    out = io.BytesIO()
    with _one:
        laid_out.copy(map(PageWithWords, laid_out.pages)).write_pdf(out, pdf_variant="pdf/ua-1")
    if out.tell() > MOST_PDF:
        raise RenderLimit
    return out.getvalue()
