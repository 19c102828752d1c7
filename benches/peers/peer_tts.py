"""piper-tts on sentences: how long, and how soon the first sound comes. Run by run.py as peer_stt.py is."""
import json
import sys
import time

import report
from piper import PiperVoice


def main(task):
    before = report.resident_mib()
    voice = PiperVoice.load(task["voice"])
    resident = max(0.0, report.resident_mib() - before)
    list(voice.synthesize("Hello."))
    rows = [report.row("after loading", task["model"], "", {"resident": resident})]
    for one in task["sentences"]:
        begun, first, seconds = time.perf_counter(), None, 0.0
        for chunk in voice.synthesize(one["said"]):
            first = first or time.perf_counter() - begun
            seconds += len(chunk.audio_int16_bytes) / 2 / chunk.sample_rate
        observed = {"first_ms": first * 1_000, "rtf": (time.perf_counter() - begun) / max(seconds, 0.1)}
        rows.append(report.row(one["item"], task["model"], one["condition"], observed, said=one["said"]))
    return rows


if __name__ == "__main__":
    json.dump(main(json.loads(sys.argv[1])), sys.stdout)
