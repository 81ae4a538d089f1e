//! What people do with their phones, whether there is a network or not.

use std::sync::Arc;

use serde_json::{Value, json};
use sotay_core::sync::commands::{self, SubmitError};
use sotay_protocol::{
    attendance::AttendanceState,
    drafts::DRAFT,
    env::Env,
    feedback::{CASE, Case, THREAD, Thread},
    id::Id,
    meetings::{MEETING, Meeting, MeetingState},
    members::{MEMBERSHIP, MembershipEntry, Office, ROLE, ROSTER_ENTRY, RoleEntry},
    row::RowRef,
    scope::Scope,
};

use super::{Simulation, model::Clocks};
use crate::world::{Device, Picture, SetEnv};

#[derive(Debug, Clone, Copy)]
enum Deed {
    NewMeeting,
    EditMeeting,
    CancelMeeting,
    Open,
    Close,
    CheckIn,
    Mark,
    Feedback,
    Photo,
    Reply,
    Answer,
    Receive,
    Attention,
    MakeRoom,
    /// More in one evening than goes into one frame.
    Burst,
    /// Only where the cells have keys.
    Sign,
}

const DEEDS: [(usize, Deed); 15] = [
    (12, Deed::NewMeeting),
    (20, Deed::EditMeeting),
    (3, Deed::CancelMeeting),
    (10, Deed::Open),
    (5, Deed::Close),
    (14, Deed::CheckIn),
    (12, Deed::Mark),
    (12, Deed::Feedback),
    (8, Deed::Photo),
    (8, Deed::Reply),
    (10, Deed::Answer),
    (4, Deed::Receive),
    (6, Deed::Attention),
    (2, Deed::MakeRoom),
    (1, Deed::Burst),
];

impl Deed {
    fn name(self) -> &'static str {
        match self {
            Self::NewMeeting => "new meeting",
            Self::EditMeeting => "edits a meeting",
            Self::CancelMeeting => "calls off",
            Self::Open => "opens",
            Self::Close => "closes",
            Self::CheckIn => "checks in",
            Self::Mark => "marks",
            Self::Feedback => "feedback",
            Self::Photo => "feedback with a photo",
            Self::Reply => "replies",
            Self::Answer => "answers",
            Self::Receive => "takes up",
            Self::Attention => "deals with it",
            Self::MakeRoom => "lets files go",
            Self::Burst => "burst",
            Self::Sign => "signs a draft",
        }
    }

    /// The kinds of rows that somebody who does it looks at before.
    fn looks_at(self) -> &'static [&'static str] {
        match self {
            Self::NewMeeting => &[ROLE, MEMBERSHIP],
            Self::EditMeeting | Self::CancelMeeting | Self::Open | Self::Close | Self::CheckIn => &[MEETING],
            Self::Mark => &[MEETING, ROSTER_ENTRY],
            Self::Feedback | Self::Photo | Self::Burst => &[MEMBERSHIP],
            Self::Reply => &[THREAD],
            Self::Answer | Self::Receive => &[CASE],
            Self::Sign => &[DRAFT],
            Self::Attention | Self::MakeRoom => &[],
        }
    }
}

/// Outcomes come in groups of 50.
const BURST: usize = 55;
const TOPICS: [&str; 4] = ["Đường vào bản", "Nước sinh hoạt", "Sóng điện thoại", "Nhà văn hóa"];
const PLACES: [&str; 4] = ["Nhà văn hóa bản", "Trường tiểu học", "Nhà bí thư", "Trạm y tế"];

fn read<T: serde::de::DeserializeOwned>(body: &Value) -> Option<T> {
    serde_json::from_value(body.clone()).ok()
}

fn of_kind<'a>(picture: &'a Picture, kind: &'a str) -> impl Iterator<Item = (&'a RowRef, &'a Value)> {
    picture.iter().filter(move |(row, _)| row.kind == kind)
}

pub(super) type Done = Result<Option<String>, SubmitError>;

