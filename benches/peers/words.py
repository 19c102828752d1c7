"""What was heard against what was said, and where a reply begins to say something: one rule for Backstop and its peers."""
import re

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
NUMBERS = {word: str(n) for n, word in enumerate(ONES)} | {"oh": "0"}
TENS = {word: str(n) for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
# As in src/bench/conversation/score.rs: a clause of these alone says nothing yet.
ACKNOWLEDGING = set(
    "thank thanks you okay alright all right i see understand understood got it sure great of course certainly good perfect noted hear that i'm "
    "sorry to um one moment let me check very well yes so much".split()
)


def plain(text):
    """Lower-case words without marks; numbers digit by digit, however they are written."""
    words = "".join(c if c.isalnum() or c == "'" else " " for c in text.lower().replace("’", "'")).split()
    pieces = []
    for n, word in enumerate(words):
        if word in TENS:
            is_whole = words[n + 1 : n + 2] == [] or words[n + 1] not in ONES[1:10]
            pieces.append(TENS[word] + ("0" if is_whole else ""))
        else:
            pieces.append(NUMBERS.get(word, word))
    return [part for piece in pieces for part in (list(piece) if piece.isdigit() else [piece])]


def word_errors(said, heard):
    """Wrong, missing and extra words, and how many were said."""
    said, heard = plain(said), plain(heard)
    row = list(range(len(heard) + 1))
    for n, word in enumerate(said):
        diagonal, row[0] = row[0], n + 1
        for m, other in enumerate(heard):
            diagonal, row[m + 1] = row[m + 1], min(diagonal + (word != other), row[m] + 1, row[m + 1] + 1)
    return row[-1], len(said)


def clauses(text):
    return [piece for piece in re.split(r"(?<=[.!?])\s+", text.strip()) if any(c.isalnum() for c in piece)]


def acknowledges(clause):
    words = plain(clause)
    return "?" not in clause and len(words) <= 6 and all(word in ACKNOWLEDGING for word in words)


def content_after(reply, stretches):
    """When the first clause begins that is more than an acknowledgement, by the reply's stretches of sound, in milliseconds from the end of
    the caller's speech. As `content_after` of src/bench/conversation/score.rs tells it."""
    pieces = clauses(reply)
    empty = next((n for n, piece in enumerate(pieces) if not acknowledges(piece)), len(pieces))
    first, ended = stretches[0][0], stretches[-1][1]
    if empty in (0, len(pieces)):
        return first
    if empty < len(stretches):
        return stretches[empty][0]
    length = [len(piece) for piece in pieces]
    return first + (ended - first) * sum(length[:empty]) / sum(length)
