package vn.sotay.handbook

import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test

class LargeTest {
    private val tenMegabytes = "đồng chí ".repeat(10_000_000 / "đồng chí ".toByteArray().size + 1)

    @Test
    fun tenMegabytesOfWordsCrossAndAreRefusedByWhatTheyAre() {
        val refused =
            assertThrows(HandbookException.Refused::class.java) {
                runBlocking { Lan.handbook.feedback().submit(null, "Dài", tenMegabytes) }
            }
        assertEquals(Refusal.TOO_LARGE, refused.code)
    }

    @Test
    fun tenMegabytesAreSearchedForAsTheirFirstWordsAre() =
        runBlocking {
            val directives = Lan.handbook.directives()
            assertEquals(directives.search("đồng chí", 10u).total, directives.search(tenMegabytes, 10u).total)
        }
}
