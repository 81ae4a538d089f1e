//! `server`: where this handbook finds its server, and following it to another address.

use serde_json::json;

use crate::{Desk, Outcome};

pub(crate) async fn run(desk: &Desk<'_>, url: Option<String>) -> Outcome {
    let words = desk.words();
    if let Some(url) = url {
        desk.handbook.ask_server_at(&url).await?;
        let at = desk.handbook.server().await?;
        let moved =
            words.say("Máy chủ của đồng chí đã xác nhận địa chỉ này", "Your server confirmed this address");
        desk.screen.done(&json!({ "url": at.url }), format!("{moved}: {}.", at.url));
        return Ok(());
    }
    let at = desk.handbook.server().await?;
    desk.screen.show(&at, || {
        let mut out = vec![format!("{}: {}", words.say("Địa chỉ máy chủ", "The server's address"), at.url)];
        out.extend(at.next.iter().map(|next| {
            let moves = words.say(
                "Máy chủ báo sắp chuyển đến địa chỉ sau, máy sẽ tự chuyển theo khi gặp",
                "The server says that it goes to the following address; this device follows when it answers there",
            );
            format!("{moves}: {next}")
        }));
        out
    });
    Ok(())
}
