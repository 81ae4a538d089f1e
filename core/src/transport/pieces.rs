//! The body of an answer, as it comes: what has come meanwhile in one piece, for each piece is a turn of the store.

use futures_util::{FutureExt, StreamExt, stream::BoxStream};

use super::{Answer, Broken};

/// Pieces are put together up to here.
const TOGETHER: usize = 256 * 1024;

/// What a body brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Bytes(Vec<u8>),
    End,
    Cut,
}

/// The body of one answer.
#[derive(Default)]
pub(crate) struct Pieces {
    body: Option<BoxStream<'static, Result<Vec<u8>, Broken>>>,
    /// What the next turn has to say, after bytes that came before it.
    after: Option<Piece>,
}

impl Pieces {
    pub(crate) fn of(answer: Answer) -> Self {
        Self { body: Some(answer.body), after: None }
    }

    pub(crate) async fn next(&mut self) -> Piece {
        if let Some(last) = self.after.take() {
            self.body = None;
            return last;
        }
        let Some(body) = &mut self.body else { return Piece::Cut };
        let mut together = match body.next().await {
            Some(Ok(bytes)) => bytes,
            Some(Err(_)) => return Piece::Cut,
            None => return Piece::End,
        };
        while together.len() < TOGETHER {
            match body.next().now_or_never() {
                Some(Some(Ok(bytes))) => together.extend(bytes),
                Some(Some(Err(_))) => {
                    self.after = Some(Piece::Cut);
                    break;
                }
                Some(None) => {
                    self.after = Some(Piece::End);
                    break;
                }
                None => break,
            }
        }
        Piece::Bytes(together)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream::iter;

    use super::*;

    fn read(body: Vec<Result<Vec<u8>, Broken>>) -> Vec<Piece> {
        let mut pieces = Pieces { body: Some(iter(body).boxed()), after: None };
        let mut next = || pieces.next().now_or_never().unwrap();
        vec![next(), next()]
    }

    #[test]
    fn what_came_before_the_end_or_a_cut_is_not_lost() {
        let bytes = || Ok(b"so".to_vec());
        assert_eq!(read(vec![bytes(), bytes()]), [Piece::Bytes(b"soso".to_vec()), Piece::End]);
        assert_eq!(read(vec![bytes(), Err(Broken::Cut)]), [Piece::Bytes(b"so".to_vec()), Piece::Cut]);
        let large = || Ok(vec![7; TOGETHER]);
        assert_eq!(
            read(vec![large(), large()]),
            [Piece::Bytes(vec![7; TOGETHER]), Piece::Bytes(vec![7; TOGETHER])]
        );
    }
}
