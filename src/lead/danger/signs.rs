//! The words that tell of a danger, and those that only sound like it.

/// What tells of a danger.
pub(super) enum Sign {
    /// One of these phrases, with none of these words right behind it.
    Says(&'static [&'static str], &'static [&'static str]),
    /// A phrase of the first list with one of the second near it, and none of the third in the same breath.
    Near(&'static [&'static str], &'static [&'static str], &'static [&'static str]),
    /// Water on the loose where electricity is.
    WetElectrics,
}

/// So many words may stand between two that belong together.
pub(super) const NEAR: usize = 7;

#[rustfmt::skip]
const SMELL: &[&str] = &[
    "smell", "smells", "smelling", "smelled", "smelt", "odor", "odour", "reeks", "reeking", "stinks", "stinking", "whiff",
    "scent", "stench",
];
/// Gas in another sense, or as a part of a name.
#[rustfmt::skip]
pub(super) const NO_GAS: &[&str] = &[
    "gas bill", "gas company", "gas station", "gas man", "gas guy", "gas people", "gas prices", "gas mileage", "gas cap",
    "gas can", "gas mask", "sewer gas", "laughing gas", "gas utility", "gas provider",
];
#[rustfmt::skip]
pub(super) const GAS: &[Sign] = &[
    Sign::Near(SMELL, &["gas", "propane", "mercaptan"], &["sewer gas", "laughing gas"]),
    Sign::Near(SMELL, &["rotten egg", "rotten eggs"], &["water", "sewer", "drain", "drains"]),
    Sign::Says(&["gas leak", "gas leakage", "propane leak"], &["detection", "test", "testing", "detector", "inspection"]),
    Sign::Near(
        &["gas", "gas line", "gas pipe", "propane"],
        &[
            "leaking", "leaks", "leaked", "escaping", "hissing", "hiss", "coming out", "blowing out", "ruptured", "broke",
            "burst", "cut through", "hit a", "hit the", "hit our", "hit my", "cut the", "cut a", "drilled into", "nicked",
        ],
        &["water", "tooth", "pipe is leaking"],
    ),
];

#[rustfmt::skip]
const ALARM_SOUNDS: &[&str] = &[
    "going off", "goes off", "went off", "is off the hook", "gone off", "sounding", "sounded", "beeping", "blaring",
    "ringing", "screaming", "shrieking", "triggered", "set off", "alarming", "won't stop", "reading", "keeps going",
];
#[rustfmt::skip]
const MONOXIDE: &[&str] = &[
    "carbon monoxide", "carbon dioxide alarm", "co alarm", "co detector", "co monitor", "c o alarm", "c o detector",
    "monoxide",
];
#[rustfmt::skip]
const ONLY_A_DEVICE: &[&str] = &[
    "battery", "batteries", "chirp", "chirps", "chirping", "install", "installed", "installing", "installation",
    "replace", "replaced", "replacing", "new one", "expired", "end of life", "quote", "for no reason", "false alarm",
    "testing", "test button",
];
#[rustfmt::skip]
const UNWELL: &[&str] = &[
    "dizzy", "dizziness", "headache", "headaches", "nauseous", "nausea", "nauseated", "sick", "faint", "lightheaded",
    "light headed", "drowsy", "vomiting", "throwing up", "passed out",
];
#[rustfmt::skip]
pub(super) const CARBON_MONOXIDE: &[Sign] = &[
    Sign::Near(MONOXIDE, ALARM_SOUNDS, ONLY_A_DEVICE),
    Sign::Near(MONOXIDE, UNWELL, &[]),
    Sign::Says(
        &[
            "carbon monoxide leak", "carbon monoxide poisoning", "carbon monoxide in", "carbon monoxide coming",
            "it's carbon monoxide", "there's carbon monoxide", "is carbon monoxide", "of carbon monoxide",
            "have carbon monoxide", "carbon monoxide from",
        ],
        &["alarm", "alarms", "detector", "detectors", "sensor", "monitor"],
    ),
    Sign::Near(
        &["furnace", "boiler", "heater", "fireplace", "stove", "heating"],
        &["everybody is dizzy", "everyone is dizzy", "we're all dizzy", "all have headaches", "everyone has a headache"],
        &[],
    ),
];

