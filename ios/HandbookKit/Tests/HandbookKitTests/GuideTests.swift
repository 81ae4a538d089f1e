import HandbookKit
import Setting
import Testing

extension HandbookTests {
  /// The README's own code, on Minh's new phone.
  @MainActor @Test func fromAnEmptyAppToAListOfDirectives() async throws {
    try await network("on")
    let (shown, tell) = AsyncStream<[String]>.makeStream()
    let folder = try scratch("guide")
    let invited = Invitation(
      url: try told("STORY_URL"), code: try told("GUIDE_CODE"), birth: day(try told("GUIDE_BIRTH")))
    let app = Task { try await showDirectives(folder: folder, keys: Keychain(), invited: invited) { tell.yield($0) } }
    let lines = try await hear("two directives", in: shown) { $0.count == 2 }
    #expect(lines.map { $0.prefix { $0 != ":" } } == ["Kế hoạch 17-KH/ĐU", "Quy chế 01-QC/ĐU"])
    app.cancel()
    _ = await app.result
  }
}
