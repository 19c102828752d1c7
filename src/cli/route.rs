//! `backstop route`: who would get a call, and why.

use super::check;
use super::dry_run::{Moment, dry_run};
use super::table::render;
use crate::config::Config;
use crate::phone::PhoneNumber;
use crate::routing::queue::Queue;
use crate::routing::{Directory, Endpoint, Group, Person, Plan, Step, Strategy};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

/// Show who would get a call, and why.
#[derive(Debug, Args)]
#[command(after_help = "Example: backstop route explain --to \"+1 212 555 0100\" --at 2026-11-22T23:00")]
pub(super) struct RouteArgs {
    /// The configuration file; without one, `backstop.toml` in the working folder, or the defaults.
    #[arg(long, global = true, value_name = "FILE", env = "BACKSTOP_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Choose the plan for a call that nobody makes, print its steps, and run them without ringing anybody.
    #[command(after_help = EXPLAIN_HELP)]
    Explain(ExplainArgs),
}

#[derive(Debug, Args)]
struct ExplainArgs {
    /// The number that is called, or another user part of a SIP address.
    #[arg(long, value_name = "NUMBER")]
    to: String,
    /// The caller's number; without one, the caller withholds it.
    #[arg(long, value_name = "NUMBER")]
    from: Option<String>,
    /// When, by the clock of `[hours] zone`, such as 2026-11-22T23:00; now, when left out.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<DateTime>,
    /// Who picks up when it rings there: a person, or one of their phones, such as dana/cell. May be given several times.
    #[arg(long, value_name = "WHO")]
    answer: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const EXPLAIN_HELP: &str = "\
Example: backstop route explain --to \"+1 212 555 0100\" --at 2026-11-22T23:00
         backstop route explain --to \"+1 212 555 0100\" --answer dana/cell

The plan is run by the very machine that runs it for a call, in no time. In this dry run nobody picks up but who --answer names:
phones and cells ring out (a phone that is not registered is left at once in truth), no browser is open, every agent is on duty.";

/// What would be done with a call. `Display` is for the terminal.
#[derive(Debug, Serialize)]
struct Explanation {
    plan: String,
    /// After so long without an answer the steps that ring are left out.
    longest_seconds: u64,
    steps: Vec<StepRow>,
    /// What the caller would go through, if nobody picked up but who was said to.
    timeline: Vec<Moment>,
    why: Vec<String>,
    /// What the hours say: `open`, `closed` or `holiday`.
    hours: String,
    next_change: Option<Change>,
}

#[derive(Debug, Serialize)]
struct StepRow {
    what: String,
    detail: String,
}

/// What the hours say next, and from when on.
#[derive(Debug, Serialize)]
struct Change {
    at: String,
    hours: String,
}

/// Runs the subcommand.
///
/// # Errors
/// When the configuration is faulty, or the caller's number is none.
pub(super) fn run(args: RouteArgs) -> anyhow::Result<ExitCode> {
    let config = check::load_config(args.config.as_deref())?;
    let What::Explain(args) = args.command;
    let explanation = explain(&config, &args)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&explanation)?);
    } else {
        print!("{explanation}");
    }
    Ok(ExitCode::SUCCESS)
}

fn explain(config: &Config, args: &ExplainArgs) -> anyhow::Result<Explanation> {
    let directory = &config.routing.directory;
    let region = &config.texting.region;
    let to = PhoneNumber::parse(&args.to, region).ok();
    let from = args.from.as_deref().map(|text| PhoneNumber::parse(text, region)).transpose();
    let from = from.map_err(|why| anyhow::anyhow!("--from: {why}"))?;
    let at = match args.at {
        Some(clock) => directory.hours.zone.to_timestamp(clock)?,
        None => Timestamp::now(),
    };
    let choice = directory.choose(to.as_ref(), &args.to, from.as_ref(), at);
    if let Some(stranger) = args.answer.iter().find(|who| !directory.people.iter().any(|person| has(person, who))) {
        anyhow::bail!(
            "--answer: nothing that rings is called \"{stranger}\": name a person of the configuration, or dana/cell"
        );
    }
    let is_answered = |endpoint: &Endpoint| args.answer.iter().any(|who| is_named(endpoint, who));
    Ok(Explanation {
        steps: choice.plan.steps.iter().map(|step| row(directory, &choice.plan, step)).collect(),
        longest_seconds: choice.plan.longest.as_secs(),
        plan: choice.plan.name.clone(),
        timeline: dry_run(directory, choice.plan, &is_answered),
        why: choice.why,
        hours: directory.hours.state(at).kind.to_string(),
        next_change: next_change(directory, at),
    })
}

