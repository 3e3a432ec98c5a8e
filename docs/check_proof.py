#!/usr/bin/env python3
"""Check a proof that `permalien prove` wrote: of a version of an article, without the archive.

    python3 -I check_proof.py PROOF.zip [--roots CERTIFICATES.pem] [--page FILE] [--text]

Needs Python 3.11 and nothing else; with --roots it asks `openssl` whether a stamp is signed by an
authority that these certificates vouch for. Exit code 0: all that the proof says holds; 1: it does
not, and the line says what. docs/proof.md of Permalien says what each part is.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any

LARGEST = 64 * 2**20  # bytes of one part
MOST_DAYS = 100_000
LEAF_TAG = b"permalien leaf 1\n"
DAY_TAG = b"permalien day 1\n"
USED_HEADERS = ("content-type", "content-language")
RIGHTS_HEADERS = ("tdm-reservation", "tdm-policy", "x-robots-tag")
EACH_COUNTS = ("tdm-reservation", "x-robots-tag")
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
SHA256_OID = bytes.fromhex("608648016503040201")
TST_INFO_OID = bytes.fromhex("2a864886f70d0109100104")


Json = dict[str, Any]


class Wrong(Exception):
    """The proof does not hold. The message says why."""


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


# The parts of the file


def read_parts(path: str) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    size = 0
    try:
        with zipfile.ZipFile(path) as packed:
            for info in packed.infolist():
                with packed.open(info) as file:
                    part = file.read(LARGEST + 1)
                size += len(part)
                if len(part) > LARGEST or size > 3 * LARGEST or info.filename in parts:
                    raise Wrong("the file is no proof: too large, or a part twice")
                parts[info.filename] = part
    except (OSError, zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, EOFError) as error:
        raise Wrong(f"{path} can't be read: {error}") from error
    return parts


# The tree: RFC 9162, section 2.1


def root_by_path(node: bytes, position: int, size: int, path: list[bytes]) -> bytes | None:
    if not 0 <= position < size:
        return None
    last = size - 1
    for sibling in path:
        if last == 0:
            return None
        if position & 1 or position == last:
            node = sha256(b"\x01" + sibling + node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + sibling)
        position, last = position >> 1, last >> 1
    return node if last == 0 else None


def check_days(days: list[Json]) -> dict[str, Json]:
    """The days by their date: each is chained to the one before."""
    if not 0 < len(days) <= MOST_DAYS:
        raise Wrong("the proof has no days")
    chained = days[0]["before"]
    for at, day in enumerate(days):
        if at and not days[at - 1]["day"] < day["day"]:
            raise Wrong(f"{day['day']}: the days are not in order")
        told = f"{day['day']} {day['leaves']}\n".encode()
        made = sha256(DAY_TAG + bytes.fromhex(chained) + told + bytes.fromhex(day["root"]))
        if day["before"] != chained or day["chained"] != made.hex():
            raise Wrong(f"{day['day']} is not chained to the day before it")
        chained = day["chained"]
    return {day["day"]: day for day in days}


def check_leaf(leaf: Json, days: dict[str, Json]) -> Json:
    """What the leaf says: its path leads to the root of its day."""
    row: Json = json.loads(leaf["row"])
    day = days.get(leaf["day"])
    if day is None:
        raise Wrong(f"the day of the {row['kind']}'s leaf is not in the proof: {leaf['day']}")
    data = LEAF_TAG + bytes.fromhex(leaf["salt"]) + leaf["row"].encode()
    path = [bytes.fromhex(it) for it in leaf["path"]]
    root = root_by_path(sha256(b"\x00" + data), leaf["position"], day["leaves"], path)
    if root is None or root.hex() != day["root"]:
        raise Wrong(f"the {row['kind']}'s leaf is not in the tree of {leaf['day']}")
    return row


# What the rows say of each other, of the page and of the text


def check_rows(
    version: Json, fetch: Json, content: Json, rule: Json | None, parts: dict[str, bytes]
) -> None:
    if version["fetch"] != fetch["id"] or version["digest"] != fetch["digest"]:
        raise Wrong("the fetch is not the one that brought this version")
    if version["content"] != content["digest"]:
        raise Wrong("the content is not the one that was recorded of this version")
    if sha256(parts["page"]).hex() != version["digest"]:
        raise Wrong("the page is not the one that was fetched")
    if sha256(parts["content.json"]).hex() != version["content"]:
        raise Wrong("the text is not the one that was recorded")
    if version["identifier"] != identifier(version):
        raise Wrong("the identifier is not this version's")
    if version["input"] is not None and version["input"] != input_digest(version, fetch, rule):
        raise Wrong("the text was not read of this page, at this address, with these headers")


def identifier(version: Json) -> str:
    """The permanent identifier that a version of these values has."""
    values = [version[it] for it in ("article", "number", "fetch", "digest", "content")]
    attempt = 0
    while True:
        value = int.from_bytes(sha256("\n".join(map(str, [*values, attempt])).encode())) >> 181
        digits = [ALPHABET[value >> at & 31] for at in range(70, -1, -5)]
        if value % 37 < 32 and digits[0].isalpha():
            return "".join(digits) + ALPHABET[value % 37]
        attempt += 1


def input_digest(version: Json, fetch: Json, rule: Json | None) -> str:
    """The digest of what extraction used: body, address, a few headers of the answer, and what the
    site's tdmrep.json said of the page."""
    headers: dict[str, str] = {}
    for name, value in fetch["response_headers"]:
        name = name.lower()
        if value is not None and name in EACH_COUNTS and name in headers:
            headers[name] += f"\n{value}"
        elif value is not None:
            headers[name] = value
    lines = [version["digest"], fetch["url"]]
    lines += [headers.get(name, "") for name in USED_HEADERS]
    lines += [f"{name}: {headers[name]}" for name in RIGHTS_HEADERS if name in headers]
    if rule is not None:
        lines.append(f"tdmrep.json: {rule['reserved']:d} {rule['policy'] or ''}")
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hex()


