//! Enrolment and its kin: activation codes, devices bound to members, forks of copied stores, revocation.

use std::time::Duration;

use sotay_protocol::{
    enrol::{EnrolAnswer, EnrolRequest, ForkAnswer, ForkRequest, new_code, normal_code},
    env::{Timestamp, days},
    id::Id,
    limits,
    problem::{Problem, ProblemCode},
    scope::Scope,
};

use crate::{
    attendance::devices_changed,
    audit, devices,
    error::{ServerError, problem},
    restore::{self, Revoker},
    server::Server,
    store::{Activation, Device, Result as Stored, Transaction},
    trust::Kept,
};

/// How long a code serves.
const CODE_LIFE: Duration = days(14);
/// Wrong dates of birth after which a code is locked.
const TRIES: u32 = 10;
/// An Ed25519 key.
const KEY_BYTES: usize = 32;

type Answer<T> = Result<T, Problem>;

impl Server {
    /// Binds the key of a request to the member of its code. The same key gets the same answer again
    /// until the code expires: an answer lost on a bad network must lock nobody out.
    ///
    /// # Errors
    /// A typed problem; a wrong date of birth is counted against the code.
    pub fn enrol(&self, request: &EnrolRequest) -> Answer<EnrolAnswer> {
        check_key(&request.key.0)?;
        if request.device_name.len() > limits::LINE {
            return Err(Problem::new(ProblemCode::TooLarge, "Tên thiết bị quá dài."));
        }
        let code = normal_code(&request.code).ok_or_else(code_wrong)?;
        if !request.proves_key() {
            return Err(Problem::new(ProblemCode::BadSignature, "Chữ ký của thiết bị không đúng."));
        }
        let (hash, new_id) = (self.code_hash(&code), Id::random(&*self.env));
        let now = self.env.now();
        let activation = self.store.read_with(|reader| reader.activation(&hash));
        let activation = activation.map_err(|error| problem(&error))?.ok_or_else(code_wrong)?;
        let own = Scope::member(activation.member);
        let answer = self.store.write_with(&[own], |tx| self.bind(tx, request, &hash, new_id, now));
        let answer = answer.map_err(|error| problem(&error))?;
        if answer.is_ok() {
            self.tell(&[own].into(), None);
        }
        answer
    }

    fn bind(
        &self,
        tx: &mut dyn Transaction,
        request: &EnrolRequest,
        hash: &[u8],
        new_id: Id,
        now: Timestamp,
    ) -> Stored<Answer<EnrolAnswer>> {
        let Some(activation) = tx.activation(hash)? else { return Ok(Err(code_wrong())) };
        if activation.until <= now {
            return Ok(Err(Problem::new(ProblemCode::CodeExpired, "Mã kích hoạt đã hết hạn.")));
        }
        let bound_to_this = activation.key.as_ref() == Some(&request.key.0);
        if activation.tries >= TRIES && !bound_to_this {
            return Ok(Err(Problem::new(
                ProblemCode::TooManyTries,
                "Mã kích hoạt đã bị khóa vì nhập sai ngày sinh nhiều lần: hãy xin mã mới.",
            )));
        }
        let member = tx.member(activation.member)?;
        let Some(member) = member.filter(|member| member.profile.birth == request.birth) else {
            tx.put_activation(&Activation { tries: activation.tries + 1, ..activation })?;
            return Ok(Err(code_wrong()));
        };
        let device = match activation.device {
            Some(device) if bound_to_this => device,
            Some(_) => {
                let used = "Mã kích hoạt đã được dùng cho thiết bị khác: hãy xin mã mới.";
                return Ok(Err(Problem::new(ProblemCode::CodeUsed, used)));
            }
            None => match self.device_for(tx, request, member.id, new_id, now)? {
                Ok(device) => device,
                Err(problem) => return Ok(Err(problem)),
            },
        };
        if activation.device.is_none() {
            let home = audit::home(&*tx, member.id, self.id(), now)?;
            let deed = audit::Deed { actor: member.id, deed: audit::ENROL, at: now };
            audit::note(tx, home, deed, &[device, member.id])?;
        }
        let key = Some(request.key.0.clone());
        tx.put_activation(&Activation { key, device: Some(device), ..activation })?;
        let epoch = tx.server()?.map_or(1, |server| server.epoch);
        Ok(Ok(EnrolAnswer {
            server: self.id(),
            device,
            member: member.id,
            member_name: member.profile.name,
            epoch,
            root: Kept::root(&*tx)?,
            server_key: Some(self.receipts.key()),
        }))
    }

