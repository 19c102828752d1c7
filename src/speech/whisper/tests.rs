//! With a real model; skipped loudly where there is none.

use super::super::real;
use super::likelier::{Decoder, Token};
use super::{
    DIGITS_PROMPT, NAME_PROMPT, SHORTEST, SILENCE, SPELLING_PROMPT, SteppedDecoder, Whisper, WhisperOptions, is_told,
    longest, padded, window,
};
use crate::conversation::Hint;
use crate::lead::spelled_name;
use crate::media::test_sounds::{folder, read};
use crate::speech::{SpeechError, Stop, Transcriber};
use std::path::Path;

#[test]
fn the_window_follows_the_length() {
    assert_eq!([window(16_000), window(16_000 * 4), window(16_000 * 29)], [384, 544, 1_500]);
    assert_eq!([longest(16_000), longest(16_000 * 60)], [24, 220]);
}

#[test]
fn what_a_prompt_tells_is_known_when_it_comes_back() {
    let told = |prompt: &str| prompt.split_inclusive(". ").all(is_told);
    assert!(told(DIGITS_PROMPT) && told(SPELLING_PROMPT) && told(NAME_PROMPT));
    assert!(!is_told("My name is Diana Brooks.") && !is_told("It's 212-555-0142."));
}

#[test]
fn silence_and_noise_are_no_words() {
    let Some(path) = real::whisper() else { return };
    let mut whisper = Whisper::load(&path, &WhisperOptions::default()).expect("loads");
    let mut seed = 1_u32;
    let mut noise = |level: i32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((seed >> 16) as i32 % (2 * level) - level) as i16
    };
    for (what, pcm) in [
        ("silence", vec![0; 16_000]),
        ("a quiet line", (0..16_000).map(|_| noise(40)).collect::<Vec<_>>()),
        ("hiss", (0..16_000).map(|_| noise(2_000)).collect()),
    ] {
        for hint in [Hint::Open, Hint::Digits, Hint::Spelling, Hint::Name] {
            let heard = whisper.transcribe(&pcm, hint, &Stop::new()).expect("runs");
            assert_eq!(heard.text, "", "{what} with {hint:?}: {heard:?}");
        }
    }
    let stop = Stop::new();
    stop.stop();
    assert!(matches!(whisper.transcribe(&[9_000; 8_000], Hint::Open, &stop), Err(SpeechError::Stopped)));
}

#[test]
fn a_missing_file_is_named_with_its_cure() {
    let error = Whisper::load(Path::new("/nowhere/model.bin"), &WhisperOptions::default()).err().expect("fails");
    let told = error.to_string();
    assert!(told.contains("/nowhere/model.bin") && told.contains("backstop models pull"), "{told}");
}

// What the library has taken in while it heard is used again: the decoder must say the same as if it took in all anew.
#[test]
fn the_decoder_goes_on_where_the_hearing_ended() {
    let Some(path) = real::whisper() else { return };
    let mut whisper = Whisper::load(&path, &WhisperOptions::default()).expect("loads");
    let sound = read(&folder().join("af_sarah/r_i_c_h_a_r_d_s.wav"));
    let stop = Stop::new();
    for hint in [Hint::Open, Hint::Name, Hint::Spelling] {
        let heard = whisper.hear_in_window(&padded(&sound, SILENCE, SHORTEST), hint).expect("runs");
        let written: Vec<Token> = heard.tokens.iter().map(|(token, _)| *token).collect();
        assert!(written.len() > 3, "{hint:?}: {}", heard.text);
        let all = [whisper.leads.before(hint), &written].concat();
        let mut next = |taken_in: &[Token]| {
            let mut decoder = SteppedDecoder::new(&mut whisper.state, &whisper.leads, taken_in.to_vec(), 2, &stop);
            decoder.after(&all).expect("runs")
        };
        let (again, anew) = (next(&all[..all.len() - 1]), next(&[]));
        let likeliest = |next: &[f32]| (0..next.len()).max_by(|a, b| next[*a].total_cmp(&next[*b]));
        assert_eq!(likeliest(&again), likeliest(&anew), "{hint:?}");
        let off = again.iter().zip(&anew).filter(|(_, b)| **b > -8.0).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(off < 0.1, "{hint:?}: {off}");
    }
}

// Each of these was written with a fault by greedy decoding alone: F-C-O-T-T, S-U-L-L-L-I-V-A-N.
#[test]
fn letters_are_heard_as_those_of_a_name() {
    const LINES: [(&str, &str); 12] = [
        ("af_bella/a_l_l_e_n", "Allen"),
        ("am_eric/w_a_l_l_a_c_e", "Wallace"),
        ("bm_george/h_u_g_h_e_s", "Hughes"),
        ("am_liam/m_o_r_g_a_n", "Morgan"),
        ("am_liam/c_o_o_p_e_r", "Cooper"),
        ("af_bella/b_r_o_o_k_s", "Brooks"),
        ("af_alloy/m_o_n_r_o_e", "Monroe"),
        ("am_echo/h_a_m_i_l_t_o_n", "Hamilton"),
        ("af_nova/s_c_o_t_t", "Scott"),
        ("af_alloy/m_i_l_l_s", "Mills"),
        ("am_fenrir/s_u_l_l_i_v_a_n", "Sullivan"),
        ("bm_fable/g_r_a_n_t", "Grant"),
    ];
    let Some(path) = real::whisper() else { return };
    let mut whisper = Whisper::load(&path, &WhisperOptions::default()).expect("loads");
    let heard = LINES.map(|(file, name)| {
        let heard = whisper
            .transcribe(&read(&folder().join(format!("{file}.wav"))), Hint::Spelling, &Stop::new())
            .expect("runs")
            .text;
        (spelled_name(&heard).as_deref() == Some(name), heard)
    });
    assert!(heard.iter().filter(|(is_right, _)| *is_right).count() >= 9, "{heard:?}");
}