fn has(person: &Person, who: &str) -> bool {
    person.endpoints().iter().any(|endpoint| is_named(endpoint, who))
}

/// Whether it is `dana`'s, or the very `dana/cell`.
fn is_named(endpoint: &Endpoint, who: &str) -> bool {
    let (name, kind) = who.split_once('/').map_or((who, None), |(name, kind)| (name, Some(kind)));
    let is_kind = match endpoint {
        Endpoint::Browser { .. } => kind.is_none_or(|kind| kind == "browser"),
        Endpoint::Phone { .. } => kind.is_none_or(|kind| kind == "phone"),
        Endpoint::Cell { .. } => kind.is_none_or(|kind| kind == "cell"),
    };
    is_kind && endpoint.person().0 == name
}

fn next_change(directory: &Directory, at: Timestamp) -> Option<Change> {
    let hours = &directory.hours;
    let next = hours.next_change(at)?;
    let clock = next.to_zoned(hours.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    Some(Change { at: clock, hours: hours.state(next).kind.to_string() })
}

fn row(directory: &Directory, plan: &Plan, step: &Step) -> StepRow {
    let detail = match step {
        Step::Ring { endpoint, .. } if endpoint.needs_acceptance() => "connected once a key is pressed".to_owned(),
        Step::RingGroup { group, .. } => members(group),
        Step::Queue { queue, .. } => directory.queue(queue).map(agents).unwrap_or_default(),
        Step::Announce { text } => format!("\"{text}\""),
        Step::Receptionist if !plan.escalation.is_empty() => {
            let steps: Vec<_> = plan.escalation.iter().map(ToString::to_string).collect();
            format!("when a person is wanted: {}", steps.join(", "))
        }
        _ => String::new(),
    };
    StepRow { what: step.to_string(), detail }
}

fn members(group: &Group) -> String {
    let names: Vec<_> = group.members.iter().map(ToString::to_string).collect();
    let each = group.member_timeout.as_secs();
    format!("{}: {}", names.join(", "), order(group.strategy, each))
}

/// A queue's agents by tier, and who of them is rung.
fn agents(queue: &Queue) -> String {
    let mut members: Vec<_> = queue.members.iter().collect();
    members.sort_by_key(|member| member.tier);
    let tiers: Vec<String> = members
        .chunk_by(|one, other| one.tier == other.tier)
        .map(|tier| tier.iter().map(|member| member.person.to_string()).collect::<Vec<_>>().join(", "))
        .collect();
    format!("{}: {}", tiers.join(", then "), order(queue.strategy, queue.ring.as_secs()))
}

fn order(strategy: Strategy, each: u64) -> String {
    match strategy {
        Strategy::AllAtOnce => "all at once".to_owned(),
        Strategy::Stagger(apart) => format!("one more every {} s", apart.as_secs()),
        Strategy::InOrder => format!("in order, {each} s each"),
        Strategy::RoundRobin => format!("round robin, {each} s each"),
        Strategy::LongestIdle => format!("longest idle first, {each} s each"),
        Strategy::FewestCalls => format!("fewest calls first, {each} s each"),
        Strategy::Random => format!("in random order, {each} s each"),
    }
}

fn moment(text: &str) -> Result<DateTime, String> {
    text.parse().map_err(|_| "write a date and a time, such as 2026-11-22T23:00".to_owned())
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Plan \"{}\", which rings for at most {} s\n", self.plan, self.longest_seconds)?;
        let cells = |(row, number): (&StepRow, usize)| vec![number.to_string(), row.what.clone(), row.detail.clone()];
        let rows: Vec<_> = self.steps.iter().zip(1..).map(cells).collect();
        let clock = |at: u64| format!("{}:{:02}", at / 60, at % 60);
        let moments: Vec<_> =
            self.timeline.iter().map(|moment| vec![clock(moment.at_seconds), moment.what.clone()]).collect();
        writeln!(f, "{}", render(&["step", "what", "detail"], &rows))?;
        write!(f, "Dry run: who picks up is named by --answer\n\n{}\nWhy\n\n", render(&["at", "what"], &moments))?;
        for line in &self.why {
            writeln!(f, "  {line}")?;
        }
        match &self.next_change {
            Some(Change { at, hours }) => writeln!(f, "\nThe hours say {} until {at}, then {hours}.", self.hours),
            None => writeln!(f, "\nThe hours say {}, and that never changes.", self.hours),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ExplainArgs, explain};
    use crate::config::Config;
    use expect_test::expect;

    const TEXT: &str = r#"
        [hours]
        zone = "America/New_York"
        monday = "09:00-17:00"
        [[person]]
        name = "dana"
        browser = true
        cell = "+1 917 555 0100"
        [[group]]
        name = "all"
        strategy = "in order"
        members = "dana"
        [[person]]
        name = "eli"
        browser = true
        [[queue]]
        name = "service"
        agents = ["dana/cell", "dana/browser"]
        second_agents = "eli"
        [[plan]]
        name = "office"
        steps = [{ ring = "dana/cell" }, { group = "all" }, { queue = "service", seconds = 120 }, { announce = "Hold on." }, { receptionist = true }]
        escalate = [{ ring = "dana/cell" }]
        [[plan]]
        name = "night"
        steps = [{ voicemail = true }]
        [[number]]
        open = "office"
        closed = "night"
        [[trunk]]
        name = "carrier"
        address = "sip.carrier.example"
    "#;

    fn args(at: &str) -> ExplainArgs {
        let at = Some(at.parse().expect("a time"));
        ExplainArgs { to: "+1 212 555 0100".to_owned(), from: None, at, answer: Vec::new(), json: false }
    }

    #[test]
    fn tells_plan_steps_and_reasons() {
        let config = Config::parse("x", TEXT, &|_| None).expect("valid");
        let told = |at: &str| explain(&config, &args(at)).expect("explained").to_string();
        expect![[r#"
            Plan "office", which rings for at most 60 s

              step  what                                   detail
              ────  ─────────────────────────────────────  ──────────────────────────────────────────────────
              1     ring dana's cell for 20 s              connected once a key is pressed
              2     ring group all for 25 s                dana's browser, dana's cell: in order, 15 s each
              3     hold in queue service for up to 120 s  dana, then eli: longest idle first, 15 s each
              4     play an announcement                   "Hold on."
              5     the receptionist                       when a person is wanted: ring dana's cell for 20 s

            Dry run: who picks up is named by --answer

              at    what
              ────  ─────────────────────────────────────────────────
              0:00  ring dana's cell for 20 s
              0:00    dana's cell rings
              0:20    dana's cell: let go: no answer in time
              0:20  ring group all for 25 s
              0:20    nobody is at dana's browser
              0:20    dana's cell rings
              0:35    dana's cell: let go: no answer in time
              0:35  hold in queue service for up to 120 s
              0:35    queue service: in line at place 1
              0:35    offered to dana
              0:35    dana's cell rings
              0:50    dana's cell: let go: no answer in time
              0:50    dana did not answer
              1:00    offered to dana
              1:00    dana's cell rings
              1:15    dana's cell: let go: no answer in time
              1:15    dana did not answer
              1:20    the caller hears that they are number 1 in line
              1:25    offered to dana
              1:25    dana's cell rings
              1:40    dana's cell: let go: no answer in time
              1:40    dana did not answer
              1:40    dana is paused after too many unanswered offers
              1:40    queue service: went on, nobody is on duty
              1:40  play an announcement
              1:40    the caller hears "Hold on."
              1:40  the receptionist
              1:40    the receptionist talks with the caller

            Why

              +…00 was called, which is not listed: the default for all other numbers holds
              Monday 2026-11-23 10:00 (America/New_York) counts as open: Monday's hours are 09:00-17:00
              plan "office" runs

            The hours say open until 2026-11-23T17:00:00-05:00, then closed.
        "#]]
        .assert_eq(&told("2026-11-23T10:00"));
        expect![[r#"
            Plan "night", which rings for at most 60 s

              step  what       detail
              ────  ─────────  ──────
              1     voicemail

            Dry run: who picks up is named by --answer

              at    what
              ────  ─────────────────────────────
              0:00  voicemail
              0:00    the caller leaves a message

            Why

              +…00 was called, which is not listed: the default for all other numbers holds
              Sunday 2026-11-22 23:00 (America/New_York) counts as closed: Sunday has no hours
              plan "night" runs

            The hours say closed until 2026-11-23T09:00:00-05:00, then open.
        "#]]
        .assert_eq(&told("2026-11-22T23:00"));
    }

    #[test]
    fn a_caller_who_is_no_number_is_told() {
        let wrong = ExplainArgs { from: Some("12".to_owned()), ..args("2026-11-23T10:00") };
        let why = explain(&Config::default(), &wrong).expect_err("no number").to_string();
        assert!(why.starts_with("--from: not a telephone number"), "{why}");
    }
}
