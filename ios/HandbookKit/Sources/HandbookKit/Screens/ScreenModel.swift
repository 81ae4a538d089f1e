import Observation

/// What a screen has of what it asked for.
public enum Shown<Value: Sendable>: Sendable {
  /// It has just been asked.
  case loading
  case ready(Value)
  case failed(HandbookError)

  public var value: Value? {
    if case .ready(let value) = self { value } else { nil }
  }
}

/// One screen: what it shows, read while it is followed, and again after each change of the store and each other thing that
/// it asks for. Rules of order, grouping and words are the core's; a screen only says what it wants.
///
/// In an app: `.task { await screen.follow() }`.
@MainActor
public protocol ScreenModel<Value> {
  associatedtype Ask: Sendable
  associatedtype Value: Sendable

  var look: Look<Ask, Value> { get }
}

extension ScreenModel {
  /// While the handbook sleeps it stays as it was.
  public var shown: Shown<Value> { look.shown }

  /// Until the task is cancelled.
  public func follow() async { await look.follow() }

  /// What it shows, each as it comes; it is followed for as long as somebody reads.
  public func values() -> AsyncStream<Value> {
    let (stream, tell) = AsyncStream<Value>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let following = Task { await follow() }
    tell.onTermination = { _ in following.cancel() }
    look.tell(tell)
    return stream
  }
}

/// The state that a screen holds.
@MainActor @Observable
public final class Look<Ask: Sendable, Value: Sendable> {
  public private(set) var shown: Shown<Value> = .loading
  /// What is asked for now.
  public private(set) var asked: Ask

  @ObservationIgnored let handbook: Handbook
  @ObservationIgnored private let news: @Sendable (Handbook) throws -> AsyncStream<Void>
  @ObservationIgnored private let read: @Sendable (Handbook, Ask) async throws -> Value
  @ObservationIgnored private var asks = 0

  init(
    _ handbook: Handbook, asking first: Ask,
    after news: @escaping @Sendable (Handbook) throws -> AsyncStream<Void> = { try $0.news() },
    read: @escaping @Sendable (Handbook, Ask) async throws -> Value
  ) {
    self.handbook = handbook
    self.asked = first
    self.news = news
    self.read = read
  }

  func follow() async {
    do {
      let news = try news(handbook)
      await again()
      for await _ in news { await again() }
    } catch let fault as HandbookError {
      shown = .failed(fault)
    } catch {
      shown = .failed(.Internal)
    }
  }

  /// Now, and again after each change.
  func tell(_ to: AsyncStream<Value>.Continuation) {
    withObservationTracking {
      if let value = shown.value { to.yield(value) }
    } onChange: { [weak self] in
      Task { @MainActor in self?.tell(to) }
    }
  }

  /// Asks for something else.
  func ask(for asked: Ask) async {
    self.asked = asked
    await again()
  }

  /// An answer that comes after another was asked for is not shown.
  func again() async {
    asks += 1
    let this = asks
    do {
      let value = try await read(handbook, asked)
      if this == asks { shown = .ready(value) }
    } catch HandbookError.Paused {
      return
    } catch let fault as HandbookError {
      if this == asks { shown = .failed(fault) }
    } catch {
      if this == asks { shown = .failed(.Internal) }
    }
  }
}

extension Handbook {
  /// That something changed, or that the handbook fell asleep or woke; who is slow is told once.
  func news() throws -> AsyncStream<Void> {
    let (stream, tell) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let news = News(tell)
    let watching = [try observe(observer: news), try observeSync(observer: news)]
    tell.onTermination = { _ in watching.forEach { $0.cancel() } }
    return stream
  }

  /// The same, and each second.
  func newsAndSeconds() throws -> AsyncStream<Void> {
    let news = try news()
    return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { tell in
      let telling = Task { for await _ in news { tell.yield() } }
      let ticking = Task {
        while !Task.isCancelled {
          try await Task.sleep(for: .seconds(1))
          tell.yield()
        }
      }
      tell.onTermination = { _ in
        telling.cancel()
        ticking.cancel()
      }
    }
  }

  /// That sync stands otherwise.
  func newsOfSync() throws -> AsyncStream<Void> {
    let statuses = try syncStatuses()
    return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { tell in
      let telling = Task { for await _ in statuses { tell.yield() } }
      tell.onTermination = { _ in telling.cancel() }
    }
  }
}

/// Called from the callbacks' thread alone.
private final class News: Observer, SyncObserver, @unchecked Sendable {
  private let tell: AsyncStream<Void>.Continuation
  private var asleep: Bool?

  init(_ tell: AsyncStream<Void>.Continuation) { self.tell = tell }

  func changed(tables: [String]) throws { tell.yield() }

  func changed(status: SyncStatus) throws {
    let asleep = if case .waiting(.paused, _) = status.activity { true } else { false }
    if asleep != self.asleep { tell.yield() }
    self.asleep = asleep
  }
}