/// A fire or smoke in a name.
#[rustfmt::skip]
const FIRE_NAMES: &[&str] = &[
    "alarm", "alarms", "detector", "detectors", "department", "place", "places", "pit", "extinguisher", "extinguishers",
    "insurance", "station", "escape", "door", "doors", "marshal", "code", "sprinkler", "sprinklers", "hydrant", "damage",
    "wall", "wood", "inspection", "safety", "drill", "truck", "chief", "test", "free", "shop", "proof", "rating",
];
/// Of a fire, where nothing sparks.
#[rustfmt::skip]
pub(super) const BURNING_SMELL: &[Sign] = &[
    Sign::Near(SMELL, &["burning", "burnt", "smoke", "smoky", "smokey", "singed", "scorched"], &[
        "cigarette", "cigarettes", "smoker", "smokers", "tobacco", "candle", "incense", "barbecue",
    ]),
];
#[rustfmt::skip]
pub(super) const FIRE: &[Sign] = &[
    Sign::Says(
        &[
            "on fire", "caught fire", "caught on fire", "there's a fire", "there is a fire", "have a fire", "a small fire",
            "a kitchen fire", "a grease fire", "an electrical fire", "started a fire", "house fire", "chimney fire",
            "fire in", "fire at", "fire burning", "it's burning", "is burning up", "in flames", "flames", "there's fire",
            "up in smoke",
        ],
        FIRE_NAMES,
    ),
    Sign::Says(&["flaming", "smoldering", "smouldering"], &["hot"]),
    Sign::Near(
        &["smoke"],
        &[
            "coming", "comes", "filling", "filled", "full of", "see", "seeing", "saw", "lots of", "lot of", "billowing",
            "pouring", "rising", "there's", "there is", "everywhere", "black", "puff of", "some",
        ],
        &["smoke alarm", "smoke alarms", "smoke detector", "smoke detectors", "smoke test", "cigarette", "smoke shop"],
    ),
    Sign::Near(
        &[
            "outlet", "outlets", "socket", "panel", "breaker", "box", "wire", "wires", "wiring", "furnace", "heater", "stove",
            "oven", "dryer", "fixture", "light", "switch", "plug", "cord", "appliance", "motor", "unit", "it's", "boiler",
            "washer", "dishwasher", "microwave", "charger", "fan", "chimney", "wall", "ceiling", "attic", "is",
        ],
        &["smoking", "started smoking"],
        &["quit smoking", "non smoking", "smoking area", "no smoking", "smoking room", "stop smoking", "smoking cigarettes"],
    ),
    Sign::Near(&["smoke alarm", "smoke detector", "fire alarm", "smoke alarms", "smoke detectors"], &[
        "going off", "went off", "goes off", "blaring", "sounding",
    ], &[
        "battery", "batteries", "chirp", "chirps", "chirping", "install", "installed", "replace", "replaced", "whenever",
        "when i cook", "cooking", "random", "randomly", "every", "test", "testing", "sometimes", "keeps", "for no reason",
        "keep", "shower", "always", "times", "often", "no fire",
    ]),
];

#[rustfmt::skip]
pub(super) const SPARKING: &[Sign] = &[
    Sign::Says(
        &[
            "spark", "sparks", "sparking", "sparked", "arcing", "arced", "electric arc", "live wire", "live wires",
            "power line down", "power lines down", "downed power line", "downed line", "downed wire", "wires are down",
            "power line fell", "power line is down", "power lines are down", "bare wires", "exposed live",
        ],
        &["plug", "plugs", "joy", "interest", "arrestor", "arrester", "notes"],
    ),
    Sign::Near(
        &["shock", "shocks", "shocked", "zapped", "zaps", "shocking", "jolt", "tingle", "tingling"],
        &[
            "outlet", "outlets", "socket", "switch", "panel", "breaker", "wire", "wires", "appliance", "dryer", "washer",
            "lamp", "plug", "plugged", "faucet", "electric", "electrical", "touch", "touched", "touching", "electricity",
            "fridge", "refrigerator", "dishwasher", "fixture", "cord", "pool", "shower", "current",
        ],
        &["shocked at", "shocked by the price", "shocked to", "tooth", "teeth", "gum", "shock absorber"],
    ),
    Sign::Near(
        &["outlet", "outlets", "socket", "sockets", "breaker", "breakers", "electrical panel", "fuse box", "breaker box",
          "breaker panel", "plug", "light switch", "wiring", "wires"],
        &["melting", "melted", "is melting", "glowing", "red hot", "scorched", "charred", "burned up", "burnt", "crackling",
          "burning hot", "too hot to touch"],
        &[],
    ),
];

