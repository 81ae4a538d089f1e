import Foundation
import Observation

/// Bắt đầu: whose handbook it is, once it is somebody's; and how far the first sync is.
public struct OnboardingModel: ScreenModel {
  public let look: Look<Void, Status>

  private let first = FirstSync()

  /// How far the first sync is; none before it begins.
  public var progress: SyncProgress? { first.progress }

  public init(_ handbook: Handbook) {
    look = Look(handbook, asking: ()) { handbook, _ in try await handbook.status() }
  }

  /// After `Offline`, again with the same words: nothing is lost, and the code is not used up.
  public func begin(url: String, code: String, birth: Day, deviceName: String) async throws -> SyncEnd {
    _ = try await look.handbook.enrol(url: url, code: code, birth: birth, deviceName: deviceName)
    let first = first
    return try await look.handbook.synced { progress in Task { @MainActor in first.progress = progress } }
  }
}

@MainActor @Observable
private final class FirstSync {
  var progress: SyncProgress?
}
