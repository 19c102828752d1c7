#!/usr/bin/env python3
"""A PJSIP phone without a sound card, on loopback: dials, plays a WAV, records what it hears.

    pjsip_phone.py sip:receptionist@127.0.0.1:5060 --play caller.wav --record heard.wav --seconds 25 [--tcp] [--hold-at 4 --resume-at 6]

Prints one line per event: CALLING, a call state, MEDIA, END. Needs the package pjsua2-python.
"""

import argparse
import os
import time

import pjsua2 as pj


class PhoneCall(pj.Call):
    """The one call of this phone."""

    def __init__(self, account, options):
        super().__init__(account)
        self.options = options
        self.player = None
        self.recorder = None
        self.confirmed_at = None
        self.over = False

    def onCallState(self, _event):
        state = self.getInfo()
        print("STATE", state.stateText, state.lastStatusCode, flush=True)
        if state.state == pj.PJSIP_INV_STATE_CONFIRMED and self.confirmed_at is None:
            self.confirmed_at = time.monotonic()
        self.over = state.state == pj.PJSIP_INV_STATE_DISCONNECTED

    def onCallMediaState(self, _event):
        info = self.getInfo()  # kept: the media list lives as long as it does
        for index, media in enumerate(info.media):
            print("MEDIA", index, "status", media.status, flush=True)
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                self.connect(self.getAudioMedia(index))

    def connect(self, audio):
        if self.player is None:
            self.player = pj.AudioMediaPlayer()
            self.player.createPlayer(self.options.play, pj.PJMEDIA_FILE_NO_LOOP)
        if self.recorder is None:
            self.recorder = pj.AudioMediaRecorder()
            self.recorder.createRecorder(self.options.record)
        self.player.startTransmit(audio)
        audio.startTransmit(self.recorder)


def endpoint(options):
    phone = pj.Endpoint()
    phone.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.logConfig.level = 0
    config.logConfig.consoleLevel = 0
    config.medConfig.noVad = True
    config.medConfig.ecTailLen = 0
    config.medConfig.clockRate = 8000
    phone.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = transport.publicAddress = "127.0.0.1"
    phone.transportCreate(pj.PJSIP_TRANSPORT_TCP if options.tcp else pj.PJSIP_TRANSPORT_UDP, transport)
    phone.libStart()
    phone.audDevManager().setNullDev()
    for codec in phone.codecEnum2():
        phone.codecSetPriority(codec.codecId, 0)
    for codec in ("PCMU", "PCMA"):
        phone.codecSetPriority(codec, 128)
    return phone


def account(options):
    config = pj.AccountConfig()
    config.idUri = f"sip:{options.number}@127.0.0.1"
    media = config.mediaConfig.transportConfig
    media.boundAddress = media.publicAddress = "127.0.0.1"
    media.port = options.rtp_port
    media.portRange = 60
    made = pj.Account()
    made.create(config, True)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("uri")
    parser.add_argument("--play", required=True)
    parser.add_argument("--record", required=True)
    parser.add_argument("--seconds", type=float, default=25)
    parser.add_argument("--number", default="+12125550117")
    parser.add_argument("--rtp-port", type=int, default=34000)
    parser.add_argument("--tcp", action="store_true")
    parser.add_argument("--hold-at", type=float)
    parser.add_argument("--resume-at", type=float)
    options = parser.parse_args()

    phone = endpoint(options)
    line = account(options)
    call = PhoneCall(line, options)
    uri = options.uri + (";transport=tcp" if options.tcp else "")
    print("CALLING", uri, flush=True)
    call.makeCall(uri, pj.CallOpParam(True))
    give_up = time.monotonic() + options.seconds + 10
    while not call.over and time.monotonic() < give_up:
        phone.libHandleEvents(10)
        if call.confirmed_at is None:
            continue
        up_for = time.monotonic() - call.confirmed_at
        if options.hold_at is not None and up_for > options.hold_at:
            options.hold_at = None
            call.setHold(pj.CallOpParam(True))
        if options.resume_at is not None and up_for > options.resume_at:
            options.resume_at = None
            back = pj.CallOpParam(True)
            back.opt.flag = pj.PJSUA_CALL_UNHOLD
            call.reinvite(back)
        if up_for > options.seconds:
            call.hangup(pj.CallOpParam())
            options.seconds = 1e9
    for _ in range(30):
        phone.libHandleEvents(10)
    call.player = call.recorder = None  # closes the WAV, once the library comes round to it
    for _ in range(30):
        phone.libHandleEvents(10)
    print("END", flush=True)
    os._exit(0)  # the library's destructors assert after a disconnect


main()