/// Water on the loose, and where electricity is. Water in a name is none.
#[rustfmt::skip]
pub(super) const LOOSE_WATER: &[&str] = &[
    "flooded", "flooding", "flood", "floods", "water", "leaking", "leak", "leaks", "leaked", "dripping", "drips", "pouring",
    "gushing", "spraying", "soaked", "wet", "sewage", "puddle", "rain", "raining",
];
#[rustfmt::skip]
pub(super) const WATER_NAMES: &[&str] = &[
    "heater", "heaters", "softener", "pump", "pumps", "bill", "pressure", "filter", "company", "meter", "tank", "detector",
    "damage", "level", "temperature", "boiler", "main's", "cooler", "light",
];
#[rustfmt::skip]
pub(super) const ELECTRICS: &[&str] = &[
    "outlet", "outlets", "socket", "sockets", "electrical panel", "electric panel", "breaker panel", "breaker box",
    "breakers", "breaker", "fuse box", "fuse panel", "electrical box", "electric box", "electrical", "electrics",
    "electricity", "electric", "wires", "wiring", "light fixture", "light fixtures", "ceiling light", "ceiling lights",
    "lights", "light", "lamp", "power strip", "extension cord", "cords", "panel", "chandelier", "switches", "light switch",
    "light switches", "electric meter", "electrical meter", "ceiling fan", "plugs",
];
#[rustfmt::skip]
pub(super) const AT: &[&str] = &[
    "near", "into", "in", "on", "onto", "over", "by", "around", "through", "from", "toward", "towards", "at", "behind",
    "above", "below", "under", "reaching", "reached", "touching", "to", "beside", "inside", "with", "of", "covering",
    "there are", "there's", "hit", "hitting", "onto",
];
#[rustfmt::skip]
pub(super) const DROWNED: &[&str] = &[
    "under water", "underwater", "wet", "soaked", "submerged", "in water", "in the water", "getting wet", "sparking",
    "flooded", "dripping",
];
#[rustfmt::skip]
pub(super) const WATER: &[Sign] = &[
    Sign::WetElectrics,
    Sign::Near(LOOSE_WATER, &["plugged in", "short out", "shorted out", "shorting out", "electrocuted"], &["water heater"]),
];

#[rustfmt::skip]
pub(super) const INJURY: &[Sign] = &[
    Sign::Says(
        &[
            "can't breathe", "cannot breathe", "can hardly breathe", "can barely breathe", "trouble breathing",
            "difficulty breathing", "hard to breathe", "not breathing", "isn't breathing", "stopped breathing", "choking",
            "won't stop bleeding", "can't stop bleeding", "can't stop the bleeding", "bleeding won't stop",
            "bleeding doesn't stop", "doesn't stop bleeding", "hasn't stopped bleeding", "bleeding heavily", "bleeding badly",
            "bleeding a lot", "bleeding really bad", "heavy bleeding", "bleeding out", "bleeding profusely",
            "losing a lot of blood", "lost a lot of blood", "losing blood", "not stop bleeding", "hasn't quit bleeding", "won't quit bleeding",
            "not able to breathe", "unable to breathe", "struggling to breathe", "struggles to breathe", "can't catch", "gasping for",
            "short of breath", "turning blue", "turned blue", "fainted", "convulsing", "broke my arm", "broke my leg", "broken arm", "broken leg",
            "cut off his finger", "cut off her finger", "cut off my finger", "can't feel my",
            "unconscious", "passed out", "unresponsive", "electrocuted", "heart attack", "chest pain", "chest pains",
            "having a stroke", "had a stroke", "having a seizure", "an ambulance", "is hurt", "got hurt", "been hurt",
            "badly hurt", "hurt badly", "hurt bad", "are hurt", "seriously hurt", "someone's hurt", "somebody's hurt",
            "he's hurt", "she's hurt", "is injured", "got injured", "are injured", "badly injured", "been injured",
            "fell off the ladder", "fell off a ladder", "fell off the roof", "fell from the", "fell down the stairs",
            "hit his head", "hit her head", "hit my head", "broke his", "broke her", "burned himself", "burned herself",
            "burned my hand", "burned my arm", "burned his", "burned her", "scalded", "is trapped", "i'm trapped",
            "are trapped", "trapped inside", "trapped under", "stuck in the elevator", "stuck in an elevator",
            "swallowed bleach", "overdose", "can't swallow", "knocked unconscious", "severed",
        ],
        &["feelings", "cable", "line", "tooth", "key", "phone", "window", "crown", "denture", "dentures", "filling"],
    ),
    Sign::Near(
        &["bleeding", "bleeds", "bled", "blood"],
        &[
            "a lot", "quite a bit", "so much", "heavily", "badly", "pretty bad", "really bad", "very bad", "won't stop", "doesn't stop",
            "will not stop", "does not stop", "isn't stopping", "hasn't stopped", "can't stop it", "can't stop", "everywhere", "all over",
            "gushing", "pouring", "like crazy", "full of",
        ],
        &[
            "radiator", "radiators", "brake", "brakes", "valve", "valves", "boiler", "air", "blood pressure", "blood test", "blood work",
            "a lot less", "bleeding edge",
        ],
    ),
    Sign::Near(&["collapsed"], PEOPLE, &["ceiling", "wall", "pipe", "drain", "shelf", "roof", "floor", "deck", "line", "tank", "chimney"]),
    Sign::Near(&["knocked out", "blacked out"], PEOPLE, &[
        "tooth", "teeth", "crown", "filling", "bridge", "veneer", "denture", "dentures", "power", "electricity", "lights", "internet", "screen", "windows",
    ]),
    Sign::Near(&["face", "throat", "tongue", "neck", "lips"], &["swelling", "swelling up", "swelled up", "swells", "closing up", "swollen"], &[
        "swelling is down", "swelling went down", "swelling has gone", "swelling is gone",
    ]),
];
/// Who may be hurt.
#[rustfmt::skip]
const PEOPLE: &[&str] = &[
    "he", "she", "he's", "she's", "him", "her", "i", "i'm", "husband", "wife", "son", "daughter", "mother", "father", "mom", "dad", "kid",
    "child", "baby", "boy", "girl", "brother", "sister", "grandmother", "grandfather", "worker", "guy", "man", "woman", "tenant",
    "neighbor", "somebody", "someone", "friend", "colleague", "cold",
];

