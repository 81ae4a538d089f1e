//! Directives of 2 KB and feedback, the same at every run: Vietnamese prose by a fixed seed.

use chrono::{Days, NaiveDate};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sotay_protocol::{
    directives::{Directive, DirectiveType, Number, Statement, Urgency},
    document::{Block, Document, Item, KnownBlock, Span},
    id::Id,
    row::body,
};

/// Who issues them.
pub const COMMITTEE: &str = "Đảng ủy xã Mường Lay";
/// Bytes of a directive's words.
const WORDS: usize = 2_000;

/// Its words are the vocabulary, each as often as it stands here.
const PROSE: &str = "\
thực hiện chương trình công tác năm của đảng ủy xã về nâng cao chất lượng sinh hoạt chi bộ và xây dựng nông thôn \
mới ở các bản vùng cao ban thường vụ yêu cầu các chi bộ trực thuộc quán triệt đầy đủ nội dung sau đây tới từng đảng \
viên trước kỳ họp gần nhất giữ vệ sinh đường làng ngõ xóm thu gom rác thải tại nguồn trồng cây xanh hai bên suối và \
khơi thông cống rãnh trước mùa mưa lũ mỗi hộ gia đình cử một người tham gia vào sáng chủ nhật đầu tháng cấp ủy phân \
công đồng chí phó bí thư theo dõi đôn đốc tổng hợp kết quả báo cáo về văn phòng đúng thời hạn quy định hỗ trợ người \
dân chuyển đổi giống chè mới bảo đảm nước tưới cho ruộng bậc thang phòng chống dịch bệnh trên đàn gia súc tiêm phòng \
dại cho chó mèo kiểm tra chuồng trại dự trữ rơm rạ khi rét đậm rét hại kéo dài nhà văn hóa thôn mở cửa buổi tối để bà \
con đọc sách tập văn nghệ học cách dùng điện thoại thông minh nộp hồ sơ trực tuyến tra cứu bảo hiểm y tế tuổi trẻ \
xung kích giúp cụ già neo đơn sửa mái tôn dựng lại hàng rào chở thóc về kho quỹ khuyến học trao quà cho học sinh \
nghèo vượt khó ngay lễ khai giảng công an xã tuyên truyền phòng cháy chữa cháy rừng không đốt nương khi gió lớn \
tuần tra các điểm dễ sạt lở lập danh sách hộ phải di dời bố trí chỗ ở tạm lương thực thuốc men đèn pin loa cầm tay \
kỷ luật phát ngôn trách nhiệm nêu gương của cán bộ được nhắc tới trong mỗi buổi họp ý kiến phản ánh của nhân dân phải \
có người nhận người trả lời hạn giải quyết rõ ràng không để kéo dài việc thu nộp đảng phí ghi sổ minh bạch công khai \
trên bảng tin cuối quý thủ quỹ đối chiếu với kế toán huyện cũ bàn giao đủ chứng từ mặt trận phụ nữ nông dân cựu chiến \
binh cùng vận động hiến đất mở đường bê tông liên bản dài bốn cây số rưỡi vốn nhà nước góp xi măng nhân dân góp ngày \
công cát sỏi lấy tại khe được phép khai thác trạm y tế khám sức khỏe định kỳ cho người cao tuổi phát thuốc huyết áp \
đo đường huyết ghi phiếu hẹn tái khám lớp xóa mù chữ mở vào tối thứ ba thứ năm thầy giáo biên phòng đứng lớp bữa trưa \
bán trú có thêm rau sạch vườn trường chợ phiên dời sang bãi mới gần cầu treo biển chỉ dẫn đặt từ ngã ba xe tải nặng \
cấm qua lúc tan học";

struct Writer {
    chance: ChaCha8Rng,
    vocabulary: Vec<&'static str>,
}

impl Writer {
    fn new(subject: u64, index: usize) -> Self {
        let chance = ChaCha8Rng::seed_from_u64(subject << 32 | index as u64);
        Self { chance, vocabulary: PROSE.split_whitespace().collect() }
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.chance.next_u32()).unwrap_or(0) % most.max(1)
    }

    fn word(&mut self) -> &'static str {
        let at = self.below(self.vocabulary.len());
        self.vocabulary.get(at).copied().unwrap_or_default()
    }

    /// Words with a capital at the beginning and a full stop, about `bytes` long.
    fn sentence(&mut self, bytes: usize) -> String {
        let mut text = String::new();
        while text.len() < bytes {
            let word = self.word();
            if text.is_empty() {
                let mut letters = word.chars();
                text.extend(letters.next().into_iter().flat_map(char::to_uppercase).chain(letters));
            } else {
                text.push(' ');
                text.push_str(word);
            }
        }
        text.push('.');
        text
    }

    fn paragraph(&mut self, bytes: usize) -> String {
        let mut text = String::new();
        while text.len() < bytes {
            let most = (bytes - text.len()).min(60 + self.below(120));
            text.push_str(&self.sentence(most));
            text.push(' ');
        }
        text.trim_end().to_owned()
    }
}

/// The `index`th directive; another edition differs in its words.
#[must_use]
pub fn statement(index: usize, edition: u64, committee: Id) -> Statement {
    let mut writer = Writer::new(edition, index);
    let mut blocks = vec![Block::heading(1, "I. Mục đích, yêu cầu")];
    blocks.extend((0..3).map(|_| Block::paragraph(writer.paragraph(WORDS / 6))));
    blocks.push(Block::heading(1, "II. Nội dung"));
    let item = |number: usize, text| Item {
        number: Some(format!("{number}.")),
        spans: vec![Span::plain(text)],
        ..Item::default()
    };
    let items = (1..=4).map(|number| item(number, writer.sentence(WORDS / 14))).collect();
    blocks.push(Block::Known(KnownBlock::List { items }));
    let document = Document::new(blocks);
    let missing = WORDS.saturating_sub(document.text().len());
    let mut blocks = document.blocks;
    blocks.push(Block::paragraph(writer.paragraph(missing)));
    let first = NaiveDate::from_ymd_opt(2018, 1, 2).unwrap_or_default();
    let days = Days::new(index as u64 % 2_800);
    Statement {
        directive_type: DirectiveType::KeHoach,
        number: Number {
            ordinal: u32::try_from(index + 1).unwrap_or(u32::MAX),
            code: "KH".into(),
            issuer: "ĐU".into(),
        },
        issuer: committee,
        issuer_name: COMMITTEE.into(),
        date: first.checked_add_days(days).unwrap_or(first),
        abstract_: writer.sentence(80),
        urgency: Urgency::Normal,
        document: Document::new(blocks),
        original: None,
    }
}

/// The row's body, as the server keeps it and the phone gets it.
/// # Errors
/// Where a body cannot be written, which does not happen.
pub fn directive(
    index: usize,
    edition: u64,
    committee: Id,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let directive = Directive::of(&statement(index, edition, committee));
    Ok(serde_json::to_string(&body(&directive))?)
}

/// Topic and words of the `index`th feedback, 400 bytes together.
#[must_use]
pub fn feedback(index: usize) -> (String, String) {
    let mut writer = Writer::new(u64::from(u32::MAX), index);
    (writer.sentence(60), writer.paragraph(340))
}
