//! The exposition as data: read line by line, with an opinion about every line.

use std::collections::BTreeMap;

use system::config::Secret;

use crate::support::{LiveServer, RawRequest};

/// The token of the server's operator.
pub const OPERATOR_TOKEN: &str = "operator-0123456789";

/// A server whose operator may read its metrics.
pub async fn server(adjust: impl FnOnce(&mut system::Config)) -> LiveServer {
    LiveServer::with(|config| {
        config.operator.token = Secret::new(OPERATOR_TOKEN);
        adjust(config);
    })
    .await
}

/// What was told at one moment.
#[derive(Debug)]
pub struct Scrape {
    pub families: BTreeMap<String, Family>,
    samples: Vec<Sample>,
}

/// What is said of a family of samples.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Family {
    pub kind: String,
    pub help: String,
    pub unit: Option<String>,
}

/// One number.
#[derive(Debug)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

impl Scrape {
    /// What a server tells its operator.
    pub async fn of(server: &LiveServer) -> Self {
        let answer = RawRequest::new("GET", "/metrics").token(OPERATOR_TOKEN).send(server.address).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
        Self::parse(&answer.body)
    }

    /// Reads OpenMetrics 1.0 text.
    pub fn parse(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").expect("it ends as the format wants it");
        let (mut families, mut samples) = (BTreeMap::<String, Family>::new(), Vec::new());
        for line in body.lines() {
            if let Some(described) = line.strip_prefix("# ") {
                let [what, name, rest] = described.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{line:?}") };
                let family = families.entry(name.to_owned()).or_default();
                match what {
                    "HELP" => assert_eq!(std::mem::replace(&mut family.help, rest.to_owned()), "", "{name} twice"),
                    "TYPE" => assert_eq!(std::mem::replace(&mut family.kind, rest.to_owned()), "", "{name} twice"),
                    "UNIT" => assert_eq!(family.unit.replace(rest.to_owned()), None, "{name} twice"),
                    _ => panic!("{line:?}"),
                }
                continue;
            }
            let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line:?}"));
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let labels = labels.strip_suffix('}').unwrap_or_else(|| panic!("{line:?}"));
            let labels = labels.split(',').filter(|label| !label.is_empty()).map(|label| {
                let (name, value) = label.split_once("=\"").unwrap_or_else(|| panic!("{line:?}"));
                (name.to_owned(), value.strip_suffix('"').unwrap_or_else(|| panic!("{line:?}")).to_owned())
            });
            let value = value.parse().unwrap_or_else(|_| panic!("{line:?}"));
            samples.push(Sample { name: name.to_owned(), labels: labels.collect(), value });
        }
        Self { families, samples }
    }

    /// The sum of the samples of a name, without `stormglass_`, that have these labels.
    #[track_caller]
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let name = format!("stormglass_{name}");
        assert!(self.samples.iter().any(|sample| sample.name == name), "there is no {name}");
        self.samples.iter().filter(|sample| sample.name == name && sample.has(labels)).map(|sample| sample.value).sum()
    }

    /// The same, as a whole number.
    #[track_caller]
    pub fn count(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let sum = self.sum(name, labels);
        assert_eq!(sum.fract(), 0.0, "{name}");
        sum as u64
    }

    /// All values of a label.
    pub fn values_of(&self, label: &str) -> std::collections::BTreeSet<&str> {
        self.samples.iter().filter_map(|sample| sample.labels.get(label)).map(String::as_str).collect()
    }

    /// How many series there are.
    pub fn series(&self) -> usize {
        self.samples.len()
    }
}

impl Sample {
    fn has(&self, labels: &[(&str, &str)]) -> bool {
        labels.iter().all(|(name, value)| self.labels.get(*name).is_some_and(|has| has == value))
    }
}
