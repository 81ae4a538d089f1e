package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import vn.sotay.handbook.DirectiveId
import vn.sotay.handbook.DirectiveView
import vn.sotay.handbook.Handbook
import vn.sotay.handbook.OpenFile
import vn.sotay.handbook.RowFile

/** Đọc. */
public data class Reading(
    val directive: DirectiveView,
    val files: List<RowFile>,
)

/** Who looks at it has opened it: it counts as read. */
public class ReaderModel(
    handbook: Handbook,
    scope: CoroutineScope,
    id: DirectiveId,
) : ScreenModel<DirectiveId, Reading>(handbook, scope, id, read = {
        Reading(handbook.directives().read(it), handbook.files().ofDirective(it))
    }) {
    /** Marks a file to be had on this phone, or takes the mark away. */
    public suspend fun want(
        file: RowFile,
        wanted: Boolean,
    ): Unit = handbook.files().want(file, wanted)

    /** None where it is not here: it comes before all else with the next sync. To be closed. */
    public suspend fun open(file: RowFile): OpenFile? = handbook.files().open(file)
}
