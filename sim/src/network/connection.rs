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

use super::effect::Harm;
use super::lane::{BACKED_UP_WINDOW_BYTES, Front, Lane, Load, WINDOW_BYTES};
use super::link::{Blow, ConnectionName, Gate, Way, time_of};
use super::pieces;
use super::send_buffer::Lease;
use super::server_state::Fate;
use super::wakers::Wakers;
use super::weather::{View, Weather};
use crate::activity::{self, DEVICES, Kind};
use crate::clock;
use crate::keyed::Key;
use crate::words::amount;

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
    /// What the server's system keeps of what the server wrote; gone with the stream's address.
    buffer: Option<Lease>,
    /// How the server said that it will say no more.
    server_farewell: Option<Load>,
    up: Lane,
    down: Lane,
    /// The device will say no more.
    up_is_shut: bool,
    /// The device has read the end.
    is_read_to_end: bool,
    /// A reset arrived, or the device lost its end.
    is_broken: bool,
    /// Nothing passes any more, and nobody tells either end.
    is_severed: bool,
    /// When a segment last set out, either way.
    last_sent_at: Duration,
    /// How fast the device reads, if it reads slowly, and when it reads again.
    reads_bytes_per_s: Option<u64>,
    reads_again_at: Duration,
    /// When the way last ceased to be narrow, as far as this connection has taken notice.
    widened_at: Option<Duration>,
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
            buffer: stream.local_addr().ok().map(|address| weather.send_buffers().of(address)),
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
            is_severed: false,
            last_sent_at: clock::elapsed(),
            reads_bytes_per_s: None,
            reads_again_at: Duration::ZERO,
            widened_at: None,
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
                let most = self.reads_bytes_per_s.map_or(usize::MAX, sip_bytes);
                let count = bytes.len().min(out.remaining()).min(most);
                out.put_slice(&bytes[..count]);
                self.down.consume(count);
                self.note(Kind::Delivered, Way::Down.word(), count as u64, || amount_of_bytes(count));
                self.pause_reading(count);
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
        let count = bytes.len().min(self.up.room_bytes(WINDOW_BYTES)).min(SEGMENT_BYTES);
        if count == 0 && !bytes.is_empty() {
            self.wakers.set_writer(context);
            return Poll::Pending;
        }
        if count > 0 {
            self.send(Way::Up, Load::Bytes(Bytes::copy_from_slice(&bytes[..count])));
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
        self.stream.is_some() && (self.is_severed || !self.up.is_empty())
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
        let before = (self.is_broken, self.is_readable, self.up.room_bytes(WINDOW_BYTES) > 0);
        match view.blow {
            Some(Blow::Reset) if !self.is_broken => self.reset(),
            Some(Blow::Vanished) if !self.is_broken => self.vanish(),
            _ => {}
        }
        let now = clock::elapsed();
        if view.forgets_after.is_some_and(|after| now.saturating_sub(self.last_sent_at) >= after) && !self.is_severed {
            self.sever();
            self.tally(Harm::ForgottenConnections, 1);
        }
        if let Some(buffer) = &self.buffer {
            buffer.set_backed_up(view.backs_up);
        }
        if self.widened_at != view.widened_at {
            self.widened_at = view.widened_at;
            let all_there = now + self.weather.calm_passage();
            self.up.hurry(all_there);
            self.down.hurry(all_there);
        }
        self.reads_bytes_per_s = view.reads_bytes_per_s;
        let up = self.advance_up(now, &view);
        let down = self.advance_down(now, &view);
        if before != (self.is_broken, self.is_readable, self.up.room_bytes(WINDOW_BYTES) > 0) {
            // The other half may be another task's.
            self.waker.wake_by_ref();
        }
        if let Some(next) = up.into_iter().chain(down).min() {
            self.set_timer(now, next);
        }
    }

    /// Hands the server what has arrived there. When the next segment does.
    fn advance_up(&mut self, now: Duration, view: &View) -> Option<Duration> {
        if self.is_severed {
            return None;
        }
        loop {
            match self.up.look(now, view.up) {
                Front::Nothing => return None,
                Front::Arrives(time) => return Some(time),
                Front::Waits => {
                    let held_bytes = self.up.count_held_bytes();
                    self.tally_held(Way::Up, held_bytes);
                    return None;
                }
                Front::Here if !self.hand_over(view) => return None,
                Front::Here => {}
            }
        }
    }

    /// Gives the front segment to the server, or to what became of it. False if it does not take it now.
    fn hand_over(&mut self, view: &View) -> bool {
        if view.fate == Fate::PowerLost && view.up != Gate::Open {
            return false;
        }
        if view.fate == Fate::PowerLost {
            // The host is back, and knows no such connection (RFC 9293, 3.10.7.1).
            self.up.clear();
            self.part(Load::Reset);
            return false;
        }
        if view.fate != Fate::Alive {
            self.let_stream_go();
        }
        let mut context = Context::from_waker(&self.waker);
        match (self.up.front(), &mut self.stream) {
            (Some(Load::Bytes(bytes)), Some(stream)) => match Pin::new(stream).poll_write(&mut context, bytes) {
                Poll::Ready(Ok(count)) => {
                    self.up.consume(count);
                    self.note(Kind::Delivered, Way::Up.word(), count as u64, || amount_of_bytes(count));
                }
                Poll::Ready(Err(_)) => {
                    self.up.clear();
                    self.part(Load::Reset);
                }
                Poll::Pending => return false,
            },
            (Some(_), Some(stream)) => {
                // An end that comes after the server's own, or after its host is gone, is no news: any error is that.
                let _ = Pin::new(stream).poll_shutdown(&mut context);
                self.up.consume(0);
                if self.is_broken || self.is_abandoned {
                    self.let_stream_go();
                }
            }
            (Some(_), None) => self.up.clear(),
            (None, _) => return false,
        }
        true
    }

    /// Takes what the server says, and looks what has arrived at the device. When the next segment does.
    fn advance_down(&mut self, now: Duration, view: &View) -> Option<Duration> {
        if self.is_severed {
            self.outlive(view.fate);
            return None;
        }
        if !self.is_broken && !self.is_abandoned {
            self.listen(view);
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
                self.let_stream_go();
                self.weather.with_link(&self.device, |link| link.mark_closed(self.name));
            }
            Front::Here if self.reads_bytes_per_s.is_some() && now < self.reads_again_at => {
                return Some(self.reads_again_at);
            }
            Front::Here => self.is_readable = true,
        }
        None
    }

    /// Sends down what the server has said, and what became of it.
    fn listen(&mut self, view: &View) {
        let fate = view.fate;
        let window_bytes = if view.backs_up { BACKED_UP_WINDOW_BYTES } else { WINDOW_BYTES };
        let mut storage = [MaybeUninit::uninit(); SEGMENT_BYTES];
        while self.server_farewell.is_none() && self.down.room_bytes(window_bytes) > 0 {
            let Some(stream) = &mut self.stream else { break };
            let mut buffer = ReadBuf::uninit(&mut storage);
            let outcome = Pin::new(stream).poll_read(&mut Context::from_waker(&self.waker), &mut buffer);
            match outcome {
                Poll::Pending => break,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    let segment = Bytes::copy_from_slice(buffer.filled());
                    if let Some(kept) = &self.buffer {
                        kept.drain(segment.len());
                    }
                    self.send(Way::Down, Load::Bytes(segment));
                }
                // Where the whole server ended, its fate says more than how turmoil took its sockets away.
                Poll::Ready(_) if fate != Fate::Alive => break,
                Poll::Ready(Ok(())) => self.say_farewell(Load::End),
                Poll::Ready(Err(_)) => self.part(Load::Reset),
            }
        }
        match fate {
            Fate::Alive => {}
            Fate::Stopped => self.part(Load::End),
            Fate::Killed => self.part(Load::Reset),
            Fate::PowerLost => {
                self.let_stream_go();
                if self.down.is_held() {
                    // It was lost on the way, and nobody is there to send it again.
                    self.down.clear();
                }
            }
        }
    }

    /// The server's end is gone, and the device hears it in this form.
    fn part(&mut self, farewell: Load) {
        self.let_stream_go();
        self.say_farewell(farewell);
    }

    /// Sends the server's last word down: an end, and a reset even after that, each once.
    fn say_farewell(&mut self, farewell: Load) {
        let is_news = match &self.server_farewell {
            None => true,
            Some(said) => *said != Load::Reset && farewell == Load::Reset,
        };
        if is_news {
            self.server_farewell = Some(farewell.clone());
            self.send(Way::Down, farewell);
        }
    }

    /// Something on the way resets both ends. The server hears of it like of any end.
    fn reset(&mut self) {
        self.is_broken = true;
        self.up.clear();
        self.down.clear();
        self.up_is_shut = true;
        self.send(Way::Up, Load::End);
    }

    /// The device loses its end without a word to the server's.
    fn vanish(&mut self) {
        self.is_broken = true;
        self.up_is_shut = true;
        self.sever();
    }

    /// Nothing passes any more: what is under way is lost, and what is still said goes nowhere.
    fn sever(&mut self) {
        self.is_severed = true;
        self.is_readable = false;
        self.up.clear();
        self.down.clear();
    }

    /// The server's end of a severed connection lives until the server ends it. What it says is heard by nobody, and
    /// acknowledged by nobody either: its buffer fills.
    fn outlive(&mut self, fate: Fate) {
        let mut storage = [MaybeUninit::uninit(); SEGMENT_BYTES];
        while let Some(stream) = &mut self.stream {
            let mut buffer = ReadBuf::uninit(&mut storage);
            match Pin::new(stream).poll_read(&mut Context::from_waker(&self.waker), &mut buffer) {
                Poll::Pending if fate == Fate::Alive => break,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                _ => self.let_stream_go(),
            }
        }
    }

    /// The far end is of no use any more. Whoever writes to it must hear so from turmoil, not wait for room.
    fn let_stream_go(&mut self) {
        self.stream = None;
        if let Some(buffer) = self.buffer.take() {
            buffer.give_up();
        }
    }

    fn shut_up_lane(&mut self) {
        if !self.up_is_shut {
            self.up_is_shut = true;
            self.send(Way::Up, Load::End);
        }
    }

    /// Sends a segment, in as many pieces as the way makes of it.
    fn send(&mut self, way: Way, load: Load) {
        let now = clock::elapsed();
        self.last_sent_at = now;
        let word = way.word();
        let content = if let Load::Bytes(bytes) = &load { activity::hash(bytes) } else { 0 };
        self.note(Kind::Sent, word, content, || format!("{load} with the hash {content:016x}"));
        let lane = match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        };
        let (slot, ordinal) = lane.next_place(now);
        let way_key = self.key.with(word);
        let (key, spell) = (way_key.with(slot).with(ordinal), way_key.with("spell").with(Weather::spell(now)));
        let most_bytes = self.weather.with_link(&self.device, |link| link.most_piece_bytes());
        let pieces = pieces::split(load, key, most_bytes);
        let broken_up = pieces.len();
        for (number, piece) in (0u64..).zip(pieces) {
            let bytes = if let Load::Bytes(bytes) = &piece { bytes.len() } else { 0 };
            let keys = if number == 0 { (spell, key) } else { (spell.with(number), key.with(number)) };
            let takes = self.weather.passage(&self.device, way, keys, bytes);
            lane.send(piece, now, takes);
        }
        if broken_up > 1 {
            self.tally(Harm::Pieces, broken_up);
        }
    }

    /// A device that reads slowly waits after each sip.
    fn pause_reading(&mut self, count: usize) {
        if let Some(bytes_per_s) = self.reads_bytes_per_s {
            self.reads_again_at = clock::elapsed() + time_of(count, bytes_per_s);
            self.tally(Harm::SlowlyReadBytes, count);
        }
    }

    /// Notes what is done on this connection. `outcome` is asked only where notes are kept.
    fn note(&self, kind: Kind, way: &'static str, value: u64, outcome: impl FnOnce() -> String) {
        activity::note(kind, self.key.with(way).with(value).id(), || {
            let (purpose, ordinal) = self.name;
            (DEVICES, self.device.to_string(), format!("{kind:?} {way} on {purpose} {ordinal}"), outcome())
        });
    }

    fn tally(&self, harm: Harm, count: usize) {
        self.weather.with_link(&self.device, |link| link.tally(harm, None, count));
    }

    fn tally_held(&self, way: Way, held_bytes: usize) {
        if held_bytes > 0 {
            self.weather.with_link(&self.device, |link| link.tally(Harm::HeldBytes, Some(way), held_bytes));
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

fn amount_of_bytes(count: usize) -> String {
    amount(count as u64, "byte", "bytes")
}

/// How much a device that reads slowly takes at once: a tenth of a second's worth.
fn sip_bytes(bytes_per_s: u64) -> usize {
    usize::try_from(bytes_per_s / 10).unwrap_or(usize::MAX).max(1)
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.let_stream_go();
        self.weather.with_link(&self.device, |link| link.forget(self.name));
    }
}
