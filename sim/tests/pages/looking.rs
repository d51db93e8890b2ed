//! The page of a known failure, looked at: it must be understood by whoever has nothing else.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::browser::{Browser, Screen};
use crate::known_failure::{PROPERTY, page};
use crate::peer::of_the_machine;

pub const DESKTOP: Screen = Screen { width: 1400, height: 900, is_dark: false, is_phone: false };
pub const PHONE: Screen = Screen { width: 390, height: 844, is_dark: false, is_phone: true };

/// What is in view of an element, in the words of the page's own geometry.
const IS_IN_VIEW: &str = "(() => {
    const mark = document.querySelector('#picture .mark.breaking');
    if (!mark) return false;
    const [one, all] = [mark.getBoundingClientRect(), document.querySelector('#scroller').getBoundingClientRect()];
    return one.top >= all.top && one.bottom <= Math.min(all.bottom, innerHeight) && one.height > 0;
})()";

/// Where pages and pictures are left for whoever wants to look at them too.
pub fn place(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    folder.join(name)
}

pub fn browser() -> Option<PathBuf> {
    of_the_machine(&["chromium", "chromium-browser", "google-chrome"])
}

/// The violation is in view at once, in words and in the picture; filters, keys and themes do what they say (SC-9, IT-10).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_is_understood_from_its_page_alone() {
    let file = place("failure.html");
    std::fs::write(&file, page()).expect("the page can be written");
    let Some(program) = browser() else { return };
    let mut browser = Browser::start(&program).await;
    browser.open(&file, DESKTOP).await;

    // Who, what, when, which promise.
    let words = browser.evaluate("document.body.innerText").await;
    let words = words.as_str().expect("a text");
    for said in [
        PROPERTY,
        "hana's laptop reads seq 5 of room support after 4",
        "19.314 s",
        "committed support#5 message.created \"m3\"",
        "cut must begin between 3.230 s and 3.326 s",
        "cargo sim replay history.json",
    ] {
        assert!(words.contains(said), "`{said}` is not in {words}");
    }
    assert_eq!(browser.evaluate(IS_IN_VIEW).await, json!(true), "the violation is not in view");
    let told = browser.evaluate("document.querySelector('#details .what').textContent").await;
    assert_eq!(told, json!("receives support#6 message.created \"m18\""));
    browser.screenshot(&place("failure-desktop-light.png")).await;

    // The state at that moment: Hana's laptop is behind by nothing that it knows of, and the room is at 6.
    let state = browser.evaluate("document.querySelector('#state').innerText").await;
    assert!(state.as_str().is_some_and(|state| state.contains("room support at 6")), "{state}");

    // Whoever points at it sees the frame.
    browser.point_at("#picture .mark.breaking .badge").await;
    browser.wait_for("!document.querySelector('#tip').hidden").await;
    let tip = browser.evaluate("document.querySelector('#tip').innerText").await;
    assert!(tip.as_str().is_some_and(|tip| tip.contains(r#""type":"message.created","data""#)), "{tip}");
    browser.evaluate("document.querySelector('aside').scrollTop = 1e6").await;
    browser.screenshot(&place("failure-tip-and-state.png")).await;

    only_one_lane(&mut browser).await;
    by_keys(&mut browser).await;
    in_other_lights(&mut browser, &file).await;
}

/// Only one device, and the server for its arrows.
async fn only_one_lane(browser: &mut Browser) {
    browser.evaluate("document.querySelector('#presets [data-lanes=all]').click()").await;
    let all = browser.evaluate("document.querySelectorAll('#heads span').length").await;
    browser.evaluate("document.querySelector('[aria-label=\"only gus/phone\"]').click()").await;
    let heads = "[...document.querySelectorAll('#heads span')].map((head) => head.textContent)";
    assert_eq!(browser.evaluate(heads).await, json!(["server", "gus/phone"]));
    assert!(all.as_u64().is_some_and(|all| all > 2), "{all}");
    let strangers = "[...document.querySelectorAll('#picture .mark:not(.proof):not(.phase)')].filter((mark) =>
        mark.textContent.includes('hana/laptop')).length";
    assert_eq!(browser.evaluate(strangers).await, json!(0));
    browser.screenshot(&place("failure-one-lane.png")).await;
    browser.evaluate("document.querySelector('#presets [data-lanes=proof]').click()").await;
}

/// From the sending of the message that was lost to its commit, by its correlation id, without a mouse.
async fn by_keys(browser: &mut Browser) {
    browser.press("/").await;
    assert_eq!(browser.evaluate("document.activeElement.id").await, json!("jump"));
    browser.type_text("committed support#5").await;
    browser.press("Enter").await;
    let what = "document.querySelector('#details .what').textContent";
    let id = "document.querySelector('#details code').textContent";
    assert_eq!(browser.evaluate(what).await, json!("committed support#5 message.created \"m3\""));
    let correlation = browser.evaluate(id).await;
    let correlation = correlation.as_str().expect("a commit has a correlation id").to_owned();

    // By the id itself: the first that has it is the sending.
    browser.evaluate("document.querySelector('#jump').value = ''").await;
    browser.type_text(&correlation).await;
    browser.press("Enter").await;
    browser.press("Escape").await;
    assert_eq!(browser.evaluate("document.activeElement.id").await, json!("scroller"));
    let mut seen = Vec::new();
    for _ in 0..12 {
        browser.press("c").await;
        let now = browser.evaluate(what).await.as_str().unwrap_or_default().to_owned();
        if seen.contains(&now) {
            break;
        }
        assert_eq!(browser.evaluate(id).await, json!(correlation));
        seen.push(now);
    }
    assert!(seen.contains(&"message.send \"m3\" to support".to_owned()), "{seen:?}");
    assert!(seen.iter().any(|what| what.starts_with("is acknowledged \"m3\" at support#5")), "{seen:?}");

    // And back to the violation, then down and up again.
    browser.press("v").await;
    assert_eq!(browser.evaluate(IS_IN_VIEW).await, json!(true));
    let breaking = browser.evaluate(what).await;
    browser.press("ArrowDown").await;
    assert_ne!(browser.evaluate(what).await, breaking);
    browser.press("ArrowUp").await;
    assert_eq!(browser.evaluate(what).await, breaking);

    // The same as a table.
    browser.press("l").await;
    let row = "document.querySelector('#list tr.breaking').innerText";
    let row = browser.evaluate(row).await;
    assert!(row.as_str().is_some_and(|row| row.contains("19.314 s") && row.contains("breaks it")), "{row}");
    browser.screenshot(&place("failure-list.png")).await;
    browser.press("l").await;

    browser.press("?").await;
    assert_eq!(browser.evaluate("document.querySelector('#help').open").await, json!(true));
    browser.screenshot(&place("failure-help.png")).await;
    browser.press("Escape").await;
    assert_eq!(browser.evaluate("document.querySelector('#help').open").await, json!(false));
}

/// Dark by the system's wish, light by the reader's; and on a phone.
async fn in_other_lights(browser: &mut Browser, file: &Path) {
    let luminance = "(() => {
        const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).map(Number);
        return (red + green + blue) / 3;
    })()";
    let light = browser.evaluate(luminance).await.as_f64().expect("a number");
    browser.open(file, Screen { is_dark: true, ..DESKTOP }).await;
    let dark = browser.evaluate(luminance).await.as_f64().expect("a number");
    assert!(light > 200.0 && dark < 60.0, "{light}, {dark}");
    browser.screenshot(&place("failure-desktop-dark.png")).await;
    browser.press("t").await;
    browser.press("t").await;
    assert_eq!(browser.evaluate("document.documentElement.dataset.theme").await, json!("light"));
    assert_eq!(browser.evaluate(luminance).await.as_f64(), Some(light));
    browser.press("t").await;

    for (screen, name) in [(PHONE, "light"), (Screen { is_dark: true, ..PHONE }, "dark")] {
        browser.open(file, screen).await;
        let width = browser.evaluate("document.documentElement.scrollWidth").await;
        assert_eq!(width, json!(screen.width), "the page is wider than the phone");
        browser.screenshot(&place(&format!("failure-phone-{name}.png"))).await;
        browser.evaluate("document.querySelector('.picture').scrollIntoView()").await;
        assert_eq!(browser.evaluate(IS_IN_VIEW).await, json!(true), "the violation is not in view");
        browser.screenshot(&place(&format!("failure-phone-{name}-timeline.png"))).await;
    }
}
