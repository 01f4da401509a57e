"""The web server: slow connections, malformed requests, a killed print and a locked database hold up nobody."""

import os
import signal
import socket
import sqlite3
import subprocess
from contextlib import ExitStack, closing
from threading import Event, Thread
from time import monotonic, sleep
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests import people
from tests.conftest import let_go, new_app
from tests.live import Live, running_deal
from tests.test_killed import Resident

pytestmark = pytest.mark.slow

SLOW = 100
SOON = 60  # seconds: none of these tests is one of speed
HEADERS = b"POST /sign-in HTTP/1.1\r\nHost: deal\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def deal(tmp_path_factory):
    with running_deal(tmp_path_factory.mktemp("served"), demonstration=False) as deal:
        yield deal


@pytest.fixture(scope="module")
def nia(deal) -> Resident:
    """A resident who is signed in."""
    app = new_app(f"sqlite:///{deal.folder / 'deal.db'}", deal.folder)
    with app.app_context():
        person = people.make_resident("Nia", people.make_coach("Sam"))
        resident = Resident(deal, f"/residents/{person.id}", "Nia")
        sign_in_name = str(person.sign_in_name)
    let_go(app)
    resident.sign_in(sign_in_name)
    return resident


def connected(deal: Live) -> socket.socket:
    host, port = deal.address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=SOON)


def status_of(deal: Live, sent: bytes) -> bytes:
    """What the server says to these bytes."""
    with closing(connected(deal)) as line:
        line.sendall(sent)
        return line.recv(200).split(b"\r\n")[0]


def test_a_hundred_slow_connections_hold_up_nobody(deal, nia):
    with ExitStack() as lines:
        slow = [lines.enter_context(closing(connected(deal))) for _ in range(SLOW)]
        for number, line in enumerate(slow):
            line.sendall(
                b"GET /help HTTP/1.1\r\nHost: d" if number % 2 else HEADERS + b"Content-Length: 9000\r\n\r\na="
            )
        for _ in range(3):
            for line in slow:
                line.sendall(b"a")
            for path in ("/help", nia.question, f"{nia.question}/goals"):
                assert nia.open(path).h1
            sleep(0.2)
        for line in slow:
            line.setblocking(False)
            with pytest.raises(BlockingIOError):  # still open, and not answered
                line.recv(1)


@pytest.mark.parametrize(
    "body", [b"z\r\nabc\r\n0\r\n\r\n", b"5\r\nabcdefgh\r\n0\r\n\r\n", b"-1\r\na\r\n", b"\xff\xfe\r\n\r\n"]
)
def test_a_malformed_body_is_a_bad_request(deal, body):
    assert b" 400 " in status_of(deal, HEADERS + b"Transfer-Encoding: chunked\r\n\r\n" + body)


def test_a_body_in_pieces_is_read_and_a_huge_one_refused(deal, nia):
    pieces = b"6\r\nname=a\r\n0\r\n\r\n"
    assert b" 400 " in status_of(deal, HEADERS + b"Transfer-Encoding: chunked\r\n\r\n" + pieces), "it lacks its token"
    assert b" 413 " in status_of(deal, HEADERS + b"Content-Length: 99000000\r\n\r\na")
    with pytest.raises(HTTPError, match="413") as refused:
        urlopen(f"{deal.address}/sign-in", b"a" * 5_000_000, timeout=SOON)
    assert "That is too much at once" in refused.value.read().decode(), "Deal's own page says so"


def printers_of(server: int) -> list[int]:
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    children = [line.split(None, 2) for line in listed.splitlines()]
    return [int(pid) for pid, parent, said in children if int(parent) == server and "spawn_main" in said]


def test_a_printer_that_is_killed_comes_back(deal, nia):
    paper = f"{deal.address}{nia.question}/summary.pdf"
    for _ in range(2):
        with nia.opener.open(paper, timeout=60) as answer:
            assert answer.read(5) == b"%PDF-" and answer.headers["X-Request-ID"]
        (printer,) = printers_of(deal.server.pid)
        os.kill(printer, signal.SIGKILL)
        over = monotonic() + SOON
        while printer in printers_of(deal.server.pid) and monotonic() < over:
            sleep(0.05)
    assert nia.open("/help").h1


