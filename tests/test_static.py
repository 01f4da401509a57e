"""Files for browsers: compressed where setup made a copy, and never an old one."""

import gzip
import os

from werkzeug.test import Client

from deal import StaticFiles


def served(folder) -> str:
    static = StaticFiles(lambda environ, start: [], root=str(folder), prefix="static/")
    answer = Client(static).get("/static/deal.css", headers={"Accept-Encoding": "gzip, br"}, buffered=True)
    zipped = answer.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(answer.data) if zipped else answer.data).decode() + (" zipped" if zipped else "")


def test_a_compressed_copy_that_is_older_than_its_file_is_not_served(tmp_path):
    """Where code is updated without make setup, the copies are those of before."""
    css, copy = tmp_path / "deal.css", tmp_path / "deal.css.gz"
    css.write_text("a" * 900)
    copy.write_bytes(gzip.compress(css.read_bytes()))
    os.utime(css, (1_700_000_000.75, 1_700_000_000.75))
    os.utime(copy, (1_700_000_000, 1_700_000_000))
    assert served(tmp_path) == "a" * 900 + " zipped"
    css.write_text("b" * 900)
    tmp_path.chmod(0o500)
    assert served(tmp_path) == "b" * 900 and copy.exists()
