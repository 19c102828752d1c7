#!/usr/bin/env python3
"""Phones on desks: PJSIP on loopback without a sound card, called rather than calling, moved by options and by lines on stdin.

    pjsip_desk.py --account alice --act answer:2 --play tone.wav --loop --record heard.wav
    pjsip_desk.py --act ring --account alice --register alice@127.0.0.1:5060 --account bob --register bob@127.0.0.1:5060 --tcp

Each --account begins a phone with a port of its own; options before the first are for all of them. A phone with --register keeps
itself registered; its password is the environment's BACKSTOP_PEER_PASSWORD. What a phone does with a call:

    answer:SECONDS              rings that long, then answers
    reject:CODE                 refuses
    ring                        rings until the caller gives up
    silent                      answers nothing at all, as if its cable had been pulled once it was registered (by UDP only)
    accept:SECONDS:KEYS[:WAIT]  answers, then presses KEYS: WAIT seconds later, or once it has heard sound for half a second
    voicemail                   answers after 2 s, plays --play, presses nothing

Prints an object per event and line, as JSON: {"event": "answered", "phone": "alice", "call": 1, "at": seconds since the start, ...}.

    listening      port, transport                    registered     expires (seconds)         unregistered
    calling        to                                 incoming       from, to, call_id, headers ({name: [value, ...]})
    ringing        (code, on a call it made itself)   answered       seconds since the call began
    heard_sound    half a second of it                key_sent       key                       key_heard      key
    held, resumed  by ("here" or "there")             transferring   to                        transferred    code, reason, final
    cancelled      reason (the CANCEL's, or null)     ended          code, reason, seconds (since it was answered)
    recorded       path (closed, readable)            error          what, ...

Reads commands on stdin, for every phone or, behind its name (`alice hangup`), for one: dial URI, hangup, press KEYS, hold, resume,
transfer URI, unregister, quit. The end of stdin is a `quit`, so that no phone outlives whoever started it.
Needs the package pjsua2-python.
"""

import argparse
import heapq
import itertools
import json
import os
import pathlib
import re
import select
import socket
import subprocess
import sys
import time

import pjsua2 as pj

LOOPBACK = "127.0.0.1"
STARTED = time.monotonic()
# Events alone go where stdout was: the library prints there, too.
EVENTS = os.fdopen(os.dup(1), "w")
# Levels run from 0 to 255; comfort noise stays below this.
SOUND_LEVEL = 20
SOUND_SECONDS = 0.5
# Longest that the packets of one key go on.
KEY_SECONDS = 0.3


def tell(event, **more):
    line = {"event": event, "at": round(time.monotonic() - STARTED, 3), **more}
    print(json.dumps(line), file=EVENTS, flush=True)


def headers_of(message):
    """The headers of a SIP message as they came, in lists, because one may come twice."""
    found = {}
    head = re.sub(r"\r?\n[ \t]+", " ", message.split("\r\n\r\n")[0])
    for line in head.splitlines()[1:]:
        name, _, value = line.partition(":")
        found.setdefault(name.strip(), []).append(value.strip())
    return found


class Act:
    """What a phone does with a call."""

    def __init__(self, text):
        name, *rest = text.split(":")
        self.name = name
        self.after = 0.0
        self.code = 0
        self.keys = ""
        self.wait = None
        if name == "answer" and len(rest) == 1:
            self.after = float(rest[0])
        elif name == "reject" and len(rest) == 1:
            self.code = int(rest[0])
        elif name == "accept" and len(rest) in (2, 3):
            self.after, self.keys = float(rest[0]), rest[1]
            self.wait = float(rest[2]) if len(rest) == 3 else None
        elif name == "voicemail" and not rest:
            self.after = 2.0
        elif name not in ("ring", "silent") or rest:
            raise argparse.ArgumentTypeError(f"`{text}` is nothing that a phone can do")

    @property
    def answers(self):
        return self.name in ("answer", "accept", "voicemail")


