//! Where the page goes, with its charts.

use std::fs;
use std::path::{Path, PathBuf};

use crate::report::explained::Explanations;
use crate::report::record::Record;
use crate::report::{Error, chart, page, readme};

/// Where people write why a peer is ahead.
pub const EXPLAINED: &str = "docs/perf/explained.md";

/// All that is made of a record and the explanations, and of nothing else.
#[derive(Debug, PartialEq, Eq)]
pub struct Rendered {
    pub page: String,
    /// Names of files, and what is in them.
    pub charts: Vec<(String, String)>,
    /// What stands in the README, between its two marks.
    pub readme: String,
}

pub fn render(record: &Record, texts: &Explanations) -> Rendered {
    Rendered {
        page: page::page(record, texts),
        charts: (record.benches.iter()).flat_map(chart::all).collect(),
        readme: readme::block(record),
    }
}

pub struct Place {
    pub page: PathBuf,
    charts: PathBuf,
    pub record: PathBuf,
    /// None where it is not told.
    readme: Option<PathBuf>,
}

impl Place {
    /// The page of the project.
    pub fn docs(root: &Path) -> Self {
        Self {
            page: root.join("docs/PERF.md"),
            charts: root.join("docs/perf"),
            record: root.join("docs/perf/record.jsonl"),
            readme: Some(root.join("README.md")),
        }
    }

    /// A page to look at.
    pub fn scratch(folder: &Path) -> Self {
        Self {
            page: folder.join("PERF.md"),
            charts: folder.join("perf"),
            record: folder.join("record.jsonl"),
            readme: None,
        }
    }

    /// Replaces what is there, with the record that it was made from.
    pub fn write(&self, rendered: &Rendered, record: &Path) -> Result<(), Error> {
        // First what can't be done, lest the half of it is.
        let readme = match &self.readme {
            Some(path) => {
                let text = fs::read_to_string(path).map_err(|error| Error::file(path, &error))?;
                let text = readme::replaced(&text, &rendered.readme).map_err(|complaint| {
                    Error::failed(format!("{}: {complaint}", path.display()))
                })?;
                Some((path, text))
            }
            None => None,
        };
        fs::create_dir_all(&self.charts).map_err(|error| Error::file(&self.charts, &error))?;
        self.remove_charts()?;
        for (name, chart) in &rendered.charts {
            write(&self.charts.join(name), chart)?;
        }
        write(&self.page, &rendered.page)?;
        let is_same = |path: &Path| fs::canonicalize(path).ok();
        if is_same(record).is_none_or(|path| Some(path) != is_same(&self.record))
            && self.readme.is_some()
        {
            fs::copy(record, &self.record).map_err(|error| Error::file(&self.record, &error))?;
        }
        readme.map_or(Ok(()), |(path, text)| write(path, &text))
    }

    /// Those of benches that are gone would stay for ever.
    fn remove_charts(&self) -> Result<(), Error> {
        let files =
            fs::read_dir(&self.charts).map_err(|error| Error::file(&self.charts, &error))?;
        for path in files.filter_map(|file| Some(file.ok()?.path())) {
            if path.extension().is_some_and(|extension| extension == "svg") {
                fs::remove_file(&path).map_err(|error| Error::file(&path, &error))?;
            }
        }
        Ok(())
    }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|error| Error::file(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::tests::{SAMPLE, sample};

    fn root() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
    }

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The files of a folder with this ending.
    fn names(folder: &Path, ending: &str) -> Vec<String> {
        let mut names: Vec<String> = (fs::read_dir(folder).unwrap())
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(ending))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_page_is_what_its_record_and_the_explanations_say() {
        let docs = Place::docs(root());
        let record = Record::read(&docs.record).unwrap();
        let rendered = render(
            &record,
            &Explanations::parse(&read(&root().join(EXPLAINED))),
        );
        let again = "run `cargo run --release -p peers -- report --from docs/perf/record.jsonl`";
        assert!(
            rendered.page == read(&docs.page),
            "docs/PERF.md is not of its record: {again}"
        );
        assert!(
            read(&root().join("README.md")).contains(&rendered.readme),
            "README.md: {again}"
        );
        for (name, chart) in &rendered.charts {
            assert!(*chart == read(&docs.charts.join(name)), "{name}: {again}");
        }
        let mut drawn: Vec<&String> = rendered.charts.iter().map(|(name, _)| name).collect();
        drawn.sort();
        assert_eq!(
            drawn,
            names(&docs.charts, ".svg").iter().collect::<Vec<_>>()
        );
    }

    #[test]
    fn the_same_record_makes_the_same_page() {
        let texts = Explanations::default();
        assert_eq!(render(&sample(), &texts), render(&sample(), &texts));
    }

    #[test]
    fn all_is_replaced_or_nothing() {
        let folder = std::env::temp_dir().join(format!("publish-{}", std::process::id()));
        let docs = folder.join("docs/perf");
        fs::create_dir_all(&docs).unwrap();
        let from = folder.join("record");
        fs::write(&from, SAMPLE).unwrap();
        fs::write(docs.join("gone.svg"), "").unwrap();
        let place = Place::docs(&folder);
        let rendered = render(&sample(), &Explanations::default());

        // A README without a place for the figures.
        fs::write(folder.join("README.md"), "# A\n").unwrap();
        assert!(
            place
                .write(&rendered, &from)
                .unwrap_err()
                .to_string()
                .contains("has no line")
        );
        assert!(!place.page.exists());
        assert_eq!(names(&docs, ".svg"), ["gone.svg"]);

        fs::write(
            folder.join("README.md"),
            format!("# A\n{}\n", rendered.readme),
        )
        .unwrap();
        place.write(&rendered, &from).unwrap();
        assert_eq!(read(&place.page), rendered.page);
        assert_eq!(
            names(&docs, ".svg"),
            ["arena-objects.svg", "arena.svg", "memory.svg"]
        );
        assert_eq!(read(&place.record), SAMPLE);
        // From the record in its place, too.
        place.write(&rendered, &place.record.clone()).unwrap();
        assert_eq!(read(&place.record), SAMPLE);

        // A page to look at leaves the docs alone.
        let scratch = Place::scratch(&folder.join("target"));
        fs::remove_file(&place.page).unwrap();
        scratch.write(&rendered, &from).unwrap();
        assert!(scratch.page.exists() && !place.page.exists());
        fs::remove_dir_all(folder).unwrap();
    }
}
