//! Every table of the server and of the phone, and every kind of row, with what of it is of a person.

/// Rows of all kinds: [`KINDS`] says what each holds.
pub(super) const ROWS: &str = "rows";
/// Nothing in it is of a person.
pub(super) const NOBODY: &str = "";

/// A table: its columns stand in words with spaces between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    /// Key of an entry, `rows`, or nothing.
    pub entry: &'static str,
    pub personal: &'static str,
    pub other: &'static str,
}

const fn of(entry: &'static str, name: &'static str, personal: &'static str, other: &'static str) -> Table {
    Table { name, entry, personal, other }
}

const fn nobody(name: &'static str, other: &'static str) -> Table {
    Table { name, entry: NOBODY, personal: "", other }
}

/// Kinds of rows; under no entry stands what is of organisations and of nobody in particular.
pub const KINDS: &[(&str, &str)] = &[
    ("address", ""),
    ("attendance", "attendance"),
    ("attendance_note", "reasons"),
    ("audit_head", ""),
    ("case", "feedback"),
    ("certificate", "signatures"),
    ("claim", "check_ins"),
    ("device", "devices"),
    ("directive", ""),
    ("draft", "mentions"),
    ("meeting", "mentions"),
    ("meeting_report", ""),
    ("membership", "places"),
    ("opening", "check_ins"),
    ("organisation", ""),
    ("pass_key", "devices"),
    ("profile", "profile"),
    ("revocations", "signatures"),
    ("role", "places"),
    ("root", ""),
    ("roster_entry", "places"),
    ("thread", "feedback"),
];

pub const SERVER: &[Table] = &[
    of("codes", "activation", "member until tries key device", "hash"),
    of(ROWS, "archive", "author body at", "scope kind id happened belongs_to version made"),
    of("audit", "audit", "actor deed rows at", "organisation number previous hash"),
    nobody("backup", "one made_at"),
    of("feedback", "blob", "scope hash size", "kept_by"),
    of("feedback", "blob_part", "bytes", "kept_by hash at"),
    nobody("blob_use", "scope kind id hash"),
    of("check_ins", "claim", "member claim", "cell meeting position"),
    of("console", "console", "key value", "kind until"),
    of(
        "devices",
        "device",
        "id member key name made_at last_exchange_at revoked_at",
        "count last_number forked_from",
    ),
    of(ROWS, "entry", "author body at", "scope kind id seq version made happened belongs_to dated"),
    of("devices", "heard", "device not_heard_at heard_at", "highest"),
    of("profile", "member", "id birth card profile", ""),
    of("places", "membership", "member cell from_at until_at", ""),
    nobody("organisation", "id parent name level"),
    of("check_ins", "outbox", "errand", "scope id at"),
    of("commands", "outcome", "device signature outcome at text row", "number hash"),
    of("devices", "push", "device provider token", ""),
    nobody("retention", "kind from_at days basis set_by set_at"),
    of("places", "role", "member organisation office from_at until_at", ""),
    nobody("scope", "scope epoch head floor purges clearing"),
    nobody("scrub", "one since"),
    nobody("server", "one id epoch key"),
    nobody("unused", "kept_by hash"),
    of("feedback", "upload", "device hash size at", "id have verified kept_by"),
    nobody("upload_wait", "device hash number"),
];

/// Without the tables of rows, one for each of [`KINDS`].
pub const PHONE: &[Table] = &[
    of(ROWS, "base", "author body", "scope kind id epoch seq generation version"),
    of("feedback", "blob", "hash size opened_at wanted_at used_at", "key scope have whole tries problem"),
    of("feedback", "blob_part", "bytes", "blob at"),
    nobody("brought", "entry scope hash size"),
    of(
        "commands",
        "command",
        "text signature made_at settled_at tried_at outcome",
        "entry device number kind scope row_kind row_id needs state failures effect_epoch effect_seq folded \
         kept_until again",
    ),
    of(
        "keys",
        "device",
        "device member member_name key_seed fork_seed seal_secret last_sync token push",
        "one url server count next_number epoch batch suspect min_app token_until clock_off want_from clock_unsure \
         server_key next_url url_at",
    ),
    of("devices", "compared_device", "id keys", ""),
    nobody("drawn", "kind drawing toward after"),
    of("keys", "enrolling", "code birth device_name key_seed", "one url root"),
    nobody("given_wrap", "message device"),
    of("feedback", "letter", "topic words files writer", "key scope kind id message why"),
    of("reading", "file_setting", "quota unmetered_only", "one"),
    nobody("named", "key scope kind id hash name media size"),
    of("reading", "opened", "id", ""),
    nobody("pinned_root", "one text signature compared"),
    nobody("quarantine", "directive"),
    nobody("scope", "scope epoch seq generation resetting begun"),
    nobody("search", "head words"),
    nobody("search_config", "k v"),
    nobody("search_data", "id block"),
    nobody("search_docsize", "id origin sz"),
    nobody("search_idx", "segid term pgno"),
    of("feedback", "sealed_file", "name size media file hash", "letter scope"),
    nobody("search_letter", "topic words"),
    nobody("search_letter_config", "k v"),
    nobody("search_letter_data", "id block"),
    nobody("search_letter_docsize", "id origin sz"),
    nobody("search_letter_idx", "segid term pgno"),
    nobody("taken_in", "kind name text signature"),
    nobody("to_index", "directive"),
    nobody("to_judge", "directive"),
    nobody("to_open", "key scope kind id"),
    of("keys", "told_keys", "device signing text signature", ""),
    nobody("trust", "one keys taken lists_at set_back above refused_wipe"),
    nobody("unopened", "directive"),
    of(ROWS, "unread", "author body", "scope kind id epoch seq generation version tried"),
    nobody("upload", "hash device have sure"),
    nobody("verdict", "directive statement ruling"),
];
