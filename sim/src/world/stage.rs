//! Setting the stage: the company, its users and its rooms, by the auditor over REST, in calm weather.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use system::client::{CallError, Rest, Timing};
use system::protocol::{CompanyId, CreateRoom, CreateUser, Login, Register, Role, RoomId, StreamId, Tokens, UserId};
use tokio::time::{Instant, sleep};

use super::connector::WeatherConnector;
use super::operator::Operator;
use super::recorder::Recorder;
use super::watcher::Watcher;
use crate::history::History;
use crate::network::Weather;
use crate::operations::Book;

/// The device name of the auditor: the founding owner, whom no step touches.
pub(super) const AUDITOR: &str = "auditor";

/// How often everybody is asked whether they are an owner, at most, and how long it takes until they are asked again.
const TAKE_BACK_ROUNDS: u32 = 5;
const TAKE_BACK_PAUSE: Duration = Duration::from_secs(1);

/// Everybody's password.
pub(crate) const PASSWORD: &str = "secret-1";

/// The auditor's hands, and everything that was made with them.
pub(super) struct Stage {
    pub(super) auditor: Auditor,
    pub(super) operator: Operator,
    pub(super) company: CompanyId,
    pub(super) users: BTreeMap<String, UserId>,
    pub(super) rooms: BTreeMap<String, RoomId>,
    /// The company's and all users' own streams.
    pub(super) streams: Vec<StreamId>,
    /// Who the auditor is.
    pub(super) founder: UserId,
}

/// The auditor's REST client. Its token is renewed when it ends.
pub(super) struct Auditor {
    rest: Rest<WeatherConnector>,
    tokens: Tokens,
}

/// Where a user's mail would go.
pub(super) fn email(user: &str) -> String {
    format!("{user}@acme.test")
}

/// Makes all that the history takes for granted.
///
/// # Errors
/// The server refuses something, or does not answer for a minute: the run cannot begin.
pub(super) async fn set(history: &History, weather: &Weather, recorder: &Recorder) -> Result<Stage, CallError> {
    let connector = Arc::new(WeatherConnector::new(weather.clone(), AUDITOR));
    let watcher = Arc::new(Watcher::new(AUDITOR, recorder.clone(), Book::default()));
    let rest = Rest::new(connector, Timing::default(), watcher);
    let register = Register {
        company: "Acme".into(),
        email: email(AUDITOR),
        name: AUDITOR.into(),
        password: PASSWORD.into(),
        device: AUDITOR.into(),
    };
    let session = persist(async || rest.register(&register, AUDITOR).await).await?;
    let (company, founder) = (session.company.id, session.user.id);
    let mut streams = vec![StreamId::Company(session.company.id), StreamId::User(session.user.id)];
    let mut auditor = Auditor { rest, tokens: session.tokens };

    let mut users = BTreeMap::new();
    for plan in &history.users {
        let (email, name) = (email(&plan.name), plan.name.clone());
        let user = CreateUser { email, name, password: PASSWORD.into(), role: plan.role };
        let created = auditor.call(async |rest, token| rest.create_user(token, &user, &plan.name).await).await?;
        streams.push(StreamId::User(created.id));
        users.insert(plan.name.clone(), created.id);
    }
    let mut rooms = BTreeMap::new();
    for plan in &history.rooms {
        let room = CreateRoom { name: plan.name.clone(), visibility: plan.visibility };
        let created = auditor.call(async |rest, token| rest.create_room(token, &room, &plan.name).await).await?;
        for member in plan.members.iter().filter_map(|name| users.get(name)) {
            auditor.call(async |rest, token| rest.add_member(token, created.id, *member).await).await?;
        }
        rooms.insert(plan.name.clone(), created.id);
    }
    if history.is_handed_over() {
        auditor.call(async |rest, token| rest.change_role(token, founder, Role::Member).await).await?;
    }
    let operator = Operator::new(weather.clone());
    Ok(Stage { auditor, operator, company, users, rooms, streams, founder })
}

impl Stage {
    /// Makes the auditor an owner again, with the hands of any user who is one.
    ///
    /// # Errors
    /// What the last of them was told: nobody is an owner.
    pub(super) async fn take_back(&mut self, history: &History) -> Result<(), CallError> {
        let mut outcome = Ok(());
        // What the users asked for in the storm may be done only now: who was asked before may be an owner after.
        for round in 0..TAKE_BACK_ROUNDS {
            if round > 0 {
                sleep(TAKE_BACK_PAUSE).await;
            }
            for plan in &history.users {
                outcome = self.take_back_from(&plan.name).await;
                if outcome.is_ok() {
                    return outcome;
                }
            }
        }
        outcome
    }

    async fn take_back_from(&self, user: &str) -> Result<(), CallError> {
        let login = Login { email: email(user), password: PASSWORD.into(), device: AUDITOR.into() };
        let rest = &self.auditor.rest;
        let tokens = persist(async || rest.login(&login).await).await?.tokens;
        let promote = async || rest.change_role(&tokens.access_token, self.founder, Role::Owner).await;
        persist(promote).await.map(drop)
    }
}

impl Auditor {
    /// Makes a call until it has a definite answer.
    ///
    /// # Errors
    /// The server refuses it, or does not answer for a minute.
    pub(super) async fn call<T>(
        &mut self,
        call: impl AsyncFn(&Rest<WeatherConnector>, &str) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let first = persist(async || call(&self.rest, &self.tokens.access_token).await).await;
        match first {
            Err(CallError::Refused(problem)) if problem.status == 401 => {
                self.tokens = persist(async || self.rest.refresh(&self.tokens.refresh_token).await).await?;
                persist(async || call(&self.rest, &self.tokens.access_token).await).await
            }
            answer => answer,
        }
    }
}

/// Repeats a call whose answer was lost, or that the server asked to repeat, for up to a minute. Every call that comes
/// here can be repeated: it reads, or it has an idempotency key, or doing it twice is doing it once.
pub(super) async fn persist<T>(call: impl AsyncFn() -> Result<T, CallError>) -> Result<T, CallError> {
    let give_up = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = call().await;
        let again = match &answer {
            Err(CallError::Lost(_) | CallError::Unsent(_)) => true,
            Err(CallError::Refused(problem)) => problem.code.temporary(),
            Ok(_) | Err(CallError::Unreadable { .. }) => false,
        };
        if !again || Instant::now() >= give_up {
            return answer;
        }
        sleep(Duration::from_millis(250)).await;
    }
}
