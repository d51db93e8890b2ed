//! The refresh tokens that were handed out, link by link of each session's chain, and what became of their uses; and the
//! ends of sessions.
//!
//! A refresh token is opaque. Which link a text is follows from who was given it for what: the first of a session is link 0,
//! whatever a refresh with link *n* is answered is link *n* + 1.

use std::collections::BTreeMap;

use system::protocol::{ErrorCode, EventBody, Problem, Refresh as Body, Session, SessionId, StreamId, Tokens, UserId};

use super::{Log, Operation, Request, Span};

/// What is known of all sessions.
#[derive(Debug, Default)]
pub(crate) struct Sessions<'t> {
    /// Which session and link each text is.
    links: BTreeMap<String, (SessionId, u32)>,
    /// Every use of a refresh token whose link is known, by the time of its sending.
    refreshes: BTreeMap<SessionId, Vec<Refresh<'t>>>,
    /// Where each session that was ended was: the event that tells so.
    ended: BTreeMap<SessionId, Ended>,
}

/// One use of a refresh token.
#[derive(Clone, Debug)]
pub(crate) struct Refresh<'t> {
    /// Which of the session's chain.
    pub(crate) link: u32,
    /// The entry of its sending.
    pub(crate) sent: usize,
    /// Who used it.
    pub(crate) device: &'t str,
    /// What came of it, and the entry of the answer.
    pub(crate) handed: Option<(usize, Handed)>,
}

/// What a refresh was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Handed {
    /// A token: its text, and the link that this text was known as before.
    Token(String, Option<(SessionId, u32)>),
    /// A refusal.
    Refused(ErrorCode),
    /// Something that says nothing of the token.
    Other,
}

/// The end of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    /// Where the event is that tells so.
    pub(crate) stream: StreamId,
    /// The same.
    pub(crate) seq: u64,
    /// When it was committed.
    pub(crate) span: Span,
}

impl<'t> Sessions<'t> {
    pub(crate) fn new(requests: &[Request<'t>], log: &Log<'_>) -> Self {
        let mut sessions = Self::default();
        for request in requests {
            match request.operation {
                Operation::Register | Operation::AcceptInvitation => sessions.begin(request),
                Operation::Tokens => match serde_json::from_str::<Body>(request.body) {
                    Ok(body) => sessions.refresh(request, &body.refresh_token),
                    Err(_) => sessions.begin(request),
                },
                _ => {}
            }
        }
        let own = log.streams().filter(|(stream, _)| matches!(stream, StreamId::User(_)));
        for (stream, event) in own.flat_map(|(stream, log)| log.events.iter().map(move |event| (stream, event))) {
            if let EventBody::SessionRevoked(revoked) = &event.body {
                let ended = Ended { stream, seq: event.seq, span: log.span(stream, event.seq) };
                sessions.ended.entry(revoked.session).or_insert(ended);
            }
        }
        sessions
    }

    /// The uses of refresh tokens of each session, by the time of their sending.
    pub(crate) fn refreshes(&self) -> impl Iterator<Item = (SessionId, &[Refresh<'t>])> {
        self.refreshes.iter().map(|(session, refreshes)| (*session, refreshes.as_slice()))
    }

    /// Where it is told that a session was ended, if it was.
    pub(crate) fn ended(&self, session: SessionId) -> Option<Ended> {
        self.ended.get(&session).copied()
    }

    /// Whether a session of a user was ended by an entry.
    pub(crate) fn any_ended(&self, user: UserId, by: usize) -> bool {
        self.ended.values().any(|ended| ended.stream == StreamId::User(user) && ended.span.from <= by)
    }

    fn begin(&mut self, request: &Request<'_>) {
        let Some(session) = request.success().and_then(|answer| answer.object::<Session>()) else { return };
        self.links.insert(session.tokens.refresh_token, (session.session, 0));
    }

    fn refresh(&mut self, request: &Request<'t>, token: &str) {
        let Some(&(session, link)) = self.links.get(token) else { return };
        let handed = request.answer.map(|answer| {
            let refused = || answer.object::<Problem>().map(|problem| Handed::Refused(problem.code));
            let handed = match request.success().and_then(|answer| answer.object::<Tokens>()) {
                Some(Tokens { refresh_token, .. }) => {
                    let known = self.links.get(&refresh_token).copied();
                    self.links.entry(refresh_token.clone()).or_insert((session, link + 1));
                    Handed::Token(refresh_token, known)
                }
                None => refused().unwrap_or(Handed::Other),
            };
            (answer.entry, handed)
        });
        let refresh = Refresh { link, sent: request.entry, device: request.device, handed };
        self.refreshes.entry(session).or_default().push(refresh);
    }
}
