package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import vn.sotay.handbook.Handbook
import vn.sotay.handbook.Status
import vn.sotay.handbook.SyncEnd
import vn.sotay.handbook.SyncProgress
import vn.sotay.handbook.synced
import java.time.LocalDate

/** Bắt đầu: whose handbook it is, once it is somebody's; and how far the first sync is. */
public class OnboardingModel(
    handbook: Handbook,
    scope: CoroutineScope,
) : ScreenModel<Unit, Status>(handbook, scope, Unit, read = { handbook.status() }) {
    private val first = MutableStateFlow<SyncProgress?>(null)

    /** How far the first sync is; none before it begins. */
    public val progress: StateFlow<SyncProgress?> = first.asStateFlow()

    /** After `Offline`, again with the same words: nothing is lost, and the code is not used up. */
    public suspend fun begin(
        url: String,
        code: String,
        birth: LocalDate,
        deviceName: String,
    ): SyncEnd {
        handbook.enrol(url, code, birth, deviceName)
        return handbook.synced { first.value = it }
    }
}
