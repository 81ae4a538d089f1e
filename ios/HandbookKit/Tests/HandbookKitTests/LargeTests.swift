import HandbookKit
import Setting
import Testing

private let tenMegabytes = String(repeating: "đồng chí ", count: 10_000_000 / "đồng chí ".utf8.count + 1)

extension HandbookTests {
  @Test func tenMegabytesOfWordsCrossAndAreRefusedByWhatTheyAre() async throws {
    let lan = try await Phones.lan.value
    let error = try await thrown {
      _ = try await lan.feedback().submit(desk: nil, topic: "Dài", words: tenMegabytes)
    }
    #expect(error == .Refused(code: .tooLarge))
  }

  @Test func tenMegabytesAreSearchedForAsTheirFirstWordsAre() async throws {
    let directives = try await Phones.lan.value.directives()
    let found = try await directives.search(typed: tenMegabytes, most: 10)
    #expect(try await directives.search(typed: "đồng chí", most: 10).total == found.total)
  }
}
