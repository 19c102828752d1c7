//! Strict rendering: what a template asks for must exist, and is checked when the file is read, never during a call.

use super::error::{Faults, hint};
use super::file::Business;
use super::front::Source;
use super::line::{LineName, LineVars};
use minijinja::value::{Enumerator, Object, Value};
use minijinja::{Environment, UndefinedBehavior, context};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The template of the instructions.
const BODY: &str = "instructions";
/// Functions of the template language, which look like variables to the checker.
const FUNCTIONS: [&str; 4] = ["range", "namespace", "dict", "debug"];
const BUSINESS_FIELDS: [&str; 8] =
    ["name", "trade", "phone", "region", "timezone", "hours", "service_area", "emergency_number"];

/// Compiled templates with the business they speak for.
#[derive(Clone, Debug)]
pub(super) struct Templates {
    environment: Environment<'static>,
    business: Value,
    facts: Value,
}

impl Templates {
    pub(super) fn new(business: &Business) -> Self {
        let mut environment = Environment::new();
        // Semi-strict: printing what is not there is an error, asking `{% if name %}` is not.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        Self {
            environment,
            business: business_value(business),
            facts: Value::from_object(Facts(business.facts.clone())),
        }
    }

    /// Compiles the instructions and renders them.
    pub(super) fn instructions(&mut self, source: &Source, faults: &mut Faults) -> String {
        // Here lines matter: a line that holds only `{% for %}` leaves none behind.
        self.environment.set_trim_blocks(true);
        self.environment.set_lstrip_blocks(true);
        if !self.compile(BODY, source, faults) || !self.check_variables(BODY, source, &[], faults) {
            return String::new();
        }
        match self.render(BODY, &LineVars::default()) {
            Ok(text) if text.trim().is_empty() => {
                faults.add(source.line, "the instructions are empty: write them below the second `+++`");
                String::new()
            }
            Ok(text) => text.trim().to_owned(),
            Err(error) => {
                faults.add(line_of(&error, source), reason(&error));
                String::new()
            }
        }
    }

    /// Compiles a line and tries it with everything known and with each thing unknown.
    pub(super) fn check_line(&mut self, name: LineName, source: &Source, faults: &mut Faults) {
        if !self.compile(name.as_str(), source, faults) {
            return;
        }
        if !self.check_variables(name.as_str(), source, name.variables(), faults) {
            return;
        }
        if let Some(var) = name.must_say().filter(|var| !self.variables(name.as_str()).contains(*var)) {
            faults.add(source.line, format!("`{}` must say the {var}: use {{{{ {var} }}}}", name.as_str()));
        }
        // Each thing that isn't known in every call is left out in turn, then all of them.
        let unsure = || name.variables().iter().copied().filter(|var| name.must_say() != Some(*var));
        let all_known = vec![Vec::new()];
        for unknown in all_known.into_iter().chain(unsure().map(|var| vec![var])).chain([unsure().collect()]) {
            if let Err((line, message)) = self.try_line(name, source, &unknown) {
                faults.add(line, message);
                return;
            }
        }
    }

    fn try_line(&self, name: LineName, source: &Source, unknown: &[&str]) -> Result<(), (usize, String)> {
        let known = |var: &str, sample: &str| {
            (name.variables().contains(&var) && !unknown.contains(&var)).then(|| sample.to_owned())
        };
        let vars = LineVars {
            name: known("name", "Dana Whitfield"),
            number: known("number", "2 1 2, 5 5 5, 0 1 4 2"),
            need: known("need", "the sink leaks"),
            email: known("email", "D, A, N, A, at, gmail, dot com"),
            urgency: known("urgency", "soon"),
            time: known("time", "Tuesday 3:05 PM"),
            message: known("message", "Please call me back."),
            question: known("question", "Do you take checks?"),
        };
        match self.render(name.as_str(), &vars) {
            Ok(text) if text.trim().is_empty() => {
                Err((source.line, format!("`{}` comes out empty: every line needs words", name.as_str())))
            }
            Ok(_) => Ok(()),
            Err(error) => {
                let message = match unknown {
                    [var] => {
                        format!("`{var}` isn't known in every call: write {{% if {var} %}}...{{% endif %}} around it")
                    }
                    _ => reason(&error),
                };
                Err((line_of(&error, source), message))
            }
        }
    }

    /// A checked line, its white space made single spaces.
    pub(super) fn line(&self, name: LineName, vars: &LineVars) -> String {
        // Every line was rendered with all it may meet when the file was read, so this can't fail but for a filter that
        // dislikes a value; then the words without the call's own are better than none.
        let text = self.render(name.as_str(), vars).or_else(|_| {
            let (number, email) = (vars.number.clone(), vars.email.clone());
            self.render(name.as_str(), &LineVars { number, email, ..LineVars::default() })
        });
        text.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether a line is the same in every call.
    pub(super) fn is_fixed(&self, name: LineName) -> bool {
        let variables = self.variables(name.as_str());
        LineVars::NAMES.iter().all(|var| !variables.contains(*var))
    }

    fn compile(&mut self, name: &str, source: &Source, faults: &mut Faults) -> bool {
        let compiled = self.environment.add_template_owned(name.to_owned(), source.text.clone());
        if let Err(error) = &compiled {
            faults.add(line_of(error, source), reason(error));
        }
        compiled.is_ok()
    }

    fn check_variables(&self, template: &str, source: &Source, allowed: &[&str], faults: &mut Faults) -> bool {
        let before = self.unknown_variables(template, allowed);
        for (variable, message) in &before {
            faults.add(line_holding(variable, source), message.clone());
        }
        before.is_empty()
    }

    fn unknown_variables(&self, template: &str, allowed: &[&str]) -> Vec<(String, String)> {
        let mut unknown: Vec<(String, String)> = self
            .variables(template)
            .into_iter()
            .filter_map(|variable| self.fault_of(&variable, allowed).map(|message| (variable, message)))
            .collect();
        unknown.sort();
        unknown
    }

    fn fault_of(&self, variable: &str, allowed: &[&str]) -> Option<String> {
        let mut path = variable.split('.');
        let root = path.next().unwrap_or_default();
        let field = path.next();
        match (root, field) {
            ("business", Some(field)) => self.field_fault(&self.business, "business", field, &BUSINESS_FIELDS),
            ("facts", Some(field)) => {
                let topics: Vec<String> =
                    self.facts.try_iter().into_iter().flatten().map(|key| key.to_string()).collect();
                let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
                self.field_fault(&self.facts, "facts", field, &topics)
            }
            ("business" | "facts", None) => None,
            (root, None) if allowed.contains(&root) || FUNCTIONS.contains(&root) => None,
            ("number", None) => Some(
                "`number` is only known in offer_callback, read_back_callback, read_back_callback_slowly, briefing, ask_to_accept and owner_notice"
                    .to_owned(),
            ),
            ("email", None) => Some("`email` is only known in read_back_email".to_owned()),
            _ => {
                let known = allowed.iter().copied().chain(["business", "facts"]);
                Some(format!("unknown variable `{variable}`: {}", hint(root, known)))
            }
        }
    }

    #[expect(clippy::unused_self, reason = "reads as one of the checker's questions")]
    fn field_fault(&self, holder: &Value, root: &str, field: &str, known: &[&str]) -> Option<String> {
        if holder.get_attr(field).is_ok_and(|value| !value.is_undefined()) {
            return None;
        }
        Some(if known.contains(&field) {
            format!("`{root}.{field}` is used but not given: write it under [{root}]")
        } else if known.is_empty() {
            format!("unknown variable `{root}.{field}`: [{root}] is empty")
        } else {
            format!("unknown variable `{root}.{field}`: {}", hint(field, known.iter().copied()))
        })
    }

    fn variables(&self, template: &str) -> HashSet<String> {
        self.environment.get_template(template).map(|template| template.undeclared_variables(true)).unwrap_or_default()
    }

    fn render(&self, template: &str, vars: &LineVars) -> Result<String, minijinja::Error> {
        let value = |text: &Option<String>| text.as_ref().map_or(Value::UNDEFINED, Value::from);
        self.environment.get_template(template)?.render(context! {
            business => self.business,
            facts => self.facts,
            name => value(&vars.name),
            number => value(&vars.number),
            need => value(&vars.need),
            email => value(&vars.email),
            urgency => value(&vars.urgency),
            time => value(&vars.time),
            message => value(&vars.message),
            question => value(&vars.question),
        })
    }
}

