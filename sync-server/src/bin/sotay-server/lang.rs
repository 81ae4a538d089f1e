//! Vietnamese, and for an operator who wants it, English: the help, what was typed wrong, and the store's troubles. What the
//! commands say of people, lists and directives is said in Vietnamese, as it stands in them.

use std::sync::OnceLock;

use sotay_server::{ServerError, store::StoreError};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Lang {
    #[default]
    Vi,
    En,
}

static SPOKEN: OnceLock<Lang> = OnceLock::new();

impl Lang {
    /// Looked for by hand, before the command line is understood: what cannot be understood as a whole may still say its
    /// language, and help is written in it.
    pub(crate) fn typed() -> Self {
        *SPOKEN.get_or_init(|| {
            let typed: Vec<String> =
                std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
            wanted(&typed, &std::env::var("SOTAY_LANG").unwrap_or_default())
        })
    }

    pub(crate) fn say<'t>(self, vietnamese: &'t str, english: &'t str) -> &'t str {
        match self {
            Self::Vi => vietnamese,
            Self::En => english,
        }
    }
}

fn wanted(typed: &[String], variable: &str) -> Lang {
    let said = |lang: &str| {
        let joined = format!("--lang={lang}");
        typed.windows(2).any(|pair| pair == ["--lang", lang]) || typed.contains(&joined)
    };
    if said("en") || (variable == "en" && !said("vi")) { Lang::En } else { Lang::Vi }
}

/// A trouble of the server's, for the person at the keyboard.
pub(crate) trait Told {
    fn told(&self, lang: Lang) -> String;
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err calls it")]
pub(crate) fn told(error: impl Told) -> String {
    error.told(Lang::typed())
}

impl Told for ServerError {
    fn told(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Store(error), _) => error.told(lang),
            (Self::Refused(why), Lang::Vi) => why.clone(),
            (Self::Refused(why), Lang::En) => format!("refused, in the office's words: {why}"),
        }
    }
}

impl Told for StoreError {
    fn told(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::Vi, _) => self.to_string(),
            (Lang::En, error) => english(error),
        }
    }
}

fn english(error: &StoreError) -> String {
    match error {
        StoreError::Full => "the disk is full: make room and run this again, nothing was half written".into(),
        StoreError::NoFolder(path) => {
            format!("there is no folder {path}: make it, or choose another file with --db")
        }
        StoreError::NoAccess(path) => {
            format!("file {path} cannot be opened: look at the rights to read and write it and its folder")
        }
        StoreError::NotADatabase(path) => {
            format!("file {path} is no database of sotay-server: choose another file with --db")
        }
        StoreError::Newer => {
            "the database is of a newer version than this program: update sotay-server, the file was not changed".into()
        }
        StoreError::Damaged(path) => format!("file {path} is damaged and cannot be used: choose another backup"),
        StoreError::Busy => "the database is busy: try again in a moment".into(),
        StoreError::GivenUp(why) => format!("given up: {why}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_known_before_the_rest_is_understood() {
        let typed = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (words, variable, expected) in [
            ("sotay-server --help", "", Lang::Vi),
            ("sotay-server --lang en --help", "", Lang::En),
            ("sotay-server publish --lang=en --nonsense", "", Lang::En),
            ("sotay-server serve", "en", Lang::En),
            ("sotay-server serve --lang vi", "en", Lang::Vi),
            ("sotay-server serve", "fr", Lang::Vi),
        ] {
            assert_eq!(wanted(&typed(words), variable), expected, "{words} {variable}");
        }
    }

    #[test]
    fn a_trouble_of_the_store_is_told_in_either_language() {
        let error = ServerError::Store(StoreError::NoFolder("/srv".into()));
        assert!(error.told(Lang::Vi).contains("không có thư mục /srv"));
        assert_eq!(
            error.told(Lang::En),
            "there is no folder /srv: make it, or choose another file with --db"
        );
    }
}
