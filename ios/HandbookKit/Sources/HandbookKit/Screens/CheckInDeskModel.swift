/// Điều hành điểm danh.
public struct CheckInDesk: Sendable {
  /// None where check-in is not open on this device.
  public let code: CheckInCode?
  public let roll: Roll
}

public struct CheckInDeskModel: ScreenModel {
  public let look: Look<MeetingId, CheckInDesk>

  public init(_ handbook: Handbook, _ meeting: MeetingId) {
    // The digits change with time.
    look = Look(handbook, asking: meeting, after: { try $0.newsAndSeconds() }) { handbook, id in
      CheckInDesk(
        code: try await handbook.attendance().currentCode(meeting: id),
        roll: try await handbook.attendance().roll(meeting: id))
    }
  }

  public func open() async throws -> CheckInCode { try await look.handbook.attendance().open(meeting: look.asked) }

  public func close() async throws { try await look.handbook.attendance().close(meeting: look.asked) }

  public func scan(pass: String) async throws -> PassScan { try await look.handbook.attendance().scan(text: pass) }

  public func mark(
    _ member: MemberId, _ state: AttendanceState, mode: MarkMode? = nil, reason: String? = nil
  ) async throws {
    try await look.handbook.attendance().mark(
      meeting: look.asked, member: member, state: state, mode: mode, reason: reason)
  }
}