def stop_the_next_printer(server: int, killed: list[int], stopped: Event) -> None:
    """Kill a printer in the middle of its print: stopped, so that it cannot answer, until it was asked."""
    over = monotonic() + SOON
    while not set(printers_of(server)) - set(killed) and monotonic() < over:
        sleep(0.05)
    (printer,) = set(printers_of(server)) - set(killed)
    killed.append(printer)
    os.kill(printer, signal.SIGSTOP)
    stopped.set()
    sleep(1)
    os.kill(printer, signal.SIGKILL)


def test_a_print_whose_process_is_killed_once_is_made_by_the_next(deal, nia):
    paper = f"{deal.address}{nia.question}/summary.pdf"
    nia.opener.open(paper, timeout=60).close()
    killer = Thread(target=stop_the_next_printer, args=[deal.server.pid, [], stopped := Event()])
    killer.start()
    assert stopped.wait(SOON)
    with nia.opener.open(paper, timeout=60) as answer:
        assert answer.read(5) == b"%PDF-"
    killer.join(SOON)


def test_a_print_that_brings_its_process_down_is_a_sentence(deal, nia):
    paper = f"{deal.address}{nia.question}/summary.pdf"
    nia.opener.open(paper, timeout=60).close()
    killed, stopped = list[int](), Event()

    def bring_down_each() -> None:
        for _ in range(2):  # the one that is there, and the one that is begun in its place
            stop_the_next_printer(deal.server.pid, killed, stopped)

    killer = Thread(target=bring_down_each)
    killer.start()
    assert stopped.wait(SOON)
    with pytest.raises(HTTPError, match="503") as refused:
        nia.opener.open(paper, timeout=60)
    page = refused.value.read().decode()
    assert "The paper could not be made just now. Try again." in page and "This paper is long" not in page
    killer.join(SOON)
    assert len(killed) == 2
    nia.opener.open(paper, timeout=60).close()


def test_whoever_waits_for_a_locked_database_holds_up_no_reader(deal, nia):
    path = f"{nia.question}/goals/new"
    data = nia.filled(path, f"form[action$='{path}'], main form", words="a bike")
    with closing(sqlite3.connect(deal.folder / "deal.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        writers = [Thread(target=nia.opener.open, args=[deal.address + path, data, 60]) for _ in range(8)]
        for writer in writers:
            writer.start()
        sleep(0.5)
        for read in ("/help", nia.question, f"{nia.question}/goals"):
            assert nia.open(read).h1
        assert all(writer.is_alive() for writer in writers), "they still wait"
    for writer in writers:
        writer.join(SOON)
    with closing(sqlite3.connect(deal.folder / "deal.db")) as other:
        assert other.execute("SELECT count(*) FROM wording WHERE words = 'a bike'").fetchone() == (1,)


def test_forty_who_wait_for_a_locked_database_leave_threads_for_readers(deal, nia):
    path = f"{nia.question}/goals/new"
    data = nia.filled(path, f"form[action$='{path}'], main form", words="a canoe")
    refused = []

    def save() -> None:
        try:
            nia.opener.open(deal.address + path, data, 60).close()
        except HTTPError as error:
            refused.append((error.code, error.read().decode()))

    with closing(sqlite3.connect(deal.folder / "deal.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        writers = [Thread(target=save) for _ in range(40)]
        for writer in writers:
            writer.start()
        sleep(0.5)
        assert nia.open("/help").h1 and nia.open(f"{nia.question}/goals").h1
        assert sum(writer.is_alive() for writer in writers) >= 20, "they still wait"
    for writer in writers:
        writer.join(SOON)
    assert refused and {code for code, _page in refused} == {503}
    assert all("We are busy for a moment" in page and "a canoe" in page for _code, page in refused)
    with closing(sqlite3.connect(deal.folder / "deal.db")) as other:
        assert other.execute("SELECT count(*) FROM wording WHERE words = 'a canoe'").fetchone() == (1,)


def test_what_stands_in_the_folder_is_for_this_account_alone(deal):
    assert deal.folder.stat().st_mode & 0o077 == 0
    files = [one for one in deal.folder.iterdir() if ".db" in one.name or one.name.endswith("_key.txt")]
    assert len(files) >= 5 and not [one.name for one in files if one.stat().st_mode & 0o177]