impl Simulation {
    /// Somebody does something, if there is anything to do.
    pub(super) fn somebody_acts(&mut self, at: usize) {
        let (at, signs) = self.somebody_signs(at);
        let deed = if signs { Some(Deed::Sign) } else { self.chance.weighted(&DEEDS) };
        let doom = self.phones.get(at).map(|phone| phone.doom.clone()).unwrap_or_default();
        if let Some(deed) = deed {
            doom.spare(|| self.act(at, deed));
        }
    }

    /// A leader looks at what waits for a signature.
    pub(super) fn sign_now(&mut self, at: usize) {
        self.act(at, Deed::Sign);
    }

    fn act(&mut self, at: usize, deed: Deed) {
        let Some(phone) = self.phones.get(at).filter(|phone| phone.asleep.is_none()) else { return };
        let release = phone.as_released();
        let picture = phone.device.picture_of(deed.looks_at());
        let name = phone.name.clone();
        let done = match deed {
            Deed::NewMeeting => self.new_meeting(at, &picture),
            Deed::EditMeeting => self.edit_meeting(at, &picture),
            Deed::CancelMeeting => self.with_meeting(at, &picture, |of, at, row| {
                let phone = of.phone(at)?;
                let fields = json!({ "state": MeetingState::Cancelled });
                phone.device.edit_meeting(&*phone.env, row, &fields).map(|_| Some("calls off".into()))
            }),
            Deed::Open => self.with_meeting(at, &picture, |of, at, row| {
                of.with(at, |phone, env| phone.open_meeting(env, row)).map(|_| Some("opens".into()))
            }),
            Deed::Close => self.with_meeting(at, &picture, |of, at, row| {
                of.with(at, |phone, env| phone.close_meeting(env, row)).map(|_| Some("closes".into()))
            }),
            Deed::CheckIn => self.with_meeting(at, &picture, Self::check_in),
            Deed::Mark => self.mark(at, &picture),
            Deed::Feedback => self.feedback(at, &picture, false),
            Deed::Photo => self.feedback(at, &picture, true),
            Deed::Reply => self.reply(at, &picture),
            Deed::Answer | Deed::Receive => self.answer(at, &picture, matches!(deed, Deed::Answer)),
            Deed::Attention => self.attention(at),
            Deed::MakeRoom => self.make_room(at),
            Deed::Sign => self.sign_a_draft(at, &picture),
            Deed::Burst => (0..BURST).try_fold(None, |_, _| self.feedback(at, &picture, false)),
        };
        drop(release);
        let what = match done {
            Ok(None) => return,
            Ok(Some(what)) => {
                self.did(deed.name());
                what
            }
            Err(error) => format!("may not: {error}"),
        };
        if self.phones.get(at).is_some_and(|phone| phone.device.disk().is_dead()) {
            self.phone_dies(at, "in the midst of a deed");
        }
        let Some(phone) = self.phones.get(at) else { return };
        let now = Clocks { server: self.world.server.now(), there: phone.env.now() };
        let commands = self.model.deed(at, &phone.device, now);
        self.note_signatures(&commands, &picture);
        self.look_at_phone(at);
        self.trace(|| format!("{name} {deed:?}: {what}"));
        for command in commands {
            self.trace(|| {
                format!("  {} {} {:?} {}", command.number, command.kind, command.row, json!(command.body))
            });
        }
    }

    fn phone(&self, at: usize) -> Result<&super::phone::Phone, SubmitError> {
        self.phones.get(at).ok_or(SubmitError::NoSuchEntry)
    }

    fn with<T>(
        &self,
        at: usize,
        act: impl FnOnce(&Device, &SetEnv) -> Result<T, SubmitError>,
    ) -> Result<T, SubmitError> {
        let phone = self.phone(at)?;
        act(&phone.device, &phone.env)
    }

