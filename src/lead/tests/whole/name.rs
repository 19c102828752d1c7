//! Names, and how they are spelled.

use super::told;
use crate::lead::Asked::{Name, NameSpelling};
use expect_test::expect;

#[test]
fn names() {
    told(
        Name,
        &[
            "Sure, it's Whitfield, Dana Whitfield.",
            "Dana. Dana Whitfield.",
            "My name is Shayne, spelled S-H-A-Y-N-E, Evans.",
            "Grace Hall",
            "Will Mark",
            "Bill Price.",
            "May Day",
            "It's Mrs. Alvarez.",
            "This is Jean-Luc Moreau.",
            "Yes, Tom.",
            "Tom",
            "Why do you need that?",
            "I already told you, it's Bob Miller.",
            "No, not Bob, Rob. Rob Miller.",
            "I'd rather not say.",
            "That's Kelly with a Y.",
            "O'Connor, first name Sean.",
            "uh Nguyen, N-G-U-Y-E-N",
            "My name is Lee and I need it fixed today.",
            "Robert James Whitfield the third",
            "Speaking.",
            "Yeah.",
            "The sink is still leaking.",
            "It's two one two five five five oh one four two.",
            "Ana María López",
        ],
        &expect![[r"
            Sure, it's Whitfield, Dana Whitfield.
                name=Dana Whitfield | yes
            Dana. Dana Whitfield.
                name=Dana Whitfield
            My name is Shayne, spelled S-H-A-Y-N-E, Evans.
                name=Shayne Evans
            Grace Hall
                name=Grace Hall
            Will Mark
                name=Will Mark
            Bill Price.
                name=Bill Price
            May Day
                name=May Day
            It's Mrs. Alvarez.
                name=Alvarez
            This is Jean-Luc Moreau.
                name=Jean-Luc Moreau
            Yes, Tom.
                name=Tom | yes
            Tom
                name=Tom
            Why do you need that?
                question
            I already told you, it's Bob Miller.
                name=Bob Miller
            No, not Bob, Rob. Rob Miller.
                name=Rob Miller | no
            I'd rather not say.
                no
            That's Kelly with a Y.
                name=Kelly
            O'Connor, first name Sean.
                name=Sean O'Connor
            uh Nguyen, N-G-U-Y-E-N
                name=Nguyen
            My name is Lee and I need it fixed today.
                name=Lee
            Robert James Whitfield the third
                name=Robert James Whitfield
            Speaking.
                -
            Yeah.
                yes
            The sink is still leaking.
                -
            It's two one two five five five oh one four two.
                callback=+12125550142
            Ana María López
                name=Ana María López"]],
    );
}

#[test]
fn spellings() {
    told(
        NameSpelling,
        &[
            "W-H-I-T-F-I-E-L-D.",
            "W, H, I, T, F, I, E, L, D.",
            "Sure. W as in William, H, I, T as in Tom, F as in Frank, I, E, L, D.",
            "M-C-D-O-N-A-L-D",
            "It's spelled S M I T H.",
            "Smith, the usual way.",
            "Dana, D-A-N-A, Whitfield, W-H-I-T-F-I-E-L-D.",
            "J-O-N-E-S, Jones.",
            "no, it's B-O-Y-D",
            "How do you want me to spell it?",
            "L double E",
            "Hall with two Ls",
        ],
        &expect![[r"
            W-H-I-T-F-I-E-L-D.
                name=Whitfield
            W, H, I, T, F, I, E, L, D.
                name=Whitfield
            Sure. W as in William, H, I, T as in Tom, F as in Frank, I, E, L, D.
                name=Whitfield | yes
            M-C-D-O-N-A-L-D
                name=McDonald
            It's spelled S M I T H.
                name=Smith
            Smith, the usual way.
                name=Smith
            Dana, D-A-N-A, Whitfield, W-H-I-T-F-I-E-L-D.
                name=Whitfield
            J-O-N-E-S, Jones.
                name=Jones
            no, it's B-O-Y-D
                name=Boyd | no | correction
            How do you want me to spell it?
                question
            L double E
                name=Lee
            Hall with two Ls
                name=Hall"]],
    );
}
