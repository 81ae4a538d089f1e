/// Đồng bộ.
public struct SyncShown: Sendable {
  public let status: SyncStatus
  public let items: [AttentionItem]
}

public struct SyncModel: ScreenModel {
  public let look: Look<Void, SyncShown>

  public init(_ handbook: Handbook) {
    look = Look(handbook, asking: (), after: { try $0.newsOfSync() }) { handbook, _ in
      SyncShown(status: try await handbook.syncStatus(), items: try await handbook.attention().list())
    }
  }

  /// Cập nhật ngay, where nothing keeps the handbook live.
  public func syncNow() async throws -> SyncEnd { try await look.handbook.synced() }

  public func retry(_ item: AttentionItem) async throws -> UInt64 {
    try await look.handbook.attention().retry(entry: item.entry)
  }

  public func dismiss(_ item: AttentionItem) async throws {
    try await look.handbook.attention().dismiss(entry: item.entry)
  }

  /// Both versions, side by side.
  public func conflict(_ item: AttentionItem) async throws -> Conflict {
    try await look.handbook.attention().conflict(entry: item.entry)
  }

  public func keepMine(_ conflict: Conflict) async throws -> UInt64? {
    try await look.handbook.attention().keepMine(entry: conflict.entry, seen: conflict.seen)
  }

  public func resolve(_ conflict: Conflict, _ choices: [FieldChoice]) async throws -> UInt64? {
    try await look.handbook.attention().resolve(entry: conflict.entry, choices: choices, seen: conflict.seen)
  }
}
