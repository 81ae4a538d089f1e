extension Handbook {
  /// Syncs once, to the end. Cancelling the task ends the sync: what landed stays, and the end says `cancelled`.
  public func synced(progress: (@Sendable (SyncProgress) throws -> Void)? = nil) async throws -> SyncEnd {
    let run = try sync(listener: progress.map(Listening.init))
    return try await withTaskCancellationHandler {
      try await run.end()
    } onCancel: {
      run.cancel()
    }
  }

  /// As `synced`, for a window in the background of so many seconds.
  public func syncedWithin(
    seconds: UInt32, progress: (@Sendable (SyncProgress) throws -> Void)? = nil
  ) async throws -> Window {
    let run = try syncWithin(seconds: seconds, listener: progress.map(Listening.init))
    return try await withTaskCancellationHandler {
      try await run.end()
    } onCancel: {
      run.cancel()
    }
  }

  /// Keeps the handbook live until the task is cancelled or the handbook shut down: what is written goes up by itself, and
  /// news comes. `tell` is where the app says what it knows of network, battery and foreground.
  public func live(tell: @escaping @Sendable (LiveHandbook) async -> Void = { _ in }) async throws {
    let live = try keepLive()
    let telling = Task { await tell(live) }
    defer { telling.cancel() }
    try await withTaskCancellationHandler {
      try await live.end()
    } onCancel: {
      live.cancel()
    }
  }
}

private final class Listening: SyncListener {
  private let tell: @Sendable (SyncProgress) throws -> Void

  init(_ tell: @escaping @Sendable (SyncProgress) throws -> Void) { self.tell = tell }

  func progress(progress: SyncProgress) throws { try tell(progress) }
}
