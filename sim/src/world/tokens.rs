//! What happens to sessions and tokens: levers that somebody else than the history's devices moves, from a program of
//! their own. Whatever is refused or lost has no effect.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use properties::trace::Observation;
use system::client::{Rest, Timing};
use system::protocol::Login;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::cast::{Cast, Device};
use super::connector::WeatherConnector;
use super::levers::Levers;
use super::settings::OPERATOR_TOKEN;
use super::stage::{PASSWORD, email};
use super::watcher::Watcher;
use crate::faults::{DuplicateTab, Target};
use crate::interpose;
use crate::operations::lock;
use crate::words::amount;

/// How often a device and its double are looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// A double of a device, as who may close it knows it.
pub(super) struct Tab {
    step: u32,
    close: oneshot::Sender<()>,
}

impl Levers {
    /// The server's operator has another key sign tokens.
    pub fn rotate_signing_key(&self, step: u32) {
        let Some(cast) = self.cast.get().cloned() else { return };
        let (levers, under_way) = (self.clone(), cast.errand());
        self.spawn(async move {
            let rest = levers.rest(&cast, &format!("operator-{step}"));
            if rest.rotate_signing_key(OPERATOR_TOKEN).await.is_ok() {
                let connected = cast.devices().values().filter(|device| device.standing().connected).count();
                if connected > 0 {
                    let connected = amount(connected as u64, "device is", "devices are");
                    levers.recorder.record_effect(step, format!("another key signs while {connected} connected"));
                }
            }
            drop(under_way);
        });
    }

    /// The users of the devices of `target` log in elsewhere and end the sessions of these devices.
    pub fn revoke_sessions(&self, step: u32, target: &Target) {
        let Some(cast) = self.cast.get().cloned() else { return };
        let mut devices_of: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for device in self.devices_of(target) {
            let (user, _) = device.split_once('/').expect("a device's name is user/device");
            devices_of.entry(user.to_owned()).or_default().push(device.to_string());
        }
        for (user, devices) in devices_of {
            let (levers, cast, under_way) = (self.clone(), cast.clone(), cast.errand());
            self.spawn(async move {
                levers.revoke_sessions_of(step, &cast, &user, &devices).await;
                drop(under_way);
            });
        }
    }

    async fn revoke_sessions_of(&self, step: u32, cast: &Cast, user: &str, devices: &[String]) {
        let elsewhere = format!("{user}/elsewhere-{step}");
        let rest = self.rest(cast, &elsewhere);
        let login = Login { email: email(user), password: PASSWORD.to_owned(), device: "elsewhere".to_owned() };
        let Ok(session) = rest.login(&login).await else { return };
        self.recorder.record(Observation::LoggedIn {
            device: elsewhere.as_str().into(),
            user: session.user.id,
            session: session.session,
        });
        let token = &session.tokens.access_token;
        for name in devices {
            let Some(device) = cast.devices().remove(name) else { continue };
            let Some(login) = device.login().filter(|_| !self.is_over()) else { continue };
            let at_work = device.standing().connected;
            if rest.revoke_session(token, login.session).await.is_ok() && at_work {
                self.recorder.record_effect(step, format!("the session of {name} ended while it was connected"));
            }
        }
        // Where this is lost, the session stays until it ends by itself: nobody uses it.
        let _ = rest.logout(token).await;
    }

    /// Moves the server's wall clock to the end of the token that a device of `target` is connected with, and so much
    /// further. At once, but after whatever the devices are in the midst of.
    pub fn expire_token(&self, step: u32, target: &Target, after_ms: i64) {
        let (levers, target) = (self.clone(), target.clone());
        self.spawn(async move { levers.expire_token_of(step, &target, after_ms) });
    }

