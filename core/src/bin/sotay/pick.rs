//! Which row is meant: its number in the list, the beginning or end of its id, or words only it has.

use sotay_core::{
    handbook::HandbookError,
    search::fold::fold,
    words::{Lang, Words},
};
use sotay_protocol::id::Id;

use crate::Failure;

/// A row as it can be named.
pub(crate) struct Named {
    pub id: Id,
    pub name: String,
}

/// The one row of `rows`, in the order of their list, that `typed` names.
pub(crate) fn pick(typed: &str, rows: &[Named], words: Words) -> Result<Id, Failure> {
    let typed = typed.trim();
    if typed.len() <= 3
        && let Ok(number) = typed.parse::<usize>()
        && let Some(row) = number.checked_sub(1).and_then(|at| rows.get(at))
    {
        return Ok(row.id);
    }
    let by_id: Vec<&Named> = rows.iter().filter(|row| is_part_of(typed, row.id)).collect();
    if let [row] = by_id.as_slice() {
        return Ok(row.id);
    }
    let wanted = fold(typed);
    let named: Vec<&Named> = rows.iter().filter(|row| has_words(&fold(&row.name), &wanted)).collect();
    let exact: Vec<&Named> = named.iter().copied().filter(|row| fold(&row.name) == wanted).collect();
    let candidates = if exact.is_empty() { named } else { exact };
    match candidates.as_slice() {
        [row] => Ok(row.id),
        [] if by_id.is_empty() => Err(HandbookError::NotFound.into()),
        [] => Err(ambiguous(typed, &by_id, words)),
        several => Err(ambiguous(typed, several, words)),
    }
}

fn is_part_of(typed: &str, id: Id) -> bool {
    let typed = typed.replace('-', "").to_lowercase();
    let id = id.to_string().replace('-', "");
    typed.len() >= 4 && (id.starts_with(&typed) || id.ends_with(&typed))
}

/// Whole words, in their order: "Tư" is not "Tường".
fn has_words(name: &str, wanted: &str) -> bool {
    !wanted.is_empty() && format!(" {name} ").contains(&format!(" {wanted} "))
}

fn ambiguous(typed: &str, candidates: &[&Named], words: Words) -> Failure {
    let names: Vec<String> = candidates
        .iter()
        .take(5)
        .map(|row| format!("{} ({})", row.name, crate::screen::short(row.id)))
        .collect();
    let names = names.join("; ");
    Failure::Said(match words.lang {
        Lang::Vi => {
            format!("“{typed}” có thể là nhiều mục: {names}; mời đồng chí gõ rõ hơn hoặc gõ số thứ tự")
        }
        Lang::En => {
            format!("\"{typed}\" could be several: {names}; type more of it, or its number in the list")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_named_by_number_id_or_words() {
        let words = crate::now_in(Lang::Vi);
        let named = |name: &str| Named { id: Id::derived(name, &[]), name: name.to_owned() };
        let rows =
            [named("Nguyễn Thị Lan"), named("Trần Văn Tư"), named("Lê Văn Tường"), named("Phạm Thị Lan")];
        let of = |typed: &str| pick(typed, &rows, words).ok();
        assert_eq!(of("2"), Some(rows[1].id));
        assert_eq!(of("tu"), Some(rows[1].id));
        assert_eq!(of("Văn Tường"), Some(rows[2].id));
        assert_eq!(of("nguyen thi lan"), Some(rows[0].id));
        assert_eq!(of("Lan"), None);
        assert_eq!(of("9"), None);
        let id = rows[3].id.to_string();
        assert_eq!(of(&id), Some(rows[3].id));
        assert_eq!(of(&id[..9]), Some(rows[3].id));
        assert_eq!(of(&id[30..]), Some(rows[3].id));
        assert_eq!(of(""), None);
    }
}
