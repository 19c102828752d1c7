//! Models that follow a script: for tests of everything that is not a model. They take no time and are always the same.

use super::{Responder, SpeechError, Stop, Synthesizer, Transcriber, TurnDetector, VoiceActivityDetector};
use crate::conversation::{ChooseRequest, ExtractRequest, Hint, Message, ReplyRequest, Transcript};
use crate::lead::SlotName;
use crate::media::{Frame, SAMPLE_RATE};
use std::collections::VecDeque;
use std::f32::consts::TAU;
use std::ops::ControlFlow;

/// Takes a frame for speech by its loudness alone.
#[derive(Clone, Copy, Debug)]
pub struct LoudnessVad {
    /// Speech from this root mean square on.
    pub threshold: f32,
}

impl Default for LoudnessVad {
    fn default() -> Self {
        Self { threshold: 300.0 }
    }
}

impl VoiceActivityDetector for LoudnessVad {
    fn probability(&mut self, frame: &Frame) -> f32 {
        let power = frame.0.iter().map(|&s| f32::from(s) * f32::from(s)).sum::<f32>() / frame.0.len() as f32;
        if power.sqrt() >= self.threshold { 1.0 } else { 0.0 }
    }
}

/// Hears nothing, and breaks after so many frames: what becomes of a call whose task panics?
#[derive(Clone, Copy, Debug)]
pub struct BreakingVad {
    /// Frames until then.
    pub frames: u32,
}

impl VoiceActivityDetector for BreakingVad {
    fn probability(&mut self, _frame: &Frame) -> f32 {
        self.frames = self.frames.checked_sub(1).expect("this detector breaks, as asked");
        0.0
    }
}

/// "Hears" its lines one after the other, whatever the sound; nothing after the last, and nothing in silence.
#[derive(Clone, Debug, Default)]
pub struct ScriptedTranscriber {
    lines: VecDeque<String>,
    heard: Vec<(usize, Hint)>,
}

impl ScriptedTranscriber {
    /// Will hear these.
    pub fn new<T: Into<String>>(lines: impl IntoIterator<Item = T>) -> Self {
        Self { lines: lines.into_iter().map(Into::into).collect(), heard: Vec::new() }
    }

    /// What it was given: samples and hint of each request.
    pub fn heard(&self) -> &[(usize, Hint)] {
        &self.heard
    }
}

/// Judges every pause alike.
#[derive(Clone, Copy, Debug)]
pub struct EvenTurnDetector(
    /// What it says.
    pub f32,
);

impl TurnDetector for EvenTurnDetector {
    fn done(&mut self, _pcm: &[i16]) -> Result<f32, SpeechError> {
        Ok(self.0)
    }
}

impl Transcriber for ScriptedTranscriber {
    fn transcribe(&mut self, pcm: &[i16], hint: Hint, stop: &Stop) -> Result<Transcript, SpeechError> {
        if stop.is_stopped() {
            return Err(SpeechError::Stopped);
        }
        self.heard.push((pcm.len(), hint));
        let silent = pcm.iter().all(|&s| s == 0);
        let text = if silent { String::new() } else { self.lines.pop_front().unwrap_or_default() };
        let no_speech_probability = if text.is_empty() { 0.95 } else { 0.02 };
        Ok(Transcript { text, mean_log_probability: -0.2, no_speech_probability, ..Transcript::default() })
    }
}

/// Answers by rules on the caller's last words.
#[derive(Clone, Debug, Default)]
pub struct ScriptedResponder {
    replies: Vec<(String, String)>,
    values: Vec<(String, SlotName, String)>,
    fails: bool,
}

impl ScriptedResponder {
    /// One without rules: it replies "All right." and finds nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// When the caller's last words hold `needle`, replies so. Earlier rules come first.
    #[must_use]
    pub fn reply_when(mut self, needle: &str, reply: &str) -> Self {
        self.replies.push((needle.to_lowercase(), reply.to_owned()));
        self
    }

    /// When the caller's words hold `needle`, finds this.
    #[must_use]
    pub fn find_when(mut self, needle: &str, slot: SlotName, value: &str) -> Self {
        self.values.push((needle.to_lowercase(), slot, value.to_owned()));
        self
    }

