//! Prompt files: what is told of a wrong one, and what a right one says.

use super::{LineName, LineVars, Prompt};
use crate::lead::SlotName;
use expect_test::{Expect, expect};
use proptest::prelude::*;

const FILES: [(&str, &str); 3] = [
    ("prompts/receptionist.md", Prompt::bundled_text()),
    ("prompts/dentist.md", include_str!("../../prompts/dentist.md")),
    ("prompts/electrician.md", include_str!("../../prompts/electrician.md")),
];

fn vars(name: Option<&str>, number: Option<&str>, need: Option<&str>) -> LineVars {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    LineVars { name: owned(name), number: owned(number), need: owned(need), ..LineVars::default() }
}

/// The faults of the bundled file after replacing each of the first texts by the second.
fn faults(changes: &[(&str, &str)], expected: &Expect) {
    let mut text = Prompt::bundled_text().to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "the bundled prompt lacks {from:?}");
        text = text.replacen(from, to, 1);
    }
    told(&text, expected);
}

fn told(text: &str, expected: &Expect) {
    let errors = Prompt::parse("mine.md", text).err().unwrap_or_default();
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn the_prompts_that_come_along_are_whole_and_well_worded() {
    for (file, text) in FILES {
        let prompt = Prompt::parse(file, text).unwrap_or_else(|errors| panic!("{errors:#?}"));
        let line = |name| prompt.line(name, &vars(None, Some("2 1 2, 5 5 5, 0 1 4 2"), None));
        let greeting = line(LineName::Greeting);
        for needed in [prompt.name(), "automated assistant", "recorded", "How can I help?"] {
            assert!(greeting.contains(needed), "{file}: {greeting}");
        }
        // About 2.7 words a second are spoken: 19 words take seven seconds.
        assert!(greeting.split(' ').count() <= 19, "{file}: {greeting}");
        let text =
            prompt.line(LineName::TextBack, &vars(Some("Dana Whitfield"), None, Some("my kitchen sink is leaking")));
        assert!(text.contains(prompt.name()) && text.ends_with("Reply STOP to opt out."), "{file}: {text}");
        // A token is about four letters: at most 250 for the rules, as much again for the facts.
        assert!(prompt.instructions().len() < 1_500, "{file}: {}", prompt.instructions().len());
        for name in LineName::ALL.into_iter().filter(|name| name.as_str().starts_with("ask_")) {
            assert!(line(name).matches('?').count() <= 1, "{file}: {}", line(name));
        }
    }
}

#[test]
fn lines_say_what_is_known() {
    let prompt = Prompt::bundled();
    assert_eq!(
        prompt.line(LineName::Farewell, &LineVars::default()),
        "Thank you. Someone from Harbor Plumbing will call you back. Goodbye."
    );
    assert_eq!(
        prompt.line(LineName::TextBack, &vars(Some("Dana"), None, Some("my sink leaks"))),
        "Hi Dana, this is Harbor Plumbing. Thanks for your call. We noted: my sink leaks. We'll call you back soon. \
         Reply STOP to opt out."
    );
    // What a caller says is never a template.
    assert_eq!(
        prompt.line(LineName::Farewell, &vars(Some("{{ business.phone }}<b>"), None, None)),
        "Thank you, {{ business.phone }}<b>. Someone from Harbor Plumbing will call you back. Goodbye."
    );
    assert_eq!(prompt.slots(), &SlotName::ALL[..6]);
    assert_eq!(prompt.business().facts[0].0, "visits");
}

#[test]
fn fixed_lines_are_those_that_no_call_changes() {
    let fixed: Vec<LineName> = Prompt::bundled().fixed_lines().into_iter().map(|(name, _)| name).collect();
    let varying = [
        LineName::OfferCallback,
        LineName::ReadBackCallback,
        LineName::ReadBackCallbackSlowly,
        LineName::ReadBackEmail,
        LineName::Farewell,
        LineName::Briefing,
        LineName::AskToAccept,
        LineName::TextBack,
        LineName::CallbackMissed,
        LineName::OwnerNotice,
    ];
    assert_eq!(fixed.len() + varying.len(), LineName::ALL.len());
    assert!(varying.iter().all(|name| !fixed.contains(name)));
}

#[test]
fn lines_that_a_file_leaves_out_have_words_and_its_own_are_checked_like_any() {
    let prompt = Prompt::bundled();
    let question = prompt.line(LineName::CallbackQuestion, &LineVars::default());
    assert!(question.starts_with("This is Harbor Plumbing, calling you back. Press 1"), "{question}");
    let told = LineVars {
        urgency: Some("emergency".to_owned()),
        time: Some("Tuesday 3:05 PM".to_owned()),
        message: Some("Please call me back.".to_owned()),
        ..vars(Some("Dana"), Some("(212) 555-0142"), Some("my sink leaks"))
    };
    assert_eq!(
        prompt.line(LineName::OwnerNotice, &told),
        "Harbor Plumbing: message from Dana, (212) 555-0142, Tuesday 3:05 PM. Emergency! Need: my sink leaks. \
         \"Please call me back.\""
    );
    let asked = LineVars { question: Some("Do you take checks?".to_owned()), ..LineVars::default() };
    assert_eq!(prompt.line(LineName::OwnerNotice, &asked), "Harbor Plumbing: call. Asked: Do you take checks?");
    assert_eq!(prompt.line(LineName::OwnerNotice, &LineVars::default()), "Harbor Plumbing: call.");
    let own = "text_back = \"\"\"";
    faults(
        &[(own, &format!("owner_notice = \"{{{{ mesage }}}}\"\n{own}"))],
        &expect!["mine.md:54: unknown variable `mesage`: did you mean `message`?"],
    );
}

#[test]
fn the_hash_is_that_of_the_bytes() {
    let prompt = Prompt::bundled();
    assert!(prompt.hash().len() == 64 && prompt.hash().bytes().all(|byte| byte.is_ascii_hexdigit()));
    let changed = Prompt::parse("mine.md", &format!("{}\n", Prompt::bundled_text())).map(|p| p.hash().to_owned());
    assert_ne!(changed.as_deref(), Ok(prompt.hash()));
}

#[test]
fn instructions_hold_the_facts_in_their_order() {
    let prompt = Prompt::bundled();
    let at = |text: &str| prompt.instructions().find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(at("never booked") < at("89 dollars") && at("89 dollars") < at("Leaks, clogged"));
}

#[test]
fn all_faults_are_told_at_once_with_their_lines() {
    faults(
        &[
            ("\"urgency\", ", "\"urgncy\", "),
            ("phone = \"(212) 555-0100\"", "phone = \"12\"\ncolour = \"blue\""),
            ("America/New_York", "America/New_Yrok"),
            ("ask_need =", "ask_neeed ="),
            ("I have {{ number }}.", "I have {{ nubmer }}."),
            ("{% if name %}, {{ name }}{% endif %}", ", {{ name }}"),
            ("{{ business.trade }}", "{{ business.trad }}"),
        ],
        &expect![[r#"
            mine.md:2: `urgncy` is no slot: use one of name, callback, address, need, urgency, preferred_time, email
            mine.md:7: `phone`: not a telephone number: write it with its country code, such as "+1 212 555 0123"
            mine.md:8: `colour` is no key of [business]: use one of name, trade, phone, region, timezone, hours, service_area, emergency_number
            mine.md:10: `America/New_Yrok` is no time zone: write an IANA name such as "America/New_York"
            mine.md:21: [lines] lacks `ask_need`
            mine.md:23: `ask_neeed` is no line: did you mean `ask_need`?
            mine.md:29: unknown variable `nubmer`: did you mean `number`?
            mine.md:44: `name` isn't known in every call: write {% if name %}...{% endif %} around it
            mine.md:138: unknown variable `business.trad`: did you mean `trade`?"#]],
    );
}

#[test]
fn streets_are_names_with_commas_or_line_ends_between_them() {
    let with = |area: &str| {
        Prompt::bundled_text().split_once("[area]").expect("there").0.to_owned() + area + "\n+++\nYou are polite."
    };
    let streets = |area: &str| Prompt::parse("mine.md", &with(area)).expect("whole").streets().len();
    assert_eq!(streets("[area]\nstreets = \"\"\"\nMaple Street, Oak Avenue,\nSt. Marks Place\n\"\"\""), 3);
    assert_eq!(streets(""), 0);
    assert!(Prompt::bundled().streets().len() > 100);
    told(
        &with("[area]\nzips = \"11201\"\nstreets = \"\"\"\nMaple Street, Oak Avenue\n12, maple street\"\"\""),
        &expect![[r"
            mine.md:60: `zips` is no key of [area]: use one of streets
            mine.md:63: `12` is no street: write names such as `Maple Street, Oak Avenue`
            mine.md:63: `maple street` stands twice in `streets`"]],
    );
    told(&with("[area]\nstreets = [\"Maple Street\"]"), &expect!["mine.md:60: `streets` must be a text in quotes"]);
}

#[test]
fn templates_are_told_by_the_line_of_the_file() {
    faults(
        &[("Hours: {{ business.hours }}.", "Hours: {{ business.hours.")],
        &expect!["mine.md:138: syntax error: unexpected `:`, expected end of variable block"],
    );
    faults(
        &[("{% if need %}", "{% if neeed %}")],
        &expect!["mine.md:47: unknown variable `neeed`: did you mean `need`?"],
    );
    faults(
        &[("I have {{ number }}. Is", "Is")],
        &expect!["mine.md:28: `read_back_callback` must say the number: use {{ number }}"],
    );
    faults(
        &[("\"Are you still there?\"", "\"{{ number }}?\"")],
        &expect![
            "mine.md:37: `number` is only known in offer_callback, read_back_callback, read_back_callback_slowly, briefing, ask_to_accept and owner_notice"
        ],
    );
    faults(
        &[("\"Are you still there?\"", "\"{% if name %}Hello?{% endif %}\"")],
        &expect!["mine.md:37: `still_there` comes out empty: every line needs words"],
    );
    faults(
        &[("hours = \"Monday to Friday, 8 AM to 6 PM; on call for emergencies at any hour\"\n", "")],
        &expect!["mine.md:137: `business.hours` is used but not given: write it under [business]"],
    );
    faults(
        &[("{% for topic in facts %}", "{{ facts.pricing }}{% for topic in facts %}")],
        &expect![
            "mine.md:140: unknown variable `facts.pricing`: use one of visits, prices, services, emergencies, payment"
        ],
    );
}

#[test]
fn a_file_without_its_parts_is_told_what_is_missing() {
    told("", &expect!["mine.md:1: the file must start with a line `+++`, TOML, and another line `+++`"]);
    told("+++\nslots = []\n", &expect!["mine.md:1: the front matter has no end: close it with a line `+++`"]);
    told(
        "+++\nslots = [\"need\"\nname = \n+++\nHello.",
        &expect![[r"
        mine.md:3: this is no TOML: invalid float, expected `nan`
        mine.md:3: this is no TOML: missing comma between array elements, expected `,`
        mine.md:3: this is no TOML: unclosed array, expected `]`
        mine.md:3: this is no TOML: unexpected `=` in array, expected value, `]`"]],
    );
    told(
        "+++\nslots = [1, \"need\", \"need\"]\nlines = 3\n[business]\nname = \"\"\nregion = \"ZZ\"\ntimezone = 5\n[facs]\n+++\n",
        &expect![[r#"
        mine.md:2: `need` stands twice in `slots`
        mine.md:2: `slots` holds texts only
        mine.md:3: `lines` must be a section: write [lines]
        mine.md:5: [business] needs `name = "Harbor Plumbing"`
        mine.md:6: `ZZ` is no region: write a two-letter code such as "US"
        mine.md:7: `timezone` must be a text in quotes
        mine.md:8: `facs` is no part of a prompt file: did you mean `facts`?
        mine.md:10: the instructions are empty: write them below the second `+++`"#]],
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_the_parser_fail(text in "\\PC{0,80}", cut in 0_usize..3000, with in "[\\PC\n]{0,6}") {
        let _ = Prompt::parse("any.md", &text);
        let _ = Prompt::parse("any.md", &format!("+++\n{text}\n+++\n{text}"));
        let whole = Prompt::bundled_text();
        let cut = (0..=cut.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or(0);
        let _ = Prompt::parse("any.md", &format!("{}{with}{}", &whole[..cut], &whole[cut..]));
    }
}
