//! The number to call back on: offered, asked for and read back.

use super::told;
use crate::lead::Asked::{Callback, CallbackOffer, CallbackReadBack};
use expect_test::expect;

#[test]
fn offered_numbers() {
    told(
        CallbackOffer,
        &[
            "Yes it is.",
            "Yep, that's me.",
            "That's fine.",
            "Yes, that's the best number.",
            "It is, yeah.",
            "No, better call my husband at 646 555 0177.",
            "Actually, no.",
            "I'd prefer my cell. It's 9 1 7, 5 5 5, 0 1 8 8.",
            "Sure, or you can try 917-555-0188.",
            "Hmm, what number do you have?",
            "No problem, yes.",
            "Not really.",
            "That's my work phone.",
            "Whatever works.",
            "Okay.",
        ],
        &expect![[r"
            Yes it is.
                yes
            Yep, that's me.
                yes
            That's fine.
                yes
            Yes, that's the best number.
                yes
            It is, yeah.
                yes
            No, better call my husband at 646 555 0177.
                callback=+16465550177 | no
            Actually, no.
                no | correction
            I'd prefer my cell. It's 9 1 7, 5 5 5, 0 1 8 8.
                callback=+19175550188 | no
            Sure, or you can try 917-555-0188.
                callback=+19175550188 | yes
            Hmm, what number do you have?
                question
            No problem, yes.
                yes
            Not really.
                no
            That's my work phone.
                -
            Whatever works.
                yes
            Okay.
                yes"]],
    );
}

#[test]
fn numbers() {
    told(
        Callback,
        &[
            "Two one two. Five five five.",
            "Oh one four two.",
            "It's, uh, two one two, five five five, zero one, no, sorry, zero two four two.",
            "My number is 2125550142 extension 12.",
            "+44 20 7946 0958",
            "Plus four four, two oh, seven nine four six, oh nine five eight",
            "you can reach me at 212-555-0142 or 646-555-0177",
            "I live at 412 Maple Street, and the number's 212-555-0142.",
            "Let me look it up.",
            "The same one I'm calling from.",
            "Five.",
            "2 1 2 5 5 5 0 1 4 2 2",
        ],
        &expect![[r"
            Two one two. Five five five.
                -
            Oh one four two.
                -
            It's, uh, two one two, five five five, zero one, no, sorry, zero two four two.
                callback=+12125550242 | correction
            My number is 2125550142 extension 12.
                callback=+12125550142
            +44 20 7946 0958
                callback=+442079460958
            Plus four four, two oh, seven nine four six, oh nine five eight
                callback=+442079460958
            you can reach me at 212-555-0142 or 646-555-0177
                callback=+12125550142
            I live at 412 Maple Street, and the number's 212-555-0142.
                callback=+12125550142 | address=412 Maple Street
            Let me look it up.
                filler
            The same one I'm calling from.
                -
            Five.
                -
            2 1 2 5 5 5 0 1 4 2 2
                -"]],
    );
}

#[test]
fn numbers_read_back() {
    told(
        CallbackReadBack,
        &[
            "Yes.",
            "Yes, perfect.",
            "Right.",
            "No, it's 0143 at the end.",
            "No.",
            "Almost. The last two digits are 43.",
            "Yeah, but it's 0143.",
            "Close, it ends in 0143.",
            "212 555 0143.",
            "No, 646, not 212.",
            "I think so.",
            "That's not it.",
            "Can you read it again?",
            "Sounds good, thanks.",
            "Yes, and please hurry.",
            "No, that's my old number. It's 917 555 0188.",
        ],
        &expect![[r"
            Yes.
                yes
            Yes, perfect.
                yes
            Right.
                yes
            No, it's 0143 at the end.
                no | correction
            No.
                no
            Almost. The last two digits are 43.
                no | correction
            Yeah, but it's 0143.
                no | correction
            Close, it ends in 0143.
                no | correction
            212 555 0143.
                callback=+12125550143 | correction
            No, 646, not 212.
                no | correction
            I think so.
                yes
            That's not it.
                no
            Can you read it again?
                repeat
            Sounds good, thanks.
                yes
            Yes, and please hurry.
                yes
            No, that's my old number. It's 917 555 0188.
                callback=+19175550188 | no | correction"]],
    );
}