    fn expire_token_of(&self, step: u32, target: &Target, after_ms: i64) {
        let (Some(cast), true) = (self.cast.get(), self.machine.is_up()) else { return };
        let devices = cast.devices();
        let connected = self.devices_of(target).filter_map(|name| {
            let device = devices.get(&*name).filter(|device| device.standing().connected)?;
            Some((device.login()?.tokens, name, device.clone()))
        });
        let Some((tokens, name, device)) = connected.min_by_key(|(tokens, ..)| tokens.access_expires_at) else {
            return;
        };
        let ends_at = tokens.access_expires_at;
        let by_ms = ends_at.0.saturating_add(after_ms).saturating_sub(self.machine.clock.now().0);
        self.machine.clock.jump_ms(by_ms);
        interpose::set_wall_offset_ms(self.machine.clock.offset_ms());
        // Before its end the token may be renewed, by a device that knows of no hurry.
        self.after(u64::try_from(-after_ms).unwrap_or(0), move |levers| {
            let is_same = device.login().is_some_and(|login| login.tokens.access_token == tokens.access_token);
            if is_same && levers.machine.is_up() && levers.machine.clock.now() >= ends_at {
                let text = format!("the token of {name} ended, which the server's clock is moved by {by_ms} ms for");
                levers.recorder.record_effect(step, text);
            }
        });
    }

    /// Gives the devices of `target` a double each for a while: on the devices' host, whatever host this is called on.
    pub fn duplicate_tabs(&self, step: u32, target: &Target, for_ms: u64, goodbye: bool) {
        let (levers, target) = (self.clone(), target.clone());
        self.spawn(async move { levers.duplicate_tabs_of(step, &target, for_ms, goodbye) });
    }

    fn duplicate_tabs_of(&self, step: u32, target: &Target, for_ms: u64, goodbye: bool) {
        let Some(cast) = self.cast.get().filter(|_| !self.is_over()) else { return };
        let devices = cast.devices();
        for name in self.devices_of(target) {
            let Some(device) = devices.get(&*name) else { continue };
            let Some(login) = device.login().filter(|_| device.standing().wants_connection) else { continue };
            let double = DuplicateTab::name(&name, step);
            let (user, session) = (login.user, login.session);
            self.recorder.record(Observation::LoggedIn { device: double.as_str().into(), user, session });
            let client = cast.start_double(&double, login);
            let (close, closed) = oneshot::channel();
            lock(&cast.tabs).push(Tab { step, close });
            let (levers, device, under_way) = (self.clone(), device.clone(), cast.errand());
            tokio::spawn(async move {
                tokio::select! {
                    biased;
                    _ = closed => {}
                    () = levers.watch_tab(step, &name, &device, &client) => {}
                }
                if goodbye {
                    client.shutdown().await;
                }
                // The last handle: whatever the client does ends here.
                drop(client);
                drop(under_way);
            });
        }
        self.after(for_ms, move |levers| {
            levers.close_tabs(Some(step));
            levers.report_end(step);
        });
    }

    /// Records that both are connected by one session, when they are. Never ends.
    async fn watch_tab(&self, step: u32, name: &str, device: &Device, double: &Device) {
        let session = |client: &Device| client.login().map(|login| login.session);
        let connected = |client: &Device| client.standing().connected;
        loop {
            if connected(device) && connected(double) && session(device) == session(double) {
                self.recorder.record_effect(step, format!("{name} and its double are connected by one session"));
                return std::future::pending().await;
            }
            sleep(GLANCE).await;
        }
    }

    /// Closes those doubles that live still: of a step, or all.
    pub(super) fn close_tabs(&self, of: Option<u32>) {
        let Some(cast) = self.cast.get() else { return };
        let mut tabs = lock(&cast.tabs);
        let (closed, kept) =
            std::mem::take(&mut *tabs).into_iter().partition(|tab: &Tab| of.is_none_or(|step| tab.step == step));
        *tabs = kept;
        let closed: Vec<Tab> = closed;
        for tab in closed {
            // Nobody listens only where the world has ended.
            let _ = tab.close.send(());
        }
    }

    /// The hands of somebody who is none of the history's devices.
    fn rest(&self, cast: &Cast, name: &str) -> Rest<WeatherConnector> {
        let connector = Arc::new(WeatherConnector::new(self.weather.clone(), name));
        Rest::new(connector, Timing::default(), Arc::new(Watcher::new(name, self.recorder.clone(), cast.book())))
    }
}
