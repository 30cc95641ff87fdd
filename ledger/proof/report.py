"""The readable side of evidence: one page of HTML without scripts, for a screen or on paper."""

from collections.abc import Collection, Iterable
from hashlib import sha256
from html import escape
from typing import Any, Final

import msgspec

from ledger.proof.evidence import Document, written
from ledger.proof.notes import Checkpoint, Note
from ledger.wording.amounts import Language, money
from ledger.wording.components import COMPONENTS
from ledger.wording.evidence import EVIDENCE

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
        f"<h2>{page.word('balance')}</h2>",
        page.balance(),
        f"<h2>{page.word('history')}</h2>",
        page.history(),
        f"<h2>{page.word('postings')}</h2>",
        page.postings(),
        f"<h2>{page.word('proof')}</h2>",
        f"<p>{page.word('how', digest=digest)}</p>",
        f"<h3>{page.word('checkpoint')}</h3>",
        f"<pre>{escape(document['checkpoint'])}</pre>",
        f"<h3>{page.word('keys')}</h3>",
        f"<pre>{escape(chr(10).join(document['keys']))}</pre>",
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
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
