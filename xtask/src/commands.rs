//! What can be typed after `cargo xtask`, and the list that a bare `cargo xtask` prints.

use std::collections::BTreeSet;

use crate::test::Part;

/// One developer command. Words of a program of `sotay-tests` are handed on as typed: it knows its own flags.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    List,
    Demo(Vec<String>),
    Test(BTreeSet<Part>),
    Sim(Vec<String>),
    Bench(Vec<String>),
    Faults(Vec<String>),
    Sample(Vec<String>),
    Bindings(Vec<String>),
    Android(Vec<String>),
    Ios(Vec<String>),
    Size,
    Fuzz(Vec<String>),
    Deny(Vec<String>),
    Sbom(Vec<String>),
    Authz(Vec<String>),
    Fmt,
}

const LIST: [(&str, &str); 15] = [
    ("demo [--once]", "build, start a server, play the whole story; --once ends after it"),
    ("test [PART…]", "all that must hold, or by part: lint, rust, sim, demo, faults, kotlin, swift"),
    (
        "sim [--seeds N] [--seed N] [--trace] [--sqlcipher] [--planted]",
        "simulated histories, their faults and invariants",
    ),
    ("bench NAME [--json FILE]", "figures beside the floor of the same run, for instance: bench sync"),
    (
        "faults NAME",
        "real processes under kill -9, bad networks, full disks: kill, badnet, diskfull, resume, link",
    ),
    ("sample DIR", "write the sample commune as files to import and publish"),
    (
        "bindings [DIR | --check | --update]",
        "build the apps' library and generate Kotlin and Swift for the packages, or into DIR; --check compares its surface with bindings/surface.txt",
    ),
    (
        "android [DIR] [--check]",
        "the library for Android's processors as an AAR, and its Kotlin; --check says what is missing",
    ),
    (
        "ios [DIR] [--check]",
        "the library for iPhone and simulator as an XCFramework, and its Swift; on a Mac",
    ),
    ("size", "how large the library is, released and stripped: 8 MB at most"),
    (
        "fuzz [READER…] [--seconds N]",
        "broken input into each, 600 s unless said: sheets, word, markdown, pdf, papers, frames, commands, codes, scans",
    ),
    (
        "deny [--update]",
        "licences, bans, sources and known flaws of the crates; --update brings the snapshot of advisories up to date",
    ),
    ("sbom [FILE]", "what is linked into the programs and the library that we give out, as CycloneDX"),
    ("authz [--check] [--lang en]", "who may do what, as a table; --check finds what has no row"),
    ("fmt", "format all Rust code"),
];

/// Every command with a line each.
pub(crate) fn list() -> String {
    let width = LIST.iter().map(|(usage, _)| usage.chars().count()).max().unwrap_or(0);
    let mut text = String::from("cargo xtask COMMAND\n\n");
    for (usage, purpose) in LIST {
        text.push_str(&format!("  {usage:width$}  {purpose}\n"));
    }
    text
}

impl Command {
    pub(crate) fn parse(words: &[String]) -> Result<Self, String> {
        let Some((name, rest)) = words.split_first() else { return Ok(Self::List) };
        match name.as_str() {
            "help" | "--help" | "-h" => Ok(Self::List),
            "demo" => Ok(Self::Demo(rest.to_vec())),
            "test" => Ok(Self::Test(parts(rest)?)),
            "sim" => Ok(Self::Sim(rest.to_vec())),
            "bench" => Ok(Self::Bench(rest.to_vec())),
            "faults" => Ok(Self::Faults(rest.to_vec())),
            "sample" => Ok(Self::Sample(rest.to_vec())),
            "bindings" => Ok(Self::Bindings(rest.to_vec())),
            "android" => Ok(Self::Android(rest.to_vec())),
            "ios" => Ok(Self::Ios(rest.to_vec())),
            "size" if rest.is_empty() => Ok(Self::Size),
            "size" => Err("cargo xtask size takes nothing more".into()),
            "fuzz" => Ok(Self::Fuzz(rest.to_vec())),
            "deny" => Ok(Self::Deny(rest.to_vec())),
            "sbom" => Ok(Self::Sbom(rest.to_vec())),
            "authz" => Ok(Self::Authz(rest.to_vec())),
            "fmt" if rest.is_empty() => Ok(Self::Fmt),
            "fmt" => Err("cargo xtask fmt takes nothing more".into()),
            _ => Err(format!("no command is called \"{name}\"\n\n{}", list())),
        }
    }
}

/// No part named means all of them.
fn parts(words: &[String]) -> Result<BTreeSet<Part>, String> {
    if words.is_empty() {
        return Ok(Part::ALL.into());
    }
    words.iter().map(|word| Part::named(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn nothing_and_help_list_every_command() {
        for line in ["", "help", "--help", "-h"] {
            assert_eq!(parse(line), Ok(Command::List));
        }
        for name in [
            "demo", "test", "sim", "bench", "faults", "sample", "bindings", "android", "ios", "size", "fuzz",
            "deny", "sbom", "authz", "fmt",
        ] {
            assert!(list().contains(&format!("\n  {name}")), "{name} is not listed");
            assert_ne!(parse(name), Ok(Command::List));
        }
    }

    #[test]
    fn a_programs_words_are_handed_on_as_typed() {
        let words = ["--seed", "7", "--trace"].map(String::from).to_vec();
        assert_eq!(parse("sim --seed 7 --trace"), Ok(Command::Sim(words)));
        assert_eq!(parse("demo --once"), Ok(Command::Demo(vec!["--once".into()])));
    }

    #[test]
    fn test_takes_parts_in_any_order_and_each_once() {
        assert_eq!(parse("test"), Ok(Command::Test(Part::ALL.into())));
        assert_eq!(parse("test swift kotlin"), Ok(Command::Test([Part::Kotlin, Part::Swift].into())));
        assert_eq!(parse("test sim lint sim"), Ok(Command::Test([Part::Lint, Part::Sim].into())));
    }

    #[test]
    fn an_unknown_word_is_named() {
        assert!(
            parse("dmeo")
                .is_err_and(|message| message.contains("\"dmeo\"") && message.contains("demo [--once]"))
        );
        assert!(
            parse("test rsut").is_err_and(|message| message.contains("\"rsut\"") && message.contains("rust"))
        );
        assert!(parse("fmt core").is_err());
    }
}
