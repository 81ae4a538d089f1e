//! Bringing in what `sotay-keys` made. All or nothing, in whatever order the files come.

use std::collections::{BTreeMap, BTreeSet};

use sotay_protocol::{
    env::Timestamp,
    id::Id,
    organisations::Tree,
    row::RowRef,
    signature::sha256_hex,
    trust::{
        Certificate, Distrust, Duty, Holder, Keyring, Paper, Revocations, Root, Signed, Succession, Wipe,
    },
};

use super::{
    Kept,
    kept::{certificate_at, revocations_at, root_at, row},
};
use crate::{
    audit, devices,
    directives::{begin_of, unsigned_dates},
    error::ServerError,
    rows::put_if_changed,
    server::Server,
    store::{Device, Reader, Result as Stored},
    vietnam,
};

/// One that was brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub paper: Paper,
    /// It was here before.
    pub stood: bool,
}

/// Where one goes.
struct Placed {
    rows: Vec<RowRef>,
    /// Whose row an order stands in, and the organisation that orders it.
    wiped: Option<(Device, Id)>,
    signed: Signed,
    taken: Taken,
}

type Judged<T> = Result<T, String>;

impl Server {
    /// Takes in roots, certificates, lists of revocations and orders to wipe, each with the name under which it is complained of.
    ///
    /// # Errors
    /// A sentence for the first that cannot be believed, or is for another server; nothing is kept then. Or the store's.
    pub fn import_trust(&self, papers: &[(String, Signed)]) -> Result<Vec<Taken>, ServerError> {
        self.bring(papers, false)
    }

    /// The same where the root is lost: another takes its place, for who enrols from then on. It comes with certificates
    /// for all organisations that have one, so that nothing they signed is lost to those who believe it.
    ///
    /// # Errors
    /// As there.
    pub fn replace_root(&self, papers: &[(String, Signed)]) -> Result<Vec<Taken>, ServerError> {
        self.bring(papers, true)
    }

    fn bring(&self, papers: &[(String, Signed)], new_root: bool) -> Result<Vec<Taken>, ServerError> {
        let now = self.env.now();
        let placed = self.store.read_with(|reader| self.place(reader, papers, new_root, now))?;
        let (placed, lost) = placed.map_err(ServerError::Refused)?;
        let scopes: BTreeSet<_> =
            placed.iter().flat_map(|of| &of.rows).chain(&lost).map(|row| row.scope).collect();
        let locked: Vec<_> = scopes.iter().copied().collect();
        let taken = self.store.write_with(&locked, |tx| {
            // Looked at again where nothing can come in between.
            let (placed, lost) = match self.place(&*tx, papers, new_root, now)? {
                Ok(placed) => placed,
                Err(why) => return Ok(Err(why)),
            };
            let mut brought: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
            // Who believes it keeps it; nobody is to begin with it.
            for at in &lost {
                if tx.bury(at, now)?.is_some() {
                    brought.entry(at.scope.id).or_default().push(at.id);
                }
            }
            for of in &placed {
                if let Some((device, organisation)) = &of.wiped {
                    if devices::order_wipe(tx, self.id(), device, &of.signed, now)? {
                        let deed = audit::Deed { actor: self.id(), deed: audit::WIPE, at: now };
                        audit::note(tx, *organisation, deed, &[device.id, device.member])?;
                    }
                    continue;
                }
                for at in &of.rows {
                    if put_if_changed(tx, at, &row(&of.signed, self.id()), now)? {
                        brought.entry(at.scope.id).or_default().push(at.id);
                    }
                }
            }
            let deed = audit::Deed { actor: self.id(), deed: audit::TRUST, at: now };
            for (organisation, rows) in brought {
                audit::note(tx, organisation, deed, &rows)?;
            }
            Ok(Ok(placed.into_iter().map(|of| of.taken).collect()))
        })?;
        self.tell(&scopes, None);
        taken.map_err(ServerError::Refused)
    }

