/// Ký: those that wait, the oldest first; then what was signed or returned.
public struct SigningModel: ScreenModel {
  public let look: Look<Void, [DraftRow]>

  public init(_ handbook: Handbook) {
    look = Look(handbook, asking: ()) { handbook, _ in try await handbook.drafts().rows() }
  }

  /// A request for a certificate, where this device has none.
  public func requestCertificate(in organisation: OrganisationId) async throws -> CertificateRequest {
    try await look.handbook.drafts().requestCertificate(organisation: organisation)
  }
}

/// The whole text of one, and what becomes of it.
public struct DraftModel: ScreenModel {
  public let look: Look<DraftId, DraftView>

  public init(_ handbook: Handbook, _ id: DraftId) {
    look = Look(handbook, asking: id) { handbook, id in try await handbook.drafts().open(id: id) }
  }

  public func sign() async throws { try await look.handbook.drafts().sign(id: look.asked) }

  public func handBack(reason: String) async throws {
    try await look.handbook.drafts().handBack(id: look.asked, reason: reason)
  }
}