/// Words by which it is over, or was long ago.
#[rustfmt::skip]
pub(super) const OVER: &[&str] = &[
    "said it's fine", "said it was fine", "said it is fine", "said that it's fine", "said it's okay", "said it's ok",
    "said it was okay", "said it's safe", "said it was safe", "said it is safe", "said everything is fine",
    "said everything's fine", "said everything was fine", "said we're fine", "said we're safe", "said it was nothing",
    "said it's nothing", "said there's no", "said there was no", "said there is no", "says it's fine", "says it's safe",
    "says there's no", "told me it's fine", "told me it was fine", "told us it's fine", "told us it was fine", "all clear",
    "turned out", "false alarm", "fixed it", "was fixed", "were fixed", "been fixed", "got fixed", "is fixed", "it's fixed",
    "already fixed", "fixed the", "fixed that", "been repaired", "was repaired", "it's out now", "fire is out", "fire's out",
    "fire was out", "put it out", "put the fire out", "put out the fire", "was put out", "smell is gone", "smell's gone",
    "smoke is gone", "it's gone", "went away", "gone away", "no longer", "it's fine now", "is fine now", "all right now",
    "it's okay now", "everything's fine now", "everything is fine now", "it's safe now", "all repaired", "not anymore",
    "not any more", "stopped bleeding", "bleeding stopped", "bleeding has stopped", "bleeding's stopped", "just kidding", "already out", "cleared it", "cleared us", "all fixed",
];
/// Words that put it far back, unless something is going on in the same sentence.
#[rustfmt::skip]
pub(super) const LONG_AGO: &[&str] = &[
    "years ago", "year ago", "months ago", "month ago", "weeks ago", "last year", "last month", "last winter",
    "last summer", "last spring", "last fall", "used to", "back in", "in the past", "a while ago", "a while back", "long ago",
    "previous owner", "years back", "when i was", "last week",
];
#[rustfmt::skip]
pub(super) const GOING_ON: &[&str] = &[
    "is", "are", "it's", "there's", "now", "keeps", "smell", "smells", "i'm", "am", "just", "today", "still", "again",
    "see", "won't", "can't", "that's", "he's", "she's", "started",
];
/// What sounds like the end of it and is not.
#[rustfmt::skip]
pub(super) const NOT_OVER: &[&str] = &[
    "not fixed", "isn't fixed", "wasn't fixed", "hasn't been fixed", "never been fixed", "never got fixed", "never fixed",
    "not gone", "isn't gone", "didn't go away", "never went away", "not out", "hasn't gone away", "came back", "back again",
    "is back", "still", "again", "hasn't stopped", "has not stopped", "not stopped", "never stopped", "haven't stopped",
];
/// Words before a danger that make it a thought.
#[rustfmt::skip]
pub(super) const IMAGINED: &[&str] = &[
    "if", "in case", "in the event", "prevent", "prevents", "avoid", "risk of", "do you fix", "do you repair", "do you do",
    "do you handle", "do you find", "do you service", "do you guys fix", "do you guys do", "do you guys handle",
    "chance of", "do you check for", "do you test for", "looking for a",
];
/// Words that open a doubt, no condition and no denial.
pub(super) const DOUBTS: &[&str] = &["sure", "know", "tell", "wonder", "wondering", "see", "as", "check"];
pub(super) const BEFORE: usize = 5;
