/// Văn bản, as far as the person has scrolled.
public struct DirectivesAsk: Sendable {
  public var filter = DirectiveFilter()
  public var take: UInt32 = page
}

public struct DirectivesShown: Sendable {
  public let filter: DirectiveFilter
  public let list: DirectiveList
  /// There may be more: `DirectivesModel.more`.
  public let more: Bool
}

public struct DirectivesModel: ScreenModel {
  public let look: Look<DirectivesAsk, DirectivesShown>

  public init(_ handbook: Handbook) {
    look = Look(handbook, asking: DirectivesAsk()) { handbook, ask in
      let list = try await handbook.directives().grouped(filter: ask.filter, skip: 0, take: ask.take)
      return DirectivesShown(filter: ask.filter, list: list, more: list.groups.flatMap(\.rows).count == ask.take)
    }
  }

  public func filter(by filter: DirectiveFilter) async { await look.ask(for: DirectivesAsk(filter: filter)) }

  /// The person came to the end of the list.
  public func more() async {
    await look.ask(for: DirectivesAsk(filter: look.asked.filter, take: look.asked.take + page))
  }
}

private let page: UInt32 = 50
