//! Two versions side by side, and the choice between them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sotay_core::{
    handbook::HandbookError,
    outbox::{Choice, Conflict, Field, Item, Resolution, RowState, Theirs},
    search::fold::fold,
    words::{Lang, Words},
};

use crate::{
    Desk, Failure, Outcome,
    args::ChangeArgs,
    attention::{chosen, done, listed, next},
    meetings::change,
};

/// What was typed: fields by name, and those written anew.
pub(super) struct Typed {
    pub mine: Vec<String>,
    pub theirs: Vec<String>,
    pub both: Vec<String>,
    pub change: ChangeArgs,
}

pub(super) async fn show(desk: &Desk<'_>, number: usize) -> Outcome {
    let words = desk.words();
    let item = listed(desk, number).await?.ok_or(HandbookError::NotFound)?;
    let conflict = match item.state {
        RowState::Conflicted { .. } => Some(desk.handbook.commands().conflict(item.entry).await?),
        _ => None,
    };
    desk.screen.show(&json!({ "item": item, "conflict": conflict }), || {
        let mut out = vec![format!("{}, {}", desk.screen.bold(&item.deed), words.moment(item.made_at))];
        out.extend(desk.screen.wrapped(&words.row_state(&item.state), 0));
        out.extend(words.tries(&item.tries));
        if let Some(written) = &item.written {
            out.extend(desk.screen.wrapped(&format!("“{written}”"), 0));
        }
        match &conflict {
            Some(conflict) => out.extend(versions(desk, words, number, conflict)),
            None if item.needs_attention => out.push(next(words, number, &item)),
            None => {}
        }
        out
    });
    Ok(())
}

fn versions(desk: &Desk<'_>, words: Words, number: usize, conflict: &Conflict) -> Vec<String> {
    let mut out = Vec::new();
    for field in &conflict.fields {
        out.push(String::new());
        let alone = words.say("chỉ đồng chí sửa", "changed by you alone");
        let note = if field.differs { String::new() } else { format!(" ({alone})") };
        out.push(format!("{}{note}", desk.screen.bold(&field.name)));
        let mut line = |vi: &str, en: &str, value: &Value| {
            let value = words.field_value(&field.field, value);
            out.extend(desk.screen.hanging(&format!("{}:", words.say(vi, en)), &value, 2));
        };
        if let Some(was) = &field.was {
            line("trước đó", "before", was);
        }
        line("bản của tôi", "mine", &field.mine);
        if conflict.theirs != Theirs::Gone {
            line("bản hiện có", "current", &field.theirs);
        }
        if let Some(together) = &field.together {
            line("gộp cả hai", "both", together);
        }
    }
    out.push(String::new());
    out.push(match (conflict.theirs, words.lang) {
        (Theirs::Gone | Theirs::Told, Lang::Vi) => {
            format!("Mục này không còn ở đây, chỉ có thể bỏ qua: sotay attention dismiss {number}")
        }
        (Theirs::Gone | Theirs::Told, Lang::En) => {
            format!("It is no longer here and can only be let go: sotay attention dismiss {number}")
        }
        (Theirs::Standing, Lang::Vi) => format!(
            "Chọn từng mục: sotay attention resolve {number} --mine MỤC --theirs MỤC; tất cả của tôi: sotay attention keep-mine {number}; tất cả bản hiện có: sotay attention dismiss {number}"
        ),
        (Theirs::Standing, Lang::En) => format!(
            "Field by field: sotay attention resolve {number} --mine FIELD --theirs FIELD; all mine: sotay attention keep-mine {number}; all current: sotay attention dismiss {number}"
        ),
    });
    out
}

pub(super) async fn resolve(desk: &Desk<'_>, number: usize, typed: Typed) -> Outcome {
    let words = desk.words();
    let item: Item = chosen(desk, number).await?;
    let commands = desk.handbook.commands();
    let conflict = commands.conflict(item.entry).await?;
    let fields = choices(&conflict, typed, words)?;
    if let Some(open) = undecided(&conflict, &fields) {
        return Err(Failure::Said(match words.lang {
            Lang::Vi => format!("Còn chưa chọn: {open}; xem: sotay attention show {number}"),
            Lang::En => format!("Not decided yet: {open}; see: sotay attention show {number}"),
        }));
    }
    let entry = commands.resolve(item.entry, Resolution::Fields(fields), Some(conflict.seen)).await?;
    let said = match entry {
        Some(_) => words.say("Đã chọn, sẽ gửi lại", "Chosen, will be sent again"),
        None => words.say("Đã lấy bản hiện có", "The current one is taken"),
    };
    done(desk, entry.unwrap_or(item.entry), said);
    Ok(())
}

fn undecided(conflict: &Conflict, chosen: &BTreeMap<String, Choice>) -> Option<String> {
    let open = conflict.fields.iter().filter(|field| field.differs && !chosen.contains_key(&field.field));
    let names: Vec<&str> = open.map(|field| field.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// One choice for a field: of two, one would be lost without a word.
fn choose(
    fields: &mut BTreeMap<String, Choice>,
    field: &Field,
    choice: Choice,
    words: Words,
) -> Result<(), Failure> {
    match fields.insert(field.field.clone(), choice) {
        None => Ok(()),
        Some(_) => Err(Failure::Said(match words.lang {
            Lang::Vi => format!("Mục “{}” được chọn hai lần; mời đồng chí chọn một", field.name),
            Lang::En => format!("\"{}\" is chosen twice; choose once", field.name),
        })),
    }
}

fn choices(conflict: &Conflict, typed: Typed, words: Words) -> Result<BTreeMap<String, Choice>, Failure> {
    let mut fields = BTreeMap::new();
    for (names, mine) in [(typed.mine, true), (typed.theirs, false)] {
        for name in names {
            let choice = if mine { Choice::Mine } else { Choice::Theirs };
            choose(&mut fields, field(conflict, &name, words)?, choice, words)?;
        }
    }
    for name in typed.both {
        let field = field(conflict, &name, words)?;
        let both = field.together.clone().ok_or_else(|| {
            Failure::Said(match words.lang {
                Lang::Vi => {
                    format!("Không gộp được mục “{}”; mời đồng chí chọn một bản hoặc viết lại", field.name)
                }
                Lang::En => format!("\"{}\" cannot be put together; choose one or write it anew", field.name),
            })
        })?;
        choose(&mut fields, field, Choice::Value(both), words)?;
    }
    let of = change(words, typed.change);
    let anew = [
        ("title", of.title.map(Value::from)),
        ("starts_at", of.starts_at.map(|at| Value::from(at.millis()))),
        ("place", of.place.map(Value::from)),
        ("link", of.link.map(Value::from)),
        ("agenda", of.agenda.map(Value::from)),
    ];
    for (name, value) in anew {
        if let Some(value) = value {
            choose(&mut fields, field(conflict, name, words)?, Choice::Value(value), words)?;
        }
    }
    Ok(fields)
}

/// By the name that is shown, with or without its marks, or by that of the data.
fn field<'a>(conflict: &'a Conflict, typed: &str, words: Words) -> Result<&'a Field, Failure> {
    let wanted = fold(typed);
    let found = conflict.fields.iter().find(|of| fold(&of.name) == wanted || of.field == typed.trim());
    found.ok_or_else(|| {
        let names: Vec<&str> = conflict.fields.iter().map(|of| of.name.as_str()).collect();
        let names = names.join(", ");
        Failure::Said(match words.lang {
            Lang::Vi => format!("Không có mục “{typed}”; các mục là: {names}"),
            Lang::En => format!("There is no \"{typed}\"; the fields are: {names}"),
        })
    })
}
