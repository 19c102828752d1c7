//! What the caller's words do.

use super::{Conversation, Phase};
use crate::conversation::agenda::{Agenda, Change, Decision, Question, Said};
use crate::conversation::listening::Utterance;
use crate::conversation::protocol::{ExtractRequest, Output, Transcript, UnsureWord};
use crate::conversation::speaking::Saying;
use crate::conversation::turn::{Heard, Origin, Speaker, StageTimes, Turn};
use crate::id::TurnId;
use crate::lead::{Answer, Asked, Evidence, Offered, SlotName, stands_alone, understand};
use std::time::{Duration, Instant};

/// Words are sure from this mean log-probability on.
const SURE: f32 = -1.0;
/// Nothing was said when the recogniser thinks so and is unsure of its words.
const NO_SPEECH: f32 = 0.6;
/// Shorter sounds without words are no attempt to speak.
const ATTEMPT: Duration = Duration::from_millis(400);
/// The open question counts as heard by someone who speaks over its end.
const EARLY_ANSWER_SHARE: f32 = 0.6;
/// Who still speaks so long after the question's end answers it, whenever they began.
const ANSWERS_AFTER: Duration = Duration::from_millis(400);
/// The language model looks for details only in a turn of so many words.
const WORDS_TO_EXTRACT: usize = 8;
/// So many transcripts may fail in a row.
const MAX_FAILED_TRANSCRIPTS: u8 = 3;

/// Words that got no answer yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Unanswered {
    /// Of a turn whose reply was taken back because the caller went on.
    pub(super) before: Option<(TurnId, String)>,
    /// Spoken while the receptionist spoke.
    pub(super) meanwhile: Vec<Overlap>,
}

/// A turn of the caller during one of the receptionist.
#[derive(Clone, Debug)]
pub(super) struct Overlap {
    turn: TurnId,
    words: Words,
}

// An utterance that is a turn.
#[derive(Clone, Debug)]
struct Words {
    text: String,
    is_sure: bool,
    unsure: Vec<UnsureWord>,
    answers: bool,
    // It gets an answer whatever it says.
    counts: bool,
    stages: StageTimes,
    ended_at: Instant,
}

impl Words {
    fn said(&self, turn: TurnId) -> Said<'_> {
        Said { turn, text: &self.text, is_sure: self.is_sure, unsure: &self.unsure, answers: self.answers }
    }
}

impl Conversation {
    pub(super) fn utterance_started(&mut self, now: Instant) {
        let heard = |saying: &Saying| if saying.is_audible() { saying.question_share(now) } else { 0.0 };
        let share = self.saying.as_ref().map(heard);
        if let (Some(share), Some(open)) = (share, self.listening.open()) {
            open.question_share = share;
        }
    }

    // Words that may be all of the caller's turn: what the language model would need is taken in ahead of its end.
    pub(super) fn words_came(&mut self, now: Instant) {
        if self.listening.next_timeout().is_none_or(|at| at <= now) {
            return;
        }
        let words = self.listening.words_so_far().map(str::to_owned).filter(|words| !words.is_empty());
        let Some(words) = words.filter(|_| self.saying.is_none() && self.phase == Phase::Talking) else { return };
        self.rehearse(&words);
        if self.config.words_freely && matches!(self.agenda.open(), Question::Need | Question::WhatElse) {
            let is_question = understand(Asked::Need, &words, &self.prompt.business().region).is_question;
            if is_question {
                let messages = self.chat.with_caller(&words, true);
                self.outputs.push_back(Output::Prepare { messages });
            }
        }
    }

    pub(super) fn caller_said(&mut self, now: Instant, utterance: &Utterance) {
        match utterance.result.clone() {
            Some(Ok(transcript)) if is_usable(&transcript) => self.caller_turn(now, utterance, &transcript),
            Some(Ok(_)) => {
                self.transcripts_failed = 0;
                self.no_words(now, utterance);
            }
            Some(Err(_)) | None => {
                self.transcripts_failed += 1;
                self.no_words(now, utterance);
            }
        }
    }