    fn meeting_marker(&mut self, cell: Id, member: Id) -> String {
        let mut scopes = vec![Scope::cell(cell)];
        // The committee above sees a meeting's title with its counts.
        scopes.extend(self.model.register.parent(cell).map(Scope::desk));
        self.model.markers.plant(scopes, Some(member))
    }

    /// The cells that the phone believes its member leads; now and then any other.
    fn led(&mut self, picture: &Picture) -> Option<Id> {
        let roles = of_kind(picture, ROLE).filter_map(|(_, body)| read::<RoleEntry>(body));
        let mut cells: Vec<Id> =
            roles.filter(|role| role.office == Office::Secretary).map(|role| role.organisation).collect();
        if cells.is_empty() && self.chance.percent(15) {
            let memberships =
                of_kind(picture, MEMBERSHIP).filter_map(|(_, body)| read::<MembershipEntry>(body));
            cells.extend(memberships.map(|of| of.cell));
        }
        self.chance.pick(&cells)
    }

    fn new_meeting(&mut self, at: usize, picture: &Picture) -> Done {
        let Some(cell) = self.led(picture) else { return Ok(None) };
        let member = self.phone(at)?.device.member;
        let title = format!("Sinh hoạt chi bộ {}", self.meeting_marker(cell, member));
        let row = self.with(at, |phone, env| phone.new_meeting(env, cell, &title))?;
        Ok(Some(row.id.to_string()))
    }

    fn with_meeting(
        &mut self,
        at: usize,
        picture: &Picture,
        act: impl FnOnce(&mut Self, usize, &RowRef) -> Done,
    ) -> Done {
        let meetings: Vec<RowRef> = of_kind(picture, MEETING).map(|(row, _)| row.clone()).collect();
        let Some(row) = self.chance.pick(&meetings) else { return Ok(None) };
        act(self, at, &row)
    }

    fn edit_meeting(&mut self, at: usize, picture: &Picture) -> Done {
        let (title, place) = (self.chance.percent(50), self.chance.pick(&PLACES));
        self.with_meeting(at, picture, |of, at, row| {
            let member = of.phone(at)?.device.member;
            let marker = of.meeting_marker(row.scope.id, member);
            let fields = if title {
                json!({ "title": format!("Sinh hoạt {marker}") })
            } else {
                json!({ "place": format!("{} {marker}", place.unwrap_or_default()) })
            };
            of.with(at, |phone, env| phone.edit_meeting(env, row, &fields))?;
            Ok(Some(fields.to_string()))
        })
    }

    /// With the code that a secretary's phone shows, if any does; else with one made up.
    fn check_in(&mut self, at: usize, row: &RowRef) -> Done {
        let mut code = None;
        for phone in self.phones.iter().filter(|phone| phone.asleep.is_none()) {
            code = code.or(phone.device.code(&*phone.env, row)?);
        }
        let made_up = format!("{:06}", self.chance.below(1_000_000));
        let code = code.filter(|_| self.chance.percent(80)).unwrap_or(made_up);
        self.with(at, |phone, env| phone.check_in(env, row, &code))?;
        Ok(Some(code))
    }

    fn mark(&mut self, at: usize, picture: &Picture) -> Done {
        let roster: Vec<RowRef> = of_kind(picture, ROSTER_ENTRY).map(|(row, _)| row.clone()).collect();
        let meetings: Vec<RowRef> = of_kind(picture, MEETING).map(|(row, _)| row.clone()).collect();
        let Some(row) = self.chance.pick(&meetings) else { return Ok(None) };
        let here: Vec<Id> = roster.iter().filter(|of| of.scope == row.scope).map(|of| of.id).collect();
        let Some(member) = self.chance.pick(&here) else { return Ok(None) };
        let states = [AttendanceState::Present, AttendanceState::Excused, AttendanceState::Absent];
        let Some(state) = self.chance.pick(&states) else { return Ok(None) };
        let writer = self.phone(at)?.device.member;
        let marker = self.model.markers.plant(vec![Scope::desk(row.scope.id)], Some(writer));
        let reason = format!("Lý do {marker}");
        let reason = (state == AttendanceState::Excused).then_some(reason.as_str());
        self.with(at, |phone, env| phone.mark(env, &row, member, state, reason))?;
        Ok(Some(format!("{member} {state:?}")))
    }

