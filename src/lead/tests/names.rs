//! Names said and spelled.

use super::{detail, texts};
use crate::lead::{Asked, SlotName, is_strange_name, name_from, spelled_name};

#[test]
fn spelled_letters_make_a_name() {
    texts(
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
            ("FOSTER", Some("Foster")),
            ("FOST ER.", Some("Foster")),
            ("DAW SON", Some("Dawson")),
            ("ADAM CLARK", None),
            ("OK", None),
            ("HCLL.", None),
            ("S M Y T H", Some("Smyth")),
            ("G-R-N-T", None),
            ("Dana Whitfield", None),
            ("I am at home", None),
            ("I have a leak", None),
            ("I need a plumber", None),
            ("My A C is broken", None),
            ("", None),
        ],
        spelled_name,
    );
}

#[test]
fn names_are_found_as_they_are_given() {
    texts(
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
            ("Nora Banks and my number 347-555-0170.", Some("Nora Banks")),
            ("Emma right.", Some("Emma Right")),
            ("It's Amma Right", Some("Amma Right")),
            ("Emma Right, W-R-I-G-H-T", Some("Emma Wright")),
            ("Amma, E-M-M-A, Wright", Some("Emma Wright")),
            ("emma bell", Some("Emma Bell")),
            ("My name is Wright, W-R-I-G-H-T, Emma Wright.", Some("Emma Wright")),
            ("Cole. C-O-L-E. Cole.", Some("Cole")),
            ("Ann Lee. A-N-N. L-E-E.", Some("Ann Lee")),
            ("Kim, K-I-M", Some("Kim")),
            ("Grace. Lin.", Some("Grace Lin")),
            ("It's Dee. D-E-E. Dee Walsh.", Some("Dee Walsh")),
            ("Tom B-E-L-L.", Some("Tom Bell")),
            ("Oh sorry, Frank Doyle.", Some("Frank Doyle")),
            ("Vincent O'Hara, apostrophe and all", Some("Vincent O'Hara")),
            ("This is missus Kaminski", Some("Kaminski")),
            ("Josh Warner. Josh Werner.", Some("Josh Werner")),
            ("Smith, John Smith, like it sounds.", Some("John Smith")),
            ("That would be Carol Banks.", Some("Carol Banks")),
            ("Is Henry Cho.", Some("Henry Cho")),
            ("Change my name to Olivier, O-L-I-V-I-E-R", Some("Olivier")),
            ("No, not Bob, Rob. Rob Miller.", Some("Rob Miller")),
            ("B as in boy, E, L, L", Some("Bell")),
            ("D as in David, V as in Victor, O, R, A, K", Some("Dvorak")),
            // Words are heard better than letters.
            ("That's B as in David, V as in Victor, O, R, A, K.", Some("Dvorak")),
            ("V.S. and David, V.S. and Victor O.R.A.K.", Some("Dvorak")),
            ("W, E, L, L, S and Tom", Some("Wells")),
            ("Colin green", Some("Colin Green")),
            ("Emma, right.", Some("Emma")),
            ("Emma right here", Some("Emma")),
            ("That's right.", None),
            ("Right.", None),
            ("good day", None),
            ("why do you need my name", None),
            ("I need a plumber", None),
            ("My sink is leaking", None),
            ("yes", None),
            ("Can you repeat that?", None),
            ("I don't want to give it", None),
            ("um", None),
            ("", None),
        ],
        name_from,
    );
}

#[test]
fn a_name_that_a_recogniser_wrote_twice_is_one() {
    texts(
        &[
            ("Josh Warner. Josh Warner.", Some("Josh Warner")),
            ("Josh Warner Josh Warner", Some("Josh Warner")),
            ("My name is Ann Lee. My name is Ann Lee", Some("Ann Lee")),
            ("Cole, C-O-L-E. C-O-L-E.", Some("Cole")),
            ("It's Ruth. It's Ruth. Ruth Adler.", Some("Ruth Adler")),
            ("Priya. Priya.", Some("Priya")),
        ],
        detail(Asked::Name, SlotName::Name),
    );
}

#[test]
fn of_a_word_and_its_letters_the_likelier_name_counts() {
    texts(
        &[
            // One of them was misheard.
            ("It's Tom Cole, D-O-L-E", Some("Tom Cole")),
            ("Ben Scott, F-C-O-T-T", Some("Ben Scott")),
            ("Laura Moore. N-O-O-R-E", Some("Laura Moore")),
            ("Alan Wells, W-E-L-S", Some("Alan Wells")),
            ("Ray Roth, R-O-S-S", Some("Ray Ross")),
            ("Greg Barten, B-U-R-T-O-M", Some("Greg Burton")),
            ("Paula Hanson, H-A-N-S-E-ZN", Some("Paula Hansen")),
            ("Ella Barrett, B-A-R-R-E-D-T", Some("Ella Barrett")),
            // Few people have these, but some do.
            ("Kavita Krishnan, G-R-I-S-H-N-A-N", Some("Kavita Krishnan")),
            ("Jan Haneman, H-A-D-N-E-M-A-D-N", Some("Jan Hannemann")),
            // Spellings of one sound are told apart by the letters, as long as people have both names.
            ("Anna Schmidt, S-C-H-M-I-T-T", Some("Anna Schmitt")),
            ("Brian Clark, B-R-Y-A-N", Some("Bryan Clark")),
            ("Erin Reed, R-E-I-D", Some("Erin Reid")),
            ("Sue Fisher, F-I-S-C-H-E-R", Some("Sue Fischer")),
            // Rare names stay as they are spelled, and so do named letters.
            ("Zofia Grabowiecka, G-R-A-B-O-W-I-E-C-K-A", Some("Zofia Grabowiecka")),
            ("Omar Tshabalala, T-S-H-A-B-A-L-A-L-A", Some("Omar Tshabalala")),
            ("Ann Pell, B as in boy, E, L, L", Some("Ann Bell")),
            ("Eva Clark, K as in king, L, A, R, K", Some("Eva Klark")),
        ],
        name_from,
    );
}

#[test]
fn last_names_that_few_people_have_are_strange() {
    for (name, is_strange) in [
        ("Dana Whitfield", false),
        ("dana WHITFIELD", false),
        ("Catherine Lloyd-Jones", false),
        ("Nguyen", false),
        ("Tony Rassos", true),
        ("Rebecca Mua", true),
        ("Zofia Grabowiecka", true),
    ] {
        assert_eq!(is_strange_name(name), is_strange, "{name}");
    }
}
