package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import vn.sotay.handbook.AttentionItem
import vn.sotay.handbook.Conflict
import vn.sotay.handbook.FieldChoice
import vn.sotay.handbook.Handbook
import vn.sotay.handbook.SyncEnd
import vn.sotay.handbook.SyncStatus
import vn.sotay.handbook.syncStatuses
import vn.sotay.handbook.synced

/** Đồng bộ. */
public data class SyncShown(
    val status: SyncStatus,
    val items: List<AttentionItem>,
)

public class SyncModel(
    handbook: Handbook,
    scope: CoroutineScope,
) : ScreenModel<Unit, SyncShown>(handbook, scope, Unit, news = handbook.syncStatuses(), read = {
        SyncShown(handbook.syncStatus(), handbook.attention().list())
    }) {
    /** Cập nhật ngay, where nothing keeps the handbook live. */
    public suspend fun syncNow(): SyncEnd = handbook.synced()

    public suspend fun retry(item: AttentionItem): ULong = handbook.attention().retry(item.entry)

    public suspend fun dismiss(item: AttentionItem): Unit = handbook.attention().dismiss(item.entry)

    /** Both versions, side by side. */
    public suspend fun conflict(item: AttentionItem): Conflict = handbook.attention().conflict(item.entry)

    public suspend fun keepMine(conflict: Conflict): ULong? =
        handbook.attention().keepMine(conflict.entry, conflict.seen)

    public suspend fun resolve(
        conflict: Conflict,
        choices: List<FieldChoice>,
    ): ULong? = handbook.attention().resolve(conflict.entry, choices, conflict.seen)
}
