//! Users, their sign-ins, the links that make them, and whose calls are whose.

use super::{at, end, slot, start, text_for};
use crate::lead::SlotName;
use crate::store::{Accepted, Account, Invitation, LoginName, Role, Store, User};
use uuid::Uuid;

// Another one each time, so that runs against one PostgreSQL database do not meet.
pub(super) fn user(name: &str, role: Role) -> User {
    let name = LoginName::parse(&format!("{name}-{}", Uuid::now_v7())).unwrap();
    User { person: name.as_str().to_owned(), name, role, created_at: at(0) }
}

async fn account(store: &Store, user: &User) -> Account {
    store.account(&user.name).await.unwrap().unwrap()
}

#[test]
fn names_are_read_in_lower_case() {
    for (text, name) in [("Dana", "dana"), (" dana@Harbor.example ", "dana@harbor.example"), ("Ödön_2", "ödön_2")] {
        assert_eq!(LoginName::parse(text).unwrap().as_str(), name);
    }
    let long = "a".repeat(65);
    for text in ["", " ", "dana eli", "<script>", "a/b", "a\"b", "dana\n.", &long] {
        assert!(LoginName::parse(text).is_err(), "{text}");
    }
}

#[tokio::test]
async fn users_and_their_calls_are_kept_in_sqlite() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    sign_in_and_out(&store).await;
    are_invited_once(&store).await;
    see_their_calls(&store).await;
}

pub(super) async fn sign_in_and_out(store: &Store) {
    let (dana, eli) = (user("dana", Role::Owner), user("eli", Role::Agent));
    assert!(store.add_user(&dana, "hash").await.unwrap());
    assert!(!store.add_user(&User { role: Role::Agent, ..dana.clone() }, "other").await.unwrap(), "one of a name");
    assert!(store.add_user(&eli, "hash").await.unwrap());
    assert!(store.users().await.unwrap().contains(&dana));
    let known = account(store, &dana).await;
    assert_eq!((&known.user, known.password_hash.reveal().as_str()), (&dana, "hash"));
    assert!(!format!("{known:?}").contains("hash\""));

    let token = |n: u32| format!("{n}-{}", dana.name);
    assert!(store.open_sign_in(&token(1), &known, at(0), at(100)).await.unwrap());
    assert!(store.open_sign_in(&token(2), &known, at(0), at(100)).await.unwrap());
    assert!(store.open_sign_in(&token(3), &account(store, &eli).await, at(0), at(100)).await.unwrap());
    let signed_in = store.sign_in(&token(1), at(99)).await.unwrap().unwrap();
    assert_eq!((&signed_in.user, signed_in.seen_at, signed_in.expires_at), (&dana, at(0), at(100)));
    assert!(store.sign_in(&token(1), at(100)).await.unwrap().is_none(), "expired");
    assert!(store.sign_in("unknown", at(0)).await.unwrap().is_none());

    store.renew_sign_in(&token(1), at(50), at(150)).await.unwrap();
    assert_eq!(store.sign_in(&token(1), at(120)).await.unwrap().unwrap().seen_at, at(50));
    store.renew_sign_in(&token(2), at(100), at(200)).await.unwrap();
    assert!(store.sign_in(&token(2), at(120)).await.unwrap().is_none(), "what has expired stays so");
    store.end_sign_in(&token(1)).await.unwrap();
    assert!(store.sign_in(&token(1), at(60)).await.unwrap().is_none());

    assert!(store.set_password(&dana.name, "new").await.unwrap());
    assert!(store.sign_in(&token(2), at(60)).await.unwrap().is_none(), "a changed password ends sign-ins");
    assert!(store.sign_in(&token(3), at(60)).await.unwrap().is_some(), "but not another's");
    assert!(!store.open_sign_in(&token(4), &known, at(60), at(100)).await.unwrap(), "the old password is too late");
    assert!(store.remove_user(&eli.name).await.unwrap());
    assert!(store.sign_in(&token(3), at(60)).await.unwrap().is_none());
    assert!(!store.remove_user(&eli.name).await.unwrap());
    assert!(!store.set_password(&eli.name, "new").await.unwrap());
    assert!(store.account(&eli.name).await.unwrap().is_none());
}

