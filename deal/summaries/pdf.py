"""HTML in, PDF bytes out: the only file that knows WeasyPrint."""

import io
import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parent.parent / "static"
LAST_PLAIN = "\u08ff"  # of the letters that are drawn in the order in which they are written
OURS = "deal:/"  # the address of a bundled file, in what is printed
WHAT_IS_MISSING = (
    "Debian and Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango"
)


class CannotPrint(Exception):
    """This machine lacks Pango; the message names the line that installs it."""


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

        def __init__(self) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False)

        def fetch(self, url: str, headers: Any = None) -> Any:
            """The bundled file of that name, where there is one."""
            name = url.removeprefix(OURS).lstrip("/")
            known = {path.name: path for path in (STATIC / "vendor").glob("*.woff2")}
            if not url.startswith(OURS) or name not in known:
                raise FatalURLFetchingError(f"nothing is fetched but our own files, and not {url[:80]}")
            return URLFetcherResponse(url, known[name].read_bytes(), {"Content-Type": "font/woff2"})

    fetcher, fonts = OnlyOurs(), FontConfiguration()
    css = (STATIC / "print.css").read_text(encoding="utf-8")
    sheet = weasyprint.CSS(string=css, font_config=fonts, url_fetcher=fetcher, base_url=OURS)
    return fetcher, fonts, [sheet]


def document(html: str) -> Any:
    """The laid-out pages of some HTML."""
    fetcher, fonts, sheets = _kit()
    page = _weasyprint().HTML(string=html, url_fetcher=fetcher, base_url=OURS)
    for element in page.etree_element.iter():
        if element.get("dir") == "auto":  # WeasyPrint does not know it
            element.set("dir", direction("".join(element.itertext())))
    return page.render(font_config=fonts, stylesheets=sheets, pdf_variant="pdf/ua-1")


def direction(words: str) -> str:
    """ "rtl" where the first letter that has a direction runs right to left, else "ltr": HTML's rule for dir=auto."""
    strong = (unicodedata.bidirectional(letter) for letter in words)
    return "rtl" if next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L" else "ltr"


def pdf(html: str) -> bytes:
    """A tagged PDF (PDF/UA-1) of some HTML, which needs a lang and a title. Raises CannotPrint without Pango."""
    return write(document(html))


def write(laid_out: Any) -> bytes:
    """The bytes of laid-out pages."""
    out = io.BytesIO()
    laid_out.write_pdf(out, pdf_variant="pdf/ua-1")
    return out.getvalue()
