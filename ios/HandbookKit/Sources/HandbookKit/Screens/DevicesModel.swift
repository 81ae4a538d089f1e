/// Thiết bị.
public struct DevicesModel: ScreenModel {
  public let look: Look<Void, [Device]>

  public init(_ handbook: Handbook) {
    look = Look(handbook, asking: ()) { handbook, _ in try await handbook.devices().list() }
  }

  public func rename(_ device: Device, _ name: String) async throws {
    try await look.handbook.devices().rename(device: device.id, name: name)
  }

  /// Takes another device off the handbook, for good.
  public func revoke(_ device: Device) async throws { try await look.handbook.devices().revoke(device: device.id) }

  /// The person saw the same digits there.
  public func compared(_ device: Device) async throws { try await look.handbook.devices().compared(device: device.id) }
}
