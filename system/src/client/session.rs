//! The login behind a client: one access token at a time, renewed by one task at a time (REQUIREMENTS.md IT-1, CG-5).
//!
//! A token is renewed by rotation; when the server refuses the refresh token, by a login with the password; when it
//! refuses that too, never again. Whoever finds a token to be bad says so by [`LoginSession::distrust`], and the next
//! one to ask for a token waits for a good one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio::time::sleep;

use super::backoff::Backoff;
use super::rest::{Answer, Exchange, Method, Request, Rest};
use super::{ClientConfig, Connector, Observer, SavedLogin};
use crate::platform::Platform;
use crate::protocol::{API_PREFIX, ErrorCode, Login, Refresh, Session, SessionId, Tokens, UserId};

/// The server refuses this user for good.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the server sent this client away for good: {0}")]
pub(super) struct SentAway(pub(super) String);

/// An access token and the session that it belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Access {
    pub(super) token: Arc<str>,
    pub(super) session: SessionId,
}

/// What is wrong with an access token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Distrust {
    /// It ended, or will soon: rotate.
    Expired,
    /// Its session ended: only the password helps.
    Revoked,
}

/// Keeps a client logged in.
pub(super) struct LoginSession<C: Connector> {
    rest: Rest<C>,
    config: Arc<ClientConfig>,
    platform: Arc<dyn Platform>,
    observer: Arc<dyn Observer>,
    state: Mutex<State>,
    /// Held by the one task that renews.
    renewal: tokio::sync::Mutex<()>,
    newest: watch::Sender<Option<Access>>,
}

#[derive(Default)]
struct State {
    user: Option<UserId>,
    /// The email and the password, where this client changed what it was configured with.
    email: Option<String>,
    password: Option<String>,
    login: Option<(SessionId, Tokens)>,
    distrust: Option<Distrust>,
}

/// One attempt to get a token.
enum Attempt {
    Got(Access),
    Refused(Answer),
    Failed { retry_after_ms: Option<u64> },
}

impl<C: Connector> LoginSession<C> {
    pub(super) fn new(
        rest: Rest<C>,
        config: Arc<ClientConfig>,
        platform: Arc<dyn Platform>,
        observer: Arc<dyn Observer>,
        saved: Option<SavedLogin>,
    ) -> Self {
        let user = saved.as_ref().map(|login| login.user);
        let login = saved.map(|login| (login.session, login.tokens));
        let state = State { user, login, ..State::default() };
        Self {
            rest,
            config,
            platform,
            observer,
            newest: watch::Sender::new(state.access()),
            state: Mutex::new(state),
            renewal: tokio::sync::Mutex::default(),
        }
    }

    /// The login as it is now, if there is one.
    pub(super) fn saved(&self) -> Option<SavedLogin> {
        self.state().saved()
    }

    /// Who is logged in.
    pub(super) fn user(&self) -> Option<UserId> {
        self.state().user
    }

    /// The newest token.
    pub(super) fn newest(&self) -> Option<Access> {
        self.newest.borrow().clone()
    }

    /// Tells of every new token.
    pub(super) fn watch(&self) -> watch::Receiver<Option<Access>> {
        self.newest.subscribe()
    }

    /// A token that nobody distrusts; takes as long as it takes to get one.
    ///
    /// # Errors
    /// The server refuses the password.
    pub(super) async fn access(&self) -> Result<Access, SentAway> {
        if let Some(access) = self.trusted() {
            return Ok(access);
        }
        let _renewal = self.renewal.lock().await;
        if let Some(access) = self.trusted() {
            return Ok(access);
        }
        let mut backoff = Backoff::new(&self.config.timing);
        loop {
            let refresh_token = self.refresh_token();
            let rotates = refresh_token.is_some();
            let attempt = match refresh_token {
                Some(refresh_token) => self.rotate(refresh_token).await,
                None => self.log_in().await,
            };
            match attempt {
                Attempt::Got(access) => return Ok(access),
                Attempt::Refused(_) if rotates => self.state().login = None,
                Attempt::Refused(answer) => return Err(SentAway(describe(&answer))),
                Attempt::Failed { retry_after_ms } => {
                    let wait = backoff.next(&*self.platform);
                    sleep(wait.max(Duration::from_millis(retry_after_ms.unwrap_or(0)))).await;
                }
            }
        }
    }