class Timers:
    """What is to be done later."""

    def __init__(self):
        self.due = []
        self.order = itertools.count()

    def after(self, seconds, action):
        heapq.heappush(self.due, (time.monotonic() + seconds, next(self.order), action))

    def run(self):
        while self.due and self.due[0][0] <= time.monotonic():
            heapq.heappop(self.due)[2]()


class DeskCall(pj.Call):
    """One call of a phone."""

    def __init__(self, phone, number, call_id=pj.PJSUA_INVALID_ID):
        super().__init__(phone, call_id)
        self.phone = phone
        self.number = number
        self.began_at = time.monotonic()
        self.answered_at = None
        self.over = False
        self.held_by = None
        self.audio = None
        self.media_changed_at = self.began_at
        self.player = None
        self.recorder = None
        self.recording = None
        self.sound_since = None
        self.has_heard = False
        self.last_key = None

    def tell(self, event, **more):
        tell(event, phone=self.phone.name, call=self.number, **more)

    def later(self, seconds, action):
        """Does it then, if the call still lasts."""
        if seconds is not None:
            self.phone.desk.timers.after(seconds, lambda: None if self.over else self.attempt(action))

    def attempt(self, action):
        try:
            action()
        except pj.Error as error:
            self.tell("error", what=error.title, status=error.status, reason=error.reason)

    def reply(self, code):
        answer = pj.CallOpParam()
        answer.statusCode = code
        self.answer(answer)

    def press(self, keys):
        for key in keys:
            self.dialDtmf(key)
            self.tell("key_sent", key=key)

    def hold(self):
        self.setHold(pj.CallOpParam(True))

    def resume(self):
        back = pj.CallOpParam(True)
        back.opt.flag = pj.PJSUA_CALL_UNHOLD
        self.reinvite(back)

    def transfer(self, uri):
        self.xfer(uri, pj.CallOpParam(True))
        self.tell("transferring", to=uri)

    def leave(self):
        # Before it is answered, a call is refused as by the phone's red key.
        end = pj.CallOpParam()
        end.statusCode = 0 if self.answered_at or self.getInfo().role == pj.PJSIP_ROLE_UAC else 603
        self.hangup(end)

    def onCallState(self, _event):
        state = self.getInfo()
        if state.state == pj.PJSIP_INV_STATE_EARLY and state.role == pj.PJSIP_ROLE_UAC:
            self.tell("ringing", code=state.lastStatusCode)
        elif state.state == pj.PJSIP_INV_STATE_CONFIRMED and self.answered_at is None:
            self.answered()
        elif state.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.over = True
            seconds = time.monotonic() - self.answered_at if self.answered_at else 0.0
            self.tell("ended", code=state.lastStatusCode, reason=state.lastReason, seconds=round(seconds, 3))
            self.close()

    def answered(self):
        self.answered_at = time.monotonic()
        self.tell("answered", seconds=round(self.answered_at - self.began_at, 3))
        options = self.phone.options
        if options.act.wait is not None:
            self.later(options.act.wait, lambda: self.press(options.act.keys))
        self.later(options.digits_after if options.digits else None, lambda: self.press(options.digits))
        self.later(options.hold_after, self.hold)
        self.later(options.resume_after, self.resume)
        self.later(options.transfer_after if options.transfer_to else None, lambda: self.transfer(options.transfer_to))
        self.later(options.hang_up_after, self.leave)

    def onCallTsxState(self, event):
        if event.e.body.tsxState.type != pj.PJSIP_EVENT_RX_MSG:
            return
        message = event.e.body.tsxState.src.rdata.wholeMsg
        if message.startswith("CANCEL "):
            self.tell("cancelled", reason=headers_of(message).get("Reason", [None])[0])

    def onCallMediaState(self, _event):
        self.media_changed_at = time.monotonic()
        info = self.getInfo()  # kept: the media list lives as long as it does
        for index, media in enumerate(info.media):
            if media.type == pj.PJMEDIA_TYPE_AUDIO:
                self.hold_changed(media.status)
                active = media.status in (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD)
                self.audio = self.getAudioMedia(index) if active else None
                if active:
                    self.connect()
                return

    def hold_changed(self, status):
        held_by = {pj.PJSUA_CALL_MEDIA_LOCAL_HOLD: "here", pj.PJSUA_CALL_MEDIA_REMOTE_HOLD: "there"}.get(status)
        if held_by != self.held_by:
            self.tell("held" if held_by else "resumed", by=held_by or self.held_by)
            self.held_by = held_by

    def connect(self):
        options = self.phone.options
        if options.play and self.player is None:
            self.player = pj.AudioMediaPlayer()
            self.player.createPlayer(options.play, 0 if options.loop else pj.PJMEDIA_FILE_NO_LOOP)
        if options.record and self.recorder is None:
            self.recording = numbered(options.record, self.number)
            self.recorder = pj.AudioMediaRecorder()
            self.recorder.createRecorder(self.recording)
        if self.player:
            self.player.startTransmit(self.audio)
        if self.recorder:
            self.audio.startTransmit(self.recorder)

    def listen(self):
        """Looks, from time to time, whether there is sound."""
        if self.over or self.has_heard or self.audio is None or self.answered_at is None:
            return
        now = time.monotonic()
        if self.audio.getTxLevel() < SOUND_LEVEL:
            self.sound_since = None
        elif self.sound_since is None:
            self.sound_since = now
        elif now - self.sound_since >= SOUND_SECONDS:
            self.has_heard = True
            self.tell("heard_sound")
            if self.phone.options.act.keys and self.phone.options.act.wait is None:
                self.attempt(lambda: self.press(self.phone.options.act.keys))

    def onDtmfDigit(self, event):
        now = time.monotonic()
        # A re-INVITE makes the library forget that it has told of a key whose packets are still coming.
        again = self.last_key and self.last_key[0] == event.digit and now - self.last_key[1] < KEY_SECONDS
        if not (again and self.media_changed_at > self.last_key[1]):
            self.tell("key_heard", key=event.digit)
        self.last_key = (event.digit, now)

    def onCallTransferStatus(self, event):
        self.tell("transferred", code=event.statusCode, reason=event.reason, final=event.finalNotify)
        if event.finalNotify and event.statusCode // 100 == 2:
            self.later(0, self.leave)

    def onCallTransferRequest(self, event):
        # Sent elsewhere by the other side: the call there is a new one of this phone.
        event.newCall = self.phone.new_call()
        self.phone.calls[-1].tell("calling", to=event.dstUri)

    def close(self):
        """Lets go of the files; the library writes a recording's header once it comes round to it."""
        self.audio = self.player = self.recorder = None
        if self.recording:
            path, self.recording = self.recording, None
            self.phone.desk.timers.after(0.3, lambda: self.tell("recorded", path=path))


