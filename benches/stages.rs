//! x
use backstop::conversation::*;
use backstop::lead::SlotName;
use backstop::speech::*;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::*;
fn rss() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap()
        .lines()
        .find(|l| l.starts_with("VmRSS"))
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024
}
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let t = Instant::now();
    let mut r = CandleResponder::load(Path::new(&path), CandleOptions::default()).unwrap();
    println!("load {:?} rss {} MB", t.elapsed(), rss());
    let sys = "You are the receptionist of Harbor Plumbing, a plumbing company in Portland, Maine. You answer the phone when nobody can. Speak in one or two short sentences, as on the phone, without lists. Never promise a time or a price. Facts: We are open Monday to Friday from 8 to 5. Emergency service is available at all hours. A visit costs 95 dollars, which is taken off the bill when we do the work. We serve Portland, South Portland, Westbrook and Cape Elizabeth. We do leaks, drains, water heaters, toilets and faucets. We don't do gas lines or heating. The owner is Sam Rivera. If you don't know something, say that Sam will answer it when he calls back. Do not ask questions; the next question is asked after you.";
    let mut m = vec![Message { role: Role::System, content: sys.into() }];
    let t = Instant::now();
    r.prepare(&m, &Stop::new()).unwrap();
    println!("prepare system {:?}", t.elapsed());
    let t = Instant::now();
    r.prepare(&m, &Stop::new()).unwrap();
    println!("prepare again {:?}", t.elapsed());
    for said in [
        "Hi, my kitchen sink is leaking and there is water all over the floor.",
        "Do you also work on Saturdays, and how much is a visit?",
        "Can you fix my gas boiler?",
        "Okay, my name is Dana Whitfield.",
    ] {
        m.push(Message { role: Role::User, content: said.into() });
        let t = Instant::now();
        let mut first = None;
        let mut text = String::new();
        let mut n = 0;
        let q = ReplyRequest {
            turn: backstop::id::TurnId(1),
            generation: backstop::id::Generation(1),
            messages: m.clone(),
            max_tokens: 60,
            budget: Duration::from_secs(10),
        };
        let res = r.reply(&q, &Stop::new(), &mut |p| {
            first.get_or_insert(t.elapsed());
            n += 1;
            text.push_str(p);
            ControlFlow::Continue(())
        });
        let total = t.elapsed();
        let f = first.unwrap_or_default();
        println!(
            "{res:?} first {:?} total {:?} {} pieces {:.1} tok/s: {text}",
            f,
            total,
            n,
            (n - 1) as f64 / (total - f).as_secs_f64()
        );
        m.push(Message { role: Role::Assistant, content: text });
    }
    for (asked, said, wanted) in [
        (
            "How can I help you today?",
            "Hi, this is Dana Whitfield, my kitchen sink is leaking and there's water everywhere, it's pretty urgent.",
            SlotName::ALL.to_vec(),
        ),
        (
            "What's the best number to call you back?",
            "It's 2 1 2, 5 5 5, 0 1 4 2.",
            vec![SlotName::Callback, SlotName::Name],
        ),
        (
            "What's the address?",
            "It's 48 Maple Street in Westbrook, and tomorrow morning would be good.",
            vec![SlotName::Name, SlotName::Callback, SlotName::Address, SlotName::Urgency, SlotName::PreferredTime],
        ),
        ("Anything else?", "No that's all, thank you.", SlotName::ALL.to_vec()),
        ("May I have your name?", "Yeah, Whitfield, W H I T F I E L D.", vec![SlotName::Name]),
    ] {
        let t = Instant::now();
        let x = r
            .extract(
                &ExtractRequest { turn: backstop::id::TurnId(1), asked: asked.into(), said: said.into(), wanted },
                &Stop::new(),
            )
            .unwrap();
        println!("extract {:?} {x:?}", t.elapsed());
    }
    println!("rss {} MB", rss());
}
