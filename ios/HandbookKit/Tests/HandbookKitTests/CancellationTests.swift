import HandbookKit
import Setting
import Testing

extension HandbookTests {
  @Test func whoCancelsTheTaskEndsTheLongSync() async throws {
    let lan = try await Phones.lan.value
    try await network("slow")
    let (begun, tell) = AsyncStream<Bool>.makeStream()
    let syncing = Task { try await lan.synced { _ in tell.yield(true) } }
    _ = try await hear("that it began", in: begun) { $0 }
    syncing.cancel()
    #expect(try await syncing.value.stop == .cancelled)
    try await network("on")
    #expect(try await lan.synced().stop == .done)
  }

  @Test func aHandleEndsIt() async throws {
    let lan = try await Phones.lan.value
    try await network("slow")
    let run = try lan.sync()
    run.cancel()
    #expect(try await run.end().stop == .cancelled)
    try await network("on")
  }
}
