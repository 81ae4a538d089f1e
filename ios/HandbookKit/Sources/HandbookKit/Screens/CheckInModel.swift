/// Một cuộc họp and Điểm danh, for the member: six digits, the camera, or the member's own pass.
public struct CheckInModel: ScreenModel {
  public let look: Look<MeetingId, MeetingScreen>

  public init(_ handbook: Handbook, _ meeting: MeetingId) {
    look = Look(handbook, asking: meeting) { handbook, id in
      try await handbook.meetings().show(id: id)
    }
  }

  public func type(digits: String) async throws {
    try await look.handbook.attendance().checkIn(meeting: look.asked, code: digits)
  }

  public func scan(_ text: String) async throws -> CodeScan {
    try await look.handbook.attendance().checkInScanned(text: text)
  }

  /// The pass to be scanned, and another before it is over.
  public func passes() -> AsyncThrowingStream<Pass, any Error> {
    let (handbook, meeting) = (look.handbook, look.asked)
    let (stream, tell) = AsyncThrowingStream<Pass, any Error>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let showing = Task {
      do {
        while !Task.isCancelled {
          let pass = try await handbook.attendance().myPass(meeting: meeting)
          tell.yield(pass)
          try await Task.sleep(for: .seconds(Int(pass.secondsLeft)))
        }
        tell.finish()
      } catch {
        tell.finish(throwing: error)
      }
    }
    tell.onTermination = { _ in showing.cancel() }
    return stream
  }
}
