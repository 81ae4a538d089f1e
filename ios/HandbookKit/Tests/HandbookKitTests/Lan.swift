import Foundation
import HandbookKit
import Setting
import Testing

/// Lan's handbook as the story left it, open for as long as the tests run; and that of the secretary of her cell.
enum Phones {
  static let lan = Task { try await openLan() }
  static let hoa = Task {
    try await Handbook.open(folder: scratch("hoa"), keyStore: Keychain(), language: .vi)
  }
}

/// All share one phone and one network: one after the other.
@Suite(.serialized) struct HandbookTests {}

/// Hears until a table is named.
final class Hearing: Observer, @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0
  private let heard: AsyncStream<Set<String>>
  private let tell: AsyncStream<Set<String>>.Continuation
  private let then: @Sendable () throws -> Void

  init(_ then: @escaping @Sendable () throws -> Void = {}) {
    (heard, tell) = AsyncStream.makeStream()
    self.then = then
  }

  var calls: Int { lock.withLock { count } }

  func changed(tables: [String]) throws {
    try then()
    lock.withLock { count += 1 }
    tell.yield(Set(tables))
  }

  func wait(for table: String) async throws {
    _ = try await hear(table, in: heard) { $0.contains(table) }
  }
}

/// Catches an error of the core's, and fails if there is none.
func thrown(_ deed: () async throws -> Void) async throws -> HandbookError {
  do {
    try await deed()
  } catch let error as HandbookError {
    return error
  }
  throw Wrong("nothing was thrown")
}
