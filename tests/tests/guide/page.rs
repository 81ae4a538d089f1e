//! The guide as text: its sections, and in them what is typed and what is then to be seen.

const GUIDE: &str = include_str!("../../../docs/OPERATING.md");

/// One command of the guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// At whose machine it is typed: the word before `$`.
    pub(crate) machine: String,
    pub(crate) command: String,
    /// Lines that are to be seen, in this order. `…` stands for anything, `«name»` for a word to be noted and used later.
    pub(crate) seen: Vec<String>,
}

/// The steps under a heading, up to the next heading of its level or above.
pub(crate) fn steps(heading: &str) -> Vec<Step> {
    let level = |line: &str| line.chars().take_while(|letter| *letter == '#').count();
    let mut lines = GUIDE.lines().skip_while(|line| level(line) == 0 || !line.ends_with(heading));
    let begun = lines.next().unwrap_or_else(|| panic!("the guide has no heading “{heading}”"));
    let mut fenced = false;
    let mut section = Vec::new();
    for line in lines {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced && (1..=level(begun)).contains(&level(line)) {
            break;
        }
        section.push(line);
    }
    read(&section)
}

fn read(section: &[&str]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut console, mut goes_on) = (false, false);
    for line in section {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            console = kind == "console";
            continue;
        }
        if !console {
            continue;
        }
        if goes_on {
            let command = &mut steps.last_mut().unwrap().command;
            command.push('\n');
            command.push_str(line);
        } else if let Some((machine, command)) = typed(line) {
            steps.push(Step { machine: machine.to_owned(), command: command.to_owned(), seen: Vec::new() });
        } else if !line.trim().is_empty() {
            steps.last_mut().unwrap().seen.push((*line).to_owned());
        }
        goes_on = (goes_on || typed(line).is_some()) && line.ends_with('\\');
    }
    steps
}

/// `may-chu$ sotay-server …`
fn typed(line: &str) -> Option<(&str, &str)> {
    let (machine, command) = line.split_once("$ ")?;
    let is_name = |letter: u8| letter.is_ascii_lowercase() || letter == b'-';
    (!machine.is_empty() && machine.bytes().all(is_name)).then_some((machine, command))
}

/// What a wildcard line says of `output`, which is in one line: where it ends, and what it noted. `None` where it is not
/// there.
pub(crate) fn find<'o>(line: &str, output: &'o str) -> Option<(&'o str, Vec<(String, String)>)> {
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut noted = Vec::new();
    let (mut rest, mut left) = (line.as_str(), output);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('…') {
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('«').and_then(|rest| rest.split_once('»')) {
            let left_here = left.trim_start();
            let end = left_here.find(' ').unwrap_or(left_here.len());
            noted.push((name.to_owned(), left_here[..end].to_owned()));
            (rest, left) = (after, &left_here[end..]);
        } else {
            let end = rest.find(['…', '«']).unwrap_or(rest.len());
            let literal = &rest[..end];
            let at = left.find(literal.trim())?;
            (rest, left) = (&rest[end..], &left[at + literal.trim().len()..]);
        }
    }
    Some((left, noted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_seen_is_found_and_what_varies_is_noted() {
        let (left, noted) = find("Mã của … là «mã»", "a Mã của đồng chí Lan là ABCD-EF xong").unwrap();
        assert_eq!((left, noted), (" xong", vec![("mã".to_owned(), "ABCD-EF".to_owned())]));
        assert_eq!(find("Mã của … là", "Mã của đồng chí Lan"), None);
    }

    #[test]
    fn a_block_is_read_as_commands_and_what_follows_each() {
        let page = [
            "```sh",
            "not this",
            "```",
            "```console",
            "may-chu$ a \\",
            "  --b",
            "x",
            "mai$ c",
            "```",
            "mai$ prose",
        ];
        let step = |machine: &str, command: &str, seen: &[&str]| Step {
            machine: machine.into(),
            command: command.into(),
            seen: seen.iter().map(|line| (*line).to_owned()).collect(),
        };
        assert_eq!(read(&page), [step("may-chu", "a \\\n  --b", &["x"]), step("mai", "c", &[])]);
    }
}
