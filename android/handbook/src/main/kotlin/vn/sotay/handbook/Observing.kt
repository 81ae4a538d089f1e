package vn.sotay.handbook

import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate

/**
 * The tables that each change of the store touched; first none, to say that from now on nothing is missed. Who collects
 * observes; who stops collecting does not.
 */
public fun Handbook.changes(): Flow<Set<String>> =
    callbackFlow {
        val observer =
            object : Observer {
                override fun changed(tables: List<String>) {
                    trySend(tables.toSet())
                }
            }
        val observation = observe(observer)
        trySend(emptySet())
        awaitClose {
            observation.cancel()
            observation.close()
        }
    }.buffer(Channel.UNLIMITED)

/** How sync stands now, then each change of it; who is slow hears the newest. */
public fun Handbook.syncStatuses(): Flow<SyncStatus> =
    callbackFlow {
        val observer =
            object : SyncObserver {
                override fun changed(status: SyncStatus) {
                    trySend(status)
                }
            }
        val observation = observeSync(observer)
        awaitClose {
            observation.cancel()
            observation.close()
        }
    }.conflate()
