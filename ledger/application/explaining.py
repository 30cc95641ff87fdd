"""Explanations, simulated plans and guides as plain data, with their words in both languages.

Amounts are minor units of ``currency``; dates and times are ISO 8601, times in UTC.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec

from ledger.domain.accrual import CURRENCY
from ledger.domain.case import Case
from ledger.domain.conversations import Guide
from ledger.domain.events import Component, Disclosed
from ledger.domain.explanation import Explanation
from ledger.domain.plans import PlanSimulation
from ledger.wording.amounts import Language
from ledger.wording.commands import COMMANDS
from ledger.wording.conversations import CHECKS, MUST_NOTS, TOPICS, spoken_text
from ledger.wording.explanations import explanation_text
from ledger.wording.plans import plan_text

LANGUAGES: Final[tuple[Language, ...]] = ("nb", "en")


def explanation_view(
    book: str,
    explanation: Explanation,
    *,
    component: Component | None = None,
    disclosed: Disclosed = "lines",
) -> dict[str, Any]:
    """All of an explanation, or what concerns one component; its data is for whoever may see lines.

    ``disclosed`` says how much the text may tell whoever listens.
    """
    view: dict[str, Any] = msgspec.to_builtins(explanation)
    if component is not None:
        view["items"] = [item for item in view["items"] if item["component"] == component]
        if component != "interest":
            view["interest"] = []
    text = {
        language: explanation_text(explanation, language, component=component, disclosed=disclosed)
        for language in LANGUAGES
    }
    return {"book": book, **view, "to_pay": explanation.to_pay, "text": text}


def plan_view(book: str, case: Case, plan: PlanSimulation) -> dict[str, Any]:
    """A simulated plan. ``dearer_by`` is what it costs more than paying on the day."""
    currency = case.currency or CURRENCY
    return {
        "book": book,
        "case": str(case.id),
        "reference": case.reference,
        "currency": currency,
        **msgspec.to_builtins(plan),
        "dearer_by": plan.dearer_by,
        "cost_must_be_told": plan.cost_must_be_told,
        "text": {language: plan_text(plan, language, currency) for language in LANGUAGES},
    }


def guides_view(book: str, case: Case, on: date, guides: Sequence[Guide]) -> dict[str, Any]:
    """The guides of a case, each line as its key and its words."""
    currency = case.currency or CURRENCY
    return {
        "book": book,
        "case": str(case.id),
        "reference": case.reference,
        "on": on.isoformat(),
        "guides": [_guide(guide, currency) for guide in guides],
    }


def _guide(guide: Guide, currency: str) -> dict[str, Any]:
    return {
        "topic": guide.topic,
        "title": _words(TOPICS[guide.topic]),
        "check": [{"key": key, "text": _words(CHECKS[key])} for key in guide.check],
        "say": [
            {
                "key": spoken.say,
                "facts": msgspec.to_builtins(spoken.facts),
                "text": {lang: spoken_text(spoken, lang, currency) for lang in LANGUAGES},
            }
            for spoken in guide.say
        ],
        "commands": [{"command": name, "text": _words(COMMANDS[name])} for name in guide.commands],
        "must_not": [{"key": key, "text": _words(MUST_NOTS[key])} for key in guide.must_not],
    }


def _words(words: tuple[str, str]) -> dict[str, str]:
    return dict(zip(LANGUAGES, words, strict=True))