def check_template(version: Json, fetch: Json, parts: dict[str, bytes]) -> str:
    """What can be said of the template that the text was read with."""
    if not version["template"]:
        return "with no template"
    if "template.json" not in parts:
        return f"with template {version['template']}, which is not in the proof"
    template = json.loads(parts["template.json"])
    fetched_at = datetime.fromisoformat(fetch["fetched_at"])
    removed, kept = set(), set()
    for key, _place, _example, _pages, decision, *since in template["blocks"]:
        later = since and since[0] and datetime.fromisoformat(since[0]) >= fetched_at
        if decision == "always-remove" or (decision == "remove" and not later):
            removed.add(key)
        elif decision == "never-remove":
            kept.add(key)
    lines = sorted(removed) + [f"keep {key}" for key in sorted(kept)]
    lines += [f"title {part}" for part in template.get("title_parts", ())]
    lines += [f"byline {place}" for place in template.get("byline", ())]
    digest = sha256("\n".join(lines).encode()).hex() if lines else ""
    layout, dash, _ = version["template"].partition("-")
    if version["template"] != (f"{layout}-{digest[:55]}" if dash else digest):
        raise Wrong("the template is not the one that the text was read with")
    return f"with template {version['template']}"


# Stamps: RFC 3161


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """The DER elements of `data`, each as its tag and what is in it."""
    found, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(data[at : at + count]), at + count
        if at + length > len(data):
            raise ValueError("cut short")
        found.append((tag, data[at : at + length]))
        at += length
    return found


def stamped(token: bytes) -> tuple[bytes, str]:
    """The digest that the token is of, and the time that it says, in UTC."""
    try:
        ((_, whole),) = elements(token)
        signed = elements(elements(elements(whole)[1][1])[0][1])
        kind, wrapped = elements(signed[2][1])[:2]
        info = elements(elements(elements(wrapped[1])[0][1])[0][1])
        (_, algorithm), (_, imprint) = elements(info[2][1])
        if kind[1] != TST_INFO_OID or elements(algorithm)[0][1] != SHA256_OID:
            raise ValueError("no token of a SHA-256 digest")
        moment = info[4][1].decode("ascii")
    except (ValueError, IndexError) as error:
        raise Wrong("a stamp is no timestamp token by RFC 3161") from error
    return imprint, f"{moment[:4]}-{moment[4:6]}-{moment[6:8]} {moment[8:10]}:{moment[10:12]}"


