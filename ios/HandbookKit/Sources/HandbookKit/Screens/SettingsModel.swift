/// Cài đặt.
public struct Settings: Sendable {
  public let files: FileUsage
  public let hasPin: Bool
  public let trust: Trust
}

/// What is set stands beside the store's rows, and no change of these tells of it: each deed looks again itself.
public struct SettingsModel: ScreenModel {
  public let look: Look<Void, Settings>

  public init(_ handbook: Handbook) {
    look = Look(handbook, asking: ()) { handbook, _ in
      Settings(
        files: try await handbook.files().usage(), hasPin: try handbook.hasPin(),
        trust: try await handbook.drafts().trust())
    }
  }

  public func room(quota: UInt64, unmeteredOnly: Bool) async throws {
    _ = try await look.handbook.files().setRoom(quota: quota, unmeteredOnly: unmeteredOnly)
    await look.again()
  }

  /// Lets go all files that can be fetched again; gives the bytes.
  public func clear() async throws -> UInt64 {
    let bytes = try await look.handbook.files().clear()
    await look.again()
    return bytes
  }

  /// For another PIN the old one is typed too.
  public func setPin(old: String?, new: String) async throws {
    try await look.handbook.setPin(old: old, new: new)
    await look.again()
  }

  public func removePin(old: String) async throws {
    try await look.handbook.removePin(old: old)
    await look.again()
  }

  public func speak(_ language: Language) async throws {
    try look.handbook.speak(language: language)
    await look.again()
  }
}