    /// A new device, or the one that this key is already.
    fn device_for(
        &self,
        tx: &mut dyn Transaction,
        request: &EnrolRequest,
        member: Id,
        new_id: Id,
        now: Timestamp,
    ) -> Stored<Answer<Id>> {
        match tx.device_with_key(&request.key.0)? {
            Some(device) if device.member == member && device.revoked_at.is_none() => Ok(Ok(device.id)),
            Some(_) => Ok(Err(key_taken())),
            None => {
                let with_rights = |device: &&Device| device.revoked_at.is_none();
                if tx.devices_of(member)?.iter().filter(with_rights).count() >= self.devices {
                    return Ok(Err(too_many_devices(self.devices)));
                }
                let name = request.device_name.trim().to_owned();
                let device = new_device(new_id, member, request.key.0.clone(), name, None, now);
                tx.put_device(&device)?;
                devices::stand(tx, self.id(), &device, now)?;
                devices_changed(tx, member, now)?;
                Ok(Ok(new_id))
            }
        }
    }

    /// A copied store gets an id of its own. The same request again is answered the same.
    ///
    /// # Errors
    /// A typed problem.
    pub fn fork(&self, request: &ForkRequest) -> Answer<ForkAnswer> {
        check_key(&request.key.0)?;
        let (new_id, now) = (Id::random(&*self.env), self.env.now());
        let unknown = || {
            let what = "Máy chủ không biết thiết bị này: hãy kích hoạt lại, dữ liệu trên máy vẫn giữ nguyên.";
            Problem::new(ProblemCode::UnknownDevice, what)
        };
        let old = self.store.read_with(|reader| reader.device(request.device));
        let own = Scope::member(old.map_err(|error| problem(&error))?.ok_or_else(unknown)?.member);
        let answer = self.store.write_with(&[own], |tx| {
            let old = tx.lock_device(request.device)?.filter(|old| old.may_enter("post", "/v1/fork"));
            let Some(old) = old else { return Ok(Err(unknown())) };
            if !request.verifies(&sotay_protocol::signature::Base64(old.key.clone())) {
                let wrong = "Chữ ký của thiết bị không đúng.";
                return Ok(Err(Problem::new(ProblemCode::BadSignature, wrong)));
            }
            let epoch = tx.server()?.map(|server| server.epoch);
            match tx.device_with_key(&request.key.0)? {
                Some(known) if known.forked_from == Some(old.id) => {
                    Ok(Ok(ForkAnswer { device: known.id, epoch }))
                }
                Some(_) => Ok(Err(key_taken())),
                None => {
                    let key = request.key.0.clone();
                    let fork = new_device(new_id, old.member, key, old.name, Some(old.id), now);
                    tx.put_device(&fork)?;
                    devices::stand(tx, self.id(), &fork, now)?;
                    devices_changed(tx, old.member, now)?;
                    let home = audit::home(&*tx, old.member, self.id(), now)?;
                    let deed = audit::Deed { actor: old.member, deed: audit::FORK, at: now };
                    audit::note(tx, home, deed, &[new_id, old.id])?;
                    Ok(Ok(ForkAnswer { device: new_id, epoch }))
                }
            }
        });
        answer.map_err(|error| problem(&error))?
    }

