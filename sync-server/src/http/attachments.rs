//! `GET /v1/attachments/{scope}/{kind}/{id}/{hash}`: a file of a row, whole or from where the last try was cut.
//!
//! Rights are looked at once, when the request comes. Then the file is read a part at a time, as fast as the
//! connection takes it; between two parts nothing is held but the part (RFC 9110 for ranges and conditions, RFC 6266
//! for the name).

use std::ops::Range;

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use sotay_protocol::{
    problem::{Problem, ProblemCode},
    row::RowRef,
};

use super::{Driver, answer::Refused, gate::Shown, limits::Act};
use crate::{ServerError, attachments::Readable, error::problem};

/// The same whether there is no such row, it is not for this device, or it names another file.
fn nothing() -> Problem {
    Problem::new(ProblemCode::NotFound, "Không có tệp này, hoặc đồng chí không còn được xem.")
}

pub(super) async fn attachment(
    State(driver): State<Driver>,
    path: Result<Path<(String, String, String, String)>, PathRejection>,
    Extension(shown): Extension<Shown>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    driver.limits.count_device(shown.device, Act::File, driver.server.env.now())?;
    let Path((scope, kind, id, hash)) = path.map_err(|_| nothing())?;
    let server = driver.server.clone();
    let readable = driver.blocking(move || {
        let (Ok(scope), Ok(id)) = (scope.parse(), id.parse()) else { return Err(nothing()) };
        server
            .readable(shown.device, &RowRef::new(scope, &kind, id), &hash)
            .map_err(failed)?
            .ok_or_else(nothing)
    });
    let readable = readable.await??;
    let size = readable.attachment.size;
    let tag = format!("\"{}\"", readable.attachment.hash);
    let mut answer = match asked(&headers, &tag, size) {
        Asked::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Asked::Beyond => {
            let beyond = Problem::new(ProblemCode::OutOfRange, "Phần được hỏi nằm ngoài tệp.");
            ([(header::CONTENT_RANGE, format!("bytes */{size}"))], Refused::from(beyond)).into_response()
        }
        Asked::All => of_the_file(bytes(driver, &readable, 0..size).await?, &readable, size),
        Asked::Part(range) => {
            let part = format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1));
            let length = range.end - range.start;
            let answer = of_the_file(bytes(driver, &readable, range).await?, &readable, length);
            (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, part)], answer).into_response()
        }
    };
    for (name, value) in [
        (header::ETAG, tag.as_str()),
        (header::ACCEPT_RANGES, "bytes"),
        // Whoever keeps it asks each time whether it is still theirs to read.
        (header::CACHE_CONTROL, "private, no-cache"),
    ] {
        set(&mut answer, name, value);
    }
    Ok(answer)
}

fn failed(error: ServerError) -> Problem {
    match error {
        ServerError::Store(error) => problem(&error),
        ServerError::Refused(why) => Problem::new(ProblemCode::Internal, why),
    }
}

