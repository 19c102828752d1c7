//! Two transcribers for one line: they err otherwise, so that together they hear names, letters and streets better than either.
//!
//! Both hear the same sound at the same time. Where their words differ, the second weighs what may have been said: its own words, the first
//! one's, and names that many people have and that sound so (joint decoding of systems by rescoring; Li et al., "System combination with
//! log-linear models", 2009, and before that ROVER, Fiscus, 1997).

use super::{SecondEar, SpeechError, Stop, Transcriber, Worker};
use crate::conversation::{Hint, Transcript};
use crate::lead::{Hearings, Way, is_all_letters, spoken_digits};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Utterances that may wait for the second ear: the first takes them one by one.
const INBOX: usize = 4;
/// What the second ear thinks of its own words is no evidence against the first's. Over the callers' names, addresses and times, it preferred
/// its own by less than this where the first was right, and by more where it was right itself.
const FIRST: f32 = 3.3;
/// A name that many people have was said rather than none.
const KNOWN: f32 = 2.0;
/// Where the first hears nothing, the second is believed if each of its words is at least so likely (mean log-probability of its tokens).
const SURE: f32 = -0.4;
/// The first is sure that nothing was said.
const NOTHING: f32 = 0.5;
/// A telephone number without its country code.
const NUMBER: usize = 10;

/// A transcriber that has another hear the same sound at the same time, on a thread of its own.
pub struct TwoEars {
    first: Box<dyn Transcriber>,
    second: Worker<Job>,
    has_failed: bool,
}

enum Job {
    Hear { pcm: Arc<[i16]>, hint: Hint, stop: Stop, heard: Sender<Result<Transcript, SpeechError>> },
    Weigh { texts: Vec<String>, weighed: Sender<Result<Vec<f32>, SpeechError>> },
}

impl TwoEars {
    /// Starts the second ear's thread and loads its model there; the first one's stays on the thread that asks.
    ///
    /// # Errors
    /// What `second` said.
    pub fn new<T: SecondEar + 'static>(
        first: Box<dyn Transcriber>,
        second: impl FnOnce() -> Result<T, SpeechError> + Send + 'static,
    ) -> Result<Self, SpeechError> {
        // Whoever asked may have gone.
        let work = |ear: &mut T, job: Job| match job {
            Job::Hear { pcm, hint, stop, heard } => drop(heard.send(ear.transcribe(&pcm, hint, &stop))),
            Job::Weigh { texts, weighed } => drop(weighed.send(ear.weigh(&texts))),
        };
        Ok(Self { first, second: Worker::spawn("second ear", INBOX, second, work)?, has_failed: false })
    }

    // A second ear that is deaf is told once, and no call suffers for it.
    fn ask<T>(&mut self, job: impl FnOnce(Sender<Result<T, SpeechError>>) -> Job) -> Receiver<Result<T, SpeechError>> {
        let (answer, answers) = channel();
        // Of a job that is not taken the answer's channel closes.
        drop(self.second.try_send(job(answer)));
        answers
    }

    fn answer<T>(&mut self, answers: &Receiver<Result<T, SpeechError>>) -> Result<Option<T>, SpeechError> {
        let why = match answers.recv() {
            Ok(Ok(answer)) => return Ok(Some(answer)),
            Ok(Err(SpeechError::Stopped)) => return Err(SpeechError::Stopped),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it gave no answer".to_owned(),
        };
        if !std::mem::replace(&mut self.has_failed, true) {
            tracing::error!(why, "the second transcriber fails: names and addresses are heard by the first alone");
        }
        Ok(None)
    }

    fn better(&mut self, hint: Hint, first: Transcript, second: Transcript) -> Result<Transcript, SpeechError> {
        if second.text.is_empty() {
            return Ok(first);
        }
        if first.text.is_empty() {
            return Ok(if is_heard_by_second_alone(&first, &second) { second } else { first });
        }
        // What was asked for goes before what is none.
        let is_asked = |heard: &Transcript| match hint {
            Hint::Digits | Hint::DigitsAgain => spoken_digits(&heard.text).trim_start_matches('1').len() == NUMBER,
            Hint::Spelling => is_all_letters(&heard.text),
            Hint::Open | Hint::Name => false,
        };
        if is_asked(&first) != is_asked(&second) {
            return Ok(if is_asked(&first) { first } else { second });
        }
        let hearings = Hearings::of(&first.text, &second.text);
        if hearings.agree() {
            return Ok(first);
        }
        let ways = hearings.ways(matches!(hint, Hint::Name | Hint::Spelling));
        if ways.is_empty() {
            return Ok(first);
        }
        let texts: Vec<String> = ways.iter().flat_map(|way| way.spellings.iter().cloned()).collect();
        let answers = self.ask(|weighed| Job::Weigh { texts, weighed });
        let Some(weights) = self.answer(&answers)? else { return Ok(first) };
        let Some(way) = likeliest(&ways, &weights) else { return Ok(first) };
        Ok(Transcript { text: hearings.words(way), ..first })
    }
}

