// The Swift side of `cargo xtask bench ffi`: the package called as an app calls it. Each line says what was called, the
// milliseconds until its answer, and those for which the thread that waits was held without a break.
//
// `bindings/src/bin/calls.rs` and the Kotlin package do the same in their languages.

import Dispatch
import Foundation
import HandbookKit
import Setting

/// One thing after the other, as on the main actor.
final class Held: SerialExecutor, @unchecked Sendable {
  private let queue = DispatchQueue(label: "screen")
  /// For how long at most it was held without a break; touched on the queue alone.
  var longest = Duration.zero

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async {
      let begun = ContinuousClock.now
      job.runSynchronously(on: self.asUnownedSerialExecutor())
      self.longest = max(self.longest, begun.duration(to: .now))
    }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}

actor Screen {
  private let held = Held()
  nonisolated var unownedExecutor: UnownedSerialExecutor { held.asUnownedSerialExecutor() }

  func calls(_ folder: String, warm: Int, times: Int, searches: [String]) async throws {
    let handbook = try await Handbook.open(folder: folder, keyStore: Keychain(), language: .vi)
    let directives = handbook.directives()
    let all = DirectiveFilter()
    for nth in 0..<warm + times {
      let counts = nth >= warm
      let lines = try await timed("list 100 directives", counts) { _ in
        try await directives.list(filter: all, skip: 0, take: 100)
      }
      _ = try await timed("search", counts) { _ in
        try await directives.search(typed: searches[nth % searches.count], most: 20)
      }
      _ = try await timed("open", counts) { _ in try await directives.read(id: lines[nth % lines.count].id) }
      _ = try await timed("home", counts) { _ in try await handbook.home() }
      _ = try await timed("100 under headings", counts) { _ in
        try await directives.grouped(filter: all, skip: 0, take: 100)
      }
      if nth % 10 == 0 {
        _ = try await timed("list all directives", counts) { _ in
          try await directives.list(filter: all, skip: 0, take: .max)
        }
      }
    }
    try await handbook.shutdown()
  }

  private func timed<Answer: Sendable>(
    _ name: String, _ counts: Bool, _ call: (isolated Screen) async throws -> Answer
  ) async throws -> Answer {
    // Begins and ends with a turn of its own: what is said here is not the call's.
    await Task.yield()
    held.longest = .zero
    let begun = ContinuousClock.now
    let answer = try await call(self)
    let spent = begun.duration(to: .now)
    await Task.yield()
    if counts { print("\(name)\t\(spent / .milliseconds(1))\t\(held.longest / .milliseconds(1))") }
    return answer
  }
}

func load(_ folder: String) throws {
  let now = { Date().timeIntervalSince1970 * 1e3 }
  let begun = now()
  _ = whyEmpty(folder: folder, language: .vi)
  let answered = now()
  guard let started = Double(try told("STARTED")) else { throw Wrong("STARTED is no number") }
  print("process, until its code runs\t\(begun - started / 1e6)\t0")
  print("first call\t\(answered - begun)\t0")
}

@main
struct Calls {
  static func main() async throws {
    let words = CommandLine.arguments.dropFirst().map { String($0) }
    if words[1] == "load" { return try load(words[0]) }
    guard let warm = Int(words[2]), let times = Int(words[3]) else { throw Wrong("for cargo xtask bench ffi") }
    try await Screen().calls(words[0], warm: warm, times: times, searches: Array(words.dropFirst(4)))
  }
}
