/// Đọc.
public struct Reading: Sendable {
  public let directive: DirectiveView
  public let files: [RowFile]
}

/// Who looks at it has opened it: it counts as read.
public struct ReaderModel: ScreenModel {
  public let look: Look<DirectiveId, Reading>

  public init(_ handbook: Handbook, _ id: DirectiveId) {
    look = Look(handbook, asking: id) { handbook, id in
      Reading(
        directive: try await handbook.directives().read(id: id), files: try await handbook.files().ofDirective(id: id))
    }
  }

  /// Marks a file to be had on this phone, or takes the mark away.
  public func want(_ file: RowFile, _ wanted: Bool) async throws {
    try await look.handbook.files().want(file: file, wanted: wanted)
  }

  /// None where it is not here: it comes before all else with the next sync.
  public func open(_ file: RowFile) async throws -> OpenFile? { try await look.handbook.files().open(file: file) }
}
