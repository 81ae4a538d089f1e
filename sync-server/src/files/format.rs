//! What a file is, told by its first bytes; names lie.

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// XLSX, XLS or CSV: [`crate::spreadsheet::sheets`] tells them apart.
    Sheets,
    Word,
    Markdown,
    Pdf,
}

impl Format {
    const ALL: [Self; 4] = [Self::Sheets, Self::Word, Self::Markdown, Self::Pdf];

    /// As it is said to a child.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Sheets => "sheets",
            Self::Word => "word",
            Self::Markdown => "markdown",
            Self::Pdf => "pdf",
        }
    }

    /// The format that a child is told by this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// # Errors
    /// What the file seems to be instead, and what to do.
    pub fn of_document(name: &str, bytes: &[u8]) -> Result<Self, String> {
        // Programs that mail files put a few bytes before the head of a PDF; its readers look as far.
        let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
        if head.windows(5).any(|window| window == b"%PDF-") {
            return Ok(Self::Pdf);
        }
        if head.starts_with(b"PK") || head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            if head.windows(OPEN_DOCUMENT.len()).any(|window| window == OPEN_DOCUMENT) {
                return Err("đây là tệp OpenDocument (.odt); hãy mở rồi lưu lại dưới dạng .docx".into());
            }
            return Ok(Self::Word);
        }
        if head.starts_with(b"{\\rtf") {
            return Err("đây là tệp RTF; hãy mở bằng Word rồi lưu lại dưới dạng .docx".into());
        }
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "md" | "markdown" | "txt" => Ok(Self::Markdown),
            "pdf" => Err("đây không phải tệp PDF, hoặc tệp bị hỏng; hãy chép lại tệp gốc".into()),
            "docx" | "doc" => {
                Err("đây không phải tệp Word (.docx), hoặc tệp bị hỏng; hãy chép lại tệp gốc".into())
            }
            _ => Err("chỉ nhận tệp .docx (Word), .pdf hoặc .md (Markdown)".into()),
        }
    }
}

const OPEN_DOCUMENT: &[u8] = b"application/vnd.oasis.opendocument";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        assert_eq!(Format::of_document("ke-hoach.docx", b"\r\n%PDF-1.7"), Ok(Format::Pdf));
        assert_eq!(Format::of_document("ke-hoach.pdf", b"PK\x03\x04"), Ok(Format::Word));
        assert_eq!(Format::of_document("ke-hoach.MD", "# Kế hoạch".as_bytes()), Ok(Format::Markdown));
        for (name, bytes, says) in [
            ("a.pdf", &b"hello"[..], "PDF"),
            ("a.docx", b"", ".docx"),
            ("a.doc", b"{\\rtf1", "RTF"),
            ("a.png", b"\x89PNG", ".docx (Word), .pdf"),
            ("a.odt", b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.text", "OpenDocument"),
        ] {
            assert!(Format::of_document(name, bytes).unwrap_err().contains(says), "{name}");
        }
    }
}
