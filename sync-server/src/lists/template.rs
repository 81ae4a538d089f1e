//! Templates: an empty list to fill in, the same list filled in by way of example, and what each column takes.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet};

use super::{EXAMPLES, GUIDE, List, WorkbookError, xlsx};
use crate::spreadsheet::Sheet;

const HEADER: [(&str, f64); 4] = [("Cột", 20.0), ("Bắt buộc", 10.0), ("Cách ghi", 70.0), ("Ví dụ", 32.0)];

/// Letters that fit beside each other in the widest column, and how high a line of them is, in points.
const LINE: usize = 72;
const LINE_HEIGHT: f64 = 15.0;

impl List {
    /// # Errors
    /// What the writer of workbooks gives; not met.
    pub fn template(&self) -> Result<Vec<u8>, WorkbookError> {
        let mut workbook = Workbook::new();
        self.fill(workbook.add_worksheet(), &self.sheet([]))?;
        let examples = Sheet {
            name: EXAMPLES.into(),
            ..self.sheet(self.examples.iter().map(|line| self.example(line)))
        };
        self.fill(workbook.add_worksheet(), &examples)?;
        self.explain(workbook.add_worksheet())?;
        Ok(workbook.save_to_buffer()?)
    }

    fn explain(&self, to: &mut Worksheet) -> Result<(), WorkbookError> {
        to.set_name(GUIDE)?;
        xlsx::on_paper(to);
        let (title, words) = (Format::new().set_bold().set_font_size(14), Format::new());
        to.write_string_with_format(0, 0, format!("Cách điền danh sách “{}”", self.name), &title)?;
        let steps = [
            format!(
                "1. Điền vào trang tính “{}”, mỗi dòng một mục, ngay dưới dòng tiêu đề; xem trang tính “{EXAMPLES}”.",
                self.name
            ),
            "2. Giữ nguyên tên các cột. Có thể đổi thứ tự cột; cột không bắt buộc có thể để trống."
                .to_owned(),
            format!("3. Trang tính “{EXAMPLES}” và “{GUIDE}” không được nhập, có thể để lại hoặc xóa."),
            "4. Xem trước khi nhập: thêm --dry-run vào lệnh nhập, chưa có gì được ghi.".to_owned(),
        ];
        for (step, row) in steps.iter().zip(1..) {
            to.write_string_with_format(row, 0, step, &words)?;
        }
        let (header, wrapped) = (xlsx::header(), Format::new().set_text_wrap().set_align(FormatAlign::Top));
        let top = 6;
        for ((name, width), at) in HEADER.into_iter().zip(0..) {
            to.set_column_width(at, width)?;
            to.write_string_with_format(top, at, name, &header)?;
        }
        let example = self.examples.first().copied().unwrap_or_default();
        let columns = self.columns().zip(self.columns).zip(example);
        for (((name, column), example), row) in columns.zip(top + 1..) {
            // No program makes room for wrapped words by itself in a file that it did not write.
            let lines = column.guide.chars().count().div_ceil(LINE).max(1);
            to.set_row_height(row, LINE_HEIGHT * f64::from(u32::try_from(lines).unwrap_or(1)))?;
            let required = if column.required { "Có" } else { "Không" };
            for (text, at) in [name, required, column.guide, example].into_iter().zip(0..) {
                to.write_string_with_format(row, at, text, &wrapped)?;
            }
        }
        Ok(())
    }
}
