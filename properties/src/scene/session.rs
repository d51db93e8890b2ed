//! Sessions and tokens of a scene, done as an honest server does them.

use system::protocol::{ErrorCode, Problem, Refresh, Session, SessionId, Tokens};

use super::Scene;
use crate::telling::user_of;

impl Scene {
    /// A device logs in and is given a refresh token of this text.
    pub(crate) fn opens_session(&mut self, device: &str, refresh_token: &str) -> SessionId {
        let request = self.asks(device, "POST", "/api/v1/auth/login", None, "{}");
        let (session, user) = (SessionId(self.uuid()), self.users[user_of(device)].clone());
        let (company, tokens) = (self.the_company().clone(), self.tokens(refresh_token));
        self.answers(device, request, 201, &Session { session, user, company, tokens });
        session
    }

    /// A device uses a refresh token and is given another.
    pub(crate) fn refreshes(&mut self, device: &str, token: &str, successor: &str) {
        let request = self.asks_to_refresh(device, token);
        let tokens = self.tokens(successor);
        self.answers(device, request, 200, &tokens);
    }

    /// A device uses a refresh token and is refused, after something.
    pub(crate) fn refused_refresh(
        &mut self,
        device: &str,
        token: &str,
        code: ErrorCode,
        before: impl FnOnce(&mut Self),
    ) {
        let request = self.asks_to_refresh(device, token);
        before(self);
        self.answers(device, request, code.status(), &problem(code));
    }

    fn asks_to_refresh(&mut self, device: &str, token: &str) -> u32 {
        if !self.devices.contains_key(device) {
            self.logs_in(device);
        }
        let body = serde_json::to_string(&Refresh { refresh_token: token.to_owned() }).expect("it is text");
        self.asks(device, "POST", "/api/v1/auth/refresh", None, &body)
    }

    fn tokens(&self, refresh_token: &str) -> Tokens {
        let end = self.now().plus_ms(60_000);
        let access_token = format!("access beside {refresh_token}");
        Tokens {
            access_token,
            access_expires_at: end,
            refresh_token: refresh_token.to_owned(),
            refresh_expires_at: end,
        }
    }
}

/// A refusal as the body of an answer.
pub(crate) fn problem(code: ErrorCode) -> Problem {
    Problem {
        r#type: "about:blank".into(),
        title: code.title().into(),
        status: code.status(),
        detail: "in a scene".into(),
        code,
        correlation_id: "c".into(),
        errors: Vec::new(),
        quota: None,
    }
}
