#!/usr/bin/env python3
"""A page of Backstop's without a browser: aiortc on loopback, which takes each call that rings, plays a tone and records what it hears.

    webrtc_page.py http://127.0.0.1:8080 --user dana --hertz 1000 --record heard.wav

Prints an object per event and line, as JSON: {"event": "ring", ...}: `available`, then each message of the service by its `type`, `recorded`
(the path, once the call is over). Reads commands on stdin: end, quit. The end of stdin is a `quit`. The password is the environment's
BACKSTOP_PEER_PASSWORD. Needs the packages aiortc and websockets.
"""

import argparse
import asyncio
import fractions
import json
import math
import os
import re
import struct
import sys
import urllib.parse
import urllib.request
import wave

import aioice.ice
import av
import websockets
from aiortc import AudioStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

RATE = 8_000
FRAME = 160

# It takes this machine's other addresses only, otherwise.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


class Tone(AudioStreamTrack):
    """A tone without an end, 20 ms a frame."""

    def __init__(self, hertz):
        super().__init__()
        self.turn = 2 * math.pi * hertz / RATE
        self.sent = 0
        self.began = None

    async def recv(self):
        loop = asyncio.get_running_loop()
        self.began = self.began or loop.time()
        await asyncio.sleep(max(0.0, self.began + self.sent / RATE - loop.time()))
        samples = [int(8_000 * math.sin(self.turn * n)) for n in range(self.sent, self.sent + FRAME)]
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(struct.pack(f"<{FRAME}h", *samples))
        frame.sample_rate = RATE
        frame.pts, frame.time_base = self.sent, fractions.Fraction(1, RATE)
        self.sent += FRAME
        return frame


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Visitor:
    """Signs in by the form, as a browser does."""

    def __init__(self, base):
        self.base = base
        self.cookies = {}
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect())

    def request(self, path, form=None):
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(self.base + path, data=data, headers={"cookie": self.cookie(), "origin": self.base})
        try:
            answer = self.opener.open(request)
        except urllib.error.HTTPError as other:
            answer = other
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read().decode()

    def cookie(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def sign_in(self, user, password):
        _, text = self.request("/sign-in")
        csrf = re.search(r'name="csrf" value="([^"]*)"', text)[1]
        status, text = self.request("/sign-in", {"name": user, "password": password, "csrf": csrf})
        if status != 303:
            raise SystemExit(f"not signed in: {status} {text}")


class Call:
    """One call's media."""

    def __init__(self, options):
        self.options = options
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.peer.addTrack(Tone(options.hertz))
        self.wav = wave.open(options.record, "wb")
        self.wav.setnchannels(1)
        self.wav.setsampwidth(2)
        self.wav.setframerate(RATE)
        self.listening = None
        self.peer.on("track", self.listen)

    def listen(self, track):
        self.listening = asyncio.ensure_future(self.record(track))

    async def record(self, track):
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        try:
            while True:
                for frame in resampler.resample(await track.recv()):
                    self.wav.writeframes(bytes(frame.planes[0])[: frame.samples * 2])
        except MediaStreamError:
            pass

    async def offer(self):
        await self.peer.setLocalDescription(await self.peer.createOffer())
        return self.peer.localDescription.sdp

    async def accept(self, sdp):
        await self.peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def close(self):
        await self.peer.close()
        if self.listening:
            await self.listening
        self.wav.close()
        tell("recorded", path=self.options.record)


async def run(options):
    visitor = Visitor(options.base)
    visitor.sign_in(options.user, os.environ.get("BACKSTOP_PEER_PASSWORD", ""))
    address = options.base.replace("http", "ws", 1) + "/line"
    headers = {"cookie": visitor.cookie()}
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    async with websockets.connect(address, origin=options.base, additional_headers=headers, proxy=None) as socket:
        say = lambda **message: socket.send(json.dumps(message))
        await say(type="available", available=True)
        tell("available")
        page = asyncio.ensure_future(follow(socket, say, options))
        while command := (await commands.readline()).decode().strip():
            if command == "quit":
                break
            if command == "end":
                await say(type="end", call=options.call)
        page.cancel()


async def follow(socket, say, options):
    call = None
    async for text in socket:
        message = json.loads(text)
        kind = message.pop("type")
        if kind == "ring":
            options.call, call = message["call"], Call(options)
            await say(type="answer", call=options.call, sdp=await call.offer())
        elif kind == "answered":
            await call.accept(message["sdp"])
        elif kind in ("over", "ring_over") and call:
            await call.close()
            call = None
        tell(kind, **message)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", metavar="URL")
    parser.add_argument("--user", required=True)
    parser.add_argument("--hertz", type=float, default=1_000)
    parser.add_argument("--record", metavar="WAV", required=True)
    options = parser.parse_args()
    options.call = ""
    asyncio.run(run(options))
