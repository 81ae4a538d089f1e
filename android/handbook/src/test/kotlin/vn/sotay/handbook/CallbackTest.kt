package vn.sotay.handbook

import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import java.lang.ref.WeakReference
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger

class CallbackTest {
    private class Hearing(
        private val then: () -> Unit = {},
    ) : Observer {
        val heard = LinkedBlockingQueue<List<String>>()
        val threads = CopyOnWriteArrayList<Thread>()

        override fun changed(tables: List<String>) {
            threads += Thread.currentThread()
            then()
            heard += tables
        }

        fun wait(table: String) {
            do {
                val tables = checkNotNull(heard.poll(WATCHDOG_MILLIS, TimeUnit.MILLISECONDS)) { "nobody said $table" }
            } while (table !in tables)
        }
    }

    private fun write() = runBlocking { Lan.handbook.feedback().submit(null, "Loa thôn", "Loa hỏng từ tháng trước.") }

    @Test
    fun oneThatThrowsIsDetachedAndTheOthersHearOn() {
        val calls = AtomicInteger()
        val hearing = Hearing()
        val gone =
            Lan.handbook.observe(
                object : Observer {
                    override fun changed(tables: List<String>) {
                        calls.incrementAndGet()
                        throw IllegalStateException("màn hình đã đóng")
                    }
                },
            )
        val watching = Lan.handbook.observe(hearing)
        repeat(2) {
            write()
            hearing.wait("thread")
        }
        assertEquals(1, calls.get())
        listOf(gone, watching).forEach {
            it.cancel()
            it.close()
        }
    }

    @Test
    fun oneMayCallBackIntoTheCore() {
        val counts = CopyOnWriteArrayList<ULong>()
        val hearing = Hearing { runBlocking { counts += Lan.handbook.status().pending } }
        val watching = Lan.handbook.observe(hearing)
        write()
        hearing.wait("thread")
        assertTrue("$counts", counts.last() > 0u)
        watching.cancel()
        watching.close()
    }

    @Test
    fun nothingIsHeardAfterCancel() {
        val (first, second) = Hearing() to Hearing()
        val watching = Lan.handbook.observe(first)
        watching.cancel()
        val other = Lan.handbook.observe(second)
        write()
        second.wait("thread")
        assertTrue("${first.heard}", first.heard.isEmpty())
        other.cancel()
        listOf(watching, other).forEach(Watching::close)
    }

    /** Kotlin drops nothing by itself; the collector does, sometime, and then it is over too. */
    @Test
    fun aHandleThatIsForgottenIsCollected() {
        val forgotten = Hearing()
        val handle = forget(forgotten)
        repeat(100) {
            if (handle.get() != null) {
                System.gc()
                Thread.sleep(20)
            }
        }
        assertNull("it is still held", handle.get())
        val hearing = Hearing()
        val watching = Lan.handbook.observe(hearing)
        // The collector's own thread lets go of what is Rust's, soon.
        repeat(100) {
            forgotten.heard.clear()
            write()
            hearing.wait("thread")
            if (forgotten.heard.isEmpty()) {
                watching.cancel()
                watching.close()
                return
            }
        }
        throw AssertionError("it is still told")
    }

    private fun forget(observer: Observer) = WeakReference(Lan.handbook.observe(observer))

    /** It goes to its end, and the next one may begin. */
    @Test
    fun aSyncThatIsForgottenEnds() =
        runBlocking {
            Lan.handbook.sync()
            Lan.handbook.syncStatuses().hear("that it ended") { it.activity !is SyncActivity.Running }
            assertEquals(SyncStop.DONE, Lan.handbook.synced().stop)
        }
}
