//! `watch`: stays connected, updates by itself, and prints what comes.

mod news;

use std::io::{IsTerminal, Write, stderr};

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, Either, select},
};
use sotay_core::{
    handbook::{HandbookError, LiveHandle},
    sync::status::{Activity, Listening, SyncStatus},
};

use self::news::{News, Seen};
use crate::{Desk, Failure, Outcome, home, overview::cut_off};

enum Heard {
    Changed,
    Status(Box<SyncStatus>),
}

pub(crate) async fn watch(desk: &Desk<'_>) -> Outcome {
    let _alone = home::sync_alone(&desk.folder)?;
    if desk.handbook.status().await?.enrolled.is_none() {
        return Err(HandbookError::NotEnrolled.into());
    }
    let (tell, mut heard) = unbounded();
    let told = tell.clone();
    let _store = desk.handbook.observe(move |_| drop(told.unbounded_send(Heard::Changed)));
    let _status = desk
        .handbook
        .observe_sync(move |status, _| drop(tell.unbounded_send(Heard::Status(Box::new(status.clone())))));
    let mut screen = Line { desk, shown: None, noted: Vec::new(), lost: false };
    let mut seen = Seen::now(desk).await?;
    let (handle, mut live) = desk.handbook.live();
    let mut stopped = tokio::signal::ctrl_c().boxed();
    loop {
        match next(&mut live, &mut stopped, &mut heard).await {
            Next::Over(ended) => {
                screen.clear();
                ended?;
                return home::ending(&desk.folder, desk.words())
                    .map_or(Ok(()), |why| Err(Failure::Said(why)));
            }
            Next::Stopped => {
                stop(&mut screen, &handle, live).await?;
                desk.screen.aside(desk.words().say("Đã dừng.", "Stopped."));
                return Ok(());
            }
            Next::Heard(news) => {
                // Several changes in a row are looked at once.
                let (mut status, mut changed) = (None, false);
                let mut next = Some(news);
                while let Some(one) = next {
                    match one {
                        Heard::Status(of) => status = Some(of),
                        Heard::Changed => changed = true,
                    }
                    next = heard.next().now_or_never().flatten();
                }
                if changed {
                    let now = Seen::now(desk).await?;
                    screen.print(&seen.until(&now, desk.words()));
                    seen = now;
                }
                let Some(status) = status else { continue };
                // Nothing will ever come again by waiting.
                if status.attention.cut_off() && !matches!(status.activity, Activity::Running(_)) {
                    stop(&mut screen, &handle, live).await?;
                    return Err(Failure::Said(cut_off(&status, desk.words())));
                }
                screen.show(&status);
            }
        }
    }
}

enum Next {
    Over(Result<(), HandbookError>),
    Stopped,
    Heard(Heard),
}

async fn next(
    live: &mut BoxFuture<'static, Result<(), HandbookError>>,
    stopped: &mut BoxFuture<'_, std::io::Result<()>>,
    heard: &mut UnboundedReceiver<Heard>,
) -> Next {
    let outside = select(stopped, heard.next());
    match select(live, outside).await {
        Either::Left((ended, _)) => Next::Over(ended),
        Either::Right((Either::Left(_), _)) => Next::Stopped,
        Either::Right((Either::Right((Some(heard), _)), _)) => Next::Heard(heard),
        Either::Right((Either::Right((None, _)), _)) => Next::Stopped,
    }
}

async fn stop(
    screen: &mut Line<'_, '_>,
    handle: &LiveHandle,
    live: BoxFuture<'static, Result<(), HandbookError>>,
) -> Outcome {
    handle.cancel();
    screen.clear();
    Ok(live.await?)
}

/// The one line that says how things stand, written over; where nobody looks on, a line for each change.
struct Line<'a, 'b> {
    desk: &'a Desk<'b>,
    shown: Option<String>,
    noted: Vec<String>,
    /// It was said that the line is gone.
    lost: bool,
}

impl Line<'_, '_> {
    fn show(&mut self, status: &SyncStatus) {
        self.note(status);
        let terminal = stderr().is_terminal();
        let passing = matches!(status.activity, Activity::Running(_));
        let sentence = self.desk.words().sync_status(status);
        if self.desk.screen.json || (passing && !terminal) || self.shown.as_ref() == Some(&sentence) {
            return;
        }
        if terminal {
            let _ = write!(stderr(), "\r\u{1b}[K{sentence}");
            let _ = stderr().flush();
        } else {
            self.desk.screen.aside(&format!("{sentence}."));
        }
        self.shown = Some(sentence);
    }

    /// What `status` says beside the sentence: each once, until it is otherwise; and once that it is well again.
    fn note(&mut self, status: &SyncStatus) {
        let words = self.desk.words();
        let notes = words.sync_notes(status);
        let mut fresh: Vec<String> =
            notes.iter().filter(|note| !self.noted.contains(note)).cloned().collect();
        if self.lost && status.listening == Listening::Yes {
            fresh.push(words.say("Đã nối lại đường báo tin", "The line to the server is back").to_owned());
        }
        self.lost = status.listening == Listening::Lost || (self.lost && status.listening == Listening::No);
        self.noted = notes;
        let news = |said: String| News { news: "status", id: String::new(), said: format!("{said}.") };
        self.print(&fresh.into_iter().map(news).collect::<Vec<_>>());
    }

    fn clear(&mut self) {
        if stderr().is_terminal() && self.shown.take().is_some() {
            let _ = write!(stderr(), "\r\u{1b}[K");
        }
    }

    fn print(&mut self, news: &[News]) {
        if news.is_empty() {
            return;
        }
        let shown = self.shown.clone();
        self.clear();
        for one in news {
            self.desk.screen.show(one, || self.desk.screen.wrapped(&one.said, 0));
        }
        if let (Some(sentence), true) = (shown, stderr().is_terminal()) {
            let _ = write!(stderr(), "{sentence}");
            let _ = stderr().flush();
            self.shown = Some(sentence);
        }
    }
}
