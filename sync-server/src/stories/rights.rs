//! The table of rights, cell by cell: each row with everybody who could come, asked of the server itself.

use chrono::NaiveDate;
use serde_json::{Value, json};
use sotay_protocol::{
    attachment::{Attachment, PART_MEDIA_TYPE, PartHead},
    command::Command,
    console::{Approval, Look, Statement},
    enrol::ForkRequest,
    env::Env,
    exchange::{Deed, MEDIA_TYPE, Outcome},
    id::Id,
    members::{Gender, Membership, Office, Profile, Role},
    my_data::MyDataRequest,
    organisations::{Level, Organisation},
    refusal::Refusal,
    rights::{
        audience_id,
        table::{About, COMMANDS, Capacity, Comer, CommandRight, ENDPOINTS, READS, Relation, granted},
    },
    row::RowRef,
    scope::{Scope, ScopeKind},
    signature::{SigningKey, sha256_hex},
};

use super::http::Host;
use crate::{
    enrol::new_device,
    store::{StoredMember, StoredOrganisation},
    testing::*,
};

/// Where somebody stands, with those who stand nowhere now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Own,
    Above,
    Below,
    Beside,
    None,
    Former,
    Future,
}

const PLACES: [Place; 7] =
    [Place::Own, Place::Above, Place::Below, Place::Beside, Place::None, Place::Former, Place::Future];

impl Place {
    fn relation(self) -> Option<Relation> {
        match self {
            Self::Own => Some(Relation::Own),
            Self::Below => Some(Relation::Below),
            Self::Above | Self::Beside => Some(Relation::Elsewhere),
            Self::None | Self::Former | Self::Future => None,
        }
    }
}

/// An organisation with one above it, one below and one beside.
struct World {
    village: Village,
    /// What each deed is about.
    middle: Id,
    people: Vec<(Capacity, Place, Phone)>,
}

impl World {
    fn new() -> Self {
        let village = Village::new();
        let (top, middle) = (village.commune, village.cell);
        let below = Id::derived("Tổ đảng số 1", &[]);
        let organisation =
            Organisation { name: "Tổ đảng số 1".into(), level: Level::Cell, parent: Some(middle) };
        let stored = StoredOrganisation { id: below, organisation };
        village.store.write_with(&[Scope::org(below)], |tx| tx.put_organisation(&stored)).unwrap();
        let mut people = Vec::new();
        for capacity in Capacity::ALL {
            for place in PLACES {
                let at = match place {
                    Place::Own | Place::Former | Place::Future => Some(middle),
                    Place::Above => Some(top),
                    Place::Below => Some(below),
                    Place::Beside => Some(village.other_cell),
                    Place::None => None,
                };
                people.push((capacity, place, person(&village, capacity, place, at)));
            }
        }
        village.later(60);
        Self { village, middle, people }
    }
}

fn person(village: &Village, capacity: Capacity, place: Place, at: Option<Id>) -> Phone {
    let name = format!("{capacity:?} {place:?}");
    let member = Id::derived(&name, &[]);
    let day = NaiveDate::from_ymd_opt(1980, 1, 1).unwrap();
    let profile = Profile {
        name: name.clone(),
        birth: day,
        gender: Gender::Female,
        card: None,
        joined: day,
        official: None,
        phone: None,
    };
    let now = village.env.now();
    let from = if place == Place::Future { now + minutes(600) } else { now.minus(minutes(600)) };
    let until = (place == Place::Former).then(|| now.minus(minutes(300)));
    let key = SigningKey::generate(&*village.env);
    let device = Id::derived("máy", &[member]);
    village
        .store
        .write_with(&[Scope::member(member)], |tx| {
            tx.put_member(&StoredMember { id: member, profile: profile.clone() })?;
            match (at, capacity) {
                (None, _) => {}
                (Some(cell), Capacity::Member) => {
                    tx.put_membership(member, &Membership { cell, from, until })?;
                }
                (Some(organisation), Capacity::Holder(office)) => {
                    tx.put_role(member, &Role { organisation, office, from, until })?;
                }
            }
            tx.put_device(&new_device(device, member, key.public().0, "Máy".into(), None, now))
        })
        .unwrap();
    Phone::new(village.server.id(), device, member, village.env.clone(), key)
}

