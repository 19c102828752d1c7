"""Pipecat's own pipeline, local throughout, spoken to by a scripted caller in real time: Silero and Smart Turn, faster-whisper, the same language
model behind llama.cpp's server, Piper. Run by run.py as peer_stt.py is.

Times are those of src/caller: from the moment at which the packet with the caller's last sound is due until the first audible 20 ms of the reply
are written to the line. The pipeline has Pipecat's defaults where nothing is said here."""
import asyncio
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

import caller
import report
import sound
import words
from loguru import logger
from pipecat.audio.utils import create_stream_resampler
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import (
    EndFrame,
    InputAudioRawFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSSpeakFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.observers.base_observer import BaseObserver
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.services.piper.tts import PiperTTSService
from pipecat.services.whisper.stt import WhisperSTTService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import BaseTransport, TransportParams
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.workers.runner import WorkerRunner

# What whisper, Silero and Smart Turn listen at: Pipecat's telephone transports resample to it as well.
HEARD_AT = 16_000
BEAT = 0.02
LONGEST_CALL = 300.0
SERVER_WITHIN = 120.0


class Line(BaseTransport):
    """A telephone line within this process: 20 ms of sound at a time, each way."""

    def __init__(self, params):
        super().__init__()
        self.hears = lambda now, level_dbfs: None
        self._input, self._output = LineIn(params), LineOut(params, self)

    def input(self):
        return self._input

    def output(self):
        return self._output


class LineIn(BaseInputTransport):
    async def start(self, frame):
        await super().start(frame)
        await self.set_transport_ready(frame)


class LineOut(BaseOutputTransport):
    def __init__(self, params, line):
        super().__init__(params)
        self._line, self._due = line, 0.0
        self.pcm = bytearray()

    async def start(self, frame):
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame):
        for piece in sound.frames(frame.audio):
            # As fast as it is played, no faster; a reply's first piece goes at once.
            self._due = max(self._due, time.monotonic())
            await asyncio.sleep(self._due - time.monotonic())
            self._due += BEAT
            self.pcm += piece
            self._line.hears(time.monotonic(), sound.level_dbfs(piece))
        return True


class Stages(BaseObserver):
    """When the pipeline got how far with its answer."""

    def __init__(self):
        super().__init__()
        self.begin()

    def begin(self):
        self.at, self.heard, self.reply = {}, "", ""
        self._seen = set()

    async def on_push_frame(self, data):
        frame = data.frame
        stage = {UserStoppedSpeakingFrame: "endpoint_ms", TranscriptionFrame: "transcript_ms", LLMTextFrame: "first_text_ms"}.get(type(frame))
        if stage is None or frame.id in self._seen:
            return
        self._seen.add(frame.id)
        # The end of the last turn but one decision counts: an earlier one was taken back.
        if stage != "first_text_ms" or stage not in self.at:
            self.at[stage] = time.monotonic()
        if isinstance(frame, LLMTextFrame):
            self.reply += frame.text
        elif isinstance(frame, TranscriptionFrame):
            self.heard += f" {frame.text.strip()}"


@contextlib.contextmanager
def language_model(task):
    """llama.cpp's server, which speaks OpenAI's protocol. Gives its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    threads = str(task["threads"])
    options = ["--model", task["llm"], "--host", "127.0.0.1", "--port", str(port), "--n_ctx", "2048"]
    # Every token's scores are kept otherwise, which only slows it down.
    options += ["--n_threads", threads, "--n_threads_batch", threads, "--logits_all", "false"]
    log = pathlib.Path(task["logs"], "llama-server.log")
    with log.open("w") as output:
        server = subprocess.Popen([sys.executable, "-m", "llama_cpp.server", *options], stdout=output, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}/v1"
        wait_for(address, server, log)
        yield address, server.pid
    finally:
        server.terminate()
        server.wait()


def wait_for(address, server, log):
    limit = time.monotonic() + SERVER_WITHIN
    while time.monotonic() < limit and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/models", timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"llama.cpp's server did not start: {log} says why")


def take_in(address, instructions):
    """Has the server take the instructions in, as Backstop does before it takes calls."""
    messages = [{"role": "system", "content": instructions}, {"role": "user", "content": "Hello."}]
    body = json.dumps({"messages": messages, "max_tokens": 1}).encode()
    request = urllib.request.Request(f"{address}/chat/completions", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=SERVER_WITHIN).close()


def services(task, address):
    """The models, loaded once for all calls."""
    listen = WhisperSTTService(device="cpu", compute_type="int8", settings=WhisperSTTService.Settings(model=task["whisper"], language="en"))
    speak = PiperTTSService(download_dir=pathlib.Path(task["voice"]).parent, settings=PiperTTSService.Settings(voice=pathlib.Path(task["voice"]).stem))
    think = OpenAILLMService(
        api_key="none",
        base_url=address,
        settings=OpenAILLMService.Settings(
            model=task["llm"], temperature=0.0, max_tokens=task["max_tokens"], system_instruction=task["instructions"]
        ),
    )
    return listen, think, speak


def strategies(task):
    """Silero with Smart Turn is Pipecat's default; Silero alone waits for so much silence as Pipecat does by default."""
    if task["turn"] == "silence":
        return UserTurnStrategies(stop=[SpeechTimeoutUserTurnStopStrategy()])
    return UserTurnStrategies()


