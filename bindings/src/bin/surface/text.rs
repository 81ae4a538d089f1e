//! The surface as text, one line for each thing that an app can name.
//!
//! Types and methods stand in the order of their names, for it means nothing where they stand in the source. Fields,
//! variants and the calls of a callback keep theirs: by it they cross.

use std::collections::BTreeMap;

use uniffi_meta::{
    CustomTypeMetadata, DefaultValueMetadata, EnumMetadata, EnumShape, FieldMetadata, FnParamMetadata,
    LiteralMetadata, Metadata, ObjectImpl, RecordMetadata, TraitKind, Type, UniffiTraitMetadata,
};

/// Headings, in order, each with its lines.
type Surface = BTreeMap<String, Vec<String>>;

pub(crate) fn of(items: &[Metadata]) -> String {
    let mut surface = Surface::new();
    let objects = headings(items);
    let mut items: Vec<&Metadata> = items.iter().collect();
    items.sort_by_key(|item| if let Metadata::TraitMethod(of) = item { of.index } else { 0 });
    for item in items {
        add(&mut surface, &objects, item);
    }
    for lines in surface.iter_mut().filter(|(heading, _)| heading.starts_with("object ")).map(|of| of.1) {
        lines.sort();
    }
    let mut text = String::new();
    for (heading, lines) in &surface {
        text.push_str(&format!("{heading}\n"));
        lines.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Under which heading the methods of an object or a callback stand.
fn headings(items: &[Metadata]) -> BTreeMap<&str, String> {
    let heading = |item| match item {
        &Metadata::Object(ref of) => Some((of.name.as_str(), format!("{} {}", kind(of.imp), of.name))),
        &Metadata::CallbackInterface(ref of) => Some((of.name.as_str(), format!("callback {}", of.name))),
        _ => None,
    };
    items.iter().filter_map(heading).collect()
}

fn kind(of: ObjectImpl) -> &'static str {
    match of {
        ObjectImpl::Struct | ObjectImpl::Trait(TraitKind::RustOnly) => "object",
        ObjectImpl::Trait(_) => "callback",
    }
}

fn add(surface: &mut Surface, objects: &BTreeMap<&str, String>, item: &Metadata) {
    let mut line = |of: &str, line: String| {
        let heading = objects.get(of).cloned().unwrap_or_else(|| format!("? {of}"));
        surface.entry(heading).or_default().push(line);
    };
    match item {
        Metadata::Namespace(_) | Metadata::UdlFile(_) => {}
        Metadata::Object(of) => {
            surface.entry(format!("{} {}", kind(of.imp), of.name)).or_default();
        }
        Metadata::CallbackInterface(of) => {
            surface.entry(format!("callback {}", of.name)).or_default();
        }
        Metadata::Constructor(of) => {
            let call = call(&of.name, of.is_async, &of.inputs, None, of.throws.as_ref());
            line(&of.self_name, format!("constructor {call}"));
        }
        Metadata::Method(of) => {
            let call = call(&of.name, of.is_async, &of.inputs, of.return_type.as_ref(), of.throws.as_ref());
            line(&of.self_name, call);
        }
        Metadata::TraitMethod(of) => {
            let call = call(&of.name, of.is_async, &of.inputs, of.return_type.as_ref(), of.throws.as_ref());
            line(&of.trait_name, call);
        }
        Metadata::UniffiTrait(of) => {
            let (name, what) = implemented(of);
            line(name, format!("is {what}"));
        }
        Metadata::ObjectTraitImpl(of) => {
            line(of.ty.name().unwrap_or(""), format!("is {}", named(&of.trait_ty)))
        }
        Metadata::Func(of) => {
            let call = call(&of.name, of.is_async, &of.inputs, of.return_type.as_ref(), of.throws.as_ref());
            surface.entry("functions".into()).or_default().push(call);
        }
        Metadata::Record(of) => add_record(surface, of),
        Metadata::Enum(of) => add_enum(surface, of),
        Metadata::CustomType(CustomTypeMetadata { name, builtin, .. }) => {
            surface
                .entry(format!("custom {name}"))
                .or_default()
                .push(format!("crosses as {}", named(builtin)));
        }
    }
}

fn add_record(surface: &mut Surface, of: &RecordMetadata) {
    surface.entry(format!("record {}", of.name)).or_default().extend(of.fields.iter().map(field));
}

fn add_enum(surface: &mut Surface, of: &EnumMetadata) {
    let kind = match of.shape {
        EnumShape::Enum => "enum",
        EnumShape::Error { flat: false } => "error",
        EnumShape::Error { flat: true } => "flat error",
    };
    let lines = of.variants.iter().map(|of| {
        let fields: Vec<String> = of.fields.iter().map(field).collect();
        if fields.is_empty() { of.name.clone() } else { format!("{} {{ {} }}", of.name, fields.join(", ")) }
    });
    surface.entry(format!("{kind} {}", of.name)).or_default().extend(lines);
}

fn field(of: &FieldMetadata) -> String {
    format!("{}: {}{}", of.name, named(&of.ty), default(of.default.as_ref()))
}

/// `async name(what: Type = default) -> Type throws Error`.
fn call(
    name: &str,
    is_async: bool,
    inputs: &[FnParamMetadata],
    gives: Option<&Type>,
    throws: Option<&Type>,
) -> String {
    let input =
        |of: &FnParamMetadata| format!("{}: {}{}", of.name, named(&of.ty), default(of.default.as_ref()));
    let inputs: Vec<String> = inputs.iter().map(input).collect();
    let gives = gives.map(|ty| format!(" -> {}", named(ty))).unwrap_or_default();
    let throws = throws.map(|ty| format!(" throws {}", named(ty))).unwrap_or_default();
    format!("{name}({}){}{gives}{throws}", inputs.join(", "), if is_async { " async" } else { "" })
}

fn implemented(of: &UniffiTraitMetadata) -> (&str, &'static str) {
    match of {
        UniffiTraitMetadata::Debug { fmt } => (&fmt.self_name, "Debug"),
        UniffiTraitMetadata::Display { fmt } => (&fmt.self_name, "Display"),
        UniffiTraitMetadata::Eq { eq, .. } => (&eq.self_name, "Eq"),
        UniffiTraitMetadata::Hash { hash } => (&hash.self_name, "Hash"),
        UniffiTraitMetadata::Ord { cmp } => (&cmp.self_name, "Ord"),
    }
}

fn default(of: Option<&DefaultValueMetadata>) -> String {
    of.map(|of| format!(" = {}", value(of))).unwrap_or_default()
}

fn value(of: &DefaultValueMetadata) -> String {
    let DefaultValueMetadata::Literal(literal) = of else { return "default".into() };
    match literal {
        LiteralMetadata::Boolean(value) => value.to_string(),
        LiteralMetadata::String(text) => format!("{text:?}"),
        LiteralMetadata::UInt(number, ..) => number.to_string(),
        LiteralMetadata::Int(number, ..) => number.to_string(),
        LiteralMetadata::Float(text, _) | LiteralMetadata::Enum(text, _) => text.clone(),
        LiteralMetadata::EmptySequence => "[]".into(),
        LiteralMetadata::EmptyMap | LiteralMetadata::EmptySet => "{}".into(),
        LiteralMetadata::None => "none".into(),
        LiteralMetadata::Some { inner } => value(inner),
    }
}

/// `?` after what may be absent, `[…]` around a list.
fn named(of: &Type) -> String {
    match of {
        Type::Optional { inner_type } => format!("{}?", named(inner_type)),
        Type::Sequence { inner_type } => format!("[{}]", named(inner_type)),
        Type::Set { inner_type } => format!("{{{}}}", named(inner_type)),
        Type::Box { inner_type } => named(inner_type),
        Type::Map { key_type, value_type } => format!("{{{}: {}}}", named(key_type), named(value_type)),
        of => of.name().map_or_else(|| format!("{of:?}"), str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directive(fields: &[(&str, Type)]) -> Metadata {
        let field = |(name, ty): &(&str, Type)| FieldMetadata {
            name: (*name).into(),
            orig_name: None,
            ty: ty.clone(),
            default: None,
            docstring: None,
        };
        Metadata::Record(RecordMetadata {
            module_path: "sotay_ffi".into(),
            name: "Directive".into(),
            orig_name: None,
            remote: false,
            fields: fields.iter().map(field).collect(),
            docstring: None,
        })
    }

    #[test]
    fn a_field_that_changes_its_type_or_its_place_changes_the_text() {
        let (number, unread) = (("number", Type::String), ("unread", Type::Boolean));
        let before = of(&[directive(&[number.clone(), unread.clone()])]);
        assert_eq!(before, "record Directive\n  number: String\n  unread: Boolean\n");
        assert_ne!(of(&[directive(&[unread.clone(), number.clone()])]), before);
        let maybe = Type::Optional { inner_type: Box::new(Type::String) };
        assert!(of(&[directive(&[("number", maybe), unread])]).contains("  number: String?\n"));
    }
}
