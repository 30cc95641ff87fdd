"""The readable side of evidence: one page of HTML without scripts, for a screen or on paper.

Whatever stands in it is text: all of it is escaped, and the page's own policy lets the browser
load, run and send nothing but its one style sheet.
"""

import base64
from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from html import escape
from typing import Any, Final

import msgspec

from ledger.proof.evidence import Document, written
from ledger.proof.notes import Checkpoint, Note
from ledger.wording.amounts import Language, money
from ledger.wording.components import COMPONENTS
from ledger.wording.evidence import EVIDENCE
from ledger.wording.people import CONTACT_CHANNELS, FIELDS, LANGUAGES, PURPOSES

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; color: #111; max-width: 62rem; margin: 2rem auto;
       padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0;
         border-bottom: 1px solid #ccc; }
td.amount, th.amount { text-align: right; white-space: nowrap; }
tr.total { font-weight: bold; }
pre { background: #f4f4f4; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } tr { break-inside: avoid; }
               thead { display: table-header-group; } }
"""

_STYLE_HASH: Final = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"
)
"""Content-Security-Policy: nothing is loaded but the one style, known by its hash."""

_RIGHT: Final = ' class="amount"'


def html_report(document: Document, language: Language) -> str:
    """The page of a document. It says which file it belongs to, and proves nothing by itself."""
    page = _Page(document, language)
    title = page.word("title", reference=document["case"]["reference"])
    size = Checkpoint.parse(Note.parse(document["checkpoint"]).text).size
    made = page.word("made", made_at=document["made_at"], book=document["book"], size=size)
    digest = sha256(written(document).encode()).hexdigest()
    parts = [
        f"<h1>{title}</h1>",
        f"<p>{made}</p>",
        *page.subject(),
        f"<h2>{page.word('balance')}</h2>",
        page.balance(),
        *page.explanation(),
        *page.rules(),
        f"<h2>{page.word('history')}</h2>",
        page.history(),
        f"<h2>{page.word('postings')}</h2>",
        page.postings(),
        f"<h2>{page.word('proof')}</h2>",
        f"<p>{page.word('how', digest=digest)}</p>",
        f"<p>{page.word('proved')}</p>",
        f"<p>{page.word('our_word')}</p>",
        f"<h3>{page.word('checkpoint')}</h3>",
        f"<pre>{escape(document['checkpoint'])}</pre>",
        f"<h3>{page.word('keys')}</h3>",
        f"<pre>{escape(chr(10).join(document['keys']))}</pre>",
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


class _Page:
    def __init__(self, document: Document, language: Language) -> None:
        self._document = document
        self._language: Language = language
        self._column = 0 if language == "nb" else 1

    def word(self, name: str, **facts: object) -> str:
        return escape(EVIDENCE[name][self._column].format(**facts))

    def money(self, amount: int) -> str:
        return escape(money(amount, self._document["currency"], self._language))

    def balance(self) -> str:
        balance = self._document["balance"]
        names = {str(name): words[self._column] for name, words in COMPONENTS.items()}
        rows = [
            [escape(names.get(name, name)), self.money(amount)]
            for name, amount in balance["components"].items()
        ]
        rows.append([self.word("outstanding"), self.money(balance["outstanding"])])
        if balance["overpaid"]:
            rows.append([self.word("overpaid"), self.money(balance["overpaid"])])
        if not balance["outstanding"] and not balance["overpaid"]:
            return f"<p>{self.word('nothing')}</p>"
        return _table([self.word("component"), self.word("amount")], rows, amounts={1})

    def subject(self) -> Iterator[str]:
        found = self._document["subject"]
        if found is None:
            return
        yield f"<h2>{self.word('subject')}</h2>"
        named: dict[str, tuple[str, str]] = {str(name): words for name, words in FIELDS.items()}
        rows = [[self.word("name"), escape(found["name"][self._language])]]
        for field, value in found["person"].items():
            if field != "name":
                rows.append([escape(named[field][self._column]), escape(self._known(field, value))])
        rows.append([self.word("subject_id"), escape(found["subject"])])
        if found["erased_at"] is not None:
            rows.append([self.word("erased_on"), escape(found["erased_at"][:10])])
        if found["kept_until"] is not None:
            rows.append([self.word("kept_until"), escape(found["kept_until"])])
        yield _table([self.word("what"), self.word("is")], rows)
        purposes: dict[str, tuple[str, str]] = {str(name): said for name, said in PURPOSES.items()}
        why = purposes[found["purpose"]][self._column]
        yield f"<p>{self.word('read_by', actor=found['read_by'], purpose=why)}</p>"

    def _known(self, field: str, value: Any) -> str:
        """What is known of a person, as a person would write it."""
        if field == "addresses":
            return "; ".join(map(_address, value))
        words: dict[str, tuple[str, str]] = {
            **{str(name): said for name, said in LANGUAGES.items()},
            **{str(name): said for name, said in CONTACT_CHANNELS.items()},
        }
        chosen = field in {"language", "preferred_channel"}
        return words[value][self._column] if chosen else _plain(value)

    def explanation(self) -> Iterator[str]:
        found = self._document["explanation"]
        if found is None:
            return
        yield f"<h2>{self.word('explanation')}</h2>"
        yield "".join(f"<p>{escape(line)}</p>\n" for line in found["text"][self._language])
        names = {str(name): words[self._column] for name, words in COMPONENTS.items()}
        rows = [
            [
                escape(_claimed(names.get(item["component"], item["component"]), item)),
                str(part["position"]),
                escape(part["value_date"]),
                escape(part["rule"] or ""),
                escape(part["source"] or ""),
                self.money(part["amount"]),
            ]
            for item in found["items"]
            for part in item["contributions"]
        ]
        heads = ("component", "position", "value_date", "rule", "source", "amount")
        yield _table(map(self.word, heads), rows, amounts={5})

    def rules(self) -> Iterator[str]:
        found = self._document["rules"]
        if found is None:
            return
        yield f"<h2>{self.word('rules')}</h2>"
        version = found["version"]
        reviewed = found["reviewed_through"]
        yield f"<p>{self.word('rules_version', reviewed=reviewed, **version)}</p>"
        rows = [
            [
                escape(rule["rule"]),
                escape(f"{row['table']}: {_plain(row['values'])}"),
                escape(f"{row['valid_from']} – {row['valid_to']}"),
                escape(row["source"]),
                self.word(f"confidence_{row['confidence']}"),
            ]
            for rule in found["applied"]
            for row in rule["rows"]
        ]
        rows += [
            [escape(rule["rule"]), "", "", escape(rule["source"] or self.word("no_source")), ""]
            for rule in found["applied"]
            if not rule["rows"]
        ]
        heads = ("rule", "figures", "in_force", "source", "confidence")
        if rows:
            yield _table(map(self.word, heads), rows)
        for regime in found["regimes"]:
            letters = ", ".join(regime["letters"])
            yield f"<h3>{self.word('regime', law=regime['law'], letters=letters)}</h3>"
            figures = [
                [
                    escape(figure["figure"].replace("_", " ")),
                    escape(_plain(figure["is"])),
                    escape(figure["source"]),
                    self.word(f"confidence_{figure['confidence']}"),
                ]
                for figure in regime["figures"]
            ]
            yield _table(map(self.word, ("figure", "is", "source", "confidence")), figures)

    def history(self) -> str:
        rows = [
            [
                str(entry["position"]),
                escape(_value_date(entry)),
                escape(entry["line"][self._language]),
                escape(entry["recorded_at"][:19].replace("T", " ")),
                escape(entry["actor"]),
            ]
            for entry in self._document["entries"]
        ]
        names = ("position", "value_date", "event", "recorded", "by")
        return _table(map(self.word, names), rows)

    def postings(self) -> str:
        rows = [
            [
                str(entry["position"]),
                escape(posting["account"]),
                escape(posting["claim"] or ""),
                self.money(posting["amount"]) if posting["amount"] > 0 else "",
                self.money(-posting["amount"]) if posting["amount"] < 0 else "",
            ]
            for entry in self._document["entries"]
            for posting in entry["postings"]
        ]
        names = ("position", "account", "claim", "debit", "credit")
        return _table(map(self.word, names), rows, amounts={3, 4})


def _claimed(component: str, item: dict[str, Any]) -> str:
    return component if item["claim"] is None else f"{component} ({item['claim']})"


def _address(address: dict[str, Any]) -> str:
    place = " ".join(filter(None, (address.get("postcode"), address.get("place"))))
    return ", ".join(filter(None, (*address["lines"], place, address.get("country"))))


def _plain(value: Any) -> str:
    """A value of a table, a regime or a person in one line."""
    match value:
        case None:
            return "–"
        case bool():
            return "true" if value else "false"
        case dict():
            return ", ".join(f"{key} {_plain(each)}" for key, each in value.items())
        case list():
            return "; ".join(map(_plain, value)) or "–"
        case _:
            return str(value)


def _value_date(entry: dict[str, Any]) -> str:
    """As the payload has it, whatever the version of the event."""
    found = msgspec.json.decode(entry["payload"]).get("value_date", "")
    return found if isinstance(found, str) else ""


def _table(heads: Iterable[str], rows: Iterable[list[str]], amounts: Collection[int] = ()) -> str:
    """Cells are HTML already; the columns of amounts are set to the right."""

    def cells(kind: str, row: Iterable[str]) -> str:
        return "".join(
            f"<{kind}{_RIGHT if at in amounts else ''}>{cell}</{kind}>"
            for at, cell in enumerate(row)
        )

    body = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return (
        f"<table>\n<thead><tr>{cells('th', heads)}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
    )
