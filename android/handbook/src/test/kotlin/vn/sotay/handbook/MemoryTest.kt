package vn.sotay.handbook

import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertTrue
import org.junit.Test
import java.io.File

class MemoryTest {
    private fun residentKilobytes(): Long {
        repeat(3) {
            System.gc()
            Thread.sleep(50)
        }
        return File("/proc/self/status")
            .readLines()
            .first { it.startsWith("VmRSS:") }
            .filter { it.isDigit() }
            .toLong()
    }

    @Test
    fun aThousandTimesOpenedAndClosedTakesNoMore() =
        runBlocking {
            val folder = scratch("memory")

            suspend fun cycles(count: Int) =
                repeat(count) {
                    openHandbook(folder, Keychain()).use { handbook ->
                        handbook.status()
                        handbook.shutdown()
                    }
                }

            cycles(WARMING)
            val before = residentKilobytes()
            cycles(CYCLES - WARMING)
            val grown = residentKilobytes() - before
            println("After $WARMING of $CYCLES cycles $before kB, at the end $grown kB more")
            assertTrue("grown by $grown kB", grown < MARGIN_KILOBYTES)
        }

    private companion object {
        const val CYCLES = 1_000
        const val WARMING = 200

        /** What allocator and virtual machine take now and then; a leak of one page in each cycle is over three megabytes. */
        const val MARGIN_KILOBYTES = 16_384
    }
}