fn of_the_file(body: Body, of: &Readable, length: u64) -> Response {
    let mut answer = body.into_response();
    set(&mut answer, header::CONTENT_LENGTH, &length.to_string());
    set(&mut answer, header::CONTENT_TYPE, "application/octet-stream");
    set(&mut answer, header::CONTENT_TYPE, &of.attachment.media);
    set(&mut answer, header::CONTENT_DISPOSITION, &disposition(&of.attachment.name));
    set(&mut answer, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    answer
}

/// A value that is none is left out.
fn set(answer: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
}

/// The name in ASCII for old programs, and as it is.
fn disposition(name: &str) -> String {
    let plain: String = crate::spreadsheet::fold(name)
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '_' })
        .collect();
    let mut whole = String::new();
    for byte in name.bytes() {
        // attr-char of RFC 8187, section 3.2.1.
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            whole.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

/// The first part comes before the status, so that a store in trouble is a status and not a cut.
async fn bytes(driver: Driver, of: &Readable, range: Range<u64>) -> Result<Body, Problem> {
    let first = part(&driver, of.clone(), range.clone()).await?;
    let start = range.start + first.len() as u64;
    let rest = stream::unfold(Some((driver, of.clone(), start..range.end)), |left| async move {
        let (driver, of, range) = left.filter(|(.., range)| !range.is_empty())?;
        Some(match part(&driver, of.clone(), range.clone()).await {
            // Withdrawn since: what was announced does not come.
            Ok(bytes) if bytes.is_empty() => (Err(std::io::Error::other("the file is gone")), None),
            Ok(bytes) => {
                let start = range.start + bytes.len() as u64;
                (Ok(bytes), Some((driver, of, start..range.end)))
            }
            Err(problem) => (Err(std::io::Error::other(problem.title)), None),
        })
    });
    let first = stream::once(std::future::ready(Ok(first)));
    Ok(Body::from_stream(futures_util::StreamExt::chain(first, rest)))
}

async fn part(driver: &Driver, of: Readable, range: Range<u64>) -> Result<Bytes, Problem> {
    if range.is_empty() {
        return Ok(Bytes::new());
    }
    let server = driver.server.clone();
    let bytes = driver.blocking(move || server.read_on(&of, range.start).map_err(failed)).await??;
    let wanted = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
    let length = bytes.len().min(wanted);
    Ok(Bytes::from(bytes).slice(..length))
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    NotModified,
    All,
    Part(Range<u64>),
    Beyond,
}

/// What of a file of `size` bytes is asked for. Several ranges, or what is no range of bytes, is answered with all of
/// it, as RFC 9110 allows (section 14.2).
fn asked(headers: &HeaderMap, tag: &str, size: u64) -> Asked {
    let said = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let known = said(header::IF_NONE_MATCH).is_some_and(|tags| {
        tags.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    });
    if known {
        return Asked::NotModified;
    }
    // Of another file than the one that the caller has a part of, all is sent.
    if said(header::IF_RANGE).is_some_and(|of| of.trim() != tag) {
        return Asked::All;
    }
    let Some((first, last)) = said(header::RANGE)
        .and_then(|range| range.trim().strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'))
        .filter(|(_, last)| !last.contains(','))
    else {
        return Asked::All;
    };
    match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => from(first, last.saturating_add(1).min(size), size),
        (Ok(first), Err(_)) if last.trim().is_empty() => from(first, size, size),
        (Err(_), Ok(0)) if first.trim().is_empty() => Asked::Beyond,
        (Err(_), Ok(last)) if first.trim().is_empty() => from(size.saturating_sub(last), size, size),
        _ => Asked::All,
    }
}

fn from(first: u64, end: u64, size: u64) -> Asked {
    if first < size { Asked::Part(first..end) } else { Asked::Beyond }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(HeaderName, &str)], size: u64) -> Asked {
        let headers =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        asked(&headers.collect(), "\"ab\"", size)
    }

    #[test]
    fn a_range_is_cut_to_the_file_and_rubbish_is_no_range() {
        for (range, expected) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=10-", Asked::Part(10..100)),
            ("bytes=10-19", Asked::Part(10..20)),
            ("bytes=90-999", Asked::Part(90..100)),
            ("bytes=0-18446744073709551615", Asked::Part(0..100)),
            ("bytes=-10", Asked::Part(90..100)),
            ("bytes=-1000", Asked::Part(0..100)),
            ("bytes=100-", Asked::Beyond),
            ("bytes=100-200", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=0-1,5-6", Asked::All),
            ("bytes=20-10", Asked::All),
            ("bytes=-", Asked::All),
            ("bytes=a-b", Asked::All),
            ("bytes=99999999999999999999-", Asked::All),
            ("pages=1-2", Asked::All),
            ("", Asked::All),
        ] {
            assert_eq!(of(&[(header::RANGE, range)], 100), expected, "{range}");
        }
        assert_eq!(of(&[(header::RANGE, "bytes=0-")], 0), Asked::Beyond);
        assert_eq!(of(&[], 0), Asked::All);
    }

    #[test]
    fn a_part_is_of_the_same_file_or_all_comes() {
        let range = (header::RANGE, "bytes=10-");
        assert_eq!(of(&[range.clone(), (header::IF_RANGE, "\"ab\"")], 100), Asked::Part(10..100));
        for other in ["\"cd\"", "W/\"ab\"", "Wed, 03 Dec 2025 12:30:00 GMT"] {
            assert_eq!(of(&[range.clone(), (header::IF_RANGE, other)], 100), Asked::All, "{other}");
        }
        for known in ["\"ab\"", "W/\"ab\"", "\"cd\", \"ab\"", "*"] {
            assert_eq!(
                of(&[range.clone(), (header::IF_NONE_MATCH, known)], 100),
                Asked::NotModified,
                "{known}"
            );
        }
        assert_eq!(of(&[(header::IF_NONE_MATCH, "\"cd\"")], 100), Asked::All);
    }

    #[test]
    fn a_vietnamese_name_reaches_every_program() {
        assert_eq!(
            disposition("Kế hoạch \"17\".docx"),
            "attachment; filename=\"ke_hoach__17_.docx\"; filename*=UTF-8''K%E1%BA%BF%20ho%E1%BA%A1ch%20%2217%22.docx"
        );
    }
}
