// Where stories and tests play: what `cargo xtask test swift` tells them of its stage.

import Foundation
import HandbookKit

package let watchdogSeconds = 60

package struct Wrong: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

package func told(_ name: String) throws -> String {
  guard let value = ProcessInfo.processInfo.environment[name] else { throw Wrong("\(name) is not set") }
  return value
}

/// A day as it is told: `1985-02-03`.
package func day(_ text: String) -> Day {
  let parts = text.split(separator: "-").compactMap { Int($0) }
  return Day(year: parts[0], month: parts[1], day: parts[2])
}

/// The keychain's place; the same key each time.
package final class Keychain: KeyStore {
  private let answer: @Sendable () throws -> Data

  package init(_ answer: @escaping @Sendable () throws -> Data = { Data(repeating: 7, count: 32) }) {
    self.answer = answer
  }

  package func key() throws -> Data { try answer() }
  package func replace(key: Data) throws { throw KeyUnavailable.Temporary }
  package func erase() throws { throw KeyUnavailable.Temporary }
}

package func openLan(_ keys: Keychain = Keychain()) async throws -> Handbook {
  try await Handbook.open(folder: told("STORY_FOLDER"), keyStore: keys, language: .vi)
}

/// A folder of its own for one test.
package func scratch(_ name: String) throws -> String { try told("STORY_SCRATCH") + "/" + name }

/// Takes the network away, makes it slow, or gives it back.
package func network(_ state: String) async throws {
  let folder = URL(fileURLWithPath: try told("STORY_NETWORK"))
  try state.write(to: folder.appendingPathComponent("wanted"), atomically: true, encoding: .utf8)
  while try String(contentsOf: folder.appendingPathComponent("is"), encoding: .utf8) != state {
    try await Task.sleep(for: .milliseconds(10))
  }
}

/// Waits for the first that is wanted; what never comes fails.
package func hear<Said: Sendable>(
  _ what: String, in heard: AsyncStream<Said>, where wanted: @escaping @Sendable (Said) -> Bool
) async throws -> Said {
  try await withThrowingTaskGroup(of: Said?.self) { group in
    group.addTask {
      for await said in heard where wanted(said) { return said }
      return nil
    }
    group.addTask {
      try await Task.sleep(for: .seconds(watchdogSeconds))
      return nil
    }
    defer { group.cancelAll() }
    guard let said = try await group.next() ?? nil else { throw Wrong("nobody said \(what)") }
    return said
  }
}

/// A PNG in which a phone left its name.
package func png(bytes: Int = 300_000) -> Data {
  func chunk(_ name: String, _ inner: Data) -> Data {
    var length = UInt32(inner.count).bigEndian
    return Data(bytes: &length, count: 4) + Data(name.utf8) + inner + Data(count: 4)
  }
  let start = Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return start + chunk("IHDR", Data(count: 13)) + chunk("tEXt", Data("Galaxy cua Lan".utf8))
    + chunk("IDAT", Data(count: bytes)) + chunk("IEND", Data())
}

/// Each time it is called it counts, and throws.
package final class Gone: Observer, SyncObserver, @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0

  package init() {}

  package var calls: Int { lock.withLock { count } }

  package func changed(tables: [String]) throws { try leave() }
  package func changed(status: SyncStatus) throws { try leave() }

  package func leave() throws {
    lock.withLock { count += 1 }
    throw Wrong("màn hình đã đóng")
  }
}
