"""llama.cpp on the prompts of `backstop bench llm`: taking in, first token, writing, memory. Run by run.py as peer_stt.py is."""
import json
import sys
import time

import llama_cpp
import report

# As in src/bench/llm/speed.rs.
SYSTEM = "You answer the telephone of a plumber."
WORDS = "one two three four five six seven eight nine ten twelve".split()
LENGTHS = (16, 40, 128)
WRITTEN = 32
RUNS = 5


def main(task):
    before = report.resident_mib()
    threads = task["threads"]
    model = llama_cpp.Llama(task["weights"], n_ctx=2_048, n_threads=threads, n_threads_batch=threads, verbose=False)
    subject, rows = task["model"], []
    system = tokens(model, chat())
    warm_up(model)
    for length in LENGTHS:
        condition = f"{length} new words"
        take_in(model, system)
        for run in range(RUNS):
            new = tokens(model, chat(words(run, length)))[len(system) :]
            model.n_tokens = len(system)
            observed = {"take_in": len(new) / timed(lambda: model.eval(new), model)}
            rows.append(report.row(f"{length} words, run {run + 1}", subject, condition, observed))
        for run in range(RUNS):
            take_in(model, system)
            observed = reply(model, tokens(model, chat(words(run + RUNS, length), reply=True)))
            rows.append(report.row(f"reply to {length} words, run {run + 1}", subject, condition, observed))
    rows.append(report.row("after all", subject, "", {"resident": max(0.0, report.resident_mib() - before)}))
    return rows


def reply(model, prompt):
    """Likeliest token by likeliest token, on what is kept of the prompt."""
    begun, times = time.perf_counter(), []
    for token in model.generate(prompt, temp=0.0, repeat_penalty=1.08):
        if token == model.token_eos():
            break
        times.append(time.perf_counter() - begun)
        if len(times) == WRITTEN:
            break
    observed = {"first_ms": times[0] * 1_000} if times else {}
    if len(times) > 4:
        observed["writing"] = (len(times) - 1) / (times[-1] - times[0])
    return observed


def warm_up(model):
    take_in(model, tokens(model, chat(words(3, 64))))
    reply(model, tokens(model, chat(words(3, 64), reply=True)))


def take_in(model, prompt):
    model.reset()
    model.eval(prompt)


def timed(work, model):
    begun = time.perf_counter()
    work()
    llama_cpp.llama_synchronize(model.ctx)
    return time.perf_counter() - begun


def tokens(model, text):
    return model.tokenize(text.encode(), add_bos=False, special=True)


def chat(user=None, reply=False):
    """As the template of these models writes it."""
    turns = [("system", SYSTEM)] + ([("user", user)] if user else [])
    text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in turns)
    return text + ("<|im_start|>assistant\n" if reply else "")


def words(run, count):
    return " ".join(WORDS[(run + n) % len(WORDS)] for n in range(count))


if __name__ == "__main__":
    json.dump(main(json.loads(sys.argv[1])), sys.stdout)
