"""A log whose days are over, and an authority of our own that stamps them."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlalchemy import func, select, update

from crawler.reading.template_refresh import input_of
from crawler.reading.worker import Read, Templates, read
from storage.database.archive import Archive
from storage.frontier.checks import Check
from storage.history.captured_pages import Captured
from storage.ledger.headers import Headers
from storage.ledger.pages import load_page
from storage.models import Outcome, Unsealed
from storage.proof.sealing import seal
from tests.support.archiving import Desk

_SETTINGS = """
[tsa]
default_tsa = ours
[ours]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/root.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


def recorded_on(archive: Archive, day: date) -> None:
    """Let all that is in no day's tree yet have been recorded on that day."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    with archive.writing() as session:
        # What was recorded on other days is later: the rows that wait are of one day.
        session.execute(update(Unsealed).values(recorded_at=at))


def close_day(archive: Archive, day: date) -> None:
    """Close a day that is past with all that is in no tree yet."""
    recorded_on(archive, day)
    seal(archive)
    with archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(Unsealed)) == 0


@dataclass
class Newsdesk(Desk):
    """A desk whose pages are HTML, read by the extractor, with `templates`."""

    templates: Templates = field(default_factory=Templates)

    def body(
        self, title: str, text: str, *, advert: str = "", canonical_url: str | None = None
    ) -> bytes:
        lines = "".join(f"<p>{line}</p>" for line in text.split("\n"))
        return (
            f"<html lang=en><head><title>{title}</title></head><body><nav>{advert}</nav>"
            f"<main><article><h1>{title}</h1>{lines}</article></main></body></html>"
        ).encode()

    def captured(self, check: Check) -> Captured:
        assert check.body is not None
        with self.archive.reading() as session:
            page = input_of(load_page(session, check.fetch_id))
        result = read(page, self.templates)
        assert isinstance(result, Read), result
        return Captured(
            check.fetch_id, check.address_id, check.fetched_at, result.reading, judged=True
        )

    def prepare(self, path: str, outcome: Outcome = Outcome.FETCHED, **options: Any) -> Check:
        headers = Headers.of(
            [
                ("Content-Type", "text/html; charset=utf-8"),
                ("X-Robots-Tag", "noindex"),
                ("X-Robots-Tag", "other: nofollow"),
                ("Set-Cookie", "secret"),
                ("Date", "Sun, 01 Mar 2026 08:00:00 GMT"),
            ]
        )
        return replace(super().prepare(path, outcome, **options), headers=headers)


@dataclass(slots=True)
class Authority:
    """An authority on loopback that stamps by `openssl ts`; `roots` is whom to trust for it.

    `answer` makes of a question what is sent, with a status: another one lets it misbehave.
    """

    folder: Path
    url: str = ""
    answer: Callable[[bytes], tuple[int, bytes]] = field(init=False)

    def __post_init__(self) -> None:
        self.answer = lambda question: (200, self.stamp(question))

    @property
    def roots(self) -> Path:
        return self.folder / "root.pem"

    def stamp(self, question: bytes) -> bytes:
        """The answer to a question."""
        asked = self.folder / "question.tsq"
        asked.write_bytes(question)
        done = subprocess.run(
            ["openssl", "ts", "-reply", "-queryfile", asked, "-config", self.folder / "tsa.cnf"],
            capture_output=True,
            check=True,
        )
        return done.stdout


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """An authority of our own, asked over HTTP."""
    folder.mkdir()
    _make_certificates(folder)
    (folder / "serial").write_text("01")
    (folder / "tsa.cnf").write_text(_SETTINGS.format(folder=folder))
    ours = Authority(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            status, body = ours.answer(question)
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ours.url = f"http://127.0.0.1:{server.server_port}/tsa"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield ours
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _make_certificates(folder: Path) -> None:
    """A root, and the certificate of an authority that it vouches for."""
    now = datetime.now(UTC)

    def begun(subject: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name("Our root"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=9))
        )

    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = (
        begun("Our root", root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    ours = (
        begun("Our authority", key)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "root.pem").write_bytes(root.public_bytes(pem))
    (folder / "tsa.pem").write_bytes(ours.public_bytes(pem))
    (folder / "tsa.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