/// What the command must say for the server to know what it is about.
fn body_of(right: &CommandRight, organisation: Id, row: Id) -> Value {
    match right.command {
        "claim.check_in" => json!({"meeting": row, "cell": organisation, "code": "000000", "at": 0}),
        "thread.submit" => json!({"desk": organisation, "topic": "Đường", "messages": []}),
        "thread.seal" => json!({"desk": organisation, "sealed": true, "messages": []}),
        "thread.seal_reply" => json!({"desk": organisation, "message": {}}),
        "thread.wrap" => json!({"desk": organisation, "wraps": {}}),
        "thread.reply" => json!({"desk": organisation, "message": {"text": "Vâng.", "at": 0}}),
        "device.edit" | "device.revoke" => json!({}),
        _ if matches!(right.about, About::Scope) => json!({}),
        other => panic!("{other} is about oneself: say here with which body the server knows about whom"),
    }
}

/// Whether the server says that this person may not.
fn is_refused(world: &Village, phone: &mut Phone, right: &CommandRight, scope: Id, about: Id) -> bool {
    let row = Id::random(&*world.env);
    let at = RowRef::new(Scope { kind: right.scope, id: scope }, right.row, row);
    let command: Command = phone.command(right.command, at, &body_of(right, about, row));
    let answer = phone.sync(&world.server, &[&command]);
    match answer.outcome(command.number) {
        Outcome::Refused { code: code @ (Refusal::UnknownKind | Refusal::BadSignature) } => {
            panic!("{}: {code}", right.command)
        }
        Outcome::Refused { code } => *code == Refusal::NotAllowed,
        _ => false,
    }
}

#[test]
fn who_may_give_which_command_is_as_the_table_says() {
    let World { village, middle, mut people } = World::new();
    let mut cells = 0;
    for right in COMMANDS {
        for (capacity, place, phone) in &mut people {
            let may = place.relation().is_some_and(|relation| granted(right.grants, *capacity, relation));
            let said = format!("{} by {capacity:?} {place:?}", right.command);
            let own = phone.member;
            match right.about {
                About::Scope => {
                    assert_eq!(!is_refused(&village, phone, right, middle, middle), may, "{said}");
                }
                About::Oneself => assert!(!is_refused(&village, phone, right, own, middle), "{said}"),
                About::OneselfAt(_) => {
                    assert_eq!(!is_refused(&village, phone, right, own, middle), may, "{said}");
                }
            }
            if !matches!(right.about, About::Scope) {
                let another = village.people["Lan"];
                assert!(is_refused(&village, phone, right, another, middle), "{said}, for another");
            }
            cells += 1;
        }
    }
    assert_eq!(cells, COMMANDS.len() * Capacity::ALL.len() * PLACES.len());
}

#[test]
fn who_reads_which_scope_is_as_the_table_says() {
    let World { village, middle, mut people } = World::new();
    for right in READS {
        for (capacity, place, phone) in &mut people {
            let mut may = place.relation().is_some_and(|relation| granted(right.grants, *capacity, relation));
            let id = match (right.scope, *capacity) {
                (ScopeKind::Member, _) => {
                    may = true;
                    phone.member
                }
                (ScopeKind::Audience, Capacity::Holder(office)) => audience_id(middle, office),
                (ScopeKind::Audience, Capacity::Member) => audience_id(middle, Office::Secretary),
                _ => middle,
            };
            let scope = Scope { kind: right.scope, id };
            phone.cursors.clear();
            let answer = phone.sync(&village.server, &[]);
            let told = answer.lines.iter().any(|line| line.scope == scope && line.deed == Deed::Follow);
            let said = format!("{scope} by {capacity:?} {place:?}");
            assert_eq!(told, may, "exchange: {said}");
            let archive = village.server.archive(phone.device, scope, "meeting", None);
            assert_eq!(archive.is_ok(), may, "archive: {said}");
            let others = Scope::member(village.people["Lan"]);
            assert!(answer.lines.iter().all(|line| line.scope != others));
            assert!(village.server.archive(phone.device, others, "claim", None).is_err());
        }
    }
}

/// The same for an office that is not that of the audience.
#[test]
fn an_audience_is_of_one_office() {
    let World { village, middle, mut people } = World::new();
    let scope = Scope::audience(audience_id(middle, Office::Secretary));
    for (capacity, place, phone) in &mut people {
        let of_it =
            *capacity == Capacity::Holder(Office::Secretary) && matches!(place, Place::Own | Place::Below);
        let answer = phone.sync(&village.server, &[]);
        assert_eq!(answer.lines.iter().any(|line| line.scope == scope), of_it, "{capacity:?} {place:?}");
    }
}

