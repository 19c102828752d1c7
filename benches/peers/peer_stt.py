"""faster-whisper on recordings: how long, and which words. Run by run.py in the peers' environment, with a task as JSON; prints rows as JSON."""
import json
import sys
import time
import wave

import report
import words
from faster_whisper import WhisperModel

# As src/bench/stt.rs tells lengths apart, in seconds.
LENGTHS = [("ms_under_2_s", 2.0), ("ms_under_4_s", 4.0), ("ms_under_8_s", 8.0), ("ms_over_8_s", float("inf"))]


def main(task):
    model = WhisperModel(task["weights"], device="cpu", compute_type="int8", cpu_threads=task["threads"])
    # Greedy, as Backstop decodes.
    options = {"language": "en", "beam_size": 1, "without_timestamps": True, "condition_on_previous_text": False}
    list(model.transcribe(task["recordings"][0]["path"], **options)[0])
    rows = []
    for one in task["recordings"]:
        begun = time.perf_counter()
        heard = " ".join(segment.text.strip() for segment in model.transcribe(one["path"], **options)[0])
        took = time.perf_counter() - begun
        with wave.open(one["path"]) as file:
            seconds = file.getnframes() / file.getframerate()
        length = next(key for key, below in LENGTHS if seconds < below)
        observed = {"wer": words.word_errors(one["said"], heard), "rtf": took / max(seconds, 0.1), length: took * 1_000}
        rows.append(report.row(one["item"], task["model"], "clean", observed, said=one["said"], heard=heard))
    return rows


if __name__ == "__main__":
    json.dump(main(json.loads(sys.argv[1])), sys.stdout)
