//! Who ends the demo when the story does not: the person at the terminal, or time.

use std::{process, sync::Arc, task::Poll, time::Duration};

use tokio::{runtime, signal, time};

use crate::{stage::Stage, telling, trouble::Trouble};

/// Several times what the story takes on a slow machine.
const LONGEST: Duration = Duration::from_secs(180);
/// As shells count an end by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Watches from a thread of its own, until the demo has ended.
#[expect(clippy::disallowed_methods, reason = "a driver of real processes, which must be able to end them")]
pub(crate) fn watch(stage: &Arc<Stage>, limited: bool) -> Result<(), Trouble> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let stage = Arc::clone(stage);
    std::thread::spawn(move || {
        let code = runtime.block_on(end(&stage, limited));
        stage.clear();
        process::exit(code);
    });
    Ok(())
}

/// Waits for whatever comes first, and says it.
async fn end(stage: &Stage, limited: bool) -> i32 {
    if !limited {
        by_hand().await;
    } else if time::timeout(LONGEST, by_hand()).await.is_err() {
        let minutes = LONGEST.as_secs() / 60;
        telling::aside(&format!("\nQuá {minutes} phút mà chưa xong, nên buổi trình diễn dừng."));
        stage.show_log();
        return 1;
    }
    telling::aside("\nĐang dừng máy chủ và xóa thư mục tạm…");
    if stage.is_story_over() { 0 } else { INTERRUPTED }
}

/// Ctrl-C, `kill`, or a terminal that was closed.
#[cfg(unix)]
async fn by_hand() {
    use signal::unix::{SignalKind, signal};
    let heard = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
    let mut heard: Vec<_> = heard.into_iter().flatten().collect();
    std::future::poll_fn(|context| match heard.iter_mut().any(|of| of.poll_recv(context).is_ready()) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}

#[cfg(not(unix))]
async fn by_hand() {
    let _ = signal::ctrl_c().await;
}