def check_signature(token: bytes, data: bytes, roots: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stamp = Path(folder) / "stamp.der"
        stamp.write_bytes(token)
        command = ["openssl", "ts", "-verify", "-digest", sha256(data).hex(), "-token_in"]
        command += ["-in", str(stamp), "-CAfile", roots]
        try:
            done = subprocess.run(command, capture_output=True, timeout=60)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Wrong(f"openssl can't be run: {error}") from error
        if done.returncode:
            raise Wrong("a stamp is not signed by an authority that --roots vouch for")


# All of it


def check(path: str, roots: str | None) -> tuple[list[str], dict[str, bytes]]:
    """What the proof says, in lines, and its parts. Raises Wrong."""
    parts = read_parts(path)
    try:
        proof = json.loads(parts["proof.json"])
        if proof["kind"] != "permalien proof" or proof["format"] != 1:
            raise Wrong("this script reads proofs of format 1")
        days = check_days(proof["days"])
        rows = {row["kind"]: row for row in (check_leaf(it, days) for it in proof["leaves"])}
        if len(proof["leaves"]) != len(rows):
            raise Wrong("the proof has two leaves of one kind")
        version, fetch, content = rows["version"], rows["fetch"], rows["content"]
        recorded = {json.loads(it["row"])["kind"]: it["day"] for it in proof["leaves"]}
        check_rows(version, fetch, content, proof["tdm_rule"], parts)
        template = check_template(version, fetch, parts)
        stamps = []
        for stamp in proof["stamps"]:
            chained = bytes.fromhex(days[stamp["day"]]["chained"])
            token = parts[stamp["file"]]
            imprint, moment = stamped(token)
            if imprint != sha256(chained):
                raise Wrong(f"a stamp is not of {stamp['day']}")
            if roots is not None:
                check_signature(token, chained, roots)
            stamps.append((stamp["day"], moment))
        said = json.loads(parts["content.json"])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise Wrong(f"the proof is damaged: {type(error).__name__}: {error}") from error
    lines = [
        f"version {version['identifier']}: {said['title']}",
        f"fetched {fetch['fetched_at']} from {fetch['url']}, status {fetch['status']}",
        f"page: {len(parts['page'])} bytes, SHA-256 {fetch['digest']}",
        f"text: {len(said['text'])} characters, read by {version['extractor']} {template}",
        f"in the archive's log: version on {recorded['version']}, fetch on {recorded['fetch']}, "
        f"content on {recorded['content']}",
    ]
    for day, moment in stamps:
        signed = "signature checked" if roots else "signature NOT checked: name --roots"
        lines.append(f"stamped: the log up to {day} was there on {moment} UTC ({signed})")
    if not stamps:
        last = proof["days"][-1]
        lines.append(
            f"no stamp: only who knows from elsewhere that the log of {last['day']} is "
            f"{last['chained']} knows that it is not younger"
        )
    return lines, parts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("proof", help="the file that `permalien prove` wrote")
    parser.add_argument("--roots", metavar="FILE", help="certificates (PEM) to trust for stamps")
    parser.add_argument("--page", metavar="FILE", help="write the stored page there")
    parser.add_argument("--text", action="store_true", help="print the text that was recorded")
    given = parser.parse_args()
    if given.roots is not None and not Path(given.roots).is_file():
        parser.error(f"--roots {given.roots}: there is no such file")
    try:
        lines, parts = check(given.proof, given.roots)
    except Wrong as error:
        print(f"WRONG: {error}", file=sys.stderr)
        return 1
    text = "\n".join(lines)
    print("".join(it if it.isprintable() or it == "\n" else "\ufffd" for it in text))
    if given.text:
        said = json.loads(parts["content.json"])["text"]
        print("".join(it if it.isprintable() or it == "\n" else "\ufffd" for it in f"\n{said}"))
    if given.page:
        Path(given.page).write_bytes(parts["page"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
