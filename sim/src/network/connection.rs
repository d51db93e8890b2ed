//! A connection's two lanes and the stream at their far end, moved on by whoever polls.
//!
//! The far end is a turmoil stream that delivers at once. What the device writes goes through the lane up into it; what
//! comes out of it goes through the lane down to the device. The weather says which gates are open and whether the
//! server still lives.

use std::future::Future;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};
use turmoil::net::TcpStream;

use super::lane::{Front, Lane, Load};
use super::link::{ConnectionName, Gate, Way};
use super::server_state::Fate;
use super::wakers::Wakers;
use super::weather::{View, Weather};
use crate::clock;
use crate::keyed::Key;

/// The most that one segment carries.
const SEGMENT_BYTES: usize = 16 * 1024;

/// Everything about one connection, seen from the device.
pub(super) struct Connection {
    weather: Weather,
    device: Arc<str>,
    name: ConnectionName,
    key: Key,
    life: usize,
    stream: Option<TcpStream>,
    /// How the server said that it will say no more.
    server_farewell: Option<Load>,
    up: Lane,
    down: Lane,
    /// The device will say no more.
    up_is_shut: bool,
    /// The device has read the end.
    is_read_to_end: bool,
    /// A reset arrived.
    is_broken: bool,
    /// The device has let go of it.
    is_abandoned: bool,
    /// Something has arrived for the device.
    is_readable: bool,
    timer: Pin<Box<Sleep>>,
    timer_ends_at: Option<Duration>,
    wakers: Arc<Wakers>,
    waker: Waker,
}

impl Connection {
    /// A connection to that life of the server, over `stream`.
    pub(super) fn new(
        weather: Weather,
        device: &Arc<str>,
        name: ConnectionName,
        life: usize,
        stream: TcpStream,
    ) -> Self {
        let wakers = Arc::new(Wakers::default());
        let waker = Waker::from(Arc::clone(&wakers));
        weather.with_link(device, |link| link.register(name, life, waker.clone()));
        Self {
            key: weather.connection_key(device, name),
            weather,
            device: Arc::clone(device),
            name,
            life,
            stream: Some(stream),
            server_farewell: None,
            up: Lane::default(),
            down: Lane::default(),
            up_is_shut: false,
            is_read_to_end: false,
            is_broken: false,
            is_abandoned: false,
            is_readable: false,
            timer: Box::pin(sleep(Duration::ZERO)),
            timer_ends_at: None,
            wakers,
            waker,
        }
    }

