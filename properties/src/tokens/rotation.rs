//! `tokens/rotation`: a refresh token works once, and twice only for who was in the midst of it.
//!
//! The contract: refresh tokens rotate; a reuse within 30 s gets the same successor, so that a lost answer or two tabs at
//! once log nobody out; a later reuse is refused, and ends the session with everything that hangs on it. What counts, so that
//! the server is never accused of what it may do:
//!
//! - The 30 s are the server's: what lies around a change of its clock is not judged by time.
//! - Whether a use whose answer was lost took effect is not known. A reuse is late only after a use that was answered; it
//!   is early after any.
//! - Who has already used the successor is past the chain's last link but one: the contract does not say whether the
//!   same successor is given once more then, and either is right. A *third* token never is.
//! - Another signing key writes the same link as another text. Where one began to sign, two successors are not compared.

use system::protocol::{ErrorCode, SessionId};

use crate::index::{Handed, Index, Refresh};
use crate::property::{Property, Verdict, Violation};
use crate::story::Story;
use crate::telling::possessive;
use crate::trace::{Concern, Observation};

/// See the module.
pub(crate) struct Rotation;

/// How long a token that was used is answered like its successor's first use (PROTOCOL.md, promise 7).
const REUSE_MS: u64 = 30_000;

impl Property for Rotation {
    fn id(&self) -> &'static str {
        "tokens/rotation"
    }

    fn statement(&self) -> &'static str {
        "a refresh token gives one successor and no second; who uses it again within 30 s gets the same, later nobody \
         gets anything, and the session ends"
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["CG-5", "CG-4", "PROTOCOL 7"]
    }

    fn does_not_verify(&self) -> &'static str {
        "by whom a token is used, what access tokens open, and what a token gets whose successor was used too"
    }

    fn check(&self, index: &Index<'_>) -> Verdict {
        Verdict::from_check(check(index), "no refresh token was used")
    }
}

fn check(index: &Index<'_>) -> Result<u64, Violation> {
    let mut checked = 0;
    for (session, refreshes) in index.handed().refreshes() {
        for (place, refresh) in refreshes.iter().enumerate() {
            let case = Case { index, session, refresh, earlier: &refreshes[..place], all: refreshes };
            checked += u64::from(case.check()?);
        }
    }
    Ok(checked)
}

/// One use of a refresh token.
struct Case<'i, 't> {
    index: &'i Index<'t>,
    session: SessionId,
    refresh: &'i Refresh<'t>,
    /// The uses of the session's tokens that were sent before.
    earlier: &'i [Refresh<'t>],
    all: &'i [Refresh<'t>],
}