/// The same request, made by each who may come.
async fn entered(host: &Host, village: &Village, comer: Comer, method: &str, path: &str) -> bool {
    let mut phone = village.phone("Mai");
    // Of while it had rights.
    let token = host.sync(&mut phone).await.token.unwrap();
    match comer {
        Comer::Stranger | Comer::Session => phone.device = Id::derived("máy lạ", &[]),
        Comer::Revoked => drop(village.server.revoke_device(phone.device).unwrap()),
        Comer::Device => {}
    }
    let strange = matches!(comer, Comer::Stranger | Comer::Session);
    let token = if strange { "x.y.z.w".to_owned() } else { token };
    let cookie = match comer {
        Comer::Session => {
            let link = village.server.console_link(phone.member).unwrap();
            village.server.console_by_link(&link).unwrap().cookie
        }
        _ => "none".to_owned(),
    };
    let cookie = format!("sotay-console={cookie}");
    let browser = [("origin", "http://x"), ("cookie", cookie.as_str()), ("content-type", "application/json")];
    let request = Id::derived("yêu cầu", &[]);
    let bearer = format!("Bearer {token}");
    let with_token = [("authorization", bearer.as_str())];
    let own = Scope::member(phone.member);
    let of_scope = |after: &str| path.split("{scope}").next().unwrap().to_owned() + &own.to_string() + after;
    let file = Attachment { name: "a".into(), media: "image/jpeg".into(), size: 1, hash: sha256_hex(b"a") };
    let reply = match (method, path) {
        ("post", "/v1/sync") => {
            let request = phone.request(vec![]);
            host.ask("POST", path, &[("content-type", MEDIA_TYPE)], &request).await
        }
        ("post", "/v1/fork") => {
            let new = SigningKey::generate(&*village.env);
            let request = ForkRequest::new(phone.device, &phone.key, &new, village.env.now());
            host.post_json(path, &request).await
        }
        ("post", "/v1/parts") => {
            let part = PartHead::seal(phone.server, phone.device, &file, 0, b"a", &phone.key).packed(b"a");
            host.ask("POST", path, &[("content-type", PART_MEDIA_TYPE)], &part).await
        }
        ("post", "/v1/console/sign-in" | "/v1/console/sign-out") => {
            host.ask("POST", path, &browser, &[]).await
        }
        ("post", "/v1/console/look") => {
            host.post_json(path, &Look::new(phone.device, request, &phone.key)).await
        }
        ("post", "/v1/console/approve") => {
            let of = Statement { device: phone.device, request, number: 10, origin: "http://x".into() };
            host.post_json(path, &Approval::new(&of, &phone.key)).await
        }
        ("post", "/v1/console/session") => {
            let fetch = json!({"request": request, "secret": "AAAA"}).to_string();
            host.ask("POST", path, &browser, fetch.as_bytes()).await
        }
        ("post", "/v1/console/link") => host.ask("POST", path, &browser, br#"{"link":"x"}"#).await,
        ("get", "/v1/console/me") => host.ask("GET", path, &browser, &[]).await,
        ("post", "/v1/my-data") => {
            let asked = MyDataRequest::seal(phone.server, phone.device, &token, &phone.key);
            host.post_json(path, &json!(asked)).await
        }
        // What it says of a code is the enrolments' own stories.
        ("post", "/v1/enrol") => host.post_json(path, &json!({})).await,
        ("get", "/v1/events") => return host.status_of("GET", path, &with_token).await == 200,
        ("get", "/v1/archive/{scope}") => host.ask("GET", &of_scope("?kind=claim"), &with_token, &[]).await,
        ("get", "/v1/attachments/{scope}/{kind}/{id}/{hash}") => {
            let file = of_scope(&format!("/thread/{}/{}", own.id, file.hash));
            host.ask("GET", &file, &with_token, &[]).await
        }
        ("get", _) if !path.contains('{') => host.get(path).await,
        _ => panic!("{method} {path}: say here how somebody asks there"),
    };
    reply.status != 401
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_answered_where_is_as_the_table_says() {
    for row in ENDPOINTS {
        // A village for each: a member has five devices at most.
        let village = Village::new();
        let host = Host::start(village.server.clone()).await;
        for comer in Comer::ALL {
            let entered = entered(&host, &village, comer, row.method, row.path).await;
            assert_eq!(entered, row.comers.contains(&comer), "{} {} by {comer:?}", row.method, row.path);
        }
        host.stop().await;
    }
    assert_eq!(crate::http::served().len(), ENDPOINTS.len());
}
