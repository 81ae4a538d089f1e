//! The page of an export that a person reads, in Vietnamese, whole in one file: no script, nothing from elsewhere.

use std::fmt::Write as _;

use serde_json::Value;
use sotay_protocol::{
    env::Timestamp,
    my_data::{MyData, Record},
};

use super::{Here, KeptLine};
use crate::words::Words;

const HEAD: &str = "<!doctype html>\n<html lang=\"vi\"><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width\"><title>Dữ liệu của tôi</title>\n<style>\
    body{font:1.1rem/1.5 sans-serif;max-width:46rem;margin:1rem auto;padding:0 1rem}\
    dl{margin:.3rem 0 .8rem;padding-left:1rem;border-left:3px solid #bbb}dt{color:#555}dd{margin:0 0 .2rem 1rem;\
    overflow-wrap:anywhere;white-space:pre-wrap}summary{cursor:pointer}</style>\n";

/// Fields by which a person is not helped.
const MACHINES: [&str; 4] = ["signature", "key", "hash", "signed_text"];

pub(crate) fn page(here: &Here, server: Option<&MyData>, lines: &[KeptLine], words: &Words) -> String {
    let mut out = String::from(HEAD);
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<h1>Dữ liệu của đồng chí {}</h1>\n<p>Xuất lúc {}. {} Tệp này có dữ liệu cá nhân: đồng chí hãy giữ cẩn thận.</p>\n",
        escaped(&here.name),
        moment(here.at, words),
        match server {
            Some(_) => "Gồm những gì có trên máy này và những gì máy chủ giữ.",
            None => "Chỉ gồm những gì có trên máy này: khi xuất không có mạng để hỏi máy chủ.",
        }
    );
    for line in lines {
        let of = |records: &[Record], out: &mut String, title: &str| {
            let found: Vec<&Record> = records.iter().filter(|record| record.entry == line.key).collect();
            if !found.is_empty() {
                let _ = writeln!(
                    out,
                    "<details><summary>{title}: {}</summary>",
                    words.number(found.len() as u64)
                );
                found.iter().for_each(|record| body(record, out, words));
                out.push_str("</details>\n");
            }
        };
        let _ = write!(
            out,
            "<h2>{}</h2>\n<p>Để: {}.<br>Ai xem được: {}.<br>Giữ đến: {}.</p>\n",
            escaped(&line.what),
            escaped(&line.why),
            escaped(&line.who),
            escaped(&line.until)
        );
        of(&here.records, &mut out, "Trên máy này");
        if let Some(server) = server {
            of(&server.records, &mut out, "Trên máy chủ");
        }
    }
    if let Some(server) = server.filter(|server| !server.mentions.is_empty()) {
        let _ = writeln!(
            out,
            "<p>Có {} mục chung do đồng chí viết hoặc có mã của đồng chí; nội dung là của tổ chức.</p>",
            words.number(server.mentions.len() as u64)
        );
    }
    out.push_str("</html>\n");
    out
}

fn body(record: &Record, out: &mut String, words: &Words) {
    if let Ok(value) = serde_json::from_str::<Value>(record.body.get()) {
        fields(&value, out, words);
    }
}

fn fields(value: &Value, out: &mut String, words: &Words) {
    let Value::Object(of) = value else { return text(value, out, words) };
    out.push_str("<dl>");
    for (name, value) in of.iter().filter(|(name, value)| !MACHINES.contains(&&***name) && !value.is_null()) {
        let _ = write!(out, "<dt>{}</dt><dd>", escaped(label(name)));
        text(value, out, words);
        out.push_str("</dd>");
    }
    out.push_str("</dl>\n");
}

fn text(value: &Value, out: &mut String, words: &Words) {
    match value {
        Value::Object(_) => fields(value, out, words),
        Value::Array(all) => all.iter().for_each(|one| text(one, out, words)),
        Value::String(said) => out.push_str(&escaped(said)),
        Value::Bool(is) => out.push_str(if *is { "có" } else { "không" }),
        // Milliseconds since 1970: nothing else in what is kept is as large.
        Value::Number(number) if number.as_i64().is_some_and(|number| number > 100_000_000_000) => {
            out.push_str(&moment(Timestamp::from_millis(number.as_i64().unwrap_or_default()), words));
        }
        other => out.push_str(&other.to_string()),
    }
}

fn moment(at: Timestamp, words: &Words) -> String {
    format!("{} {}", words.time(at), words.full_date(words.date_of(at)))
}

/// What a field is called on screen; a newer one by its own name.
fn label(name: &str) -> &str {
    match name {
        "name" => "Họ tên, tên gọi",
        "birth" => "Ngày sinh",
        "gender" => "Giới tính",
        "card" => "Số thẻ đảng",
        "joined" => "Ngày vào Đảng",
        "official" => "Ngày chính thức",
        "phone" => "Số điện thoại",
        "cell" | "cell_name" => "Chi bộ",
        "organisation" | "organisation_name" => "Tổ chức",
        "office" => "Chức vụ",
        "from" => "Từ",
        "until" => "Đến",
        "topic" => "Chủ đề",
        "words" => "Lời",
        "reason" => "Lý do",
        "state" => "Trạng thái",
        "meeting" => "Cuộc họp",
        "code" => "Mã đã nhập",
        "at" | "made_at" | "written_at" => "Lúc",
        "last_sync" | "last_exchange_at" => "Đồng bộ lần cuối",
        "revoked_at" => "Thu hồi lúc",
        "wrong_tries" => "Số lần nhập sai",
        "device" => "Thiết bị",
        "outcome" => "Kết quả",
        "row" => "Nội dung",
        "messages" => "Các lời",
        "marks" => "Các lần điểm danh giúp",
        "by" => "Do",
        other => other,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
