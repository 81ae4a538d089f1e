//! Writes what is linked into the programs and the library that we give out: `sbom [FILE]`.

use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    match written(root, std::env::args().nth(1).as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn written(root: &Path, file: Option<&str>) -> Result<(), String> {
    let document = sotay_tests::sbom::document(root)?;
    let text = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?;
    let Some(file) = file else {
        println!("{text}");
        return Ok(());
    };
    std::fs::write(file, text + "\n").map_err(|error| format!("{file}: {error}"))?;
    let count = document.get("components").and_then(serde_json::Value::as_array).map_or(0, Vec::len);
    println!("{file}: {count} crates");
    Ok(())
}
