//! Names said and spelled.

use super::table;
use crate::lead::{name_from, spelled_name};

#[test]
fn spelled_letters_make_a_name() {
    table(
        &[
            ("S H A Y N E", Some("Shayne")),
            ("W-H-I-T-F-I-E-L-D", Some("Whitfield")),
            ("W-H-I-T-F-I-E-L-D.", Some("Whitfield")),
            ("w. h. i. t. f. i. e. l. d.", Some("Whitfield")),
            ("M.A.R.K.", Some("Mark")),
            ("D, A, N, A", Some("Dana")),
            ("M as in Mary, A, R as in Robert, K", Some("Mark")),
            ("D for David, A for apple, N for Nancy, A for apple", Some("Dana")),
            ("m a double t", Some("Matt")),
            ("capital D A N A", Some("Dana")),
            ("M C capital D O N A L D", Some("McDonald")),
            ("it's Dana, D A N A", Some("Dana")),
            ("Sierra Tango uniform Alfa Romeo Tango", Some("Stuart")),
            ("J A mes", Some("James")),
            ("a RN o LD", Some("Arnold")),
            ("That's spelled S-M-Y-T-H-E.", Some("Smythe")),
            ("D A N A space W H I T F I E L D", Some("Dana Whitfield")),
            ("D A N A, last name W H I T F I E L D", Some("Dana Whitfield")),
            ("double u h i t e", Some("White")),
            ("J O", Some("Jo")),
            ("Dana Whitfield", None),
            ("I am at home", None),
            ("I have a leak", None),
            ("I need a plumber", None),
            ("My A C is broken", None),
            ("", None),
        ]
        .map(|(said, name)| (said, name.map(str::to_owned))),
        spelled_name,
    );
}

#[test]
fn names_are_found_as_they_are_given() {
    table(
        &[
            ("my name is dana whitfield", Some("Dana Whitfield")),
            ("My name is Dana Whitfield.", Some("Dana Whitfield")),
            ("this is Bob Miller calling", Some("Bob Miller")),
            ("It's Dana.", Some("Dana")),
            ("it's dana", Some("Dana")),
            ("Dana Whitfield", Some("Dana Whitfield")),
            ("Dana Whitfield.", Some("Dana Whitfield")),
            ("dana whitfield", Some("Dana Whitfield")),
            ("Yeah, sure, it's Dana Whitfield.", Some("Dana Whitfield")),
            ("Uh, Maria Garcia Lopez", Some("Maria Garcia Lopez")),
            ("Sure. My name is Patrick O'Brien.", Some("Patrick O'Brien")),
            ("Mary Smith-Jones", Some("Mary Smith-Jones")),
            ("Dana Whitfeld, W H I T F I E L D", Some("Dana Whitfield")),
            ("It's Shane Evans, S H A Y N E", Some("Shayne Evans")),
            ("Dana Whitfield, that's D A N A, W H I T F I E L D.", Some("Dana Whitfield")),
            ("My first name is Dana and my last name is Whitfield.", Some("Dana Whitfield")),
            ("Last name is Whitfield, first name Dana", Some("Dana Whitfield")),
            ("Mr. Miller", Some("Miller")),
            ("My name's Bob, I live on Maple Street", Some("Bob")),
            ("You're speaking with Angela Reyes", Some("Angela Reyes")),
            ("No, it's Dana Whitfield, not Diana", Some("Dana Whitfield")),
            ("Hi, this is Tom McDonald from Springfield", Some("Tom McDonald")),
            ("James R. Doyle", Some("James R Doyle")),
            ("why do you need my name", None),
            ("I need a plumber", None),
            ("My sink is leaking", None),
            ("yes", None),
            ("Can you repeat that?", None),
            ("I don't want to give it", None),
            ("um", None),
            ("", None),
        ]
        .map(|(said, name)| (said, name.map(str::to_owned))),
        name_from,
    );
}
