//! JUnit files, read back by other readers: their structure by a reader of XML, and, where `.ci/peers` has installed it, all of
//! a file by the schema of Jenkins, which pytest holds its own files to.

#[path = "../../system/tests/peers/support/peer.rs"]
#[expect(dead_code, reason = "the tests of the server run programs of the machine, and such that may hang")]
mod peer;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use properties::{Evidence, Violation};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sim::judge;
use sim::report::junit;
use sim::report::summary::PropertyTally;
use sim::report::{CampaignReport, Conclusion, FailureReport, Origin, OwnError};

/// An element: its name, its attributes, and what stands in it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn new(start: &BytesStart<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the file is UTF-8");
        let attributes = start.attributes().map(|attribute| {
            let attribute = attribute.expect("attributes are well formed");
            let value = String::from_utf8(attribute.value.to_vec()).expect("the file is UTF-8");
            let value = quick_xml::escape::unescape(&value).expect("attributes are escaped").into_owned();
            (text(attribute.key.as_ref()), value)
        });
        let attributes = attributes.collect();
        Self { name: text(start.name().as_ref()), attributes, text: String::new(), children: Vec::new() }
    }

    fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    #[track_caller]
    fn is(&self, expected: &[(&str, &str)]) {
        let expected: BTreeMap<_, _> =
            expected.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        assert_eq!(self.attributes, expected, "{}", self.name);
    }

    /// The test case of a name.
    fn case(&self, name: &str) -> &Self {
        self.of("testcase").find(|case| case.attributes["name"] == name).expect("there is a case of this name")
    }
}

/// The root of an XML document.
fn read(xml: &str) -> Element {
    let mut reader = Reader::from_str(xml);
    let root = Element { name: String::new(), attributes: BTreeMap::new(), text: String::new(), children: vec![] };
    let mut open = vec![root];
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error}: {xml}"));
        let innermost = open.last_mut().expect("the document itself is open");
        match event {
            Event::Start(start) => open.push(Element::new(&start)),
            Event::Empty(start) => innermost.children.push(Element::new(&start)),
            Event::End(_) => {
                let closed = open.pop().expect("the reader checks that ends match");
                open.last_mut().expect("the document itself is open").children.push(closed);
            }
            Event::Text(text) => innermost.text.push_str(&text.decode().expect("the file is UTF-8")),
            Event::GeneralRef(name) => {
                let name = name.decode().expect("the file is UTF-8");
                let text = quick_xml::escape::unescape(&format!("&{name};")).expect("a known entity").into_owned();
                innermost.text.push_str(&text);
            }
            Event::CData(text) => innermost.text.push_str(&String::from_utf8_lossy(&text)),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((open.len(), open[0].children.len()), (1, 1), "one root: {xml}");
    open.remove(0).children.remove(0)
}

fn tally(id: &str, [checked, held_runs, violated_runs, vacuous_runs]: [u64; 4]) -> PropertyTally {
    let vacuous_reason = (vacuous_runs > 0).then(|| "nobody <tried> & failed".to_owned());
    let requirements = vec!["CG-2".to_owned(), "WS-5".to_owned()];
    PropertyTally { id: id.into(), requirements, checked, held_runs, violated_runs, vacuous_runs, vacuous_reason }
}

/// One property of each fate, and a world that panicked.
fn report() -> CampaignReport {
    let mut summary = judge::counter("calm", "0..9".parse().unwrap()).finish();
    summary.runs = 9;
    summary.properties = vec![
        tally("ordering/held", [30, 8, 0, 1]),
        tally("ordering/broken", [12, 7, 2, 0]),
        tally("ordering/with-it", [12, 8, 1, 0]),
        tally("rights/vacuous", [0, 0, 0, 9]),
        tally("rights/panicked", [4, 4, 0, 0]),
    ];
    let failure = FailureReport {
        property: "ordering/broken".into(),
        requirements: vec!["CG-2".into()],
        origin: Origin::Seed,
        seed: 3,
        profile: "calm".into(),
        steps: 143,
        steps_left: 6,
        violation: Violation {
            expected: "\"17\" & no <other>".into(),
            observed: "18\nand \u{1b}[31mred\u{1b}[0m".into(),
            evidence: vec![Evidence::breaking(properties::trace::At(4_210_000), "ana/phone", "reads ]]> 18")],
        },
        windows: vec![],
        also_broken: vec!["ordering/with-it".into()],
        commit: "3fa91c2".into(),
        file: "target/sim/3/history.json".into(),
        trace: "target/sim/3/trace.jsonl".into(),
        page: String::new(),
    };
    let error = |panicked: &str, seed| OwnError {
        origin: Origin::Seed,
        seed,
        profile: "calm".into(),
        panicked: panicked.into(),
        message: "index out of bounds\nat line 7".into(),
        file: format!("target/sim/{seed}/panicked.json"),
    };
    let errors = vec![error("rights/panicked", 5), error("the world", 6)];
    let (conclusion, failures, page) = (Conclusion::Violated, vec![failure], String::new());
    CampaignReport { conclusion, summary, failures, errors, page }
}