    fn caller_turn(&mut self, now: Instant, utterance: &Utterance, transcript: &Transcript) {
        self.transcripts_failed = 0;
        let turn = self.take_turn_id();
        let text = transcript.text.trim().to_owned();
        self.outputs.push_back(Output::Turn(Turn {
            id: turn,
            speaker: Speaker::Caller,
            text: text.clone(),
            started_at: self.since_start(utterance.started_at),
            ended_at: self.since_start(utterance.last_speech_at),
            heard: Heard::Whole,
            origin: Origin::Speech,
            stages: StageTimes::default(),
        }));
        // "Mm-hm" over her words and then the answer, in one breath.
        let goes_on = self.said_at.is_some_and(|at| utterance.last_speech_at >= at + ANSWERS_AFTER);
        let in_time = goes_on || utterance.interrupted || utterance.question_share >= EARLY_ANSWER_SHARE;
        let words = self.words(utterance, transcript, text, in_time);
        if matches!(self.phase, Phase::Draining(_)) {
            self.overhear(turn, &words);
        } else if self.saying.is_some() {
            let cuts_in = self.is_cutting_in(&words.text);
            let counts = words.counts || cuts_in;
            self.unanswered.meanwhile.push(Overlap { turn, words: Words { counts, ..words } });
            if cuts_in {
                self.interrupt(now);
            }
        } else if !in_time {
            self.unanswered.meanwhile.push(Overlap { turn, words });
            self.answer_meanwhile(now);
        } else {
            self.answer(now, turn, &words);
        }
    }

    fn words(&self, utterance: &Utterance, transcript: &Transcript, text: String, in_time: bool) -> Words {
        // While the receptionist speaks it is not known yet: then it is looked at again when that is over.
        let is_heard = self.question_heard || self.saying.is_some();
        let after = |at: Option<Instant>| at.map(|at| at.saturating_duration_since(utterance.last_speech_at));
        Words {
            text,
            is_sure: transcript.mean_log_probability >= SURE,
            unsure: transcript.unsure.clone(),
            answers: is_heard && in_time,
            counts: utterance.voiced >= self.config.barge_in,
            stages: StageTimes {
                endpoint: after(utterance.endpoint_at),
                transcript: after(utterance.transcript_at),
                ..StageTimes::default()
            },
            ended_at: utterance.last_speech_at,
        }
    }

    // "No", "wait", a question: the rest need not be said. An "okay" lets her go on.
    fn is_cutting_in(&self, text: &str) -> bool {
        let may_stop = |saying: &Saying| saying.is_audible() && !saying.is_stopping && !saying.is_guarded();
        if !self.saying.as_ref().is_some_and(may_stop) || is_backchannel(text) {
            return false;
        }
        let asked = if self.question_heard { self.agenda.open().asked() } else { Asked::AnythingElse };
        let understood = understand(asked, text, &self.prompt.business().region);
        understood.answer == Some(Answer::No) || understood.is_filler || self.is_telling(text)
    }

    // Sound without words.
    fn no_words(&mut self, now: Instant, utterance: &Utterance) {
        if self.phase != Phase::Talking || self.saying.is_some() {
            return;
        }
        if let Some(unsaid) = self.unsaid.take() {
            return self.say_after_all(now, unsaid);
        }
        let mut answers = None;
        let decision = if self.transcripts_failed >= MAX_FAILED_TRANSCRIPTS {
            self.agenda.give_up()
        } else if let Some((turn, before)) = self.unanswered.before.take() {
            answers = Some((turn, before.clone()));
            self.decide(Said { turn, text: &before, is_sure: true, unsure: &[], answers: self.question_heard })
        } else if utterance.interrupted || !self.question_heard {
            self.agenda.again()
        } else if utterance.voiced >= ATTEMPT {
            self.agenda_before = Some(self.agenda.clone());
            self.agenda.missed(&self.form)
        } else {
            Decision::Listen
        };
        let stages = StageTimes::default();
        self.reply(now, decision, answers, stages, Some(utterance.last_speech_at));
    }

    /// What was said while the receptionist spoke is answered once it is done; a mere "uh-huh" is not.
    pub(super) fn answer_meanwhile(&mut self, now: Instant) {
        for Overlap { turn, mut words } in std::mem::take(&mut self.unanswered.meanwhile) {
            words.answers &= self.question_heard;
            if self.saying.is_none() && (words.answers || words.counts || self.is_telling(&words.text)) {
                self.answer(now, turn, &words);
            } else {
                self.overhear(turn, &words);
            }
        }
    }

    fn is_telling(&self, text: &str) -> bool {
        let understood = understand(Asked::AnythingElse, text, &self.prompt.business().region);
        !understood.values.is_empty() || understood.is_question || understood.is_goodbye || understood.wants_repeat
    }

    // "Yes, I'm here" says nothing about the question before "are you still there?".
    fn is_just_there(&self, text: &str) -> bool {
        let understood = understand(self.agenda.open().asked(), text, &self.prompt.business().region);
        let is_empty = understood.values.is_empty() && understood.digits.is_empty() && !understood.is_question;
        is_empty && understood.answer != Some(Answer::No) && text.split_whitespace().count() <= 4
    }

