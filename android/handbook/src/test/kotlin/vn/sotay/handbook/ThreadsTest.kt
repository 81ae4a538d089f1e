package vn.sotay.handbook

import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Test
import java.util.concurrent.Callable
import java.util.concurrent.Executors

class ThreadsTest {
    @Test
    fun eightThreadsCallAtOnce() {
        val threads = Executors.newFixedThreadPool(EIGHT)
        val directives = Lan.handbook.directives()
        val before =
            runBlocking {
                Lan.handbook
                    .feedback()
                    .threads()
                    .size
            }
        val calling =
            (1..EIGHT).map { nth ->
                Callable {
                    runBlocking {
                        Lan.handbook.feedback().submit(null, "Việc $nth", "Tám người cùng viết.")
                        (1..TIMES).map {
                            Lan.handbook.status()
                            directives.search("gang tay", 10u)
                            directives.list(DirectiveFilter(), 0u, 100u).size
                        }
                    }
                }
            }
        val sizes = threads.invokeAll(calling).flatMap { it.get() }
        assertEquals(List(EIGHT * TIMES) { sizes.first() }, sizes)
        assertEquals(
            before + EIGHT,
            runBlocking {
                Lan.handbook
                    .feedback()
                    .threads()
                    .size
            },
        )
        threads.shutdown()
    }

    private companion object {
        const val EIGHT = 8
        const val TIMES = 25
    }
}
