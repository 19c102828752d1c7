//! Who takes calls in their pages, what is known of a caller, and who may see a call.

use super::users::user;
use super::{at, end, slot, start};
use crate::lead::SlotName;
use crate::store::{CallStart, Role, Store};

pub(super) async fn know_who_calls_and_who_may_call_back(store: &Store) {
    let (dana, eli) = (user("dana", Role::Owner), user("eli", Role::Agent));
    let is_available = async |person: &str| store.available().await.unwrap().iter().any(|it| it == person);
    store.set_available(&dana.person, true, at(0)).await.unwrap();
    store.set_available(&eli.person, false, at(0)).await.unwrap();
    assert!(is_available(&dana.person).await && !is_available(&eli.person).await);
    store.set_available(&dana.person, false, at(1)).await.unwrap();
    assert!(!is_available(&dana.person).await);

    let first = start();
    let second = CallStart { started_at: at(100), caller: first.caller.clone(), ..start() };
    let open = CallStart { started_at: at(200), caller: first.caller.clone(), ..start() };
    let mut batch = store.batch().await.unwrap();
    for call in [&first, &second, &open] {
        batch.begin_call(call).await.unwrap();
    }
    batch.save_slot(first.id, &slot(SlotName::Need, "a sink")).await.unwrap();
    batch.rang(second.id, &eli.person).await.unwrap();
    batch.finish_call(&end(&first, None)).await.unwrap();
    batch.finish_call(&end(&second, None)).await.unwrap();
    batch.commit().await.unwrap();
    let number = first.caller.clone().unwrap();
    let earlier = store.earlier_calls(&number, 5).await.unwrap();
    let seen: Vec<_> = earlier.iter().map(|call| (call.started_at, call.slots.len())).collect();
    assert_eq!(seen, [(at(100), 0), (at(0), 1)], "the latest first, and none that goes on");
    assert_eq!(earlier[1].slots[0].value, "a sink");
    assert_eq!(store.earlier_calls(&number, 1).await.unwrap().len(), 1);

    store.add_user(&dana, "hash").await.unwrap();
    store.add_user(&eli, "hash").await.unwrap();
    for (person, call, may) in [
        (&dana, &first, true),
        (&eli, &first, false),
        (&eli, &second, true),
        (&user("zoe", Role::Owner), &first, false),
    ] {
        assert_eq!(store.may_see(&person.person, call.id).await.unwrap(), may, "{}", person.name);
    }
}

#[tokio::test]
async fn know_who_calls_and_who_may_call_back_in_sqlite() {
    know_who_calls_and_who_may_call_back(&Store::open("sqlite::memory:").await.unwrap()).await;
}