    fn place(
        &self,
        reader: &(impl Reader + ?Sized),
        papers: &[(String, Signed)],
        new_root: bool,
        now: Timestamp,
    ) -> Stored<Judged<(Vec<Placed>, Vec<RowRef>)>> {
        let mut judge = Judge::new(self, reader, now)?;
        judge.lost = if new_root { judge.kept.root.take() } else { None };
        let before = judge.lost.clone().map(|root| judge.kept.keyring_of(&root));
        let mut read = Vec::with_capacity(papers.len());
        for (name, signed) in papers {
            match Paper::of(signed) {
                Some(paper) => read.push((name, signed, paper)),
                None => return Ok(Err(format!("{name}: {NO_PAPER}"))),
            }
        }
        // What a paper rests on comes before it.
        read.sort_by_key(|(_, _, paper)| rank(paper));
        judge.announce(&read);
        let mut placed = Vec::with_capacity(read.len());
        for (name, signed, paper) in read {
            match judge.place(reader, signed, paper)? {
                Ok(of) => placed.push(of),
                Err(why) => return Ok(Err(format!("{name}: {why}"))),
            }
        }
        let Some(before) = before else { return Ok(Ok((placed, Vec::new()))) };
        if let Err(why) = keeps_all(&before, &judge.kept.keyring(), now) {
            return Ok(Err(why));
        }
        let mut lost = Vec::new();
        if let Some(root) = &judge.lost {
            for at in judge.organisations.iter().map(|of| root_at(*of, root)) {
                if reader.entry(&at)?.is_some_and(|entry| entry.body.is_some()) {
                    lost.push(at);
                }
            }
        }
        Ok(Ok((placed, lost)))
    }
}

const NO_PAPER: &str = "không phải gốc tin cậy, chứng thư, danh sách thu hồi hay lệnh xóa, hoặc chữ ký trong tệp không đúng: hãy lấy \
                        lại tệp từ nơi đã lập";

fn rank(paper: &Paper) -> u8 {
    match paper {
        Paper::Root(_) => 0,
        Paper::Succession(_) => 1,
        Paper::Certificate(of) if of.holder == Holder::Organisation => 2,
        Paper::Revocations(_) => 3,
        Paper::Certificate(_) | Paper::Request(_) => 4,
        Paper::Wipe(_) => 5,
    }
}

/// What is known, with what the papers before have added.
struct Judge<'s> {
    server: &'s Server,
    kept: Kept,
    /// What the papers say of other roots, and was not here before.
    announced: Vec<Signed>,
    organisations: BTreeSet<Id>,
    tops: Vec<Id>,
    /// The root whose place another takes.
    lost: Option<Signed>,
    tree: Tree,
    now: Timestamp,
}

impl<'s> Judge<'s> {
    fn new(server: &'s Server, reader: &(impl Reader + ?Sized), now: Timestamp) -> Stored<Self> {
        let all = reader.organisations()?;
        let tops = all.iter().filter(|of| of.organisation.parent.is_none()).map(|of| of.id).collect();
        let organisations = all.iter().map(|of| of.id).collect();
        let tree = Tree::new(all.iter().map(|of| (of.id, of.organisation.parent)));
        Ok(Self {
            server,
            kept: Kept::all(reader)?,
            announced: Vec::new(),
            organisations,
            tops,
            lost: None,
            tree,
            now,
        })
    }

    fn place(
        &mut self,
        reader: &(impl Reader + ?Sized),
        signed: &Signed,
        paper: Paper,
    ) -> Stored<Judged<Placed>> {
        if self.tops.is_empty() {
            return Ok(Err(
                "chưa có tổ chức nào: hãy chạy “sotay-server import organisations …” trước".into()
            ));
        }
        let mut wiped = None;
        let judged = match &paper {
            Paper::Root(root) => self.root(signed, root),
            Paper::Succession(succession) => self.succession(signed, succession),
            Paper::Certificate(certificate) => {
                let fits = match self.holder(reader, certificate)? {
                    Ok(()) => self.begins(reader, certificate)?,
                    Err(why) => Err(why),
                };
                fits.and_then(|()| self.certificate(signed, certificate))
            }
            Paper::Revocations(list) => self.revocations(signed, list),
            Paper::Wipe(wipe) => self.wipe(reader, wipe)?.map(|(device, organisation)| {
                let rows = vec![devices::row_of(&device)];
                wiped = Some((device, organisation));
                (rows, false)
            }),
            Paper::Request(_) => {
                Err("đây là yêu cầu cấp chứng thư: hãy đưa cho người giữ khóa của tổ chức, rồi nhập chứng thư đã cấp"
                    .into())
            }
        };
        let stood = match &wiped {
            Some((device, _)) => devices::wipe(reader, device)?.as_ref() == Some(signed),
            None => false,
        };
        Ok(judged.map(|(rows, stands)| Placed {
            rows,
            wiped,
            signed: signed.clone(),
            taken: Taken { paper, stood: stands || stood },
        }))
    }

