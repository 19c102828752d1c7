#!/usr/bin/env python3
"""Backstop beside faster-whisper, llama.cpp, piper-tts and a whole Pipecat pipeline: same weights, same items, same machine, in turns.

Installs the peers into an environment in the project's cache folder, lets Backstop and each peer take turns (Backstop, peer, peer, Backstop ...),
prints both with their ratio, and saves both as reports that `backstop bench compare` reads. None of this is part of the product."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or later is needed: run this with such a one, as `python3.11 benches/peers/run.py`")

import tomllib

import caller
import environment
import report
import sound
import words
from environment import HERE, ROOT, Fault

EXAMPLES = """examples:
  python3 benches/peers/run.py
  python3 benches/peers/run.py --only stt,llm --rounds 3
  python3 benches/peers/run.py --only conversation --callers burst_pipe --profile small
  backstop bench compare --out target/bench llm-backstop llm-llama.cpp
The program must be built (`cargo build --release --locked`) and the models be there (`backstop models pull --all`)."""
PEERS = {"stt": "faster-whisper", "tts": "piper-tts", "llm": "llama.cpp", "conversation": "pipecat"}
# Of what both measure.
MEASURED = {
    "stt": ("wer", "rtf", "ms_under_2_s", "ms_under_4_s", "ms_under_8_s", "ms_over_8_s"),
    "tts": ("first_ms", "rtf", "resident"),
    "llm": ("take_in", "first_ms", "writing", "resident"),
    "conversation": (
        "first_audio_ms content_ms cut_off answered completed greeting_ms endpoint_ms transcript_ms first_text_ms sent_ms sent_by_model_ms ready_ms resident"
    ).split(),
}
RULES = """Rules:
- You lead the call. Ask for what you don't know yet, one question at a time: what is wrong, name, callback number, address, how urgent, preferred time.
- Say one short, warm, spoken sentence of at most 20 words at a time.
- Use only the facts above. If they don't answer a question, say our team will tell them on the call back.
- Never promise times or prices that are not in the facts, and never say that a visit is booked.
- When you have all of it, thank the caller and say goodbye.
- Never say that you are a person."""


def main():
    options = arguments()
    work = environment.work_folder()
    work.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(options.environment) if options.environment else work / "venv"
    backstop = environment.program(options.backstop)
    tasks = {part: TASKS[part](options) for part in options.only}
    python = environment.install(options.only, folder, options.reinstall)
    before = report.load()
    if before > 0.5 * (os.cpu_count() or 1):
        print(f"the load average is {before:.1f} already: what else runs makes all times too long", file=sys.stderr)
    if options.prepare:
        for name in {task.whisper for task in tasks.values() if task.whisper}:
            environment.whisper_weights(name, python, work)
        print("all is there: run it without --prepare")
        return
    saved = []
    for part, task in tasks.items():
        task.bind(options, backstop, python, work)
        saved.append(measure(part, task, options))
    print()
    for ours, theirs in saved:
        print(f"{backstop} bench compare {ours} {theirs}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=parts, default=list(PEERS), metavar="PART", help="some of stt,tts,llm,conversation; all without it")
    parser.add_argument("--profile", default="standard", help="which models: standard or small (standard)")
    parser.add_argument("--rounds", type=at_least_one, default=2, help="how often each side is measured (2)")
    parser.add_argument("--limit", type=at_least_one, default=40, help="at most so many recordings and sentences (40)")
    parser.add_argument("--callers", type=lambda text: text.split(","), default=["burst_pipe", "asker"], help="who calls: callers that only say lines (burst_pipe,asker)")
    parser.add_argument("--turn", choices=["smart", "silence"], default="smart", help="how Pipecat ends turns: its default, Silero with Smart Turn, or Silero alone (smart)")
    parser.add_argument("--threads", type=at_least_one, default=2, help="threads of each model (2)")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "target" / "bench", metavar="FOLDER", help="where the reports go (target/bench)")
    parser.add_argument("--backstop", metavar="PATH", help="the program (target/release/backstop)")
    parser.add_argument("--environment", metavar="FOLDER", help="where the peers are installed (beside the models: .../backstop/peers/venv)")
    parser.add_argument("--reinstall", action="store_true", help="install the peers anew")
    parser.add_argument("--prepare", action="store_true", help="only install and fetch what is needed")
    return parser.parse_args()


def parts(text):
    chosen = text.split(",")
    if unknown := set(chosen) - set(PEERS):
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(sorted(unknown))}. Use some of {', '.join(PEERS)}")
    return chosen


def at_least_one(text):
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is no number from 1")
    return int(text)


def measure(part, task, options):
    """Both sides in turns. Prints what it came to and saves both."""
    begun, ours, theirs = report.load(), [], []
    for round_number in range(options.rounds):
        turns = [("Backstop", task.backstop, ours), (PEERS[part], task.peer, theirs)]
        # Each goes first as often as the other: a machine that grows warm or busy wrongs neither.
        for name, work, found in reversed(turns) if round_number % 2 else turns:
            print(f"{part}, round {round_number + 1} of {options.rounds}: {name}", file=sys.stderr)
            found.append(work())
    like, loads = task.like, [begun, report.load()]
    measures = [one for one in like["measures"] if one["key"] in MEASURED[part]]
    told = {"rounds": options.rounds, "threads of a model": options.threads}
    rows = [row for found in ours for row in found]
    reports = [report.build("backstop", like, rows, measures, like["options"] | told, loads)]
    rows = [row for found in theirs for row in found]
    told |= {"packages": environment.requirements([part]), **task.told}
    reports.append(report.build(PEERS[part], like, rows, measures, told, loads, models=task.models()))
    print(f"\n{part}: Backstop and {PEERS[part]}, load average {begun:.1f} before\n")
    print(report.table(*reports, PEERS[part]))
    return [report.save(options.out, one) for one in reports]


class Task:
    """One part: how Backstop is measured, and how its peer."""

    whisper = None
    told = {}

    def __init__(self, options):
        self.options = options
        self.like = None

    def bind(self, options, backstop, python, work):
        self.program, self.python, self.work = backstop, python, work
        self.prepare()

    def prepare(self):
        pass

    def bench(self, *arguments):
        """A report of Backstop's, of which only what both measure is kept."""
        part = next(part for part, kind in TASKS.items() if isinstance(self, kind))
        with tempfile.TemporaryDirectory() as out:
            command = [self.program, "bench", part, *map(str, arguments), "--out", out, "--save", "one", "--json"]
            variables = os.environ | {"RAYON_NUM_THREADS": str(self.options.threads)}
            done = subprocess.run(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise Fault(f"`{' '.join(map(str, command))}` failed: see above")
        self.like = self.like or json.loads(done.stdout)
        found = []
        for row in json.loads(done.stdout)["rows"]:
            row["observed"] = {key: value for key, value in row["observed"].items() if key in MEASURED[part]}
            found += [row] if row["observed"] else []
        return found

    def run_peer(self, script, task):
        variables = os.environ | {"OMP_NUM_THREADS": str(self.options.threads), "HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore"}
        command = [self.python, HERE / script, json.dumps(task)]
        done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise Fault(f"{script} failed: see above. If a package is at fault, --reinstall installs the peers anew")
        return json.loads(done.stdout)

    def models(self):
        return self.like["models"]


class Ears(Task):
    def __init__(self, options):
        super().__init__(options)
        self.whisper = environment.profile_model(options.profile, "transcriber")
        environment.model(self.whisper)

    def prepare(self):
        self.weights = environment.whisper_weights(self.whisper, self.python, self.work)
        self.folder = self.work / "recordings"
        self.recordings = recordings(self.folder, self.options.limit)
        self.told = {"compute type": "int8", "beam": 1}

    def backstop(self):
        found = self.bench("--model", self.whisper, "--data", self.folder, "--condition", "clean", "--threads", self.options.threads)
        kept = [row for row in found if row["condition"] == "clean"]
        for row in kept:
            # Both sides' words are counted by one rule.
            row["observed"]["wer"] = {"part": words.word_errors(row["notes"]["said"], row["notes"]["heard"])}
        return kept

    def peer(self):
        task = {"model": self.whisper, "weights": str(self.weights), "recordings": self.recordings, "threads": self.options.threads}
        return self.run_peer("peer_stt.py", task)


class Voices(Task):
    def __init__(self, options):
        super().__init__(options)
        self.voice = environment.profile_model(options.profile, "voice")
        self.file = environment.model(self.voice)[1]

    def backstop(self):
        found = self.bench("--model", self.voice, "--limit", self.options.limit, "--threads", self.options.threads)
        self.sentences = [row | {"said": row["notes"]["said"]} for row in found if "rtf" in row["observed"]]
        return found

    def peer(self):
        return self.run_peer("peer_tts.py", {"model": self.voice, "voice": str(self.file), "sentences": self.sentences})


class Minds(Task):
    def __init__(self, options):
        super().__init__(options)
        self.model = environment.profile_model(options.profile, "responder")
        self.file = environment.model(self.model)[1]

    def backstop(self):
        # Of the questions and dialogues only what must be: times are measured after them.
        return self.bench("--model", self.model, "--limit", 1)

    def peer(self):
        return self.run_peer("peer_llm.py", {"model": self.model, "weights": str(self.file), "threads": self.options.threads})


class Calls(Task):
    def __init__(self, options):
        super().__init__(options)
        self.whisper, self.llm, self.voice = (environment.profile_model(options.profile, kind) for kind in ("transcriber", "responder", "voice"))
        self.files = [environment.model(name)[1] for name in (self.whisper, self.llm, self.voice)]
        self.scripts = [script(name) for name in options.callers]
        self.instructions, self.greeting = instructions()

    def prepare(self):
        self.weights = environment.whisper_weights(self.whisper, self.python, self.work)
        self.told = {"callers": self.options.callers, "end of turn": self.options.turn, "line": "20 ms frames at 8,000 Hz within the process"}

    def backstop(self):
        return self.bench("--callers", ",".join(self.options.callers), "--profile", self.options.profile)

    def peer(self):
        logs = self.work / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        task = {
            "subject": "pipecat",
            "whisper": str(self.weights),
            "llm": str(self.files[1]),
            "voice": str(self.files[2]),
            "threads": self.options.threads,
            "turn": self.options.turn,
            "callers": self.scripts,
            "instructions": self.instructions,
            "greeting": self.greeting,
            # As Backstop's own replies are limited.
            "max_tokens": 80,
            "logs": str(logs),
        }
        return self.run_peer("peer_conversation.py", task)


TASKS = {"stt": Ears, "tts": Voices, "llm": Minds, "conversation": Calls}


def recordings(folder, limit):
    """The callers' lines as 16-bit files in a folder that both sides read, at most so many, spread over all."""
    lines = []
    for path in sorted((ROOT / "fixtures" / "callers").glob("*.toml")):
        for step in tomllib.loads(path.read_text()).get("step", []):
            say, wav = step.get("say"), step.get("wav")
            if isinstance(say, str) and isinstance(wav, str):
                lines.append((path.stem, say, path.parent / wav))
    lines = lines[:: max(1, len(lines) // limit)][:limit]
    folder.mkdir(parents=True, exist_ok=True)
    found, manifest = [], ["speaker\tfile\ttranscript"]
    for n, (who, say, wav) in enumerate(lines):
        copy = folder / f"{n:03}_{wav.stem}.wav"
        sound.write(copy, sound.read(wav))
        found.append({"item": f"{who}/{copy.stem}", "said": say, "path": str(copy)})
        manifest.append(f"{who}\t{copy.name}\t{say}")
    (folder / "manifest.tsv").write_text("\n".join(manifest) + "\n")
    return found


def script(name):
    path = ROOT / "fixtures" / "callers" / f"{name}.toml"
    try:
        return caller.script(path)
    except FileNotFoundError:
        raise Fault(f"`{name}` is no caller of fixtures/callers")
    except caller.NoPlainScript as why:
        raise Fault(f"{why}, which a peer's caller can't: name others with --callers, such as burst_pipe,asker,withheld")


def instructions():
    """The receptionist's prompt file for a model that leads the call itself, and the greeting. Backstop's own rules leave that to the machine."""
    _, front, _ = (ROOT / "prompts" / "receptionist.md").read_text().split("+++", 2)
    prompt = tomllib.loads(front)
    business = prompt["business"]
    facts = "\n".join(f"- {fact}" for fact in prompt["facts"].values())
    text = (
        f"You are the automated phone assistant of {business['name']} ({business['trade']}).\n"
        f"Hours: {business['hours']}. Area: {business['service_area']}.\nFacts:\n{facts}\n{RULES}"
    )
    return text, prompt["lines"]["greeting"].replace("{{ business.name }}", business["name"])


if __name__ == "__main__":
    try:
        main()
    except Fault as why:
        sys.exit(str(why))
    except KeyboardInterrupt:
        sys.exit("stopped")
