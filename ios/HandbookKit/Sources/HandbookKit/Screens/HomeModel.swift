/// Hôm nay.
public struct HomeModel: ScreenModel {
  public let look: Look<Void, Home>

  public init(_ handbook: Handbook) {
    look = Look(handbook, asking: ()) { handbook, _ in try await handbook.home() }
  }
}