    fn answer(&mut self, now: Instant, turn: TurnId, words: &Words) {
        if !words.answers
            && is_backchannel(&words.text)
            && let Some(unsaid) = self.unsaid.take()
        {
            return self.say_after_all(now, unsaid);
        }
        let before = self.unanswered.before.take();
        let joined = match &before {
            Some((_, before)) => format!("{before} {}", words.text),
            None => words.text.clone(),
        };
        let was_asked_if_there = std::mem::take(&mut self.is_idle_prompted);
        let decision = if was_asked_if_there && self.is_just_there(&joined) {
            self.agenda.again()
        } else {
            self.decide(Said { text: &joined, ..words.said(turn) })
        };
        self.chat.push_caller(&words.text, decision.answers());
        if decision == Decision::Listen {
            self.unanswered.before = before;
            return;
        }
        let was_open = self.agenda_before.as_ref().map_or(self.agenda.open(), Agenda::open);
        if !words.answers || was_open.is_open_ended() {
            self.plan_extraction(turn, &words.text);
        }
        self.reply(now, decision, Some((turn, joined)), words.stages, Some(words.ended_at));
    }

    fn decide(&mut self, said: Said<'_>) -> Decision {
        self.agenda_before = Some(self.agenda.clone());
        let decision = self.agenda.hear(&mut self.form, said);
        self.tell_changes();
        decision
    }

    fn overhear(&mut self, turn: TurnId, words: &Words) {
        self.agenda.overhear(&mut self.form, words.said(turn));
        self.tell_changes();
        self.plan_extraction(turn, &words.text);
        if matches!(self.phase, Phase::Draining(_)) {
            self.begin_extraction();
        }
    }

    /// Takes what can be taken from words that get no answer any more.
    pub(super) fn overhear_overlap(&mut self, overlap: &Overlap) {
        self.overhear(overlap.turn, &overlap.words);
    }

    pub(super) fn tell_changes(&mut self) {
        for change in self.agenda.take_changes() {
            self.outputs.push_back(match change {
                Change::Set(slot) => Output::Slot(slot),
                Change::Cleared(name) => Output::SlotCleared(name),
            });
        }
    }

    fn plan_extraction(&mut self, turn: TurnId, said: &str) {
        let is_missing = |name: &SlotName| self.prompt.slots().contains(name) && self.form.get(*name).is_none();
        let wanted: Vec<SlotName> = ExtractRequest::FOUND_IN_WORDS.into_iter().filter(is_missing).collect();
        if said.split_whitespace().count() < WORDS_TO_EXTRACT || wanted.is_empty() {
            return;
        }
        let asked = self.chat.last_receptionist().unwrap_or_default().to_owned();
        self.extract = Some(ExtractRequest { turn, asked, said: said.to_owned(), wanted });
    }

    /// Starts the search that was planned; it waited for the model's reply.
    pub(super) fn begin_extraction(&mut self) {
        if let Some(request) = self.extract.take() {
            self.extracting.push((request.turn, request.said.clone()));
            self.outputs.push_back(Output::Extract(request));
        }
    }

    /// Takes what the language model found: only what is still unknown and stands in the caller's words.
    pub(super) fn extracted(&mut self, turn: TurnId, values: Vec<(SlotName, String)>) {
        let Some(index) = self.extracting.iter().position(|(other, _)| *other == turn) else {
            return;
        };
        let (_, said) = self.extracting.swap_remove(index);
        let region = self.prompt.business().region.clone();
        for (name, value) in values {
            let is_open = self.prompt.slots().contains(&name) && self.form.get(name).is_none();
            if !is_open || !stands_alone(name, &value) {
                continue;
            }
            if let Offered::Stored(slot) = self.form.offer(name, &value, Evidence::Turn(turn), &said, &region) {
                self.outputs.push_back(Output::Slot(slot));
            }
        }
    }
}

// What listeners say to show that they listen.
fn is_backchannel(text: &str) -> bool {
    #[rustfmt::skip]
    const SAID: [&str; 27] = [
        "uh", "huh", "mm", "mhm", "mmhmm", "hmm", "hm", "um", "ah", "oh", "yeah", "yes", "yep", "yup", "okay", "ok", "right", "sure",
        "i", "see", "got", "it", "all", "alright", "aha", "uhhuh", "good",
    ];
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(|word| SAID.contains(&word.to_lowercase().as_str()))
}

fn is_usable(transcript: &Transcript) -> bool {
    let has_words = transcript.text.chars().any(char::is_alphanumeric);
    let is_silence = transcript.no_speech_probability > NO_SPEECH && transcript.mean_log_probability < SURE;
    has_words && !is_silence
}
