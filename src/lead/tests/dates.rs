//! What preferred times mean by the calendar.

use super::{said_in_pieces, texts};
use crate::id::TurnId;
use crate::lead::calendar::date_of;
use crate::lead::{Evidence, Form, SlotName};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use proptest::prelude::*;

const THURSDAY: &str = "2026-11-26T14:00[America/New_York]";

/// No date is added.
const NONE: &str = "";

/// Compares the dates that a form adds to callers' words at this moment with a table.
fn dates(now: &str, rows: &[(&str, &str)]) {
    let rows: Vec<_> = rows.iter().map(|(said, date)| (*said, (*date != NONE).then_some(*date))).collect();
    texts(&rows, |said| {
        let mut form = Form::new(&SlotName::ALL);
        form.set_present(now.parse::<Zoned>().expect("a moment"));
        form.offer(SlotName::PreferredTime, said, Evidence::Turn(TurnId(1)), said, "US");
        let value = &form.get(SlotName::PreferredTime)?.value;
        let rest = value.strip_prefix(said).expect("the caller's words stay");
        rest.strip_prefix(" (").and_then(|rest| rest.strip_suffix(')')).map(str::to_owned)
    });
}

#[test]
fn days_get_their_dates() {
    dates(
        THURSDAY,
        &[
            ("today", "Thu Nov 26"),
            ("tomorrow morning", "Fri Nov 27"),
            ("first thing tomorrow", "Fri Nov 27"),
            ("the first appointment tomorrow", "Fri Nov 27"),
            ("the day after tomorrow", "Sat Nov 28"),
            ("in two days", "Sat Nov 28"),
            ("three days from now", "Sun Nov 29"),
            ("within two days", "by Sat Nov 28"),
            ("in a week", "Thu Dec 3"),
            ("a week from Monday", "Mon Dec 7"),
            ("Friday", "Fri Nov 27"),
            ("this Friday", "Fri Nov 27"),
            ("Thursday", "Thu Dec 3"),
            ("this Thursday", "Thu Nov 26"),
            ("next Tuesday", "Tue Dec 1"),
            ("next Friday", "Fri Dec 4"),
            ("Tuesday next week", "Tue Dec 1"),
            ("Friday's fine", "Fri Nov 27"),
            ("after Monday", "after Mon Nov 30"),
            ("by Wednesday", "by Wed Dec 2"),
            ("this weekend", "Sat Nov 28 to Sun Nov 29"),
            ("next weekend", "Sat Dec 5 to Sun Dec 6"),
            ("any afternoon next week", "week of Mon Nov 30"),
            ("Monday or Tuesday", "Mon Nov 30 or Tue Dec 1"),
            ("Monday and Tuesday", "Mon Nov 30 and Tue Dec 1"),
            ("Monday through Wednesday", "Mon Nov 30 to Wed Dec 2"),
            ("Monday through Friday", "Mon Nov 30 to Fri Dec 4"),
            ("between Monday and Wednesday", "Mon Nov 30 to Wed Dec 2"),
            ("tomorrow, Friday", "Fri Nov 27"),
            ("the fourteenth", "Mon Dec 14"),
            ("the 30th in the morning", "Mon Nov 30"),
            ("the twenty-first", "Mon Dec 21"),
            ("December third", "Thu Dec 3"),
            ("December 3", "Thu Dec 3"),
            ("the third of January", "Sun Jan 3 2027"),
            ("Tuesday, December 8th", "Tue Dec 8"),
            ("Monday the fourteenth", "Mon Dec 14"),
            ("Tuesday the eighth", "Tue Dec 8"),
            ("The week after next", "week of Mon Dec 7"),
            ("Tuesday week", "Tue Dec 8"),
            ("1 December", "Tue Dec 1"),
            ("Sometime Monday, not too early", "Mon Nov 30"),
        ],
    );
}

#[test]
fn times_stand_beside_their_day() {
    dates(
        THURSDAY,
        &[
            ("Thursday after three", "Thu Dec 3, after 15:00"),
            ("Thursday after 3 PM", "Thu Dec 3, after 15:00"),
            ("after three on Thursday", "Thu Dec 3, after 15:00"),
            ("around half past ten on Friday", "Fri Nov 27, around 10:30"),
            ("tomorrow at quarter to four", "Fri Nov 27, 15:45"),
            ("tomorrow before noon", "Fri Nov 27, before 12:00"),
            ("Monday or Tuesday after 3 PM", "Mon Nov 30 or Tue Dec 1, after 15:00"),
            ("Friday between 2 and 4", "Fri Nov 27, 14:00 to 16:00"),
            ("tomorrow from nine to eleven", "Fri Nov 27, 09:00 to 11:00"),
            ("tomorrow between 10 and 2", "Fri Nov 27, 10:00 to 14:00"),
            ("tomorrow between 6 and 8 PM", "Fri Nov 27, 18:00 to 20:00"),
            ("tomorrow 9-11 AM", "Fri Nov 27, 09:00 to 11:00"),
            ("December 3rd at 2:30 PM", "Thu Dec 3, 14:30"),
            ("Saturday 9am", "Sat Nov 28, 09:00"),
            ("Saturday at ten thirty", "Sat Nov 28, 10:30"),
            ("5 p.m. on the 14th", "Mon Dec 14, 17:00"),
            ("tomorrow at eight o'clock in the evening", "Fri Nov 27, 20:00"),
            ("tomorrow evening at seven", "Fri Nov 27, 19:00"),
            ("tomorrow morning after nine", "Fri Nov 27, after 09:00"),
            ("tomorrow at three or later", "Fri Nov 27, from 15:00"),
            ("today at four", "Thu Nov 26, 16:00"),
            ("Monday at, like, two", "Mon Nov 30, 14:00"),
            ("in about an hour", "Thu Nov 26, around 15:00"),
            ("By Friday noon", "by Fri Nov 27, 12:00"),
            ("Monday, no later than 3", "Mon Nov 30, by 15:00"),
            ("Monday but not before ten", NONE),
            ("Monday, not before ten", "Mon Nov 30, from 10:00"),
            ("in two hours", "Thu Nov 26, around 16:00"),
            ("in half an hour", "Thu Nov 26, around 14:30"),
            ("within an hour and a half", "Thu Nov 26, by 15:30"),
        ],
    );
}

