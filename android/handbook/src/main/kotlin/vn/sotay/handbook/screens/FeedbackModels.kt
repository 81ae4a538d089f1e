package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import vn.sotay.handbook.Desk
import vn.sotay.handbook.Handbook
import vn.sotay.handbook.OrganisationId
import vn.sotay.handbook.Photo
import vn.sotay.handbook.RowFile
import vn.sotay.handbook.ThreadId
import vn.sotay.handbook.ThreadRow
import vn.sotay.handbook.ThreadScreen

/** Phản ánh: mine, the last word first. */
public class FeedbackModel(
    handbook: Handbook,
    scope: CoroutineScope,
) : ScreenModel<Unit, List<ThreadRow>>(handbook, scope, Unit, read = { handbook.feedback().rows() })

/** Viết: to whom one can write, and what each way of sending means. */
public class WriteFeedbackModel(
    handbook: Handbook,
    scope: CoroutineScope,
) : ScreenModel<Unit, List<Desk>>(handbook, scope, Unit, read = { handbook.feedback().desks() }) {
    /** Keeps it, and gives the thread to go on to. */
    public suspend fun send(
        desk: OrganisationId?,
        topic: String,
        words: String,
        photos: List<Photo> = emptyList(),
        sealed: Boolean = false,
    ): ThreadId =
        if (sealed) {
            handbook.feedback().seal(desk, topic, words, photos)
        } else {
            handbook.feedback().submitWithPhotos(desk, topic, words, photos)
        }
}

/** Trao đổi. */
public data class Conversation(
    val thread: ThreadScreen,
    val files: List<RowFile>,
)

public class ThreadModel(
    handbook: Handbook,
    scope: CoroutineScope,
    private val id: ThreadId,
) : ScreenModel<ThreadId, Conversation>(handbook, scope, id, read = {
        Conversation(handbook.feedback().read(it), handbook.files().ofThread(it))
    }) {
    public suspend fun reply(
        words: String,
        photos: List<Photo> = emptyList(),
    ): Unit = handbook.feedback().reply(id, words, photos)
}