    /// A new activation code for a member, as it is to be printed; the server keeps only its hash.
    ///
    /// # Errors
    /// A sentence where there is no such member, or the store's.
    pub fn issue_code(&self, member: Id) -> Result<String, ServerError> {
        let printed = new_code(&*self.env);
        let code = normal_code(&printed).unwrap_or_default();
        let now = self.env.now();
        let until = now + CODE_LIFE;
        let hash = self.code_hash(&code);
        let known = self.store.write_with(&[], |tx| {
            if tx.member(member)?.is_none() {
                return Ok(false);
            }
            let activation =
                Activation { hash: hash.clone(), member, until, tries: 0, key: None, device: None };
            let home = audit::home(&*tx, member, self.id(), now)?;
            audit::note(tx, home, audit::Deed { actor: self.id(), deed: audit::CODE, at: now }, &[member])?;
            tx.put_activation(&activation).map(|()| true)
        })?;
        if known {
            Ok(printed)
        } else {
            Err(ServerError::refused("không có đảng viên này trên máy chủ"))
        }
    }

    fn code_hash(&self, code: &str) -> Vec<u8> {
        ring::hmac::sign(&self.key, format!("sotay/code/1\n{code}").as_bytes()).as_ref().to_vec()
    }

    /// Devices of a member, the oldest first.
    ///
    /// # Errors
    /// The store's.
    pub fn devices_of(&self, member: Id) -> Result<Vec<Device>, ServerError> {
        Ok(self.store.read_with(|reader| reader.devices_of(member))?)
    }

    /// The device has no rights from now on, nor have those that were forked from it; how many. It stands in the
    /// ledger before this returns, so that no restore takes it back.
    ///
    /// # Errors
    /// A sentence where there is no such device, or the store's.
    pub fn revoke_device(&self, device: Id) -> Result<usize, ServerError> {
        let unknown = || ServerError::refused("không có thiết bị này trên máy chủ");
        let known = self.store.read_with(|reader| reader.device(device))?.ok_or_else(unknown)?;
        let (own, now) = (Scope::member(known.member), self.env.now());
        let by = Revoker { ledger: self.ledger.as_ref(), server: self.id(), actor: self.id() };
        let revoked = self.store.write_with(&[own], |tx| {
            let revoked = restore::revoke(&by, tx, device, now)?.unwrap_or_default();
            for one in &revoked {
                devices::stand(tx, self.id(), one, now)?;
            }
            Ok(revoked.len())
        })?;
        self.tell(&[own].into(), None);
        Ok(revoked)
    }
}

pub(crate) fn new_device(
    id: Id,
    member: Id,
    key: Vec<u8>,
    name: String,
    forked_from: Option<Id>,
    made_at: Timestamp,
) -> Device {
    Device {
        id,
        member,
        key,
        name,
        count: 0,
        last_number: 0,
        forked_from,
        made_at,
        last_exchange_at: None,
        revoked_at: None,
    }
}

fn check_key(key: &[u8]) -> Answer<()> {
    if key.len() == KEY_BYTES {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::Malformed, "Khóa của thiết bị không đúng khuôn dạng."))
    }
}

fn code_wrong() -> Problem {
    Problem::new(ProblemCode::CodeWrong, "Mã kích hoạt hoặc ngày sinh không đúng.")
}

fn too_many_devices(most: usize) -> Problem {
    let what = format!(
        "Đồng chí đã có {most} máy dùng sổ tay, là mức nhiều nhất. Hãy thu hồi bớt một máy không dùng nữa (trên máy khác của \
         đồng chí, mục Thiết bị, hoặc nhờ văn phòng cấp ủy), rồi kích hoạt lại bằng mã này."
    );
    Problem::new(ProblemCode::TooManyDevices, what)
}

fn key_taken() -> Problem {
    Problem::new(ProblemCode::BadSignature, "Khóa này thuộc thiết bị khác: hãy tạo khóa mới rồi thử lại.")
}
