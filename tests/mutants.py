"""What became of the mutants of the last ``make mutation``: ``python -m tests.mutants``.

A table by module, then each mutant that no test noticed; ``python -m mutmut show NAME`` shows one.
A mutant is caught by the tests or, sooner, by the types. Those that no test reaches count as
survivors.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FOLDER: Final = Path("mutants")
NOTICED: Final = {0: "survived", 33: "survived", 37: "types", None: "not run"}
"""The tool's exit codes; every other one is a failed test, or one that took too long."""


def results() -> Iterator[tuple[str, dict[str, int | None]]]:
    """Each module that was mutated, with its mutants' exit codes."""
    for path in sorted(FOLDER.rglob("*.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        if codes:
            yield path.relative_to(FOLDER).as_posix().removesuffix(".meta"), codes


def main() -> None:
    """Print what is known."""
    columns = ("mutants", "types", "tests", "survived", "not run", "score")
    print(f"{'module':<42}" + "".join(f"{column:>10}" for column in columns))
    total: Counter[str] = Counter()
    for module, codes in results():
        found = Counter(NOTICED.get(code, "tests") for code in codes.values())
        total += found
        print(_row(module.removeprefix("ledger/domain/"), found))
    print(_row("all", total))
    for _, codes in results():
        for name, code in codes.items():
            if NOTICED.get(code) == "survived":
                print(name)


def _row(module: str, found: Counter[str]) -> str:
    run = found.total() - found["not run"]
    score = f"{1 - found['survived'] / run:.1%}" if run else "-"
    kinds = (found[kind] for kind in ("types", "tests", "survived", "not run"))
    return f"{module:<42}{found.total():>10}" + "".join(f"{n:>10}" for n in kinds) + f"{score:>10}"


if __name__ == "__main__":
    main()
