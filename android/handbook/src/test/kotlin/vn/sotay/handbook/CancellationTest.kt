package vn.sotay.handbook

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Test

class CancellationTest {
    @After
    fun theNetworkComesBack() = network("on")

    @Test
    fun whoCancelsTheCoroutineEndsTheLongSync() =
        runBlocking {
            withTimeout(WATCHDOG_MILLIS) {
                network("slow")
                val begun = CompletableDeferred<Unit>()
                val syncing = launch { Lan.handbook.synced { begun.complete(Unit) } }
                begun.await()
                syncing.cancelAndJoin()
                network("on")
                assertEquals(SyncStop.DONE, Lan.handbook.synced().stop)
            }
        }

    @Test
    fun aHandleEndsIt() =
        runBlocking {
            withTimeout(WATCHDOG_MILLIS) {
                network("slow")
                Lan.handbook.sync().use { run ->
                    run.cancel()
                    assertEquals(SyncStop.CANCELLED, run.end().stop)
                }
            }
        }
}