class Phone(pj.Account):
    """A phone with an account and a port of its own."""

    def __init__(self, desk, options):
        super().__init__()
        self.desk = desk
        self.options = options
        self.name = options.account
        self.calls = []  # also those that are over: their destructor asserts
        self.registered = False
        self.deaf = None
        self.heard = set()

    def plug_in(self):
        options = self.options
        kind = pj.PJSIP_TRANSPORT_TCP if options.tcp else pj.PJSIP_TRANSPORT_UDP
        if options.act.name == "silent":
            self.go_deaf(register_and_die(options) if options.register else options.port)
            return
        transport = pj.TransportConfig()
        transport.boundAddress = transport.publicAddress = LOOPBACK
        transport.port = options.port
        self.transport = self.desk.library.transportCreate(kind, transport)
        self.create(self.account_config(), True)
        address = self.desk.library.transportGetInfo(self.transport).localName
        port = int(address.rpartition(":")[2])
        tell("listening", phone=self.name, port=port, transport="tcp" if options.tcp else "udp")

    def account_config(self):
        options = self.options
        config = pj.AccountConfig()
        config.idUri = f"sip:{options.register or self.name + '@' + LOOPBACK}"
        if options.display:
            config.idUri = f'"{options.display}" <{config.idUri}>'
        config.sipConfig.transportId = self.transport
        if options.register:
            user, _, registrar = options.register.partition("@")
            config.regConfig.registrarUri = f"sip:{registrar}" + (";transport=tcp" if options.tcp else "")
            config.regConfig.timeoutSec = options.expires
            password = os.environ.get("BACKSTOP_PEER_PASSWORD", "")
            config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", user, 0, password))
        if options.timers:
            config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_REQUIRED
            config.callConfig.timerSessExpiresSec = 90
        media = config.mediaConfig.transportConfig
        media.boundAddress = media.publicAddress = LOOPBACK
        media.port = 0
        return config

    def go_deaf(self, port):
        """Takes the port with a socket that never answers."""
        self.deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.deaf.bind((LOOPBACK, port))
        tell("listening", phone=self.name, port=self.deaf.getsockname()[1], transport="silent")

    def overhear(self):
        """Tells of what comes to a phone that doesn't answer."""
        while self.deaf and select.select([self.deaf], [], [], 0)[0]:
            message = self.deaf.recv(65_536).decode(errors="replace")
            headers = headers_of(message)
            method = message.partition(" ")[0]
            call_id = headers.get("Call-ID", [""])[0]
            if (method, call_id) in self.heard:
                continue
            self.heard.add((method, call_id))
            if method == "INVITE":
                self.tell_incoming(headers, call_id, 0)
            elif method == "CANCEL":
                tell("cancelled", phone=self.name, call=0, reason=headers.get("Reason", [None])[0])

    def tell_incoming(self, headers, call_id, number):
        first = lambda *names: next((headers[name][0] for name in names if name in headers), "")
        more = {"from": first("From", "f"), "to": first("To", "t")}
        tell("incoming", phone=self.name, call=number, call_id=call_id, **more, headers=headers)

    def onRegState(self, event):
        if event.code // 100 != 2:
            tell("error", phone=self.name, what="register", code=event.code, reason=event.reason)
        elif event.expiration == 0:
            self.registered = False
            tell("unregistered", phone=self.name)
        else:
            self.registered = True
            tell("registered", phone=self.name, expires=event.expiration)

    def onIncomingCall(self, event):
        call = self.new_call(event.callId)
        info = call.getInfo()
        self.tell_incoming(headers_of(event.rdata.wholeMsg), info.callIdString, call.number)
        act = self.options.act
        if act.name == "reject":
            call.reply(act.code)
            return
        call.reply(180)
        call.tell("ringing")
        if act.answers:
            call.later(act.after, lambda: call.reply(200))

    def new_call(self, call_id=pj.PJSUA_INVALID_ID):
        self.calls.append(DeskCall(self, len(self.calls) + 1, call_id))
        return self.calls[-1]

    def do(self, command, argument):
        if command == "dial":
            call = self.new_call()
            call.tell("calling", to=argument)
            call.attempt(lambda: call.makeCall(argument, pj.CallOpParam(True)))
        elif command == "unregister":
            self.unregister()
        for call in [call for call in self.calls if not call.over]:
            action = {
                "hangup": call.leave,
                "press": lambda: call.press(argument),
                "hold": call.hold,
                "resume": call.resume,
                "transfer": lambda: call.transfer(argument),
            }.get(command)
            if action:
                call.attempt(action)

    def unregister(self):
        if self.registered and not self.deaf:
            self.setRegistration(False)


