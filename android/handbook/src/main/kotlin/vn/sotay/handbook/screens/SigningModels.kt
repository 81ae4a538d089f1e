package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import vn.sotay.handbook.CertificateRequest
import vn.sotay.handbook.DraftId
import vn.sotay.handbook.DraftRow
import vn.sotay.handbook.DraftView
import vn.sotay.handbook.Handbook
import vn.sotay.handbook.OrganisationId

/** Ký: those that wait, the oldest first; then what was signed or returned. */
public class SigningModel(
    handbook: Handbook,
    scope: CoroutineScope,
) : ScreenModel<Unit, List<DraftRow>>(handbook, scope, Unit, read = { handbook.drafts().rows() }) {
    /** A request for a certificate, where this device has none. */
    public suspend fun requestCertificate(organisation: OrganisationId): CertificateRequest =
        handbook.drafts().requestCertificate(organisation)
}

/** The whole text of one, and what becomes of it. */
public class DraftModel(
    handbook: Handbook,
    scope: CoroutineScope,
    private val id: DraftId,
) : ScreenModel<DraftId, DraftView>(handbook, scope, id, read = { handbook.drafts().open(it) }) {
    public suspend fun sign(): Unit = handbook.drafts().sign(id)

    public suspend fun handBack(reason: String): Unit = handbook.drafts().handBack(id, reason)
}
