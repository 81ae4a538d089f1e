extension Handbook {
  /// The tables that each change of the store touched, from now on; first none. Who stops reading, or whose task is
  /// cancelled, does not observe any more.
  public func changes() throws -> AsyncStream<Set<String>> {
    let (stream, tell) = AsyncStream<Set<String>>.makeStream()
    let observation = try observe(observer: Changes(tell))
    tell.yield([])
    tell.onTermination = { _ in observation.cancel() }
    return stream
  }

  /// How sync stands now, then each change of it; who is slow hears the newest.
  public func syncStatuses() throws -> AsyncStream<SyncStatus> {
    let (stream, tell) = AsyncStream<SyncStatus>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let observation = try observeSync(observer: Statuses(tell))
    tell.onTermination = { _ in observation.cancel() }
    return stream
  }
}

private final class Changes: Observer {
  private let tell: AsyncStream<Set<String>>.Continuation

  init(_ tell: AsyncStream<Set<String>>.Continuation) { self.tell = tell }

  func changed(tables: [String]) throws { tell.yield(Set(tables)) }
}

private final class Statuses: SyncObserver {
  private let tell: AsyncStream<SyncStatus>.Continuation

  init(_ tell: AsyncStream<SyncStatus>.Continuation) { self.tell = tell }

  func changed(status: SyncStatus) throws { tell.yield(status) }
}
