//! Why something was not accepted, and what to do next: one sentence each.

use sotay_protocol::refusal::Refusal;

use super::Words;

impl Words {
    /// The reason and the next step.
    #[must_use]
    pub fn refusal(&self, refusal: Refusal) -> &'static str {
        match refusal {
            Refusal::NotAllowed => self.say(
                "lúc làm, đồng chí hoặc máy này không có quyền làm việc này; mời đồng chí nhờ bí thư, phó bí thư",
                "you, or this device, had no right to do this then; please ask the secretary or deputy",
            ),
            Refusal::IdTaken => self.say(
                "mục này đã có người khác ghi; mời đồng chí cập nhật rồi ghi lại thành mục mới",
                "somebody else has written this already; update and write it as a new one",
            ),
            Refusal::NoSuchRow => self.say(
                "mục cần sửa không còn nữa; mời đồng chí cập nhật rồi xem lại",
                "what you changed is no longer there; update and look again",
            ),
            Refusal::UnknownKind => self.say(
                "máy chủ chưa biết việc này; mời đồng chí hỏi người quản trị, nội dung đã ghi vẫn giữ",
                "the server does not know this yet; ask its operator, what you wrote is kept",
            ),
            Refusal::Malformed => self.say(
                "nội dung không đúng dạng; mời đồng chí sửa rồi gửi lại",
                "the content has the wrong form; please correct it and send it again",
            ),
            Refusal::TooLarge => self.say(
                "nội dung quá dài; mời đồng chí rút ngắn rồi gửi lại",
                "it is too long; please shorten it and send it again",
            ),
            Refusal::Empty => self.say(
                "chưa có nội dung; mời đồng chí viết thêm rồi gửi lại",
                "there are no words in it; please write some and send it again",
            ),
            Refusal::WrongState => self.say(
                "cuộc họp không còn ở trạng thái làm được việc này; mời đồng chí hỏi bí thư chi bộ",
                "the meeting is no longer in a state that allows this; please ask the secretary",
            ),
            Refusal::NotAMember => self.say(
                "người này không có trong chi bộ; mời đồng chí cập nhật danh sách rồi xem lại",
                "this person is not in the cell; update the list and look again",
            ),
            Refusal::BadSignature => self.say(
                "chữ ký của máy này không khớp; mời đồng chí ghi danh lại máy, nội dung đã ghi vẫn giữ",
                "this device's signature does not fit; please enrol it again, what you wrote is kept",
            ),
            Refusal::DeviceRevoked => self.say(
                "máy này đã được gỡ khỏi sổ tay; lời đã viết vẫn giữ trên máy, mời đồng chí xin văn phòng cấp ủy mã mới để ghi danh lại rồi gửi lại",
                "this device was taken off the handbook; what was written is kept on it, ask the committee's office for a new code, enrol again and send it again",
            ),
            Refusal::NoRoom => self.say(
                "tệp của đồng chí trên máy chủ đã đầy chỗ; mời đồng chí bớt tệp kèm rồi gửi lại",
                "your files take up all your room on the server; send it again with fewer files",
            ),
            Refusal::NotCertified => self.say(
                "khóa ký trên máy này chưa được chứng nhận, đã hết hạn hoặc đã bị thu hồi; mời đồng chí xin chứng thư mới rồi \
                 ký lại",
                "the key on this device is not certified, no longer valid or revoked; ask for a new certificate and sign again",
            ),
            Refusal::DraftChanged => self.say(
                "dự thảo đã được sửa, đã ký hoặc đã trả lại từ trước; mời đồng chí cập nhật, đọc lại rồi mới ký",
                "the draft was changed, signed or returned meanwhile; update and read it again before you sign",
            ),
            Refusal::NoReceipt => self.say(
                "máy chủ chưa có chứng thư để xác nhận chữ ký; mời đồng chí báo người quản trị, xong thì ký lại",
                "the server has no certificate to receipt signatures with; tell its operator, then sign again",
            ),
            Refusal::SealedOnly => self.say(
                "phản ánh này niêm phong, lời không niêm phong không được nhận; mời đồng chí cập nhật ứng dụng rồi viết lại",
                "this thread is sealed and takes no plain words; please update the app and write it again",
            ),
            Refusal::DeskWithoutOfficers => self.say(
                "cấp ủy này chưa có máy cán bộ nào được cấp chứng thư để mở phản ánh niêm phong, nên chưa niêm phong gửi được; mời đồng chí gửi phản ánh thường hoặc hỏi văn phòng cấp ủy",
                "no officer's device of this committee is certified to open what is sealed yet; send it unsealed, or ask the committee's office",
            ),
            Refusal::NotOpenable => self.say(
                "phản ánh này niêm phong cho máy khác, máy này chưa mở được; mời đồng chí mở trên máy đã dùng để viết hoặc đọc nó rồi cập nhật cả hai máy",
                "this thread is sealed to another device and not openable here; open it on the device that wrote or read it, and update both",
            ),
            Refusal::ThisDevice => self.say(
                "đây là máy đồng chí đang dùng; máy nào cũng chỉ thu hồi được từ một máy khác, để đồng chí không tự khóa mình",
                "this is the device you are using; one is taken off from another only, so that nobody locks themselves out",
            ),
            Refusal::NotNamed => self.say(
                "máy này đọc được phản ánh nhưng cấp ủy chưa biết là của đồng chí; mời đồng chí viết thêm một lời từ máy đã gửi phản ánh, cập nhật cả hai máy, rồi viết tiếp từ máy này",
                "this device can read it, but the committee does not know yet that it is yours; write once more from the device that sent it, update both, and go on from here",
            ),
            Refusal::Other => self.say(
                "ứng dụng này chưa hiểu lý do của máy chủ; mời đồng chí cập nhật ứng dụng",
                "this app does not know the server's reason; please update the app",
            ),
        }
    }
}
