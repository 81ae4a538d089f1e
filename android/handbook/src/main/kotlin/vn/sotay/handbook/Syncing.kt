package vn.sotay.handbook

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/**
 * Syncs once, to the end. Cancelling the coroutine ends the sync too, and returns when it has ended: what landed stays,
 * and another may begin at once.
 */
public suspend fun Handbook.synced(progress: ((SyncProgress) -> Unit)? = null): SyncEnd =
    sync(progress?.let(::Listening)).use { run -> ended(run::end, run::cancel) }

/** As [synced], for a window in the background of so many [seconds]. */
public suspend fun Handbook.syncedWithin(
    seconds: UInt,
    progress: ((SyncProgress) -> Unit)? = null,
): Window = syncWithin(seconds, progress?.let(::Listening)).use { run -> ended(run::end, run::cancel) }

/**
 * Keeps the handbook live until the coroutine is cancelled or the handbook shut down: what is written goes up by itself,
 * and news comes. [tell] is where the app says what it knows of network, battery and foreground.
 */
public suspend fun Handbook.live(tell: suspend (LiveHandbook) -> Unit = {}) {
    keepLive().use { live ->
        coroutineScope {
            val telling = launch { tell(live) }
            ended(live::end, live::cancel)
            telling.cancel()
        }
    }
}

private class Listening(
    private val tell: (SyncProgress) -> Unit,
) : SyncListener {
    override fun progress(progress: SyncProgress) = tell(progress)
}

private suspend fun <T> ended(
    end: suspend () -> T,
    cancel: () -> Unit,
): T =
    try {
        end()
    } catch (gone: CancellationException) {
        cancel()
        withContext(NonCancellable) { runCatching { end() } }
        throw gone
    }