#[test]
fn nothing_is_made_up() {
    dates(
        THURSDAY,
        &[
            ("soon", NONE),
            ("in the morning", NONE),
            ("any time before noon", NONE),
            ("after three", NONE),
            ("whenever", NONE),
            ("as soon as possible", NONE),
            ("in an hour or two", NONE),
            ("in a couple of days", NONE),
            ("Mondays", NONE),
            ("any day but Wednesday", NONE),
            ("not Friday", NONE),
            ("any day except Monday", NONE),
            ("Tuesday the fifth", NONE),
            ("tomorrow Thursday", NONE),
            ("every Tuesday", NONE),
            ("I work until five, so after that on Tuesday", NONE),
            // The day is sure, the time is not: seven may be either, ten is over, two times fit no slot.
            ("tomorrow at seven", "Fri Nov 27"),
            ("today at 10", "Thu Nov 26"),
            ("tomorrow at 9 or 3", "Fri Nov 27"),
            ("Monday at 10 or Tuesday", "Mon Nov 30 or Tue Dec 1"),
        ],
    );
}

#[test]
fn midnights_years_and_clock_changes() {
    dates(
        "2026-12-31T23:59[America/New_York]",
        &[
            ("tomorrow", "Fri Jan 1 2027"),
            ("today", "Thu Dec 31"),
            ("the second", "Sat Jan 2 2027"),
            ("the thirty-first", "Thu Dec 31"),
            ("in two hours", "Fri Jan 1 2027, around 01:59"),
        ],
    );
    dates(
        "2027-01-01T00:01[America/New_York]",
        &[("tomorrow", "Sat Jan 2"), ("the thirty-first", "Sun Jan 31"), ("December 31", "Fri Dec 31")],
    );
    // Two o'clock does not exist on this night; one o'clock comes twice on the other.
    dates("2027-03-14T01:30[America/New_York]", &[("in one hour", "Sun Mar 14, around 03:30")]);
    dates(
        "2026-10-31T23:30[America/New_York]",
        &[("in three hours", "Sun Nov 1, around 01:30"), ("tomorrow at nine", "Sun Nov 1, 09:00")],
    );
    dates("2027-02-10T10:00[America/New_York]", &[("the thirtieth", "Tue Mar 30")]);
    dates(
        "2026-11-29T10:00[America/New_York]",
        &[("this weekend", "Sun Nov 29"), ("next week", NONE), ("Monday", "Mon Nov 30"), ("Sunday", "Sun Dec 6")],
    );
}

/// So many seconds after a day in 2023, where the business is.
fn moment(seconds: i64) -> Zoned {
    let zone = TimeZone::get("America/New_York").expect("known");
    Timestamp::from_second(1_700_000_000 + seconds).expect("in range").to_zoned(zone)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_words_stay_and_the_date_is_short(
        said in said_in_pieces(&PIECES, 1..9), second in 0_i64..400_000_000
    ) {
        let now = moment(second);
        if let Some(date) = date_of(&said, &now) {
            prop_assert!(date.len() <= 70, "{} for {:?}", date, said);
        }
        prop_assert_eq!(date_of("no idea", &now), None);
    }

    #[test]
    fn a_weekday_is_within_a_week_and_falls_on_its_day(second in 0_i64..400_000_000, at in 0_usize..7) {
        let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        let now = moment(second);
        let found = date_of(days[at], &now).expect("a date");
        prop_assert!(found.starts_with(&days[at][..3]));
        let ahead = (1..=7).filter_map(|days| now.date().checked_add(days.days()).ok());
        let is_ahead = ahead.into_iter().any(|date| found.contains(&date.strftime("%b %-d").to_string()));
        prop_assert!(is_ahead, "{} from {}", found, now);
    }
}

#[rustfmt::skip]
const PIECES: [&str; 32] = [
    "tomorrow", "today", "Monday", "Friday", "next", "this", "the", "fourteenth", "31st", "December", "February",
    "29", "at", "after", "before", "between", "and", "to", "half past", "quarter to", "one", "ten", "12:30", "3pm",
    "PM", "noon", "in", "two", "weeks", "hours", "weekend", "or",
];
