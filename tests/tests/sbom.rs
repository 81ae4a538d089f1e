//! The list of what we give out names every crate that is linked, and no provider of TLS but ring.
#![expect(clippy::unwrap_used, reason = "what cannot be read has to stop the test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use serde_json::Value;
use sotay_tests::sbom::{MACHINES, RELEASED, document};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn by_name(of: &Value) -> BTreeMap<String, &Value> {
    let components = of["components"].as_array().unwrap();
    components
        .iter()
        .map(|of| (format!("{} v{}", of["name"].as_str().unwrap(), of["version"].as_str().unwrap()), of))
        .collect()
}

/// As cargo prints its own tree: an answer by another way than the document's.
fn linked(package: &str, machine: &str) -> BTreeSet<String> {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "none", "--no-dedupe"]);
    tree.args(["--package", package, "--target", machine, "--format", "{p}"]).current_dir(root());
    if package == "sotay-core" {
        tree.args(["--features", "cli"]);
    }
    let output = tree.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let name = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    String::from_utf8(output.stdout).unwrap().lines().filter(|line| !line.is_empty()).map(name).collect()
}

#[test]
fn everything_that_is_linked_is_named_with_its_licence_and_checksum() {
    let document = document(root()).unwrap();
    let named = by_name(&document);
    for machine in [MACHINES[3], MACHINES[1], MACHINES[7]] {
        for package in RELEASED {
            for name in linked(package, machine) {
                let of = named.get(&name).unwrap_or_else(|| panic!("{name} of {package} on {machine}"));
                assert_eq!(of["scope"], "required", "{name}");
            }
        }
    }
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for (name, of) in &named {
        assert!(of["licenses"][0]["expression"].is_string(), "{name}");
        let ours = name.starts_with("sotay-");
        assert_eq!(ours, of["purl"].is_null(), "{name}");
        if !ours {
            let sum = of["hashes"][0]["content"].as_str().unwrap();
            assert!(sum.len() == 64 && lock.contains(sum), "{name}");
        }
    }
    assert!(named.keys().any(|name| name.starts_with("openssl-src ")), "SQLCipher's own cipher is linked");
    for tests_only in ["proptest ", "libfuzzer-sys ", "sotay-tests ", "uniffi_bindgen "] {
        let found = named.iter().find(|(name, _)| name.starts_with(tests_only));
        assert!(found.is_none_or(|(_, of)| of["scope"] == "excluded"), "{tests_only}");
    }
}

/// The shape that the schema of CycloneDX 1.6 asks for.
#[test]
fn it_is_cyclonedx_and_the_same_each_time() {
    let of = document(root()).unwrap();
    assert_eq!((of["bomFormat"].as_str(), of["specVersion"].as_str()), (Some("CycloneDX"), Some("1.6")));
    assert!(of["version"].is_u64() && of["metadata"]["component"]["name"].is_string());
    let serial = of["serialNumber"].as_str().unwrap().strip_prefix("urn:uuid:").unwrap();
    let lengths: Vec<usize> = serial.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
    let mut refs: BTreeSet<&str> = [of["metadata"]["component"]["bom-ref"].as_str().unwrap()].into();
    for component in of["components"].as_array().unwrap() {
        assert!(["application", "library"].contains(&component["type"].as_str().unwrap()));
        assert!(component["name"].is_string() && component["version"].is_string());
        assert!(refs.insert(component["bom-ref"].as_str().unwrap()), "each stands once");
    }
    let mut told = BTreeSet::new();
    for of in of["dependencies"].as_array().unwrap() {
        assert!(told.insert(of["ref"].as_str().unwrap()));
        for needed in of["dependsOn"].as_array().unwrap() {
            assert!(refs.contains(needed.as_str().unwrap()), "{needed} is named");
        }
    }
    assert_eq!(told, refs);
    assert_eq!(of.to_string(), document(root()).unwrap().to_string());
}

#[test]
fn ring_is_the_one_provider_and_openssl_serves_sqlcipher_alone() {
    let of = document(root()).unwrap();
    let named = by_name(&of);
    let is = |crate_: &str| named.keys().filter(|name| name.split(' ').next() == Some(crate_)).count();
    assert_eq!((is("ring"), is("rustls")), (1, 1));
    for other in
        ["aws-lc-rs", "aws-lc-sys", "aws-lc-fips-sys", "native-tls", "openssl", "boring", "rustls-openssl"]
    {
        assert_eq!(is(other), 0, "{other}");
    }
    let who_needs = |crate_: &str| -> Vec<&str> {
        let of = of["dependencies"].as_array().unwrap().iter();
        let needs = |of: &&Value| {
            let prefix = format!("pkg:cargo/{crate_}@");
            of["dependsOn"].as_array().unwrap().iter().any(|on| on.as_str().unwrap().starts_with(&prefix))
        };
        of.filter(needs).map(|of| of["ref"].as_str().unwrap().split('@').next().unwrap()).collect()
    };
    assert_eq!(who_needs("openssl-sys"), ["pkg:cargo/libsqlite3-sys"]);
    assert_eq!(who_needs("openssl-src"), ["pkg:cargo/openssl-sys"]);
}
