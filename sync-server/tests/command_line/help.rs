//! What the help of each command says, in which language and in what order.

use crate::office::Office;

#[test]
fn the_help_of_every_command_speaks_vietnamese() {
    let office = Office::new();
    for command in [
        "",
        "serve",
        "import",
        "publish",
        "directives",
        "original",
        "code",
        "codes",
        "member transfer",
        "device revoke",
        "device target",
        "my-data",
        "retention set",
        "purge",
        "trust import",
        "trust request",
        "move",
        "backup",
        "restore",
    ] {
        let help = office.says(format!("{command} --help").trim());
        for english in
            ["Usage", "Options", "OPTIONS", "Arguments", "Commands", "COMMAND", "Print ", "[env", "values:"]
        {
            assert!(!help.contains(english), "{command}: {english}\n{help}");
        }
    }
}

/// Examples, and numbers and names as people type them, are Vietnamese in any language.
#[test]
fn the_help_of_every_command_speaks_english_to_who_asks_for_it() {
    let office = Office::new();
    let is_vietnamese = |letter: char| !letter.is_ascii() && !"…’".contains(letter);
    for command in [
        "",
        "serve",
        "import",
        "import members",
        "import template roles",
        "export",
        "publish",
        "withdraw",
        "directives",
        "original",
        "code",
        "codes",
        "member transfer",
        "member end-role",
        "device list",
        "device revoke",
        "device target",
        "member forget",
        "my-data",
        "retention",
        "retention set",
        "purge",
        "trust import",
        "trust request",
        "move",
        "backup",
        "restore",
        "openapi",
    ] {
        let help = office.says(format!("{command} --lang en --help").trim());
        assert!(help.contains("\nUsage: sotay-server"), "{command}: {help}");
        for line in help.lines().filter(|line| !line.starts_with("  sotay-server")) {
            let foreign = line.replace("17-KH/ĐU", "");
            assert!(!foreign.contains(is_vietnamese), "{command}: {line}");
        }
    }
    assert!(office.says("--help").contains("Cách dùng"), "and Vietnamese to everybody else");
    let mut by_variable = office.command(&["withdraw", "17-KH/ĐU"]);
    let said = by_variable.env("SOTAY_LANG", "en").output().unwrap();
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(
        said.starts_with("Error: the following required arguments") && said.contains("--reason"),
        "{said}"
    );
    let slip = office.complains(&["--lang", "en", "publsh"]);
    assert!(slip.contains("unrecognized subcommand 'publsh'") && slip.lines().count() == 1, "{slip}");
    let store = office.complains(&["--lang", "en", "--db", "no/where.db", "serve"]);
    assert!(store.starts_with("Error: there is no folder no: make it"), "{store}");
    assert!(office.complains(&["--lang", "fr", "serve"]).contains("“fr”"));
}

#[test]
fn every_help_ends_with_what_every_command_has_and_names_every_key_of_the_settings() {
    let office = Office::new();
    for command in ["serve", "publish", "withdraw", "member transfer", "device revoke", "import members"] {
        let help = office.says(&format!("{command} --help"));
        let places =
            ["--db <", "--config <", "--lang <", "-h, --help"].map(|option| help.find(option).expect(option));
        assert!(places.is_sorted(), "{command}: {help}");
        let after = help[places[0]..].split("Ví dụ").next().unwrap();
        let options = after.lines().filter(|line| line.trim_start().starts_with('-')).count();
        assert_eq!(options, 4, "{command}: {help}");
    }
    // What the help names is taken, and what is taken is named.
    let help = office.says("serve --help").split_whitespace().collect::<Vec<_>>().join(" ");
    let keys = help.split("với các khóa ").nth(1).unwrap().split(" [").next().unwrap().to_owned();
    let values = [
        ("db", "'xa.db'"),
        ("listen", "'nơi nào:1'"),
        ("log_format", "'json'"),
        ("log", "'error'"),
        ("min_app", "1"),
        ("push", "'unifiedpush'"),
        ("push_inside", "true"),
        ("tls_cert", "'xa.pem'"),
        ("tls_key", "'xa.key'"),
        ("plain_behind_proxy", "true"),
    ];
    assert_eq!(keys, values.map(|(key, _)| key).join(", "));
    let settings = values.map(|(key, value)| format!("{key} = {value}\n")).concat();
    office.write("du.toml", &settings);
    assert!(office.complains(&["--config", "du.toml", "serve"]).contains("nơi nào:1"));
    office.write("thua.toml", "nghe = 1\n");
    assert!(office.complains(&["--config", "thua.toml", "serve"]).contains(&keys));
    for variable in ["SOTAY_PUSH", "SOTAY_PUSH_INSIDE"] {
        assert!(help.contains(variable), "{help}");
    }
}

#[test]
fn the_help_teaches_by_examples() {
    let office = Office::new();
    for (words, expected) in [
        (vec!["--help"], "Lần đầu sử dụng"),
        (vec!["publish", "--help"], "Ví dụ:"),
        (vec!["import", "--help"], "Họ và tên; Ngày sinh"),
        (vec!["serve", "--help"], "SIGTERM"),
    ] {
        assert!(office.says_all(&words).contains(expected), "{words:?}");
    }
    assert!(office.says("openapi").contains("\"openapi\": \"3.1.0\""));
}
