/// Tìm.
public struct Searching: Sendable {
  public let typed: String
  public let found: Found
}

public struct SearchModel: ScreenModel {
  public let look: Look<String, Searching>

  public init(_ handbook: Handbook) {
    look = Look(handbook, asking: "") { handbook, typed in
      Searching(typed: typed, found: try await handbook.directives().search(typed: typed, most: most))
    }
  }

  /// As often as a letter is typed.
  public func type(_ words: String) async { await look.ask(for: words) }
}

private let most: UInt32 = 50