pub(super) async fn are_invited_once(store: &Store) {
    let (dana, eli) = (user("dana", Role::Owner), user("eli", Role::Agent));
    let link = |who: &User| format!("link of {}", who.name);
    let owner = Invitation { role: Role::Owner, person: None, expires_at: at(100) };
    let agent = Invitation { role: Role::Agent, person: Some("eli".into()), expires_at: at(10) };
    store.invite(&link(&dana), &owner, at(0)).await.unwrap();
    store.invite(&link(&eli), &agent, at(0)).await.unwrap();
    assert_eq!(store.invitation(&link(&eli), at(9)).await.unwrap(), Some(agent));
    assert_eq!(store.invitation(&link(&eli), at(10)).await.unwrap(), None);
    let late = User { created_at: at(10), ..eli.clone() };
    assert_eq!(store.accept_invitation(&link(&eli), &late, "hash").await.unwrap(), Accepted::Gone);

    store.add_user(&eli, "hash").await.unwrap();
    assert_eq!(store.accept_invitation(&link(&dana), &eli, "hash").await.unwrap(), Accepted::NameTaken);
    assert_eq!(store.invitation(&link(&dana), at(50)).await.unwrap(), Some(owner), "a taken name costs no link");
    assert_eq!(store.accept_invitation(&link(&dana), &dana, "hash").await.unwrap(), Accepted::Added);
    let again = user("mallory", Role::Owner);
    assert_eq!(store.accept_invitation(&link(&dana), &again, "hash").await.unwrap(), Accepted::Gone);
    assert!(store.account(&again.name).await.unwrap().is_none());
}

pub(super) async fn see_their_calls(store: &Store) {
    let (dana, eli) = (user("dana", Role::Owner).person, user("eli", Role::Agent).person);
    let calls = [start(), start(), start()];
    for call in &calls {
        let mut batch = store.batch().await.unwrap();
        batch.begin_call(call).await.unwrap();
        batch.rang(call.id, &dana).await.unwrap();
        batch.rang(call.id, &dana).await.unwrap();
        batch.commit().await.unwrap();
    }
    let mut batch = store.batch().await.unwrap();
    batch.took(calls[0].id, &dana).await.unwrap();
    batch.rang(calls[0].id, &dana).await.unwrap();
    batch.rang(calls[1].id, &eli).await.unwrap();
    batch.took(calls[1].id, &eli).await.unwrap();
    batch.save_slot(calls[0].id, &slot(SlotName::Need, "a sink")).await.unwrap();
    batch.save_slot(calls[0].id, &slot(SlotName::Name, "Dana")).await.unwrap();
    batch.finish_call(&end(&calls[0], Some(text_for(&calls[0])))).await.unwrap();
    batch.commit().await.unwrap();

    let of_dana = store.recent_calls(Some(&dana), 50).await.unwrap();
    let newest_first: Vec<_> = of_dana.iter().map(|call| call.id).collect();
    assert_eq!(newest_first, [calls[2].id, calls[1].id, calls[0].id]);
    let took: Vec<_> = of_dana.iter().map(|call| call.took_by.as_ref()).collect();
    assert_eq!(took, [None, Some(&eli), Some(&dana)]);
    let whole = &of_dana[2];
    assert_eq!((whole.outcome.as_deref(), whole.duration_ms), (Some("farewell"), Some(60_000)));
    assert_eq!(whole.caller, calls[0].caller);
    assert_eq!(whole.slots, [(SlotName::Name, "Dana".to_owned()), (SlotName::Need, "a sink".to_owned())]);
    assert_eq!(whole.text, Some(("due".to_owned(), at(60))));
    assert_eq!((&of_dana[0].outcome, &of_dana[0].text, of_dana[0].slots.len()), (&None, &None, 0));

    let ids = |calls: Vec<crate::store::RecentCall>| calls.iter().map(|call| call.id).collect::<Vec<_>>();
    assert_eq!(ids(store.recent_calls(Some(&eli), 50).await.unwrap()), [calls[1].id]);
    assert_eq!(ids(store.recent_calls(Some(&dana), 1).await.unwrap()), [calls[2].id]);
    assert!(store.recent_calls(Some("nobody"), 50).await.unwrap().is_empty());
    assert_eq!(store.recent_calls(None, 2).await.unwrap().len(), 2);
    let mut batch = store.batch().await.unwrap();
    assert!(batch.rang(start().id, &dana).await.is_err(), "a call must be begun");
}