    /// Reads what has arrived; nothing at the end.
    pub(super) fn poll_read(&mut self, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.advance();
        self.check()?;
        if self.is_read_to_end || out.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        match self.down.front() {
            Some(Load::Bytes(bytes)) if self.is_readable => {
                let count = bytes.len().min(out.remaining());
                out.put_slice(&bytes[..count]);
                self.down.consume(count);
            }
            Some(Load::End) if self.is_readable => {
                self.down.consume(0);
                self.is_read_to_end = true;
            }
            _ => {
                self.wakers.set_reader(context);
                return Poll::Pending;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Sends a segment, if the window has room.
    pub(super) fn poll_write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.advance();
        self.check()?;
        if self.up_is_shut {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let count = bytes.len().min(self.up.room_bytes()).min(SEGMENT_BYTES);
        if count == 0 && !bytes.is_empty() {
            self.wakers.set_writer(context);
            return Poll::Pending;
        }
        if count > 0 {
            self.send_up(Load::Bytes(Bytes::copy_from_slice(&bytes[..count])));
            self.advance();
        }
        Poll::Ready(Ok(count))
    }

    /// The device will say no more. What it said goes first.
    pub(super) fn shut_down(&mut self) -> io::Result<()> {
        self.advance();
        self.check()?;
        self.shut_up_lane();
        self.advance();
        Ok(())
    }

    /// An error if a reset has arrived.
    pub(super) fn check(&self) -> io::Result<()> {
        if self.is_broken { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }

    /// The device drops the connection.
    pub(super) fn let_go(&mut self) {
        self.is_abandoned = true;
        self.weather.with_link(&self.device, |link| link.mark_closed(self.name));
        self.shut_up_lane();
    }

    /// There is something left to tell the server.
    pub(super) fn has_farewell(&self) -> bool {
        self.stream.is_some() && !self.up.is_empty()
    }

    /// Resolves when nothing is left to tell the server.
    pub(super) fn poll_farewell(&mut self, context: &Context<'_>) -> Poll<()> {
        self.advance();
        if self.has_farewell() {
            self.wakers.set_writer(context);
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Moves everything as far as it goes now, and sees to it that somebody is woken when it goes on.
    fn advance(&mut self) {
        let view = self.weather.view(&self.device, self.name, self.life);
        let before = (self.is_broken, self.is_readable, self.up.room_bytes() > 0);
        if view.is_reset && !self.is_broken {
            self.reset();
        }
        let now = clock::elapsed();
        let up = self.advance_up(now, &view);
        let down = self.advance_down(now, &view);
        if before != (self.is_broken, self.is_readable, self.up.room_bytes() > 0) {
            // The other half may be another task's.
            self.waker.wake_by_ref();
        }
        if let Some(next) = up.into_iter().chain(down).min() {
            self.set_timer(now, next);
        }
    }

    /// Hands the server what has arrived there. When the next segment does.
    fn advance_up(&mut self, now: Duration, view: &View) -> Option<Duration> {
        loop {
            match self.up.look(now, view.up) {
                Front::Nothing => return None,
                Front::Arrives(time) => return Some(time),
                Front::Waits => {
                    let held_bytes = self.up.count_held_bytes();
                    self.tally_held(Way::Up, held_bytes);
                    return None;
                }
                Front::Here if !self.hand_over(now, view) => return None,
                Front::Here => {}
            }
        }
    }

    /// Gives the front segment to the server, or to what became of it. False if it does not take it now.
    fn hand_over(&mut self, now: Duration, view: &View) -> bool {
        if view.fate == Fate::PowerLost && view.up != Gate::Open {
            return false;
        }
        if view.fate == Fate::PowerLost {
            // The host is back, and knows no such connection (RFC 9293, 3.10.7.1).
            self.up.clear();
            self.part(Load::Reset, now);
            return false;
        }
        if view.fate != Fate::Alive {
            self.stream = None;
        }
        let mut context = Context::from_waker(&self.waker);
        match (self.up.front(), &mut self.stream) {
            (Some(Load::Bytes(bytes)), Some(stream)) => match Pin::new(stream).poll_write(&mut context, bytes) {
                Poll::Ready(Ok(count)) => self.up.consume(count),
                Poll::Ready(Err(_)) => {
                    self.up.clear();
                    self.part(Load::Reset, now);
                }
                Poll::Pending => return false,
            },
            (Some(_), Some(stream)) => {
                // An end that comes after the server's own, or after its host is gone, is no news: any error is that.
                let _ = Pin::new(stream).poll_shutdown(&mut context);
                self.up.consume(0);
                if self.is_broken || self.is_abandoned {
                    self.stream = None;
                }
            }
            (Some(_), None) => self.up.clear(),
            (None, _) => return false,
        }
        true
    }

    /// Takes what the server says, and looks what has arrived at the device. When the next segment does.
    fn advance_down(&mut self, now: Duration, view: &View) -> Option<Duration> {
        if !self.is_broken && !self.is_abandoned {
            self.listen(now, view.fate);
        }
        self.is_readable = false;
        match self.down.look(now, view.down) {
            Front::Nothing => {}
            Front::Arrives(time) => return Some(time),
            Front::Waits => {
                let held_bytes = self.down.count_held_bytes();
                self.tally_held(Way::Down, held_bytes);
            }
            Front::Here if self.down.front() == Some(&Load::Reset) => {
                self.is_broken = true;
                self.up.clear();
                self.stream = None;
                self.weather.with_link(&self.device, |link| link.mark_closed(self.name));
            }
            Front::Here => self.is_readable = true,
        }
        None
    }

    /// Sends down what the server has said, and what became of it.
    fn listen(&mut self, now: Duration, fate: Fate) {
        let mut storage = [MaybeUninit::uninit(); SEGMENT_BYTES];
        while self.server_farewell.is_none() && self.down.room_bytes() > 0 {
            let Some(stream) = &mut self.stream else { break };
            let mut buffer = ReadBuf::uninit(&mut storage);
            let outcome = Pin::new(stream).poll_read(&mut Context::from_waker(&self.waker), &mut buffer);
            match outcome {
                Poll::Pending => break,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    let segment = Bytes::copy_from_slice(buffer.filled());
                    let latency = self.latency(Way::Down);
                    self.down.send(Load::Bytes(segment), now, latency);
                }
                // Where the whole server ended, its fate says more than how turmoil took its sockets away.
                Poll::Ready(_) if fate != Fate::Alive => break,
                Poll::Ready(Ok(())) => self.say_farewell(Load::End, now),
                Poll::Ready(Err(_)) => self.part(Load::Reset, now),
            }
        }
        match fate {
            Fate::Alive => {}
            Fate::Stopped => self.part(Load::End, now),
            Fate::Killed => self.part(Load::Reset, now),
            Fate::PowerLost => {
                self.stream = None;
                if self.down.is_held() {
                    // It was lost on the way, and nobody is there to send it again.
                    self.down.clear();
                }
            }
        }
    }

    /// The server's end is gone, and the device hears it in this form.
    fn part(&mut self, farewell: Load, now: Duration) {
        self.stream = None;
        self.say_farewell(farewell, now);
    }

    /// Sends the server's last word down: an end, and a reset even after that, each once.
    fn say_farewell(&mut self, farewell: Load, now: Duration) {
        let is_news = match &self.server_farewell {
            None => true,
            Some(said) => *said != Load::Reset && farewell == Load::Reset,
        };
        if is_news {
            self.server_farewell = Some(farewell.clone());
            let latency = self.latency(Way::Down);
            self.down.send(farewell, now, latency);
        }
    }

    /// Something on the way resets both ends. The server hears of it like of any end.
    fn reset(&mut self) {
        self.is_broken = true;
        self.up.clear();
        self.down.clear();
        self.up_is_shut = true;
        self.send_up(Load::End);
    }

    fn shut_up_lane(&mut self) {
        if !self.up_is_shut {
            self.up_is_shut = true;
            self.send_up(Load::End);
        }
    }

    fn send_up(&mut self, load: Load) {
        let latency = self.latency(Way::Up);
        self.up.send(load, clock::elapsed(), latency);
    }

    /// How long the next segment that way takes.
    fn latency(&self, way: Way) -> Duration {
        self.weather.latency(match way {
            Way::Up => self.key.with("up").with(self.up.next_ordinal()),
            Way::Down => self.key.with("down").with(self.down.next_ordinal()),
        })
    }

    fn tally_held(&self, way: Way, held_bytes: usize) {
        if held_bytes > 0 {
            self.weather.with_link(&self.device, |link| link.tally(way, |tally| tally.held_bytes += held_bytes));
        }
    }

    fn set_timer(&mut self, now: Duration, ends_at: Duration) {
        if self.timer_ends_at != Some(ends_at) {
            self.timer_ends_at = Some(ends_at);
            self.timer.as_mut().reset(Instant::now() + ends_at.saturating_sub(now));
        }
        let mut context = Context::from_waker(&self.waker);
        while self.timer.as_mut().poll(&mut context).is_ready() {
            // tokio's clock counts whole milliseconds and may be a part of one ahead.
            self.timer.as_mut().reset(Instant::now() + Duration::from_millis(1));
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.weather.with_link(&self.device, |link| link.forget(self.name));
    }
}