impl<'i, 't> Case<'i, 't> {
    /// Whether there was an answer to judge.
    fn check(&self) -> Result<bool, Violation> {
        match &self.refresh.handed {
            Some((answered, Handed::Token(text, known))) => {
                self.is_new(*answered, *known)?;
                self.is_the_same(*answered, text)?;
                self.is_in_time(*answered)?;
                Ok(true)
            }
            Some((answered, Handed::Refused(ErrorCode::RefreshTokenInvalid))) => {
                self.is_a_reuse(*answered)?;
                self.ends_the_session(*answered)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// What is given is no token that came before.
    fn is_new(&self, answered: usize, known: Option<(SessionId, u32)>) -> Result<(), Violation> {
        match known {
            Some(known) if known != (self.session, self.refresh.link + 1) => Err(Violation {
                expected: format!("{} gets the successor of its refresh token", self.whose()),
                observed: "it gets one that was given out before".to_owned(),
                evidence: Story::new(self.index).link(self.refresh.sent).breaks(answered).tell(),
            }),
            _ => Ok(()),
        }
    }

    /// All who use one token are given the same.
    fn is_the_same(&self, answered: usize, text: &str) -> Result<(), Violation> {
        let another = self.same_link().find_map(|other| match &other.handed {
            Some((entry, Handed::Token(given, _))) if given != text => Some((other, *entry)),
            _ => None,
        });
        let Some((other, entry)) = another else { return Ok(()) };
        if self.a_key_was_rotated_before(answered.max(entry)) {
            return Ok(());
        }
        Err(Violation {
            expected: format!("{} gets what {} got for the same refresh token", self.whose(), other.device),
            observed: "it gets another token: one refresh token was spent twice".to_owned(),
            evidence: Story::new(self.index)
                .link(other.sent)
                .link(entry)
                .link(self.refresh.sent)
                .breaks(answered)
                .tell(),
        })
    }

    /// A token that was used long ago gives nothing.
    fn is_in_time(&self, answered: usize) -> Result<(), Violation> {
        let index = self.index;
        let used = self.same_link().filter_map(|other| match &other.handed {
            Some((entry, Handed::Token(..))) => Some((other, *entry)),
            _ => None,
        });
        let Some((first, used)) = used.min_by_key(|(_, entry)| *entry) else { return Ok(()) };
        let since_ms = index.at(self.refresh.sent).as_ms().saturating_sub(index.at(used).as_ms());
        if since_ms <= REUSE_MS || !index.troubles().clock_is_true(index.at(first.sent), index.at(answered)) {
            return Ok(());
        }
        Err(Violation {
            expected: format!("{} is refused with a refresh token that was used long ago", self.whose()),
            observed: format!(
                "it gets a new token, {}.{:03} s after the first use",
                since_ms / 1_000,
                since_ms % 1_000
            ),
            evidence: Story::new(index).link(first.sent).link(used).link(self.refresh.sent).breaks(answered).tell(),
        })
    }

    /// Only who comes late, or behind somebody who went on already, is refused.
    fn is_a_reuse(&self, answered: usize) -> Result<(), Violation> {
        let index = self.index;
        let went_on = self.all.iter().any(|other| other.link > self.refresh.link && other.sent < answered);
        if went_on {
            return Ok(());
        }
        let first = self.same_link().map(|other| other.sent).chain([self.refresh.sent]).min();
        let first = first.unwrap_or(self.refresh.sent);
        let since_ms = index.at(answered).as_ms().saturating_sub(index.at(first).as_ms());
        if since_ms > REUSE_MS || !index.troubles().clock_is_true(index.at(first), index.at(answered)) {
            return Ok(());
        }
        let (expected, story) = if first == self.refresh.sent {
            ("a refresh token that nobody has used is good", Story::new(index))
        } else {
            let story = Story::new(index).link(first);
            ("who uses a refresh token again within 30 s stays logged in", story)
        };
        Err(Violation {
            expected: expected.to_owned(),
            observed: format!("{} is refused", self.whose()),
            evidence: story.link(self.refresh.sent).breaks(answered).tell(),
        })
    }

    /// A refused reuse ends the session.
    fn ends_the_session(&self, answered: usize) -> Result<(), Violation> {
        let index = self.index;
        let ended = index.handed().ended(self.session);
        if !index.log.is_complete() || ended.is_some_and(|ended| ended.span.from <= answered) {
            return Ok(());
        }
        Err(Violation {
            expected: "the reuse of a refresh token that was used long ago ends its session".to_owned(),
            observed: format!("{} is refused, and no event ends the session", self.whose()),
            evidence: Story::new(index)
                .link(self.earlier.iter().find(|other| other.link == self.refresh.link).map(|other| other.sent))
                .link(self.refresh.sent)
                .breaks(answered)
                .tell(),
        })
    }

    /// The other uses of the same token that were sent before.
    fn same_link(&self) -> impl Iterator<Item = &'i Refresh<'t>> {
        let link = self.refresh.link;
        self.earlier.iter().filter(move |other| other.link == link)
    }

    fn a_key_was_rotated_before(&self, entry: usize) -> bool {
        self.index.trace.entries[..entry].iter().any(
            |observed| matches!(&observed.what, Observation::Fault { kind, .. } if kind.concerns == Concern::Tokens),
        )
    }

    fn whose(&self) -> String {
        possessive(self.refresh.device)
    }
}

#[cfg(test)]
mod tests {
    use system::protocol::{EventBody, SessionRevoked, StreamId};

    use super::*;
    use crate::scene::{Scene, chain, held, vacuous, violated};

    /// Ana's phone and its double have the same login; the token is called `r0`.
    fn scene() -> (Scene, SessionId) {
        let mut scene = Scene::company();
        let session = scene.opens_session("ana/phone", "r0");
        (scene, session)
    }

    fn ends(scene: &mut Scene, session: SessionId) {
        let stream = StreamId::User(scene.user("ana"));
        scene.commit("ana", vec![(stream, EventBody::SessionRevoked(SessionRevoked { session }))]);
    }

    #[test]
    fn one_token_spent_twice_is_a_violation() {
        let (mut scene, _) = scene();
        scene.refreshes("ana/phone", "r0", "r1");
        scene.refreshes("ana/laptop", "r0", "r9");
        let violation = violated(&Rotation, &scene.ends());
        assert_eq!(violation.expected, "ana's laptop gets what ana/phone got for the same refresh token");
        assert_eq!(violation.observed, "it gets another token: one refresh token was spent twice");
        assert_eq!(chain(&violation).len(), 4, "{:#?}", chain(&violation));
    }

    #[test]
    fn a_token_that_does_not_rotate_is_a_violation() {
        let (mut scene, _) = scene();
        scene.refreshes("ana/phone", "r0", "r0");
        assert_eq!(violated(&Rotation, &scene.ends()).observed, "it gets one that was given out before");
    }

    #[test]
    fn a_late_reuse_that_is_answered_is_a_violation() {
        let (mut scene, _) = scene();
        scene.refreshes("ana/phone", "r0", "r1");
        scene.wait_ms(30_100);
        scene.refreshes("ana/laptop", "r0", "r1");
        let violation = violated(&Rotation, &scene.ends());
        assert_eq!(violation.expected, "ana's laptop is refused with a refresh token that was used long ago");
        assert!(violation.observed.starts_with("it gets a new token, 30.1"), "{}", violation.observed);
    }

    #[test]
    fn two_tabs_at_once_of_which_one_is_refused_are_a_violation() {
        let (mut scene, session) = scene();
        scene.refreshes("ana/phone", "r0", "r1");
        scene.wait_ms(20_000);
        scene.refused_refresh("ana/laptop", "r0", ErrorCode::RefreshTokenInvalid, |scene| ends(scene, session));
        let violation = violated(&Rotation, &scene.ends());
        assert_eq!(violation.expected, "who uses a refresh token again within 30 s stays logged in");
        assert_eq!(violation.observed, "ana's laptop is refused");
    }

    #[test]
    fn a_fresh_token_that_is_refused_is_a_violation() {
        let (mut scene, session) = scene();
        scene.refused_refresh("ana/phone", "r0", ErrorCode::RefreshTokenInvalid, |scene| ends(scene, session));
        assert_eq!(violated(&Rotation, &scene.ends()).expected, "a refresh token that nobody has used is good");
    }

    #[test]
    fn a_late_reuse_that_ends_no_session_is_a_violation() {
        let (mut scene, _) = scene();
        scene.refreshes("ana/phone", "r0", "r1");
        scene.wait_ms(31_000);
        scene.refused_refresh("ana/laptop", "r0", ErrorCode::RefreshTokenInvalid, |_| {});
        let violation = violated(&Rotation, &scene.ends());
        assert_eq!(violation.observed, "ana's laptop is refused, and no event ends the session");
    }

    #[test]
    fn rotation_as_it_should_be_holds() {
        let (mut scene, session) = scene();
        scene.refreshes("ana/phone", "r0", "r1");
        scene.refreshes("ana/laptop", "r0", "r1");
        scene.refreshes("ana/phone", "r1", "r2");
        // Past the last link but one: either way is right.
        scene.refreshes("ana/laptop", "r0", "r1");
        scene.wait_ms(29_000);
        scene.refreshes("ana/phone", "r1", "r2");
        scene.wait_ms(31_000);
        scene.refused_refresh("ana/laptop", "r0", ErrorCode::RefreshTokenInvalid, |scene| ends(scene, session));
        scene.refused_refresh("ana/phone", "r2", ErrorCode::SessionRevoked, |_| {});
        held(&Rotation, &scene.ends());
    }

    #[test]
    fn another_key_writes_the_same_link_as_another_text_and_a_clock_that_jumps_excuses() {
        let (mut scene, _) = scene();
        scene.refreshes("ana/phone", "r0", "r1");
        scene.fault("key_rotation", "the operator rotates the signing key");
        scene.refreshes("ana/laptop", "r0", "r1 by the other key");
        scene.fault("clock_jump", "the server's clock jumps back by 20.000 s");
        scene.wait_ms(40_000);
        scene.refreshes("ana/laptop", "r0", "r1 by the other key");
        held(&Rotation, &scene.ends());
    }

    #[test]
    fn where_nobody_refreshes_there_is_nothing_to_check() {
        vacuous(&Rotation, &Scene::company().ends());
    }
}
