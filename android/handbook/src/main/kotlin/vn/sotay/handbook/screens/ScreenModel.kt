package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.SharingStarted
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.merge
import kotlinx.coroutines.flow.stateIn
import kotlinx.coroutines.flow.transform
import kotlinx.coroutines.flow.update
import vn.sotay.handbook.Handbook
import vn.sotay.handbook.HandbookException
import vn.sotay.handbook.SyncActivity
import vn.sotay.handbook.SyncStatus
import vn.sotay.handbook.WaitReason
import vn.sotay.handbook.changes
import vn.sotay.handbook.syncStatuses

/** What a screen has of what it asked for. */
public sealed interface Shown<out T> {
    /** It has just been asked. */
    public data object Loading : Shown<Nothing>

    public data class Ready<T>(
        val value: T,
    ) : Shown<T>

    public data class Failed(
        val error: HandbookException,
    ) : Shown<Nothing>
}

/**
 * The state of one screen: read when somebody looks, and again after each change of the store and each other [ask]. Rules
 * of order, grouping and words are the core's; a screen only says what it wants.
 *
 * In an app, [scope] is the view model's.
 */
public abstract class ScreenModel<Ask, State>(
    protected val handbook: Handbook,
    scope: CoroutineScope,
    first: Ask,
    news: Flow<Any> = handbook.news(),
    read: suspend (Ask) -> State,
) {
    private val asked = MutableStateFlow(first)

    /** While the handbook sleeps it stays as it was. */
    public val state: StateFlow<Shown<State>> =
        combine(asked, news) { ask, _ -> ask }
            .conflate()
            .transform { ask -> shown { read(ask) }?.let { emit(it) } }
            .catch { fault -> emit(Shown.Failed(fault as? HandbookException ?: throw fault)) }
            .stateIn(scope, SharingStarted.WhileSubscribed(KEPT_MILLIS), Shown.Loading)

    /** What is asked for now. */
    protected val asking: Ask get() = asked.value

    /** Asks for something else. */
    protected fun ask(change: (Ask) -> Ask): Unit = asked.update(change)
}

/** That something changed, or that the handbook fell asleep or woke. */
internal fun Handbook.news(): Flow<Any> = merge(changes(), syncStatuses().map(::isAsleep).distinctUntilChanged())

private fun isAsleep(status: SyncStatus): Boolean =
    (status.activity as? SyncActivity.Waiting)?.reason == WaitReason.PAUSED

/** A turned phone makes its screen anew, and looks again within this time. */
private const val KEPT_MILLIS = 5_000L

private suspend fun <T> shown(read: suspend () -> T): Shown<T>? =
    try {
        Shown.Ready(read())
    } catch (_: HandbookException.Paused) {
        null
    } catch (error: HandbookException) {
        Shown.Failed(error)
    }
