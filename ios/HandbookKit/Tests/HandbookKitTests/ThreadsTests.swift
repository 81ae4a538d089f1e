import Dispatch
import Foundation
import HandbookKit
import Setting
import Testing

private let eight = 8
private let times = 25

extension HandbookTests {
  @Test func eightThreadsCallAtOnce() async throws {
    let lan = try await Phones.lan.value
    let before = try await lan.feedback().threads().count
    try await withThrowingTaskGroup(of: [Int].self) { group in
      for nth in 1...eight {
        group.addTask {
          // A thread of its own, which waits for each answer.
          try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread { done.resume(with: waited { try await calls(lan, nth) }) }
          }
        }
      }
      for try await sizes in group { #expect(sizes == Array(repeating: 2, count: times)) }
    }
    #expect(try await lan.feedback().threads().count == before + eight)
  }
}

private func calls(_ handbook: Handbook, _ nth: Int) async throws -> [Int] {
  _ = try await handbook.feedback().submit(desk: nil, topic: "Việc \(nth)", words: "Tám người cùng viết.")
  let directives = handbook.directives()
  var sizes: [Int] = []
  for _ in 1...times {
    _ = try await handbook.status()
    _ = try await directives.search(typed: "gang tay", most: 10)
    sizes.append(try await directives.list(filter: DirectiveFilter(), skip: 0, take: 100).count)
  }
  return sizes
}

private final class Answer<Value: Sendable>: @unchecked Sendable {
  var value: Result<Value, any Error>?
}

private func waited<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) -> Result<Value, any Error> {
  let (answer, answered) = (Answer<Value>(), DispatchSemaphore(value: 0))
  Task {
    do { answer.value = .success(try await work()) } catch { answer.value = .failure(error) }
    answered.signal()
  }
  answered.wait()
  return answer.value ?? .failure(Wrong("no answer"))
}