    /// Says that `token` is bad. Does nothing if there is a newer one already.
    pub(super) fn distrust(&self, token: &str, why: Distrust) {
        let mut state = self.state();
        if state.login.as_ref().is_some_and(|(_, tokens)| tokens.access_token == token)
            && state.distrust != Some(Distrust::Revoked)
        {
            state.distrust = Some(why);
        }
    }

    /// The user has another email, or another password, and logs in with it from now on.
    pub(super) fn credentials_changed(&self, email: Option<&str>, password: Option<&str>) {
        let mut state = self.state();
        state.email = email.map(str::to_owned).or(state.email.take());
        state.password = password.map(str::to_owned).or(state.password.take());
    }

    /// Sends `request` with a token. A token that is refused is renewed, and the request sent again, once.
    ///
    /// # Errors
    /// The server refuses the password.
    pub(super) async fn send(&self, request: Request) -> Result<Exchange, SentAway> {
        let access = self.access().await?;
        let request = request.token(&access.token);
        let exchange = self.rest.send(&request).await;
        let Exchange::Answered(answer) = &exchange else { return Ok(exchange) };
        if answer.status != 401 {
            return Ok(exchange);
        }
        self.distrust(&access.token, Distrust::because(answer));
        let access = self.access().await?;
        Ok(self.rest.send(&request.token(&access.token)).await)
    }

    async fn rotate(&self, refresh_token: String) -> Attempt {
        let request = Request::new(Method::Post, format!("{API_PREFIX}/auth/refresh")).json(&Refresh { refresh_token });
        self.attempt(&request, |state, tokens: Tokens| {
            let session = state.login.as_ref().map(|(session, _)| *session)?;
            state.login = Some((session, tokens));
            Some(())
        })
        .await
    }

    async fn log_in(&self) -> Attempt {
        let login = {
            let ClientConfig { email, password, device, .. } = &*self.config;
            let state = self.state();
            Login {
                email: state.email.as_ref().unwrap_or(email).clone(),
                password: state.password.as_ref().unwrap_or(password).clone(),
                device: device.clone(),
            }
        };
        let request = Request::new(Method::Post, format!("{API_PREFIX}/auth/login")).json(&login);
        self.attempt(&request, |state, session: Session| {
            state.user = Some(session.user.id);
            self.observer.logged_in(session.user.id, session.session);
            state.login = Some((session.session, session.tokens));
            Some(())
        })
        .await
    }

    async fn attempt<T: DeserializeOwned>(
        &self,
        request: &Request,
        take: impl FnOnce(&mut State, T) -> Option<()>,
    ) -> Attempt {
        let Exchange::Answered(answer) = self.rest.send(request).await else {
            return Attempt::Failed { retry_after_ms: None };
        };
        if (400..500).contains(&answer.status) && !answer.temporary() {
            return Attempt::Refused(answer);
        }
        if answer.succeeded()
            && let Ok(body) = serde_json::from_str(&answer.body)
        {
            let mut state = self.state();
            if take(&mut state, body).is_some()
                && let Some(access) = state.access()
            {
                state.distrust = None;
                if let Some(login) = state.saved() {
                    self.observer.login_changed(&login);
                }
                self.newest.send_replace(Some(access.clone()));
                return Attempt::Got(access);
            }
        }
        Attempt::Failed { retry_after_ms: answer.retry_after_ms }
    }

    fn trusted(&self) -> Option<Access> {
        let state = self.state();
        if state.distrust.is_some() { None } else { state.access() }
    }

    /// The token to rotate with, unless only the password helps.
    fn refresh_token(&self) -> Option<String> {
        let state = self.state();
        if state.distrust == Some(Distrust::Revoked) {
            return None;
        }
        state.login.as_ref().map(|(_, tokens)| tokens.refresh_token.clone())
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn saved(&self) -> Option<SavedLogin> {
        let (session, tokens) = self.login.clone()?;
        Some(SavedLogin { user: self.user?, session, tokens })
    }

    fn access(&self) -> Option<Access> {
        let (session, tokens) = self.login.as_ref()?;
        Some(Access { token: tokens.access_token.as_str().into(), session: *session })
    }
}

impl Distrust {
    /// What a refusal says about the token that was sent along.
    pub(super) fn because(refusal: &Answer) -> Self {
        match refusal.problem() {
            Some(problem) if problem.code == ErrorCode::SessionRevoked => Self::Revoked,
            _ => Self::Expired,
        }
    }
}

fn describe(refusal: &Answer) -> String {
    match refusal.problem() {
        Some(problem) => format!("{}: {}", problem.title, problem.detail),
        None => format!("login was answered with status {}", refusal.status),
    }
}