impl Transcriber for TwoEars {
    fn transcribe(&mut self, pcm: &[i16], hint: Hint, stop: &Stop) -> Result<Transcript, SpeechError> {
        let sound: Arc<[i16]> = pcm.into();
        let answers = self.ask(|heard| Job::Hear { pcm: sound, hint, stop: stop.clone(), heard });
        let first = self.first.transcribe(pcm, hint, stop)?;
        match self.answer(&answers)? {
            Some(second) => self.better(hint, first, second),
            None => Ok(first),
        }
    }
}

fn is_heard_by_second_alone(first: &Transcript, second: &Transcript) -> bool {
    first.no_speech_probability < NOTHING && second.mean_log_probability > SURE
}

fn likeliest<'a>(ways: &'a [Way], weights: &[f32]) -> Option<&'a Way> {
    let mut left = weights;
    let weighed = ways.iter().map(|way| {
        let (own, others) = left.split_at(way.spellings.len().min(left.len()));
        left = others;
        let best = own.iter().copied().fold(f32::MIN, f32::max);
        (best + FIRST * way.firsts as f32 + KNOWN * way.known as f32, way)
    });
    weighed.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, way)| way)
}

#[cfg(test)]
mod tests {
    use super::TwoEars;
    use crate::conversation::{Hint, Transcript};
    use crate::speech::{SecondEar, SpeechError, Stop, Transcriber};

    const SPEECH: [i16; 800] = [4_000; 800];

    // Hears one thing, and finds everything else unlikely but for one thing.
    struct Ear {
        heard: &'static str,
        likes: &'static str,
        is_broken: bool,
    }

    impl Transcriber for Ear {
        fn transcribe(&mut self, _pcm: &[i16], _hint: Hint, stop: &Stop) -> Result<Transcript, SpeechError> {
            if self.is_broken {
                return Err(SpeechError::Run { what: "the ear", why: "it is broken".to_owned() });
            }
            if stop.is_stopped() {
                return Err(SpeechError::Stopped);
            }
            Ok(Transcript { text: self.heard.to_owned(), mean_log_probability: -0.1, ..Transcript::default() })
        }
    }

    impl SecondEar for Ear {
        fn weigh(&mut self, texts: &[String]) -> Result<Vec<f32>, SpeechError> {
            let weight = |text: &String| {
                if text == self.heard {
                    -1.0
                } else if text == self.likes {
                    -2.0
                } else {
                    -20.0
                }
            };
            Ok(texts.iter().map(weight).collect())
        }
    }

    fn together(first: &'static str, second: &'static str, likes: &'static str, hint: Hint) -> String {
        let first = Box::new(Ear { heard: first, likes: "", is_broken: false });
        let mut ears = TwoEars::new(first, move || Ok(Ear { heard: second, likes, is_broken: false })).expect("starts");
        ears.transcribe(&SPEECH, hint, &Stop::new()).expect("hears").text
    }

    #[test]
    fn the_first_is_believed_when_the_second_finds_it_likely_too() {
        let first = "77 Steinway Street in Queens.";
        assert_eq!(together(first, "77 Steinway Street in Queen.", first, Hint::Open), first);
        assert_eq!(together(first, "77 Steinway Street in Queen.", "", Hint::Open), "77 Steinway Street in Queen.");
    }

    #[test]
    fn a_name_that_neither_wrote_may_have_been_said() {
        assert_eq!(together("Tony Rassos.", "Tony Rasso.", "Tony Rosa.", Hint::Name), "Tony Rosa");
        assert_eq!(together("Tony Rassos.", "Tony Rasso.", "Tony Rosa.", Hint::Open), "Tony Rasso.");
    }

    #[test]
    fn a_whole_number_is_believed_before_half_of_one() {
        assert_eq!(together("718-555-0144.", "718-5501-4.", "", Hint::Digits), "718-555-0144.");
        assert_eq!(together("3475-550-17.", "347-555-0179.", "", Hint::Digits), "347-555-0179.");
        assert_eq!(together("R-U-S-S-O.", "Are Usso?", "", Hint::Spelling), "R-U-S-S-O.");
    }

    #[test]
    fn what_one_does_not_hear_is_heard_by_the_other_only_when_that_is_sure() {
        assert_eq!(together("", "320 Dempster Street.", "", Hint::Open), "320 Dempster Street.");
        assert_eq!(together("Yes.", "", "", Hint::Open), "Yes.");
    }

    #[test]
    fn one_ear_goes_on_alone_when_the_other_fails_and_a_stop_stops_both() {
        let first = || Box::new(Ear { heard: "Yes, please.", likes: "", is_broken: false });
        let mut ears = TwoEars::new(first(), || Ok(Ear { heard: "", likes: "", is_broken: true })).expect("starts");
        assert_eq!(ears.transcribe(&SPEECH, Hint::Open, &Stop::new()).expect("hears").text, "Yes, please.");
        let stop = Stop::new();
        stop.stop();
        assert!(matches!(ears.transcribe(&SPEECH, Hint::Open, &stop), Err(SpeechError::Stopped)));
        let broken = || Err::<Ear, _>(SpeechError::Run { what: "the ear", why: "no file".to_owned() });
        assert!(TwoEars::new(first(), broken).is_err());
    }
}
