//! What the library gives without a word of what it is: it would stand so in KDoc and in Swift's documentation.

use uniffi_meta::{EnumMetadata, Metadata, RecordMetadata};

/// A line for each, sorted.
pub(crate) fn list(items: &[Metadata]) -> String {
    let mut missing: Vec<String> = items.iter().flat_map(of).collect();
    missing.sort();
    missing.iter().map(|name| format!("{name}\n")).collect()
}

fn of(item: &Metadata) -> Vec<String> {
    let one = |name: String, doc: &Option<String>| if doc.is_none() { vec![name] } else { Vec::new() };
    match item {
        Metadata::Func(of) => one(of.name.clone(), &of.docstring),
        Metadata::Method(of) => one(format!("{}.{}", of.self_name, of.name), &of.docstring),
        Metadata::Constructor(of) => one(format!("{}.{}", of.self_name, of.name), &of.docstring),
        Metadata::TraitMethod(of) => one(format!("{}.{}", of.trait_name, of.name), &of.docstring),
        Metadata::Object(of) => one(of.name.clone(), &of.docstring),
        Metadata::CallbackInterface(of) => one(of.name.clone(), &of.docstring),
        Metadata::CustomType(of) => one(of.name.clone(), &of.docstring),
        Metadata::Record(of) => of_record(of),
        Metadata::Enum(of) => of_enum(of),
        // What is derived is what the languages know already.
        Metadata::Namespace(_)
        | Metadata::UdlFile(_)
        | Metadata::UniffiTrait(_)
        | Metadata::ObjectTraitImpl(_) => Vec::new(),
    }
}

fn of_record(of: &RecordMetadata) -> Vec<String> {
    let fields = of.fields.iter().map(|field| (format!("{}.{}", of.name, field.name), &field.docstring));
    std::iter::once((of.name.clone(), &of.docstring)).chain(fields).filter_map(unsaid).collect()
}

fn of_enum(of: &EnumMetadata) -> Vec<String> {
    let fields = of.variants.iter().flat_map(|variant| {
        let name = move |field: &str| format!("{}.{}.{field}", of.name, variant.name);
        variant.fields.iter().map(move |field| (name(&field.name), &field.docstring))
    });
    let variants = of.variants.iter().map(|of_it| (format!("{}.{}", of.name, of_it.name), &of_it.docstring));
    let all = std::iter::once((of.name.clone(), &of.docstring)).chain(variants).chain(fields);
    all.filter_map(unsaid).collect()
}

fn unsaid((name, doc): (String, &Option<String>)) -> Option<String> {
    doc.as_ref().is_none_or(|doc| doc.trim().is_empty()).then_some(name)
}
