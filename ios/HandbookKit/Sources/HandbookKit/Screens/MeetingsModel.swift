/// Sinh hoạt: the next one first, then month by month.
public struct MeetingsModel: ScreenModel {
  public let look: Look<Void, [MeetingGroup]>

  public init(_ handbook: Handbook) {
    look = Look(handbook, asking: ()) { handbook, _ in try await handbook.meetings().grouped() }
  }

  /// Those of a cell from over two years ago; it takes a network.
  public func older(of cell: OrganisationId, before: String? = nil) async throws -> OlderMeetings {
    try await look.handbook.meetings().older(cell: cell, before: before)
  }
}