    /// One that fails at everything.
    #[must_use]
    pub fn failing() -> Self {
        Self { fails: true, ..Self::default() }
    }

    fn check(&self, stop: &Stop) -> Result<(), SpeechError> {
        if self.fails {
            return Err(SpeechError::Run { what: "the scripted responder", why: "as asked".to_owned() });
        }
        if stop.is_stopped() { Err(SpeechError::Stopped) } else { Ok(()) }
    }
}

impl Responder for ScriptedResponder {
    fn prepare(&mut self, _messages: &[Message], stop: &Stop) -> Result<(), SpeechError> {
        self.check(stop)
    }

    fn reply(
        &mut self,
        request: &ReplyRequest,
        stop: &Stop,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<(), SpeechError> {
        self.check(stop)?;
        let said = request.messages.last().map(|m| m.content.to_lowercase()).unwrap_or_default();
        let rule = self.replies.iter().find(|(needle, _)| said.contains(needle));
        let reply = rule.map_or("All right.", |(_, reply)| reply.as_str());
        for word in reply.split_inclusive(' ') {
            if sink(word).is_break() {
                return Err(SpeechError::Stopped);
            }
        }
        Ok(())
    }

    // The first whose topic the caller names.
    fn choose(&mut self, request: &ChooseRequest, stop: &Stop) -> Result<Option<usize>, SpeechError> {
        self.check(stop)?;
        let said = request.said.to_lowercase();
        Ok(request.choices.iter().position(|choice| said.contains(&choice.name.to_lowercase())))
    }

    fn extract(&mut self, request: &ExtractRequest, stop: &Stop) -> Result<Vec<(SlotName, String)>, SpeechError> {
        self.check(stop)?;
        let said = request.said.to_lowercase();
        let found =
            |(needle, slot, _): &&(String, SlotName, String)| said.contains(needle) && request.wanted.contains(slot);
        Ok(self.values.iter().filter(found).map(|(_, slot, value)| (*slot, value.clone())).collect())
    }
}

/// Speaks a tone that lasts as long as the text is, clause by clause.
#[derive(Clone, Copy, Debug)]
pub struct ToneVoice {
    /// How long one character takes.
    pub ms_per_character: u32,
    /// The tone's pitch.
    pub hertz: f32,
}

impl Default for ToneVoice {
    fn default() -> Self {
        Self { ms_per_character: 20, hertz: 440.0 }
    }
}

impl Synthesizer for ToneVoice {
    fn synthesize(&mut self, text: &str, sink: &mut dyn FnMut(&[i16]) -> ControlFlow<()>) -> Result<(), SpeechError> {
        for clause in text.split_inclusive([',', '.', '?', '!', ';']).filter(|c| !c.trim().is_empty()) {
            let samples = clause.chars().count() as u32 * self.ms_per_character * (SAMPLE_RATE / 1000);
            let sample = |n: u32| ((n as f32 * self.hertz / SAMPLE_RATE as f32 * TAU).sin() * 6_000.0) as i16;
            if sink(&(0..samples).map(sample).collect::<Vec<_>>()).is_break() {
                return Err(SpeechError::Stopped);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hears_its_lines_in_order_but_nothing_in_silence() {
        let mut ears = ScriptedTranscriber::new(["hello", "yes"]);
        let mut hear = |pcm: &[i16]| ears.transcribe(pcm, Hint::Open, &Stop::new()).expect("hears").text;
        assert_eq!([hear(&[0; 160]), hear(&[9; 160]), hear(&[9; 160]), hear(&[9; 160])], ["", "hello", "yes", ""]);
        assert_eq!(ears.heard().len(), 4);
    }

    #[test]
    fn speaks_clause_by_clause_until_told_to_stop() {
        let mut pieces = Vec::new();
        let result = ToneVoice::default().synthesize("One, two. Three.", &mut |pcm| {
            pieces.push(pcm.len());
            if pieces.len() == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(matches!(result, Err(SpeechError::Stopped)));
        assert_eq!(pieces, [4 * 160, 5 * 160]);
    }
}