#[test]
fn each_property_is_a_case_with_its_fate() {
    let xml = junit::campaign(&report());
    let root = read(&xml);
    assert_eq!(root.name, "testsuites");
    root.is(&[("name", "cargo sim run"), ("tests", "6"), ("failures", "2"), ("errors", "2")]);
    let suites: Vec<_> = root.of("testsuite").collect();
    let [suite] = suites[..] else { panic!("one suite: {xml}") };
    let counts = [("tests", "6"), ("skipped", "1"), ("errors", "2"), ("failures", "2")];
    suite.is(&[&[("name", "properties")], &counts[..]].concat());
    let properties: Vec<_> = suite.of("properties").flat_map(|all| all.of("property")).collect();
    properties[0].is(&[("name", "profile"), ("value", "calm")]);
    properties[1].is(&[("name", "seeds"), ("value", "0..9")]);

    let held = suite.case("ordering/held");
    held.is(&[("name", "ordering/held"), ("classname", "ordering")]);
    assert_eq!(held.children.len(), 1, "{held:?}");
    let said: Vec<_> = held.of("system-out").map(|said| said.text.as_str()).collect();
    assert_eq!(said, ["checked 30 times in 8 histories; proves CG-2, WS-5"]);

    let failures = |name: &str| suite.case(name).of("failure").cloned().collect::<Vec<_>>();
    let [broken] = &failures("ordering/broken")[..] else { panic!("one failure: {xml}") };
    broken.is(&[("type", "violated"), ("message", "18")]);
    for hint in ["expected  \"17\" & no <other>", "reads ]]> 18", "<- breaks it here", "and red"] {
        assert!(broken.text.contains(hint), "`{hint}` is not in: {}", broken.text);
    }
    assert!(broken.text.contains("replay      cargo sim replay target/sim/3/history.json\n"), "{}", broken.text);
    assert!(!xml.contains('\u{1b}'), "XML knows no such character");
    let [with_it] = &failures("ordering/with-it")[..] else { panic!("one failure: {xml}") };
    with_it.is(&[("type", "violated"), ("message", "broken in 1 history, by the one that breaks ordering/broken")]);

    let skipped: Vec<_> = suite.case("rights/vacuous").of("skipped").collect();
    skipped[0].is(&[("message", "nobody <tried> & failed")]);
    for (name, seed) in [("rights/panicked", 5), ("seed 6 of calm", 6)] {
        let errors: Vec<_> = suite.case(name).of("error").collect();
        errors[0].is(&[("type", "panicked"), ("message", "index out of bounds")]);
        let replay = format!("RUST_BACKTRACE=1 cargo sim replay target/sim/{seed}/panicked.json");
        assert!(errors[0].text.contains(&replay), "{}", errors[0].text);
    }
}

#[test]
fn the_command_writes_one_beside_its_report() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("below/junit.xml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
    command.args(["run", "--seed", "7", "--profile", "calm", "--junit"]).arg(&file);
    let output = command.output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
    let root = read(&fs::read_to_string(&file).unwrap());
    let names: Vec<_> = root.of("testsuite").flat_map(|suite| suite.of("testcase")).collect();
    let names: Vec<_> = names.iter().map(|case| case.attributes["name"].as_str()).collect();
    assert_eq!(names, judge::properties().iter().map(|property| property.id).collect::<Vec<_>>());
    assert_eq!((&*root.attributes["failures"], &*root.attributes["errors"]), ("0", "0"));
}

#[test]
fn a_file_is_valid_by_the_schema_of_jenkins() {
    let (Some(python), Some(schema)) = (peer::installed("bin/python"), peer::installed("junit-10.xsd")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, xml: &str| {
        let file = folder.path().join(name);
        fs::write(&file, xml).unwrap();
        file
    };
    let xml = junit::campaign(&report());
    let right = write("right.xml", &xml);
    let wrong = write("wrong.xml", &xml.replacen(" tests=\"6\"", "", 2));
    let script = "import sys, xmlschema\n\
        schema = xmlschema.XMLSchema(sys.argv[1])\n\
        schema.validate(sys.argv[2])\n\
        print('it refuses the other' if not schema.is_valid(sys.argv[3]) else 'it takes everything')\n";
    let printed = peer::run(Command::new(python).arg("-c").arg(script).arg(schema).arg(right).arg(wrong));
    assert_eq!(printed.trim(), "it refuses the other");
}
