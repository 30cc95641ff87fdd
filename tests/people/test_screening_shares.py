"""Of many notes, as agents write them, nearly all that say too much are caught; none in vain."""

from tests.people.screening import measure


def test_what_is_caught_and_what_is_refused_in_vain() -> None:
    found = measure(2_000, seed=7)
    assert found.caught >= 0.97, found.missed[:5]
    assert found.refused_in_vain <= 0.005, found.in_vain[:5]
    assert len(found.caught_by_disguise) == 22
    weakest = min(found.caught_by_disguise, key=lambda group: found.caught_by_disguise[group])
    assert found.caught_by_disguise[weakest] >= 0.8, weakest
