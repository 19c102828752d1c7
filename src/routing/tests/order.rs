//! Whom each strategy rings first.

use super::driver::endpoint;
use crate::routing::group::order;
use crate::routing::{Endpoint, Group, GroupId, Standing, Strategy};
use crate::timer::epoch;
use std::collections::HashMap;
use std::time::Duration;

fn office() -> GroupId {
    GroupId("office".to_owned())
}

fn order_of(strategy: Strategy, standing: &Standing, seed: u64) -> String {
    let members = ["ann-phone", "bob-phone", "cid-cell", "bob-phone", "dee-browser"].map(endpoint).to_vec();
    let group = Group { id: office(), strategy, members, member_timeout: Duration::from_secs(10) };
    let names: Vec<String> = order(&group, standing, seed).iter().map(|member| member.person().to_string()).collect();
    names.join(" ")
}

fn who(name: &str) -> Endpoint {
    endpoint(name)
}

#[test]
fn a_fixed_order_is_the_configurations_whoever_answered() {
    let mut standing = Standing::new();
    standing.answered(&who("ann-phone"), Some(&office()));
    for strategy in [Strategy::AllAtOnce, Strategy::InOrder, Strategy::Stagger(Duration::from_secs(5))] {
        assert_eq!(order_of(strategy, &standing, 1), "ann bob cid dee");
    }
}

#[test]
fn round_robin_begins_after_who_answered_last_for_this_group() {
    let mut standing = Standing::new();
    assert_eq!(order_of(Strategy::RoundRobin, &standing, 1), "ann bob cid dee");
    standing.answered(&who("bob-phone"), Some(&office()));
    standing.answered(&who("ann-phone"), Some(&GroupId("workshop".to_owned())));
    standing.answered(&who("ann-phone"), None);
    assert_eq!(order_of(Strategy::RoundRobin, &standing, 1), "cid dee ann bob");
    standing.answered(&who("dee-browser"), Some(&office()));
    assert_eq!(order_of(Strategy::RoundRobin, &standing, 1), "ann bob cid dee");
    // Somebody who left the group.
    standing.answered(&who("eve-phone"), Some(&office()));
    assert_eq!(order_of(Strategy::RoundRobin, &standing, 1), "ann bob cid dee");
}

#[test]
fn the_longest_idle_comes_first_and_who_talks_last() {
    let (mut standing, began) = (Standing::new(), epoch());
    for (name, ended) in [("ann-phone", 300), ("bob-phone", 100), ("cid-cell", 200)] {
        standing.answered(&who(name), None);
        standing.ended(&who(name), began + Duration::from_secs(ended));
    }
    assert_eq!(order_of(Strategy::LongestIdle, &standing, 1), "dee bob cid ann");
    standing.answered(&who("bob-phone"), None);
    assert_eq!(order_of(Strategy::LongestIdle, &standing, 1), "dee cid ann bob");
}

#[test]
fn who_answered_the_fewest_calls_comes_first() {
    let mut standing = Standing::new();
    for name in ["ann-phone", "ann-phone", "bob-phone", "dee-browser"] {
        standing.answered(&who(name), Some(&office()));
        standing.ended(&who(name), epoch());
    }
    assert_eq!(order_of(Strategy::FewestCalls, &standing, 1), "cid bob dee ann");
}

#[test]
fn random_orders_are_drawn_evenly_and_by_the_seed() {
    let standing = Standing::new();
    let mut drawn: HashMap<String, u32> = HashMap::new();
    for seed in 0..4_800 {
        *drawn.entry(order_of(Strategy::Random, &standing, seed)).or_default() += 1;
    }
    assert_eq!(order_of(Strategy::Random, &standing, 7), order_of(Strategy::Random, &standing, 7));
    // 24 orders, 200 each; five standard deviations are 69.
    assert_eq!(drawn.len(), 24, "{drawn:?}");
    assert!(drawn.values().all(|count| (131..=269).contains(count)), "{drawn:?}");
}
