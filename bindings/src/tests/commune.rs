//! A server for one phone: it enrols Lan, follows her with a cell and a committee, and says nothing else.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
};

use serde_json::value::to_raw_value;
use sotay_protocol::{
    enrol::EnrolAnswer,
    env::{Env, SystemEnv},
    exchange::{ChangesHead, Deed, End, Entry, ScopeLine, ScopesHead},
    frame::Frame,
    id::Id,
    meetings::{Form, MEETING, Meeting, MeetingState},
    members::{MEMBERSHIP, MembershipEntry},
    organisations::{Level, ORGANISATION, Organisation},
    scope::Scope,
};

pub(super) fn id(name: &str) -> Id {
    Id::derived(name, &[])
}

/// Opens it; it is there until the process ends. Gives its address.
pub(super) fn open() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::Builder::new()
        .name("commune".into())
        .spawn(move || listener.incoming().flatten().for_each(|stream| drop(answer(&stream))))
        .unwrap();
    format!("http://{address}")
}

fn answer(mut stream: &TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    reader.take(length).read_to_end(&mut Vec::new())?;
    let (status, body) = match path.as_str() {
        "/v1/enrol" => (200, enrolled()),
        "/v1/sync" => (200, synced()),
        _ => (404, Vec::new()),
    };
    write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)
}

fn enrolled() -> Vec<u8> {
    let answer = EnrolAnswer {
        server: id("máy chủ"),
        device: id("máy của Lan"),
        member: id("Lan"),
        member_name: "Nguyễn Thị Lan".into(),
        epoch: 1,
        root: None,
        server_key: None,
    };
    serde_json::to_vec(&answer).unwrap()
}

/// The first exchange brings the rows; in later ones they stand there already, and are passed over.
fn synced() -> Vec<u8> {
    let (cell, commune) = (id("Chi bộ thôn Đồi Chè"), id("Đảng ủy xã Thanh Sơn"));
    let follow = |scope| ScopeLine { scope, deed: Deed::Follow, epoch: 1 };
    let scopes = [Scope::member(id("Lan")), Scope::org(cell), Scope::org(commune), Scope::cell(cell)];
    let head = ScopesHead { epoch: 1, want_from: None, ahead: None, min_app: 1, wipe: None };
    let row = |seq, kind: &str, name: &str, body| Entry {
        seq,
        kind: kind.to_owned(),
        version: 1,
        id: id(name),
        author: id("máy chủ"),
        body: Some(body),
    };
    let changes =
        |scope, entry| Frame::Changes(ChangesHead { scope, epoch: 1, from: 0, to: 1, begun: 1 }, vec![entry]);
    let organisation = |name: &str, level, parent| {
        let of = Organisation { name: name.to_owned(), level, parent };
        row(1, ORGANISATION, name, to_raw_value(&of).unwrap())
    };
    let membership = MembershipEntry { cell, cell_name: "Chi bộ thôn Đồi Chè".into() };
    let meeting = Meeting {
        title: "Sinh hoạt thường kỳ".into(),
        form: Form::Regular,
        starts_at: SystemEnv.now(),
        place: "Nhà văn hóa thôn".into(),
        link: None,
        agenda: vec![],
        state: MeetingState::Open,
        opened_at: None,
        closed_at: None,
    };
    [
        Frame::Scopes(head, scopes.map(follow).to_vec()),
        changes(scopes[0], row(1, MEMBERSHIP, "thuộc chi bộ", to_raw_value(&membership).unwrap())),
        changes(scopes[1], organisation("Chi bộ thôn Đồi Chè", Level::Cell, Some(commune))),
        changes(scopes[2], organisation("Đảng ủy xã Thanh Sơn", Level::Commune, None)),
        changes(scopes[3], row(1, MEETING, "cuộc họp", to_raw_value(&meeting).unwrap())),
        Frame::End(End { now: SystemEnv.now(), ..End::default() }),
    ]
    .iter()
    .flat_map(|frame| frame.pack().unwrap())
    .collect()
}
