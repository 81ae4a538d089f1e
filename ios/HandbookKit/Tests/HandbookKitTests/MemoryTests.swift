import Foundation
import HandbookKit
import Setting
import Testing

private let cycles = 1_000
private let warming = 200
/// What the allocator takes now and then; a leak of one page in each cycle is over three megabytes.
private let marginKilobytes = 16_384

extension HandbookTests {
  @Test func aThousandTimesOpenedAndClosedTakesNoMore() async throws {
    let folder = try scratch("memory")
    func open(times: Int) async throws {
      for _ in 1...times {
        let handbook = try await Handbook.open(folder: folder, keyStore: Keychain(), language: .vi)
        _ = try await handbook.status()
        try await handbook.shutdown()
      }
    }
    try await open(times: warming)
    let before = try residentKilobytes()
    try await open(times: cycles - warming)
    let grown = try residentKilobytes() - before
    print("After \(warming) of \(cycles) cycles \(before) kB, at the end \(grown) kB more")
    #expect(grown < marginKilobytes)
  }
}

private func residentKilobytes() throws -> Int {
  let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
    let kilobytes = Int(line.filter(\.isNumber))
  else { throw Wrong("no VmRSS") }
  return kilobytes
}
