//! What is left to say at the end.

use super::told;
use crate::lead::Asked::AnythingElse;
use expect_test::expect;

#[test]
fn last_words() {
    told(
        AnythingElse,
        &[
            "No, that's it.",
            "No, thank you.",
            "Nope, that's all. Thanks. Bye.",
            "Yes, the dog is friendly.",
            "Please use the back door.",
            "How long until someone calls?",
            "Actually, my number is 917 555 0188.",
            "I think that's everything.",
            "Just tell them to hurry, the water is still pouring.",
            "No, I'm good.",
            "Yeah.",
            "That's it for the kitchen, but the toilet is broken too.",
            "Well, what about the price?",
        ],
        &expect![[r"
            No, that's it.
                no | goodbye
            No, thank you.
                no
            Nope, that's all. Thanks. Bye.
                no | goodbye
            Yes, the dog is friendly.
                yes
            Please use the back door.
                -
            How long until someone calls?
                question
            Actually, my number is 917 555 0188.
                callback=+19175550188 | correction
            I think that's everything.
                no | goodbye
            Just tell them to hurry, the water is still pouring.
                urgency=emergency
            No, I'm good.
                no | goodbye
            Yeah.
                yes
            That's it for the kitchen, but the toilet is broken too.
                yes
            Well, what about the price?
                question"]],
    );
}
