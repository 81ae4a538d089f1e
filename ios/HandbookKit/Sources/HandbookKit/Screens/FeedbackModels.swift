/// Phản ánh: mine, the last word first.
public struct FeedbackModel: ScreenModel {
  public let look: Look<Void, [ThreadRow]>

  public init(_ handbook: Handbook) {
    look = Look(handbook, asking: ()) { handbook, _ in try await handbook.feedback().rows() }
  }
}

/// Viết: to whom one can write, and what each way of sending means.
public struct WriteFeedbackModel: ScreenModel {
  public let look: Look<Void, [Desk]>

  public init(_ handbook: Handbook) {
    look = Look(handbook, asking: ()) { handbook, _ in try await handbook.feedback().desks() }
  }

  /// Keeps it, and gives the thread to go on to.
  public func send(
    to desk: OrganisationId?, topic: String, words: String, photos: [Photo] = [], sealed: Bool = false
  ) async throws -> ThreadId {
    let feedback = look.handbook.feedback()
    return if sealed {
      try await feedback.seal(desk: desk, topic: topic, words: words, photos: photos)
    } else {
      try await feedback.submitWithPhotos(desk: desk, topic: topic, words: words, photos: photos)
    }
  }
}

/// Trao đổi.
public struct Conversation: Sendable {
  public let thread: ThreadScreen
  public let files: [RowFile]
}

public struct ThreadModel: ScreenModel {
  public let look: Look<ThreadId, Conversation>

  public init(_ handbook: Handbook, _ id: ThreadId) {
    look = Look(handbook, asking: id) { handbook, id in
      Conversation(
        thread: try await handbook.feedback().read(id: id), files: try await handbook.files().ofThread(id: id))
    }
  }

  public func reply(_ words: String, photos: [Photo] = []) async throws {
    try await look.handbook.feedback().reply(id: look.asked, words: words, photos: photos)
  }
}