    fn feedback(&mut self, at: usize, picture: &Picture, photo: bool) -> Done {
        let cells = of_kind(picture, MEMBERSHIP).filter_map(|(_, body)| read::<MembershipEntry>(body));
        let mut desks: Vec<Id> = cells.map(|of| of.cell).collect();
        desks.extend(desks.clone().iter().filter_map(|cell| self.model.register.parent(*cell)));
        let (Some(desk), Some(topic)) = (self.chance.pick(&desks), self.chance.pick(&TOPICS)) else {
            return Ok(None);
        };
        let member = self.phone(at)?.device.member;
        let words = self.words(member, desk, member);
        if photo {
            return self.photograph(at, desk, &words);
        }
        let row = self.with(at, |phone, env| phone.feedback(env, desk, topic, &words))?;
        Ok(Some(row.id.to_string()))
    }

    fn words(&mut self, member: Id, desk: Id, writer: Id) -> String {
        let scopes = vec![Scope::member(member), Scope::desk(desk)];
        format!("Đề nghị xem xét {}", self.model.markers.plant(scopes, Some(writer)))
    }

    fn reply(&mut self, at: usize, picture: &Picture) -> Done {
        let threads: Vec<(RowRef, Id)> = of_kind(picture, THREAD)
            .filter_map(|(row, body)| Some((row.clone(), read::<Thread>(body)?.desk)))
            .collect();
        let Some((row, desk)) = self.chance.pick(&threads) else { return Ok(None) };
        let member = self.phone(at)?.device.member;
        let words = self.words(member, desk, member);
        self.with(at, |phone, env| phone.reply(env, &row, &words))?;
        Ok(Some(row.id.to_string()))
    }

    fn answer(&mut self, at: usize, picture: &Picture, with_words: bool) -> Done {
        let cases: Vec<(RowRef, Id)> = of_kind(picture, CASE)
            .filter_map(|(row, body)| Some((row.clone(), read::<Case>(body)?.member)))
            .collect();
        let Some((row, member)) = self.chance.pick(&cases) else { return Ok(None) };
        let writer = self.phone(at)?.device.member;
        let words = self.words(member, row.scope.id, writer);
        self.with(at, |phone, env| phone.answer(env, &row, with_words.then_some(words.as_str())))?;
        Ok(Some(row.id.to_string()))
    }

    /// The person looks at what needs attention, and dismisses it, tries again or mends it.
    fn attention(&mut self, at: usize) -> Done {
        let phone = self.phone(at)?;
        let stuck: Vec<_> =
            phone.device.outbox()?.into_iter().filter(|entry| entry.state.needs_attention()).collect();
        let Some(of) = self.chance.pick(&stuck) else { return Ok(None) };
        let mut mended = of.command.body.clone();
        if read::<Meeting>(&Value::Object(mended.clone())).is_some() {
            mended.insert("place".into(), "Sân kho".into());
        }
        let env = Arc::clone(&self.phone(at)?.env);
        let throw = self.chance.below(3);
        let phone = self.phone(at)?;
        let done = phone.device.store().write(|store| {
            Ok::<_, SubmitError>(match throw {
                0 => commands::dismiss(store, &*env, of.entry).map(|()| "dismisses")?,
                1 => commands::retry(store, &*env, of.entry).map(|_| "tries again")?,
                _ => commands::mend(store, &*env, of.entry, mended).map(|_| "mends")?,
            })
        });
        // Where the disk died of it, it may have been done all the same.
        if done.is_ok() || phone.device.disk().is_dead() {
            self.model.dealt_with(at, of.entry);
        }
        let what = done?;
        Ok(Some(format!("{what} {}", of.entry)))
    }
}
