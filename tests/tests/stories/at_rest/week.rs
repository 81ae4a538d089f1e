//! What Lan does with her phone in a week, and what the others send her: each secret in its place.

use std::time::Duration;

use serde_json::json;
use sotay_core::{
    attachments::{Photo, photo},
    feedback,
    meetings::{MeetingChange, NewMeeting},
};
use sotay_protocol::{
    attendance::AttendanceState,
    directives::{DIRECTIVE, Urgency},
    document::{Block, Cell, Document, Span, TableRow},
    drafts::DRAFT,
    env::{Env, days},
    exchange::{PushAddress, UNIFIED_PUSH},
    feedback::case_id,
    id::Id,
    meetings::Form,
    row::RowRef,
    scope::Scope,
};
use sotay_server::{attachments::Original, directives::Publication, store::NewEntry};
use sotay_tests::world::commune;

use super::{
    phone::{Play, syncs},
    secrets::secret,
};
use crate::village::directive;

/// A PNG whose picture has these words in it.
pub(super) fn photo_with(name: &str, inside: &str) -> Photo {
    let chunk = |kind: &[u8; 4], inner: &[u8]| {
        let length = u32::try_from(inner.len()).unwrap().to_be_bytes();
        [&length[..], &kind[..], inner, &[0; 4]].concat()
    };
    let picture = [&[7; 900], inside.as_bytes(), &[9; 40_000]].concat();
    let bytes = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0; 13]),
        chunk(b"IDAT", &picture),
        chunk(b"IEND", &[]),
    ];
    Photo { name: format!("{name}.png"), bytes: bytes.concat() }
}

/// With one of the secrets as its name and another in its picture.
fn photo_of(name: &str, inside: &str) -> Vec<Photo> {
    vec![photo_with(&secret(name), &secret(inside))]
}

impl Play {
    fn publication(&self, ordinal: u32, abstract_: &str, blocks: Vec<Block>) -> Publication {
        Publication {
            abstract_: secret(abstract_),
            document: Document::new(blocks),
            urgency: Urgency::Normal,
            ..directive(self.village.committee(), ordinal, "")
        }
    }

    /// Before Lan has a phone: what everybody has to read, her cell's roster, and a meeting.
    pub(super) fn before_the_week(&mut self) {
        let server = &self.village.world.server;
        let row = TableRow {
            heading: false,
            cells: vec![Cell::new(vec![Span::plain(secret("ô bảng của văn bản"))])],
        };
        let mut read = self.publication(
            31,
            "trích yếu văn bản đã đọc",
            vec![
                Block::heading(1, secret("tên mục của văn bản")),
                Block::paragraph(secret("lời văn bản")),
                Block::table(vec![row]),
            ],
        );
        let inside = [&[3; 500], secret("trong bản gốc").as_bytes(), &[4; 30_000]].concat();
        read.original = Some(Original {
            name: format!("{}.pdf", secret("tên tệp bản gốc")),
            media: "application/pdf".into(),
            bytes: inside,
        });
        server.publish(&read).unwrap();
        let words = vec![Block::paragraph(secret("lời văn bản chưa đọc"))];
        server.publish(&self.publication(32, "trích yếu văn bản chưa đọc", words)).unwrap();
        let mistaken = server.publish(&directive(self.village.committee(), 33, "Ban hành nhầm.")).unwrap();
        let row = RowRef::new(mistaken.scope, DIRECTIVE, mistaken.id);
        server.withdraw(&row, &secret("lý do thu hồi")).unwrap();

        let mut comers = commune::members();
        comers.truncate(2);
        for (number, (comer, place)) in
            (1..).zip(comers.iter_mut().zip(["đảng viên thứ nhất", "đảng viên thứ hai"]))
        {
            comer.name = format!("Tẩn {}", secret(place));
            comer.card = Some(format!("{:012}", 99_000_000_000_u64 + number));
            comer.birth = comer.birth + chrono::Days::new(number);
            comer.offices = None;
        }
        server.import_members(&comers).unwrap();

        let env = self.village.world.env.clone();
        let fields = json!({
            "title": secret("tên cuộc họp"),
            "place": secret("nơi họp"),
            "agenda": [secret("nội dung họp")],
            "link": format!("https://hop.example/{}", secret("đường dẫn họp")),
            "starts_at": env.now() + days(4),
        });
        self.village.hoa.edit_meeting(&*env, &self.village.meeting, &fields).unwrap();
        syncs(&self.village.hoa, &mut self.village.world);
    }