class Desk:
    """The library, its phones, and what they are told."""

    COMMANDS = ("dial", "hangup", "press", "hold", "resume", "transfer", "unregister")

    def __init__(self, all_options):
        self.timers = Timers()
        self.library = library(max(options.log for options in all_options))
        self.unread = ""
        self.quitting = False
        self.phones = [Phone(self, options) for options in all_options]
        for phone in self.phones:
            phone.plug_in()

    def run(self):
        while not self.quitting:
            self.step()
            self.read_commands()
        for phone in self.phones:
            phone.unregister()
        self.library.hangupAllCalls()
        self.linger(2.0, lambda: all(call.over for call in self.calls()))
        for call in self.calls():
            call.close()
        self.linger(0.6, lambda: False)
        os._exit(0)  # the library's destructors assert after a disconnect

    def calls(self):
        return [call for phone in self.phones for call in phone.calls]

    def step(self):
        self.library.libHandleEvents(10)
        self.timers.run()
        for phone in self.phones:
            phone.overhear()
            for call in phone.calls:
                call.listen()

    def linger(self, seconds, enough):
        until = time.monotonic() + seconds
        while time.monotonic() < until and not enough():
            self.step()

    def read_commands(self):
        if not select.select([sys.stdin], [], [], 0)[0]:
            return
        read = os.read(sys.stdin.fileno(), 4_096)
        *lines, self.unread = (self.unread + read.decode()).split("\n")
        for line in lines:
            self.obey(line.split())
        self.quitting |= not read

    def obey(self, words):
        named = [phone for phone in self.phones if words and phone.name == words[0]]
        command, *arguments = words[1:] if named else words
        if command == "quit":
            self.quitting = True
        elif command not in self.COMMANDS:
            tell("error", what="command", command=command)
        else:
            for phone in named or self.phones:
                phone.do(command, " ".join(arguments))