    /// One root may name the root that names the next, in whatever order.
    fn announce(&mut self, papers: &[(&String, &Signed, Paper)]) {
        for (_, signed, paper) in papers {
            if matches!(paper, Paper::Succession(_)) && !self.kept.successions.contains(signed) {
                self.kept.successions.push((*signed).clone());
                self.announced.push((*signed).clone());
            }
        }
    }

    fn root(&mut self, signed: &Signed, root: &Root) -> Judged<(Vec<RowRef>, bool)> {
        if self.lost.as_ref().and_then(Root::of).is_some_and(|lost| lost.key == root.key) {
            return Err("đây chính là gốc cũ: hãy bỏ --new-root, hoặc đưa gốc mới".into());
        }
        match self.kept.root.as_ref().and_then(Root::of) {
            None => {
                self.kept.root = Some(signed.clone());
                Ok((self.at_the_top(signed), false))
            }
            // Again, for whoever stands at the top by now.
            Some(_) if self.kept.root.as_ref() == Some(signed) => Ok((self.at_the_top(signed), true)),
            // The first words of a root that is believed stay.
            Some(_) if self.kept.keyring().knows_root(&root.fingerprint()) => Ok((Vec::new(), true)),
            Some(first) => Err(format!(
                "máy chủ đã có gốc tin cậy “{}”, các điện thoại chỉ tin gốc đó: gốc khác phải do chính gốc đó nối tiếp; nếu \
                 gốc đó đã mất, làm theo mục “Mất khóa gốc” trong hướng dẫn vận hành",
                first.name
            )),
        }
    }

    fn succession(&mut self, signed: &Signed, of: &Succession) -> Judged<(Vec<RowRef>, bool)> {
        if !self.kept.keyring().knows_root(&sha256_hex(&of.root.0)) {
            return Err("gốc nói về gốc khác ở đây không phải gốc mà máy chủ tin".into());
        }
        Ok((self.at_the_top(signed), !self.announced.contains(signed)))
    }

    fn at_the_top(&self, signed: &Signed) -> Vec<RowRef> {
        self.tops.iter().map(|top| root_at(*top, signed)).collect()
    }

    fn certificate(&mut self, signed: &Signed, of: &Certificate) -> Judged<(Vec<RowRef>, bool)> {
        if !self.organisations.contains(&of.organisation) {
            return Err(format!(
                "tổ chức “{}” trong chứng thư không có trên máy chủ này",
                of.organisation_name
            ));
        }
        let sha256 = signed.sha256();
        let stood = self.kept.certificates.insert(sha256.clone(), signed.clone()).is_some();
        let keyring = self.kept.keyring();
        if of.duties.is_empty() || of.until <= of.from {
            return Err("chứng thư không có việc nào hoặc không có thời hạn".into());
        }
        if of.holder == Holder::Organisation {
            if !keyring.knows_root(&sha256_hex(&of.issuer.0)) {
                return Err(distrusted(Distrust::ForeignRoot));
            }
        } else {
            self.chained(&keyring, &sha256, of).map_err(distrusted)?;
        }
        Ok((vec![certificate_at(of.organisation, signed)], stood))
    }