    pub(super) async fn monday(&mut self) {
        let lan = self.lan().clone();
        let lines = lan.directives().search(secret("lời văn bản"), 5).await.unwrap().hits;
        let read = lan.directives().read(lines[0].line.id).await.unwrap();
        assert!(read.line.abstract_.contains(&secret("trích yếu văn bản đã đọc")));
        let own = lan.devices().list().await.unwrap().remove(0);
        lan.devices().rename(own.id, secret("tên máy đặt lại")).await.unwrap();
        let token = format!("https://push.example/{}", secret("địa chỉ đánh thức"));
        lan.poke_at(Some(PushAddress { provider: UNIFIED_PUSH.into(), token })).await.unwrap();
        self.lan_syncs().await;
    }

    /// Ordinary feedback, with a photo; Mai answers, and Lan adds something.
    pub(super) async fn tuesday(&mut self) {
        let lan = self.lan().clone();
        let photos = photo_of("tên ảnh phản ánh", "trong ảnh phản ánh");
        let (topic, words) = (secret("chủ đề phản ánh"), secret("lời phản ánh"));
        let thread = lan.feedback().submit_with(None, topic, words, photos).await.unwrap();
        self.lan_syncs().await;
        self.mai_answers(case_id(thread), &secret("lời trả lời của Mai"));
        self.lan_syncs().await;
        lan.feedback().reply_with(thread, secret("lời gửi thêm"), Vec::new()).await.unwrap();
        self.lan_syncs().await;
        assert_eq!(lan.feedback().thread(thread).await.unwrap().messages.len(), 3);
    }

    /// Sealed feedback, with a photo, which Mai opens and answers.
    pub(super) async fn wednesday(&mut self) {
        let lan = self.lan().clone();
        let photos = photo_of("tên ảnh niêm phong", "trong ảnh niêm phong");
        let (topic, words) = (secret("chủ đề niêm phong"), secret("lời niêm phong"));
        let thread = lan.feedback().seal(None, topic, words, photos).await.unwrap();
        self.lan_syncs().await;
        self.mai_answers(case_id(thread), &secret("lời trả lời niêm phong"));
        self.lan_syncs().await;
        let view = lan.feedback().thread(thread).await.unwrap();
        assert_eq!(view.messages[1].words, secret("lời trả lời niêm phong"));
        assert_eq!(lan.feedback().find_sealed(secret("lời niêm phong"), 5).await.unwrap().len(), 2);
        self.sealed_thread = Some(thread);
    }

    fn mai_answers(&mut self, case: Id, words: &str) {
        syncs(&self.mai, &mut self.village.world);
        let env = self.village.world.env.clone();
        self.mai.store().write(|tx| feedback::answer(tx, &*env, case, words)).unwrap();
        syncs(&self.mai, &mut self.village.world);
    }

    /// Lan works at the commune's office, too: Minh wrote to it.
    pub(super) async fn thursday(&mut self) {
        let env = self.village.world.env.clone();
        let photos = photo_of("tên ảnh của người khác", "trong ảnh của người khác");
        let clean: Vec<_> = photos.iter().map(|of| photo::clean(of).unwrap()).collect();
        let (topic, words) = (secret("chủ đề của người khác"), secret("lời của người khác"));
        let submit =
            |tx: &rusqlite::Transaction<'_>| feedback::submit_with(tx, &*env, None, &topic, &words, &clean);
        let thread = self.minh.store().write(submit).unwrap();
        syncs(&self.minh, &mut self.village.world);
        self.lan_syncs().await;
        let lan = self.lan().clone();
        let case = lan.feedback().case(case_id(thread)).await.unwrap();
        assert!(case.files[0].state.is_here(), "{:?}", case.files);
        lan.feedback().answer_with(case_id(thread), secret("lời Lan trả lời"), Vec::new()).await.unwrap();
        self.lan_syncs().await;
    }

