"""What happens to people with an unpaid invoice, and how often.

The common ones are those of the founding document; the rest are what the law has rules about. A
story asks for what people would ask for, also for what it knows will be refused.
"""

from typing import Final

from ledger.simulation.life import Story
from ledger.simulation.stories import (
    agreeing,
    circumstances,
    collecting,
    mistakes,
    objecting,
    paying,
    terminal,
)

STORIES: Final[tuple[tuple[Story, int], ...]] = (
    (paying.pays_in_time, 220),
    (paying.pays_after_reminder, 150),
    (paying.pays_after_notice, 60),
    (paying.partial_payments, 40),
    (paying.small_rest, 40),
    (terminal.split_at_the_terminal, 60),
    (terminal.tapped_too_early, 50),
    (terminal.frikort_and_material, 60),
    (objecting.record_copy, 30),
    (objecting.billed_in_spite_of_frikort, 20),
    (agreeing.deferral, 40),
    (agreeing.deferral_not_kept, 15),
    (agreeing.plan_that_is_kept, 20),
    (agreeing.plan_that_is_broken, 12),
    (agreeing.plan_after_the_demand, 6),
    (collecting.pays_nothing, 15),
    (collecting.pays_when_attached, 15),
    (collecting.waits_too_long, 6),
    (paying.paid_but_booked_late, 15),
    (objecting.disputed_and_silent, 12),
    (objecting.small_and_disputed, 12),
    (objecting.to_the_conciliation_board, 6),
    (agreeing.settlement_that_lapses, 5),
    (circumstances.minor, 15),
    (circumstances.under_sixteen, 8),
    (circumstances.third_party, 15),
    (circumstances.wants_to_be_called, 15),
    (paying.says_it_is_paid, 15),
    (paying.pays_too_much, 12),
    (paying.payment_is_returned, 6),
    (paying.wrong_kid, 10),
    (paying.pays_after_it_is_closed, 6),
    (paying.names_what_he_pays, 5),
    (circumstances.dies, 4),
    (circumstances.dies_insolvent, 2),
    (circumstances.goes_bankrupt, 5),
    (circumstances.settles_debts, 5),
    (circumstances.protected_address, 5),
    (collecting.mail_comes_back, 8),
    (collecting.came_months_late, 8),
    (collecting.old_claim, 4),
    (collecting.nearly_too_old, 4),
    (collecting.clumsy_agent, 6),
    (collecting.wrong_letter, 6),
    (paying.comes_again, 10),
    (collecting.passed_on, 3),
    (collecting.taken_back, 5),
    (mistakes.how_old, 2),
    (mistakes.which_law, 2),
    (mistakes.whose_claim, 2),
    (mistakes.which_person, 2),
    (mistakes.three_fees, 6),
    (mistakes.sends_its_own_notice, 3),
    (mistakes.next_to_nothing, 8),
    (mistakes.fat_fingers, 5),
    (mistakes.refunded_and_returned, 3),
)
"""Each story, and how often it comes among a thousand or so."""