fn business_value(business: &Business) -> Value {
    let fields = [
        ("name", Some(&business.name)),
        ("trade", business.trade.as_ref()),
        ("phone", business.phone.as_ref()),
        ("region", Some(&business.region)),
        ("timezone", Some(&business.timezone)),
        ("hours", business.hours.as_ref()),
        ("service_area", business.service_area.as_ref()),
        ("emergency_number", Some(&business.emergency_number)),
    ];
    fields.into_iter().filter_map(|(key, text)| text.map(|text| (key, text.clone()))).collect::<BTreeMap<_, _>>().into()
}

/// The facts as templates see them: by topic, and in the file's order when looped over.
#[derive(Debug)]
struct Facts(Vec<(String, String)>);

impl Object for Facts {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let topic = key.as_str()?;
        self.0.iter().find(|(name, _)| name == topic).map(|(_, text)| Value::from(text))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(name, _)| Value::from(name)).collect())
    }
}

fn reason(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()))
}

fn line_of(error: &minijinja::Error, source: &Source) -> usize {
    source.line + error.line().unwrap_or(1).saturating_sub(1)
}

fn line_holding(variable: &str, source: &Source) -> usize {
    let offset = source.text.lines().position(|line| line.contains(variable)).unwrap_or(0);
    source.line + offset
}
