//! Names put together from what is common in the hills of the north; whoever bears one of them is not meant.

use super::dice::Dice;

/// The first ones stand for most of the people.
const FAMILIES: [&str; 33] = [
    "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Phạm", "Hoàng", "Phan",
    "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Dương", "Lý", "Đinh", "Hà", "Hà", "Trịnh", "Lương", "Cao", "Tạ", "Lò",
    "Quàng", "Bàn", "Triệu", "Vi", "Nông", "Đào",
];

const MIDDLES_OF_MEN: [&str; 14] = [
    "Văn", "Văn", "Văn", "Hữu", "Đức", "Công", "Quang", "Đình", "Xuân", "Ngọc", "Thanh", "Quốc", "Bá", "Thế",
];

const MIDDLES_OF_WOMEN: [&str; 12] = [
    "Thị",
    "Thị",
    "Thị",
    "Thị Thu",
    "Thị Thanh",
    "Thị Hồng",
    "Thị Bích",
    "Ngọc",
    "Thu",
    "Thúy",
    "Thị Lệ",
    "Thị Mỹ",
];

const MEN: [&str; 54] = [
    "An",
    "Bách",
    "Bằng",
    "Bảo",
    "Cảnh",
    "Chiến",
    "Chung",
    "Cường",
    "Dân",
    "Duy",
    "Đạt",
    "Điệp",
    "Đoàn",
    "Đông",
    "Hải",
    "Hậu",
    "Hiển",
    "Hiếu",
    "Hoan",
    "Huy",
    "Khải",
    "Khánh",
    "Khoa",
    "Kiên",
    "Lâm",
    "Lợi",
    "Long",
    "Luân",
    "Lực",
    "Mạnh",
    "Nam",
    "Nghĩa",
    "Nhân",
    "Phong",
    "Phương",
    "Quân",
    "Quý",
    "Quyết",
    "Sáng",
    "Sơn",
    "Tài",
    "Tâm",
    "Thái",
    "Thắng",
    "Thành",
    "Thịnh",
    "Thuận",
    "Tiến",
    "Toàn",
    "Trường",
    "Tuấn",
    "Tùng",
    "Việt",
    "Vinh",
];

const WOMEN: [&str; 46] = [
    "An",
    "Anh",
    "Bình",
    "Chi",
    "Châu",
    "Dung",
    "Duyên",
    "Điệp",
    "Đào",
    "Hà",
    "Hạnh",
    "Hằng",
    "Hiền",
    "Hoa",
    "Hồng",
    "Huệ",
    "Hương",
    "Huyền",
    "Khuyên",
    "Lệ",
    "Liên",
    "Loan",
    "Lương",
    "Luyến",
    "Ly",
    "Mận",
    "Mơ",
    "Nga",
    "Nguyệt",
    "Nhàn",
    "Nhung",
    "Oanh",
    "Phượng",
    "Quyên",
    "Quỳnh",
    "Tâm",
    "Thảo",
    "Thơm",
    "Thủy",
    "Trang",
    "Tuyết",
    "Tươi",
    "Vân",
    "Xoan",
    "Yến",
    "Yên",
];

pub(super) fn name(dice: &mut Dice, female: bool) -> String {
    let family = dice.pick(&FAMILIES);
    let (middle, given) = if female {
        (dice.pick(&MIDDLES_OF_WOMEN), dice.pick(&WOMEN))
    } else {
        (dice.pick(&MIDDLES_OF_MEN), dice.pick(&MEN))
    };
    format!("{family} {middle} {given}")
}
