//! What cargo knows: where things are, which benches there are, what they depend on.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::report::Error;

/// The packages whose dependencies are measured.
const MEASURED: [&str; 2] = ["peers", "requests"];

pub struct Workspace {
    pub root: PathBuf,
    pub target: PathBuf,
    /// The names of the benches.
    pub benches: Vec<String>,
    /// Of the crate that all this is about.
    pub version: String,
}

/// A bench that was built.
pub struct Program {
    pub bench: String,
    pub path: PathBuf,
}

pub fn workspace() -> Result<Workspace, Error> {
    let metadata = metadata(&["--no-deps"])?;
    let package = |name: &str| {
        (metadata["packages"].as_array().into_iter().flatten())
            .find(|package| package["name"] == name)
            .ok_or_else(|| Error::failed(format!("the workspace has no package {name}")))
    };
    let path = |key: &str| PathBuf::from(text(&metadata[key]));
    let mut benches: Vec<String> = (package("peers")?["targets"]
        .as_array()
        .into_iter()
        .flatten())
    .filter(|target| is_bench(target))
    .map(|target| text(&target["name"]).to_owned())
    .collect();
    benches.sort();
    Ok(Workspace {
        root: path("workspace_root"),
        target: path("target_directory"),
        version: text(&package("arenula")?["version"]).to_owned(),
        benches,
    })
}

impl Workspace {
    /// Builds the benches of these names, or all if there are none. Cargo tells on the terminal how far it is.
    pub fn build(&self, benches: &[String]) -> Result<Vec<Program>, Error> {
        let mut command = cargo();
        command.current_dir(&self.root);
        command.args(["bench", "--package", "peers", "--no-run"]);
        if benches.is_empty() {
            command.arg("--benches");
        }
        command.args(benches.iter().flat_map(|name| ["--bench", name]));
        let output = (command.arg("--message-format=json-render-diagnostics"))
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| Error::failed(format!("cargo does not start: {error}")))?;
        if !output.status.success() {
            return Err(Error::failed("cargo does not build the benches"));
        }
        let messages = String::from_utf8_lossy(&output.stdout);
        Ok(messages.lines().filter_map(program).collect())
    }

    /// The names and versions of what the benches depend on, directly.
    pub fn versions(&self) -> Result<Vec<(String, String)>, Error> {
        versions(&metadata(&[])?)
    }
}

fn versions(metadata: &Value) -> Result<Vec<(String, String)>, Error> {
    let packages = || metadata["packages"].as_array().into_iter().flatten();
    let find = |id: &Value| packages().find(|package| package["id"] == *id);
    let nodes = (metadata["resolve"]["nodes"].as_array())
        .ok_or_else(|| Error::failed("cargo does not tell what depends on what"))?;
    let measured = nodes.iter().filter(|node| {
        find(&node["id"]).is_some_and(|package| MEASURED.contains(&text(&package["name"])))
    });
    let versions: BTreeSet<(String, String)> = measured
        .flat_map(|node| node["dependencies"].as_array().into_iter().flatten())
        .filter_map(find)
        // Those of the workspace have no source but their folder.
        .filter(|package| !package["source"].is_null())
        .map(|package| {
            (
                text(&package["name"]).to_owned(),
                text(&package["version"]).to_owned(),
            )
        })
        .collect();
    Ok(versions.into_iter().collect())
}

/// The bench of which a message of cargo tells.
fn program(message: &str) -> Option<Program> {
    let message: Value = serde_json::from_str(message).ok()?;
    is_bench(&message["target"]).then_some(())?;
    Some(Program {
        bench: message["target"]["name"].as_str()?.to_owned(),
        path: message["executable"].as_str()?.into(),
    })
}

fn is_bench(target: &Value) -> bool {
    (target["kind"].as_array().into_iter().flatten()).any(|kind| kind == "bench")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn metadata(args: &[&str]) -> Result<Value, Error> {
    let output = (cargo()
        .args(["metadata", "--format-version", "1"])
        .args(args))
    .stderr(Stdio::piped())
    .output()
    .map_err(|error| Error::failed(format!("cargo does not start: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::failed(format!("cargo metadata: {}", said.trim())));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Error::failed(format!("cargo metadata: {error}")))
}

/// The one that runs this, and if there is none the one that is installed.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn benches_are_told_from_other_artifacts() {
        let bench = r#"{"reason":"compiler-artifact","target":{"kind":["bench"],"name":"arena"},"executable":"/t/arena-1"}"#;
        assert_eq!(program(bench).unwrap().bench, "arena");
        for other in [
            r#"{"target":{"kind":["lib"],"name":"peers"},"executable":null}"#,
            r#"{"target":{"kind":["bench"],"name":"arena"},"executable":null}"#,
            "no JSON",
        ] {
            assert!(program(other).is_none());
        }
    }

    #[test]
    fn versions_are_those_of_direct_dependencies() {
        let metadata = serde_json::json!({
            "packages": [
                {"id": "p", "name": "peers", "version": "0.0.0", "source": null},
                {"id": "a", "name": "arenula", "version": "0.1.0", "source": null},
                {"id": "b", "name": "bumpalo", "version": "3.20.3", "source": "registry"},
                {"id": "x", "name": "deep", "version": "1.0.0", "source": "registry"},
            ],
            "resolve": {"nodes": [
                {"id": "p", "dependencies": ["a", "b"]},
                {"id": "b", "dependencies": ["x"]},
            ]},
        });
        let expected = vec![("bumpalo".to_owned(), "3.20.3".to_owned())];
        assert_eq!(versions(&metadata).unwrap(), expected);
        assert!(versions(&serde_json::json!({})).is_err());
    }

    #[test]
    fn this_workspace_has_benches() {
        let workspace = workspace().unwrap();
        assert!(workspace.benches.contains(&"arena".to_owned()));
        assert!(workspace.root.join("README.md").exists());
    }
}