    /// From its first certificate on, phones believe nothing of an organisation that is not signed. What it published before
    /// without a signature has to be dated before.
    fn begins(&self, reader: &(impl Reader + ?Sized), of: &Certificate) -> Stored<Judged<()>> {
        let first = of.holder == Holder::Organisation
            && of.duties.contains(&Duty::Publish)
            && !self.kept.keyring().publishes(of.organisation, of.from);
        if !first {
            return Ok(Ok(()));
        }
        let dates = unsigned_dates(reader, of.organisation)?;
        let after: BTreeSet<_> = dates.into_iter().filter(|date| begin_of(*date) >= of.from).collect();
        Ok(after.last().map_or(Ok(()), |last| {
            Err(format!(
                "có văn bản ghi ngày {} đã ban hành không có chữ ký: từ khi chứng thư có hiệu lực, điện thoại không tin văn \
                 bản thiếu chữ ký nữa. Hãy lập chứng thư có hiệu lực từ sau ngày đó",
                last.format("%d/%m/%Y")
            ))
        }))
    }

    /// One that held when it was made may still be needed for what was signed then.
    fn chained(&self, keyring: &Keyring, sha256: &str, of: &Certificate) -> Result<(), Distrust> {
        let upward: Vec<Id> = self.tree.upward(of.organisation).collect();
        let may = |duty: &Duty, at| match duty {
            // A cell's secretary is certified from above.
            Duty::Secretary => keyring.secretary(sha256, &upward, at).map(drop),
            duty => keyring.chain(sha256, *duty, at).map(drop),
        };
        let holds = |at| of.duties.iter().try_for_each(|duty| may(duty, at));
        holds(of.from).or_else(|why| holds(self.now).map_err(|_| why))
    }

    /// Whether it is for somebody here, with the key that they have.
    fn holder(&self, reader: &(impl Reader + ?Sized), of: &Certificate) -> Stored<Judged<()>> {
        Ok(match &of.holder {
            Holder::Organisation => Ok(()),
            Holder::Server { server } if *server != self.server.id() => {
                Err("chứng thư này của máy chủ khác".into())
            }
            Holder::Server { .. } if of.key != self.server.receipts.key() => {
                Err("khóa trong chứng thư không phải của máy chủ này: hãy lập lại yêu cầu bằng “sotay-server trust request”"
                    .into())
            }
            Holder::Server { .. } => Ok(()),
            Holder::Officer { member, device, .. } => match reader.device(*device)? {
                Some(known) if known.member == *member && known.key == of.key.0 => Ok(()),
                Some(_) => Err("khóa trong chứng thư không phải của thiết bị được cấp".into()),
                None => Err("máy chủ không biết thiết bị được cấp chứng thư này".into()),
            },
        })
    }

    /// Which device an order is for, and whose it is: one that phones obey, of a device that was taken off before.
    fn wipe(&self, reader: &(impl Reader + ?Sized), of: &Wipe) -> Stored<Judged<(Device, Id)>> {
        let Some(device) = reader.device(of.device)? else {
            return Ok(Err("máy chủ không biết thiết bị trong lệnh xóa này".into()));
        };
        if device.key != of.key.0 {
            return Ok(Err("khóa trong lệnh xóa không phải của thiết bị đó".into()));
        }
        if device.revoked_at.is_none() {
            return Ok(Err(format!(
                "thiết bị này chưa bị thu hồi: hãy chạy “sotay-server device revoke {}” trước, rồi nhập lại lệnh xóa",
                device.id
            )));
        }
        let keyring = self.kept.keyring();
        let judged = of.judge(&keyring, &super::wipe::above(reader, &device)?, self.now);
        let by = keyring.certificate(&of.by).map(|by| by.organisation);
        Ok(judged
            .map_err(no_order)
            .and_then(|_| Ok((device, by.ok_or_else(|| no_order(Distrust::Missing))?))))
    }

    fn revocations(&mut self, signed: &Signed, list: &Revocations) -> Judged<(Vec<RowRef>, bool)> {
        let keyring = self.kept.keyring();
        let by_root = keyring.knows_root(&sha256_hex(&list.issuer.0));
        let whose: BTreeSet<Id> = keyring
            .certificates()
            .filter(|(_, of)| of.holder == Holder::Organisation && of.key == list.issuer)
            .map(|(_, of)| of.organisation)
            .collect();
        if !by_root && whose.is_empty() {
            return Err(
                "danh sách thu hồi do một khóa không quen biết ký: hãy nhập chứng thư của tổ chức trước"
                    .into(),
            );
        }
        let last = self.kept.revocations.insert(list.issuer.clone(), signed.clone());
        let stood = last.as_ref() == Some(signed);
        if let (Some(last), false) = (last.as_ref().and_then(Revocations::of), stood) {
            follows(&last, list)?;
        }
        let at = if by_root { self.tops.clone() } else { whose.into_iter().collect() };
        Ok((at.into_iter().map(|of| revocations_at(of, &list.issuer)).collect(), stood))
    }
}

