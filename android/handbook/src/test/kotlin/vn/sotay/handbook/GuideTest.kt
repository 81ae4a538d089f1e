package vn.sotay.handbook

import guide.Invitation
import guide.showDirectives
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.Assert.assertEquals
import org.junit.Test

/** The README's own code, on Minh's new phone. */
class GuideTest {
    @Test
    fun fromAnEmptyAppToAListOfDirectives() =
        runBlocking {
            network("on")
            val shown = CompletableDeferred<List<String>>()
            val app =
                launch {
                    showDirectives(
                        scratch("guide"),
                        Keychain(),
                        Invitation(told("STORY_URL"), told("GUIDE_CODE"), day("GUIDE_BIRTH")),
                    ) { lines -> if (lines.size == 2) shown.complete(lines) }
                }
            val lines = withTimeout(WATCHDOG_MILLIS) { shown.await() }
            assertEquals(listOf("Kế hoạch 17-KH/ĐU", "Quy chế 01-QC/ĐU"), lines.map { it.substringBefore(":") })
            app.cancelAndJoin()
        }
}
