//! Mai brings the list of offices.

use super::*;
use crate::spreadsheet::sheets;

fn roles(rows: &[&str]) -> Result<Vec<RoleRecord>, String> {
    let file = format!("Họ tên;Sinh ngày;Số thẻ ĐV;Tổ chức đảng;Chức vụ Đảng\n{}\n", rows.join("\n"));
    let read = sheets(file.as_bytes()).and_then(|sheets| read(&sheets)).map_err(|errors| report(&errors))?;
    Ok(read.records)
}

#[test]
fn each_office_is_a_record_and_a_member_is_known_by_card_or_birth() {
    let read = roles(&[
        "Lê Thị Hòa;;10003;Chi bộ thôn Đồi Chè;Bí thư",
        "Nguyễn Thị Mai;01/02/1988;;Đảng ủy xã Yên Sơn;Cán bộ văn phòng, Ủy viên",
    ])
    .unwrap();
    let seen: Vec<_> =
        read.iter().map(|role| (role.name.as_str(), role.card.as_deref(), role.office)).collect();
    assert_eq!(
        seen,
        [
            ("Lê Thị Hòa", Some("10003"), Office::Secretary),
            ("Nguyễn Thị Mai", None, Office::Staff),
            ("Nguyễn Thị Mai", None, Office::CommitteeMember),
        ]
    );
    assert_eq!(read[1].birth, NaiveDate::from_ymd_opt(1988, 2, 1));
    assert_eq!((read[1].organisation.as_str(), read[1].place.line), ("Đảng ủy xã Yên Sơn", 3));
}

#[test]
fn each_slip_is_named_with_its_line() {
    for (row, reason) in [
        ("Lan;;;Chi bộ A;Bí thư", "cần ghi số thẻ đảng hoặc ngày sinh để biết là đồng chí nào"),
        (";;10003;Chi bộ A;Bí thư", "chưa ghi họ và tên"),
        ("Lan;;10003;;Bí thư", "chưa ghi tổ chức"),
        ("Lan;;10003;Chi bộ A;", "chưa ghi chức vụ"),
        ("Lan;;10003;Chi bộ A;Đảng viên", "“Đảng viên” không phải là chức vụ"),
        ("Lan;1985;10003;Chi bộ A;Bí thư", "ngày sinh “1985” chỉ có năm, thiếu ngày và tháng"),
    ] {
        assert_eq!(roles(&[row]).unwrap_err(), format!("Dòng 2: {reason}\n"));
    }
    let twice = "Lan;;10003;Chi bộ A;Bí thư";
    assert_eq!(roles(&[twice, twice]).unwrap_err(), "Dòng 3: chức vụ này của đồng chí đã có ở dòng 2\n");
}
