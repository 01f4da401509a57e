"""What is dealt out in turn to the residents whom the words leave open."""

# how the goals that the words leave open came to be said, and where they stand: dealt out in turn
SAID = ("own", "quoted", "read_back", "own", "typed", "quoted", "own")
STANDS = ("live", "reached", "live", "changed", "live", "resting", "live", "set_aside", "live", "back", "reached")
# what became of letters four weeks old and older, in turn
LETTERS = (
    *("in", "in", "run_out", "in", "not_me", "no_thanks", "in", "talked_first", "in", "in", "run_out", "in", "renewed"),
    *("in", "in", "in", "in", "no_thanks", "in", "in"),
)
# who typed the answers
TYPED = ("self", "self", "read_back", "self", "self", "friend", "self", "coach", "self", "self", "self")
