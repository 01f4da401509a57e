"""What each figure is, word for word as the page says it, and what it cannot tell. Its function says the same."""

from flask_babel import lazy_gettext as _l

# when a block is frozen, these are kept beside its figures; reworded here, they stay as they were there
DEFINITIONS = {
    "reach": _l(
        "People invited for the first time in these weeks, over the places of these weeks. "
        "Week by week: the same of each week. A new letter for somebody invited before counts nobody new. Opened, "
        "finished, no thanks: how many different people opened a letter, finished About me or said no thanks in these "
        "weeks, whenever they were invited."
    ),
    "wait": _l(
        "Calendar days from finishing About me, or asking for a call, to the first conversation in these weeks. "
        "The figure is the median: half of them waited longer, half shorter. Whoever talked with a coach before "
        'that never waited. Whoever said "I don\'t need this now", moved away or died waits no longer; coming back '
        "begins a new wait. Beside it: how many were waiting at the end of these weeks, or wait now while the weeks "
        "run, and the longest of those waits."
    ),
    "residents": _l(
        'Of the residents who answered "Did this feel right?" in these weeks, those whose newest answer is yes. '
        "We ask after About me and after conversations, without the coach. Response: the residents who answered, of "
        "those who finished About me or had a conversation in these weeks. Shown in tenths, when the weeks are over, "
        "and only where enough different people answered; "
        'never above "8 in 10 or more" nor below "2 in 10 or fewer", so that no answer shows where all agree.'
    ),
    "coaches": _l(
        'Of the coaches\' answers to "Did this feel right to you?" in these weeks, those that are yes. '
        "We ask after conversations. Response: the conversations with an answer, of those written down in these weeks. "
        "Shown in tenths, when the weeks are over, and only where at least 3 coaches answered, and often enough; "
        'never above "8 in 10 or more" nor below "2 in 10 or fewer", so that no answer shows where all agree.'
    ),
    "own_words": _l(
        "Of the goals that residents are doing now, those in their own words. "
        "The words were typed by the resident, or typed for them and read back. Counted as they stand on the day of "
        "counting, without those of residents who have died."
    ),
    "promises": _l(
        "Of our promises for a day in these weeks that residents answered, those they say we kept. "
        "Partly kept is not kept; not yet is no answer yet. Promises that were let go, and those to residents who "
        "have died, are left out. Response: the promises with an answer, of all that were for a day in these weeks. "
        "Shown in tenths, when the weeks are over, and only where enough different people answered; "
        'never above "8 in 10 or more" nor below "2 in 10 or fewer", so that no answer shows where all agree.'
    ),
    "blockers": _l(
        "What got in residents' way, is ours to change and was passed on with their yes. "
        "Opened: passed on in these weeks. Removed: in these weeks we changed it, or it went away as residents say. "
        "Open: still in the way at the end of these weeks, or now while they run, also where we said why we cannot "
        "change it. What residents said who have died is left out. The age of the oldest is in calendar days "
        "since it was passed on."
    ),
    "hurting": _l(
        "What a manager answered each week to: Is it hurting the business? "
        "Beside it, about how many hours a week Deal took all coaches together, as they say: all the hours they told, "
        "over the weeks for which they did. Only of weeks for which at least 3 coaches told, and never less than "
        '"fewer than 5", so that no answer shows where all say none.'
    ),
    "goals": _l(
        "Goals written down in these weeks, and goals that came to be done, changed, resting or set aside in them. "
        "A goal that rests, goes on and rests again counts twice."
    ),
}
CANNOT_TELL = {
    "reach": _l("It cannot tell whom nobody thought of inviting, nor why a letter stayed shut."),
    "wait": _l("It cannot tell whether the talk was a good one, nor how often somebody tried to ring."),
    "residents": _l(
        "Those who did not answer may feel otherwise. A no can be about the questions, the place or the day."
    ),
    "coaches": _l("It cannot tell how the talk felt to the resident. A hard talk can be a right one."),
    "own_words": _l("It cannot tell whose idea a goal was, nor how much it matters to somebody."),
    "promises": _l("It cannot tell how big a promise was, and knows none that nobody wrote down."),
    "blockers": _l(
        "Most of what gets in the way is never passed on. More of them can mean more trust, not more trouble."
    ),
    "hurting": _l(
        "It is an opinion and a guess. It cannot tell what the same hours would have gone to without Deal, and leaves "
        "out coaches who told nothing."
    ),
    "goals": _l("More is not better. Resting and setting aside are good answers too."),
}