def register_and_die(options):
    """The port of a phone that has registered and then lost its power: nobody listens there, and the registrar doesn't know."""
    command = [sys.executable, __file__, "--account", options.account, "--port", str(options.port)]
    command += ["--register", options.register, "--expires", str(options.expires)]
    phone = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = options.port
    for line in phone.stdout:
        event = json.loads(line)
        port = event.get("port", port)
        if event["event"] in ("registered", "error"):
            tell(**{name: value for name, value in event.items() if name != "at"})
            break
    phone.kill()
    phone.wait()
    return port


def library(log_level):
    os.dup2(2 if log_level else os.open(os.devnull, os.O_WRONLY), 1)
    made = pj.Endpoint()
    made.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.logConfig.level = config.logConfig.consoleLevel = log_level
    config.medConfig.noVad = True
    config.medConfig.ecTailLen = 0
    config.medConfig.clockRate = 8000
    made.libInit(config)
    made.libStart()
    made.audDevManager().setNullDev()
    for codec in made.codecEnum2():
        made.codecSetPriority(codec.codecId, 0)
    for codec in ("PCMU", "PCMA"):
        made.codecSetPriority(codec, 128)
    return made


def numbered(path, number):
    """The first call's recording has the very name that was asked for, the second's ends in -2."""
    path = pathlib.Path(path)
    return str(path if number == 1 else path.with_stem(f"{path.stem}-{number}"))


def parse(arguments):
    """One set of options per phone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--account", metavar="NAME", default="desk")
    parser.add_argument("--display", metavar="NAME", help="what a caller shows beside the number")
    parser.add_argument("--act", type=Act, default="ring")
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--tcp", action="store_true")
    parser.add_argument("--timers", action="store_true", help="no call without a session timer")
    parser.add_argument("--register", metavar="USER@HOST:PORT")
    parser.add_argument("--expires", type=int, default=120, metavar="SECONDS")
    parser.add_argument("--play", metavar="WAV")
    parser.add_argument("--loop", action="store_true", help="play it over and over")
    parser.add_argument("--record", metavar="WAV")
    parser.add_argument("--digits", metavar="KEYS")
    parser.add_argument("--transfer-to", metavar="URI")
    parser.add_argument("--log", type=int, default=0, metavar="LEVEL", help="of the library, on stderr")
    for name in ("digits", "hold", "resume", "transfer", "hang-up"):
        parser.add_argument(f"--{name}-after", type=float, metavar="SECONDS", help="since the call was answered")
    starts = [index for index, word in enumerate(arguments) if word == "--account"]
    shared = arguments[: starts[0]] if starts else arguments
    ends = starts[1:] + [len(arguments)]
    phones = [arguments[start:end] for start, end in zip(starts, ends)] or [[]]
    found = [parser.parse_args(shared + own) for own in phones]
    if len({options.account for options in found}) < len(found):
        parser.error("two accounts of one name")
    if any(options.act.name == "silent" and options.tcp for options in found):
        parser.error("a silent phone is one without --tcp")
    if any(options.act.name == "voicemail" and not options.play for options in found):
        parser.error("voicemail plays a greeting: --play")
    return found


if __name__ == "__main__":
    Desk(parse(sys.argv[1:])).run()
