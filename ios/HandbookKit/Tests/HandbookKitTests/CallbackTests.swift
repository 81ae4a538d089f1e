import Dispatch
import Foundation
import HandbookKit
import Setting
import Testing

extension HandbookTests {
  private func write(_ handbook: Handbook) async throws {
    _ = try await handbook.feedback().submit(desk: nil, topic: "Loa thôn", words: "Loa hỏng từ tháng trước.")
  }

  @Test func oneThatThrowsIsDetachedAndTheOthersHearOn() async throws {
    let lan = try await Phones.lan.value
    let (gone, hearing) = (Gone(), Hearing())
    let leaving = try lan.observe(observer: gone)
    let watching = try lan.observe(observer: hearing)
    for _ in 1...2 {
      try await write(lan)
      try await hearing.wait(for: "thread")
    }
    #expect(gone.calls == 1)
    leaving.cancel()
    watching.cancel()
  }

  /// What it asks is waited for on the callbacks' own thread.
  @Test func oneMayCallBackIntoTheCore() async throws {
    let lan = try await Phones.lan.value
    let hearing = Hearing {
      let answered = DispatchSemaphore(value: 0)
      Task {
        _ = try await lan.status()
        answered.signal()
      }
      answered.wait()
      _ = try lan.hasPin()
    }
    let watching = try lan.observe(observer: hearing)
    try await write(lan)
    try await hearing.wait(for: "thread")
    watching.cancel()
  }

  @Test func nothingIsHeardAfterCancel() async throws {
    let lan = try await Phones.lan.value
    let (first, second) = (Hearing(), Hearing())
    let watching = try lan.observe(observer: first)
    watching.cancel()
    let other = try lan.observe(observer: second)
    try await write(lan)
    try await second.wait(for: "thread")
    #expect(first.calls == 0)
    other.cancel()
  }

  /// Swift lets go of it at once, and then it is over.
  @Test func aHandleThatIsForgottenIsOver() async throws {
    let lan = try await Phones.lan.value
    let (forgotten, hearing) = (Hearing(), Hearing())
    do { _ = try lan.observe(observer: forgotten) }
    let watching = try lan.observe(observer: hearing)
    try await write(lan)
    try await hearing.wait(for: "thread")
    #expect(forgotten.calls == 0)
    watching.cancel()
  }

  /// It goes to its end, and the next one may begin.
  @Test func aSyncThatIsForgottenEnds() async throws {
    let lan = try await Phones.lan.value
    try await network("on")
    do { _ = try lan.sync() }
    _ = try await hear("that it ended", in: try lan.syncStatuses()) {
      if case .running = $0.activity { false } else { true }
    }
    #expect(try await lan.synced().stop == .done)
  }

  @Test func whoStopsReadingDoesNotObserve() async throws {
    let lan = try await Phones.lan.value
    let reading = Task { for await _ in try lan.changes() {} }
    reading.cancel()
    try await reading.value
  }
}
