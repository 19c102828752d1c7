"""A scripted caller for a peer: says a script's lines one after the other and measures what it hears, by the rules of src/caller.

A pure machine: it is told the time, and the level of what arrives. Times are in seconds, as `time.monotonic` counts them."""
import dataclasses
import pathlib
import tomllib

import sound

AUDIBLE_DBFS = -45.0
FRESH_AFTER = 0.2
LASTING = 0.4
FRAME = 0.02
# What plain lines are made of. Other callers press keys, interrupt or answer by what they are asked, which a peer's caller can't.
PLAIN = {"say", "wav"}


class NoPlainScript(Exception):
    pass


@dataclasses.dataclass
class Step:
    said: str
    frames: list
    ends_in: int
    began_at: float = 0.0
    ended_at: float | None = None
    overlapped: bool = False
    spoken_into: bool = False
    speaking_over: bool = False
    stretches: list = dataclasses.field(default_factory=list)


class Caller:
    """Waits for a greeting, says a line, waits until the reply is over, says the next."""

    def __init__(self, now, script):
        self.quiet = script.get("quiet_ms", 1_000) / 1_000
        self.patience = script.get("patience_ms", 20_000) / 1_000
        self.waiting = [_step(one) for one in script["lines"]]
        self.done = []
        self.answered_at = now
        self.greeted_at = None
        self.marked_at = now
        self.heard_at = None
        self.last_audible = None
        self.line = None
        self.ending = None

    def tick(self, now):
        """20 ms are over: the next frame to send, and whether a line's speech ended in it."""
        if self.line is None:
            self._look_for_cue(now)
        if self.line is None or self.ending:
            return bytes(sound.FRAME_BYTES), False
        step = self.done[-1]
        frame, ends = step.frames[self.line], self.line == step.ends_in
        if ends:
            step.ended_at, step.overlapped = now, self._is_audible(now)
            self.marked_at, self.heard_at = now, None
        self.line = self.line + 1 if self.line + 1 < len(step.frames) else None
        return frame, ends

    def hear(self, now, level_dbfs):
        """A frame has arrived, this loud."""
        if level_dbfs < AUDIBLE_DBFS:
            return
        is_fresh = not self._is_audible(now)
        self.greeted_at = self.greeted_at or now
        self.last_audible = self.heard_at = now
        if self.done:
            self._reply(self.done[-1], now, is_fresh)

    def _reply(self, step, now, is_fresh):
        if step.ended_at is None:
            step.spoken_into |= is_fresh and not step.speaking_over
            return
        if step.overlapped:
            return
        begun = (now - step.ended_at) * 1_000
        if is_fresh or not step.stretches:
            step.stretches.append([begun, begun + FRAME * 1_000])
        else:
            step.stretches[-1][1] = begun + FRAME * 1_000

    def _look_for_cue(self, now):
        if self.heard_at is not None and now - self.heard_at >= self.quiet:
            if self.waiting:
                self._begin(now)
            else:
                self.ending = "the script is over, but nobody hung up: the caller did"
        elif now - (self.heard_at or self.marked_at) >= self.patience:
            done, of = len(self.done), len(self.done) + len(self.waiting)
            self.ending = f"nothing was heard after line {done} of {of}: the caller gave up"

    def _begin(self, now):
        step = self.waiting.pop(0)
        step.began_at = now
        step.speaking_over = self.last_audible is not None and now - self.last_audible < LASTING
        self.done.append(step)
        self.line = 0

    def _is_audible(self, now):
        return self.last_audible is not None and now - self.last_audible < FRESH_AFTER

    @property
    def completed(self):
        return not self.waiting and bool(self.done) and bool(self.done[-1].stretches)


def script(path):
    """A caller of fixtures/callers, as far as it only says lines."""
    path = pathlib.Path(path)
    whole = tomllib.loads(path.read_text())
    steps = [one for one in whole.get("step", []) if not one.get("optional")]
    plain = all(set(one) <= PLAIN and isinstance(one["say"], str) for one in steps)
    if not steps or not plain or "line" in whole:
        raise NoPlainScript(f"{path.stem} does more than say lines over a clean line")
    kept = {key: whole[key] for key in ("quiet_ms", "patience_ms") if key in whole}
    lines = [{"say": one["say"], "wav": str(path.parent / one["wav"])} for one in steps]
    return {"name": path.stem, "lines": lines, **kept}


def _step(line):
    frames = sound.frames(sound.read(line["wav"]))
    audible = [n for n, frame in enumerate(frames) if sound.level_dbfs(frame) > AUDIBLE_DBFS]
    return Step(line["say"], frames, audible[-1] if audible else 0)
