//! The guides for who writes an app: their code is taken out of their own text, compiled and run.

use std::path::Path;

/// More are no guide for beginning.
const LINES: usize = 30;

/// Writes the first block of that language as a source file.
pub(super) fn write(guide: &Path, language: &str, into: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(guide).map_err(|error| format!("{}: {error}", guide.display()))?;
    let code =
        block(&text, language).ok_or_else(|| format!("{} has no {language} in it", guide.display()))?;
    let lines = code.lines().filter(|line| !line.trim().is_empty()).count();
    if lines > LINES {
        return Err(format!("{}: {lines} lines of code are more than {LINES}", guide.display()));
    }
    let written =
        into.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(into, code));
    written.map_err(|error| format!("{}: {error}", into.display()))
}

fn block<'a>(text: &'a str, language: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("\n```{language}\n"))?;
    rest.split_once("\n```").map(|(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::block;

    #[test]
    fn the_first_block_of_the_language_is_taken_whole() {
        let text = "Một.\n```sh\ncargo\n```\nHai.\n```kotlin\nval a = 1\nval b = 2\n```\n```kotlin\nval c = 3\n```\n";
        assert_eq!(block(text, "kotlin"), Some("val a = 1\nval b = 2"));
        assert_eq!(block(text, "swift"), None);
    }
}