fn no_order(why: Distrust) -> String {
    match why {
        Distrust::Missing => "chưa có chứng thư của bên ra lệnh: hãy nhập cùng lúc",
        Distrust::WrongDuty | Distrust::WrongHolder => "chứng thư của bên ra lệnh không có việc thu hồi thiết bị",
        Distrust::WrongOrganisation => "bên ra lệnh không phải cấp trên của đảng viên giữ thiết bị đó",
        Distrust::NotValidThen => "chứng thư của bên ra lệnh đã hết hạn, hoặc chưa có hiệu lực: hãy lập lại lệnh bằng chứng thư còn hạn",
        Distrust::Revoked => "chứng thư của bên ra lệnh đã bị thu hồi: bên khác phải lập lại lệnh",
        other => return distrusted(other),
    }
    .into()
}

/// Whether who believes the new root believes of each organisation all that was believed under the old one, until now.
fn keeps_all(before: &Keyring, after: &Keyring, now: Timestamp) -> Judged<()> {
    let stood = before.certificates().filter(|(sha256, of)| {
        of.holder == Holder::Organisation && matches!(before.organisation_chain(sha256, of.from), Ok(None))
    });
    for (_, old) in stood {
        let covers = |of: &Certificate| {
            let same = of.organisation == old.organisation && of.key == old.key;
            same && of.from <= old.from
                && of.until >= old.until.min(now)
                && of.duties.is_superset(&old.duties)
        };
        let believed = after.certificates().filter(|(_, of)| of.holder == Holder::Organisation && covers(of));
        if !believed.into_iter().any(|(sha256, of)| after.organisation_chain(sha256, of.from).is_ok()) {
            return Err(format!(
                "gốc mới chưa cấp cho “{}” chứng thư thay chứng thư cũ: hãy cấp cho đúng khóa cũ của tổ chức đó, có giá trị từ \
                 ngày {} hoặc sớm hơn (sotay-keys organisation certify … --from), rồi nhập cùng lúc; nếu không, văn bản đã ký \
                 sẽ không còn là thật trên máy ghi danh lại",
                old.organisation_name,
                vietnam::clock(old.from).format("%d/%m/%Y")
            ));
        }
    }
    Ok(())
}

/// A list with a higher number, and all that the last one named as it was or earlier: nothing revoked comes back.
fn follows(last: &Revocations, list: &Revocations) -> Judged<()> {
    if list.number <= last.number {
        return Err(format!(
            "danh sách thu hồi số {} cũ hơn danh sách số {} đã có: hãy lấy danh sách mới nhất",
            list.number, last.number
        ));
    }
    let since: BTreeMap<_, _> =
        list.revoked.iter().map(|entry| (entry.certificate.as_str(), entry.bad_since)).collect();
    let keeps = last
        .revoked
        .iter()
        .all(|entry| since.get(entry.certificate.as_str()).is_some_and(|at| *at <= entry.bad_since));
    if keeps {
        Ok(())
    } else {
        Err("danh sách thu hồi mới thiếu chứng thư đã bị thu hồi từ trước".into())
    }
}

fn distrusted(why: Distrust) -> String {
    match why {
        Distrust::Missing => "chưa có chứng thư của tổ chức đã cấp chứng thư này: hãy nhập cùng lúc",
        Distrust::ForeignRoot => "chứng thư do một gốc mà máy chủ không tin ký: hãy nhập gốc tin cậy trước",
        Distrust::WrongParent => "tổ chức đã ký chứng thư này không được cấp cho tổ chức hay việc đó",
        Distrust::NotValidThen => "chứng thư này nằm ngoài thời hạn của chứng thư tổ chức đã cấp",
        Distrust::Revoked => "chứng thư này đã bị thu hồi",
        _ => "chứng thư không dùng được",
    }
    .into()
}