    /// The meeting, and the next one; two change the same of it.
    pub(super) async fn friday(&mut self) {
        let (env, lan, meeting) =
            (self.village.world.env.clone(), self.lan().clone(), self.village.meeting.clone());
        let place = |place: &str| MeetingChange { place: Some(secret(place)), ..MeetingChange::default() };
        lan.meetings().edit(meeting.id, place("chỗ Lan sửa bị vướng")).await.unwrap();
        let fields = json!({ "place": secret("chỗ Hòa sửa") });
        self.village.hoa.edit_meeting(&*env, &meeting, &fields).unwrap();
        self.village.hoa.open_meeting(&*env, &meeting).unwrap();
        let code = self.village.hoa.code(&*env, &meeting).unwrap().unwrap();
        let of = |name: &str| self.village.world.commune.person(name).id;
        let (tam, minh) = (of("Tám"), of("Minh"));
        let reason = secret("lý do Hòa ghi");
        self.village.hoa.mark(&*env, &meeting, tam, AttendanceState::Excused, Some(&reason)).unwrap();
        syncs(&self.village.hoa, &mut self.village.world);
        lan.attendance().check_in(meeting.id, code).await.unwrap();
        let reason = Some(secret("lý do Lan ghi"));
        lan.attendance().mark(meeting.id, minh, AttendanceState::Excused, None, reason).await.unwrap();
        lan.meetings()
            .create(NewMeeting {
                cell: None,
                title: Some(secret("tên cuộc họp Lan tạo")),
                form: Form::Thematic,
                starts_at: env.now() + days(20),
                place: secret("nơi họp Lan chọn"),
                link: None,
                agenda: vec![secret("nội dung họp Lan soạn")],
            })
            .await
            .unwrap();
        self.lan_syncs().await;
        self.village.world.env.pass(Duration::from_hours(2));
        self.village.hoa.close_meeting(&*env, &meeting).unwrap();
        syncs(&self.village.hoa, &mut self.village.world);
        self.village.world.relay();
        self.lan_syncs().await;
        assert_eq!(
            lan.status().await.unwrap().counts.needs_attention,
            1,
            "her place for it stands beside Hòa's"
        );
    }

    /// What Hòa has signed, and what she has yet to sign.
    pub(super) async fn saturday(&mut self) {
        let of_cell = |abstract_: String, ordinal, words: String| Publication {
            abstract_,
            ..directive(self.cell, ordinal, &words)
        };
        let server = &self.village.world.server;
        let signed = of_cell("Kế hoạch đã ký".into(), 41, secret("lời văn bản đã ký"));
        assert!(server.publish(&signed).unwrap().waits);
        syncs(&self.village.hoa, &mut self.village.world);
        let env = self.village.world.env.clone();
        let draft = self.village.hoa.picture_of(&[DRAFT]).into_keys().next().unwrap().id;
        self.village.hoa.store().write(|tx| sotay_core::drafts::sign(tx, &*env, draft)).unwrap();
        syncs(&self.village.hoa, &mut self.village.world);
        let waits = of_cell(secret("trích yếu dự thảo"), 42, secret("lời dự thảo"));
        assert!(self.village.world.server.publish(&waits).unwrap().waits);
        self.lan_syncs().await;
        let lan = self.lan().clone();
        let drafts = lan.drafts().list().await.unwrap();
        assert!(drafts.iter().any(|line| line.abstract_ == secret("trích yếu dự thảo")));
        assert_eq!(lan.status().await.unwrap().quarantined, 0);
    }

    /// Something that her app does not know yet comes; and what she writes on the mountain has not gone out.
    pub(super) async fn sunday(&mut self) {
        let world = &self.village.world;
        let row = RowRef::new(Scope::org(self.village.committee()), "tin", Id::random(&*world.env));
        let body = json!({ "words": secret("dòng của bản mới hơn") }).to_string();
        let (author, at) = (world.server.id(), world.env.now());
        let entry = NewEntry { version: 1, author, body: &body, made: None, at };
        world.store().write_with(&[row.scope], |tx| tx.put(&row, &entry).map(drop)).unwrap();
        self.lan_syncs().await;
        let lan = self.lan().clone();
        let photos = photo_of("tên ảnh chưa gửi", "trong ảnh chưa gửi");
        let (topic, words) = (secret("chủ đề chưa gửi"), secret("lời chưa gửi"));
        lan.feedback().submit_with(None, topic, words, photos).await.unwrap();
        let status = lan.status().await.unwrap();
        assert_eq!((status.counts.pending, status.not_understood), (1, 1));
    }

    /// The days of the week, in order; `night` looks at the phone after each.
    pub(super) async fn a_week(&mut self, night: impl AsyncFn(&mut Self)) {
        self.monday().await;
        night(self).await;
        self.tuesday().await;
        night(self).await;
        self.wednesday().await;
        night(self).await;
        self.thursday().await;
        night(self).await;
        self.friday().await;
        night(self).await;
        self.saturday().await;
        night(self).await;
        self.sunday().await;
    }
}