async def call(task, script, address):
    """One call. Gives its caller, what the stages were of each line, and the pipeline's memory."""
    params = TransportParams(
        audio_in_enabled=True,
        audio_out_enabled=True,
        audio_in_sample_rate=HEARD_AT,
        audio_out_sample_rate=sound.RATE,
        audio_out_10ms_chunks=2,
    )
    line, stages = Line(params), Stages()
    listen, think, speak = services(task, address)
    user_params = LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer(), user_turn_strategies=strategies(task))
    both = LLMContextAggregatorPair(LLMContext(), user_params=user_params)
    pipeline = Pipeline([line.input(), listen, both.user(), think, speak, line.output(), both.assistant()])
    rates = PipelineParams(audio_in_sample_rate=HEARD_AT, audio_out_sample_rate=sound.RATE)
    worker = PipelineWorker(pipeline, params=rates, observers=[stages], enable_rtvi=False)
    started = asyncio.Event()

    @worker.event_handler("on_pipeline_started")
    async def on_started(_worker, _frame):
        started.set()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    await asyncio.wait_for(started.wait(), SERVER_WITHIN)
    await warm_up(listen)
    answered_at = time.monotonic()
    person = caller.Caller(answered_at, script)
    line.hears = person.hear
    await worker.queue_frames([TTSSpeakFrame(task["greeting"])])
    of_lines, spoken = await talk(person, line.input(), stages, answered_at)
    resident = report.resident_mib()
    await worker.queue_frames([EndFrame()])
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(running, 20)
    kept = pathlib.Path(task["logs"])
    sound.write(kept / f"{script['name']}-heard.wav", bytes(line.output().pcm))
    sound.write(kept / f"{script['name']}-said.wav", spoken)
    return person, of_lines, resident


async def warm_up(listen):
    """The first time takes longer, which no caller is to pay for."""
    async for _ in listen.run_stt(bytes(HEARD_AT * 2)):
        pass


async def talk(person, line, stages, begun):
    """Keeps the beat until the caller is done. Gives the stages of each line."""
    resampler = create_stream_resampler()
    of_lines, spoken, beat = [], bytearray(), 0
    lines_begun = 0
    while person.ending is None:
        due = begun + beat * BEAT
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        beat += 1
        if due - begun > LONGEST_CALL:
            person.ending = "the call took too long"
            break
        # The caller speaks in real time, also when the pipeline is late to listen.
        frame, _ends = person.tick(due)
        if len(person.done) > lines_begun:
            lines_begun = len(person.done)
            if lines_begun > 1:
                of_lines.append(kept(stages))
            stages.begin()
        spoken += frame
        heard = await resampler.resample(frame, sound.RATE, HEARD_AT)
        if heard:
            await line.push_audio_frame(InputAudioRawFrame(audio=heard, sample_rate=HEARD_AT, num_channels=1))
    if person.done:
        of_lines.append(kept(stages))
    return of_lines, bytes(spoken)


def kept(stages):
    return {"at": stages.at, "heard": stages.heard.strip(), "reply": stages.reply.strip()}


def rows(task, script, person, of_lines):
    """As src/bench/conversation/score.rs makes them of a call."""
    item, subject, condition = f"{script['name']}/1", task["subject"], "clean line"
    greeted = None if person.greeted_at is None else (person.greeted_at - person.answered_at) * 1_000
    observed = {"answered": True, "completed": person.completed, "greeting_ms": greeted}
    found = [report.row(item, subject, condition, observed, ending=person.ending)]
    for n, (step, of_line) in enumerate(zip(person.done, of_lines)):
        observed = {"cut_off": step.spoken_into}
        if step.stretches:
            observed["first_audio_ms"] = step.stretches[0][0]
            observed["content_ms"] = words.content_after(of_line["reply"], step.stretches)
        notes = {"said": step.said, "heard": of_line["heard"], "reply": of_line["reply"]}
        found.append(report.row(f"{item} step {n + 1}", subject, condition, observed, **notes))
        if step.ended_at is None or not step.stretches:
            continue
        observed = {key: (at - step.ended_at) * 1_000 for key, at in of_line["at"].items()}
        observed |= {"sent_ms": step.stretches[0][0], "sent_by_model_ms": step.stretches[0][0]}
        found.append(report.row(f"{item} turn {2 * n + 3}", subject, condition, observed))
    return found


async def run(task):
    found = []
    begun = time.monotonic()
    with language_model(task) as (address, server):
        take_in(address, task["instructions"])
        for script in task["callers"]:
            person, of_lines, resident = await call(task, script, address)
            if not found:
                ready = (person.answered_at - begun) * 1_000
                service = {"ready_ms": ready, "resident": resident + report.resident_mib(server)}
                found.append(report.row("service of pipecat", task["subject"], "", service))
            found += rows(task, script, person, of_lines)
            print(f"{script['name']}: {person.ending}", file=sys.stderr)
    return found


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    logger.remove()
    logger.add(pathlib.Path(task["logs"], "pipecat.log"), level="DEBUG", mode="w")
    json.dump(asyncio.run(run(task)), sys.stdout)
