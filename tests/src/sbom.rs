//! What is linked into the programs and the library that we give out, as CycloneDX 1.6: `cargo xtask sbom`.
//!
//! From what cargo itself resolves, for each machine that we ship to, so that nothing is guessed from source. The same tree
//! gives the same bytes: neither a time nor a chance number stands in it. What only helps to build (build scripts, procedural
//! macros, and what these need) stands in it too, with the scope `excluded`; tests and their crates do not.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use serde::Deserialize;
use serde_json::{Value, json};
use sotay_protocol::signature::sha256_hex;

/// What we give out: the three programs, and the library inside the apps.
pub const RELEASED: [&str; 4] = ["sotay-core", "sotay-ffi", "sotay-keys", "sotay-server"];
/// The programs' own features.
const FEATURES: &str = "sotay-core/cli";
/// As in `deny.toml`.
pub const MACHINES: [&str; 8] = [
    "aarch64-apple-darwin",
    "aarch64-apple-ios",
    "aarch64-apple-ios-sim",
    "aarch64-linux-android",
    "aarch64-unknown-linux-gnu",
    "armv7-linux-androideabi",
    "x86_64-linux-android",
    "x86_64-unknown-linux-gnu",
];
/// Cargo knows it as help for a build; the C library that it builds is linked.
const LINKED_C: &str = "openssl-src";

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Clone, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    repository: Option<String>,
    source: Option<String>,
    targets: Vec<Target>,
}

#[derive(Debug, Clone, Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: Option<String>,
}

impl Package {
    fn is_macro(&self) -> bool {
        self.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "proc-macro"))
    }

    /// By which this document calls it, and everybody: <https://github.com/package-url/purl-spec>.
    fn purl(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }
}

/// What was found over all machines; by purl, since the same crate is one thing on all of them.
#[derive(Debug, Default)]
struct Tree {
    packages: BTreeMap<String, Package>,
    /// Whom each needs, to run or to be built.
    needs: BTreeMap<String, BTreeSet<String>>,
    linked: BTreeSet<String>,
}

/// The document, for the repository at `root`.
///
/// # Errors
/// A sentence, where cargo or the lock file cannot be read.
pub fn document(root: &Path) -> Result<Value, String> {
    let lock = root.join("Cargo.lock");
    let lock = std::fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let mut tree = Tree::default();
    for machine in MACHINES {
        tree.add(metadata(root, machine)?);
    }
    Ok(tree.document(&lock, &checksums(&lock)))
}

fn metadata(root: &Path, machine: &str) -> Result<Metadata, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--locked", "--format-version", "1", "--features", FEATURES]);
    let output = command.args(["--filter-platform", machine]).current_dir(root).output();
    let output = output.map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))
}

/// By name and version, of what comes from a registry.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let field = |package: &str, name: &str| {
        let value = package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
        value.map(|value| value.trim_matches('"').to_owned())
    };
    let read =
        |package| Some(((field(package, "name")?, field(package, "version")?), field(package, "checksum")?));
    lock.split("[[package]]").filter_map(read).collect()
}

impl Tree {
    fn add(&mut self, of: Metadata) {
        let packages: BTreeMap<String, Package> =
            of.packages.into_iter().map(|package| (package.id.clone(), package)).collect();
        let nodes: BTreeMap<&str, &Node> =
            of.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let released = packages.values().filter(|package| RELEASED.contains(&package.name.as_str()));
        let mut waiting: Vec<(String, bool)> = released.map(|package| (package.id.clone(), true)).collect();
        let mut seen = BTreeSet::new();
        while let Some((id, linked)) = waiting.pop() {
            let (Some(package), Some(node)) = (packages.get(&id), nodes.get(id.as_str())) else { continue };
            // A procedural macro runs in the compiler, and so does all that it needs.
            let linked = (linked && !package.is_macro()) || package.name == LINKED_C;
            if !seen.insert((id.clone(), linked)) {
                continue;
            }
            let purl = package.purl();
            self.packages.insert(purl.clone(), package.clone());
            if linked {
                self.linked.insert(purl.clone());
            }
            let needs = self.needs.entry(purl).or_default();
            for dependency in &node.deps {
                let of_kind = |wanted: Option<&str>| {
                    dependency.dep_kinds.iter().any(|kind| kind.kind.as_deref() == wanted)
                };
                let (to_run, to_build) = (of_kind(None), of_kind(Some("build")));
                if let Some(needed) = packages.get(&dependency.pkg).filter(|_| to_run || to_build) {
                    needs.insert(needed.purl());
                    waiting.push((dependency.pkg.clone(), linked && to_run));
                }
            }
        }
    }

    fn document(&self, lock: &str, checksums: &BTreeMap<(String, String), String>) -> Value {
        let is_released = |package: &Package| RELEASED.contains(&package.name.as_str());
        let released: BTreeSet<&String> =
            self.packages.iter().filter(|(_, package)| is_released(package)).map(|(purl, _)| purl).collect();
        let version =
            self.packages.values().find(|package| is_released(package)).map(|package| &package.version);
        let handbook = "so-tay";
        let components: Vec<Value> =
            self.packages.values().map(|package| self.component(package, checksums)).collect();
        let mut dependencies = vec![json!({"ref": handbook, "dependsOn": released})];
        dependencies.extend(self.needs.iter().map(|(purl, needs)| json!({"ref": purl, "dependsOn": needs})));
        json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": serial_number(lock),
            "version": 1,
            "metadata": {
                "component": {
                    "type": "application",
                    "bom-ref": handbook,
                    "name": handbook,
                    "version": version,
                    "licenses": [{"expression": "Apache-2.0"}],
                },
                "lifecycles": [{"phase": "build"}],
            },
            "components": components,
            "dependencies": dependencies,
        })
    }

    fn component(&self, package: &Package, checksums: &BTreeMap<(String, String), String>) -> Value {
        let purl = package.purl();
        let released = RELEASED.contains(&package.name.as_str());
        let mut component = json!({
            "type": if released && package.name != "sotay-ffi" { "application" } else { "library" },
            "bom-ref": purl,
            "name": package.name,
            "version": package.version,
            "scope": if self.linked.contains(&purl) { "required" } else { "excluded" },
        });
        let Some(fields) = component.as_object_mut() else { return component };
        if let Some(license) = &package.license {
            // Cargo long took a slash for "or".
            let expression = license.replace('/', " OR ");
            fields.insert("licenses".into(), json!([{"expression": expression}]));
        }
        // What comes from no registry has no address there.
        if package.source.is_some() {
            fields.insert("purl".into(), json!(purl));
        }
        if let Some(sum) = checksums.get(&(package.name.clone(), package.version.clone())) {
            fields.insert("hashes".into(), json!([{"alg": "SHA-256", "content": sum}]));
        }
        if let Some(repository) = &package.repository {
            fields.insert("externalReferences".into(), json!([{"type": "vcs", "url": repository}]));
        }
        component
    }
}

/// The same for the same lock file, as UUID of version 8.
fn serial_number(lock: &str) -> String {
    let hex = sha256_hex(lock.as_bytes());
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("urn:uuid:{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
