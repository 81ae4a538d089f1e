// The Kotlin side of `cargo xtask bench ffi`: the package called as an app calls it. Each line says what was called, the
// milliseconds until its answer, and those for which the thread that waits was held without a break.
//
// `bindings/src/bin/calls.rs` and HandbookKit do the same in their languages.

package vn.sotay.handbook

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import java.time.Instant
import java.util.concurrent.Executors
import kotlin.coroutines.CoroutineContext
import kotlin.system.exitProcess

private const val MILLI = 1e6

/** One thread, as Android's main thread is. */
private class Held : CoroutineDispatcher() {
    private val thread = Executors.newSingleThreadExecutor()

    /** For how long at most it was held without a break; touched on that thread alone. */
    var longest = 0L

    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ) = thread.execute {
        val begun = System.nanoTime()
        block.run()
        longest = maxOf(longest, System.nanoTime() - begun)
    }

    suspend fun <T> timed(
        name: String,
        counts: Boolean,
        call: suspend () -> T,
    ): T {
        // Begins and ends with a turn of its own: what is said here is not the call's.
        yield()
        longest = 0
        val begun = System.nanoTime()
        val answer = call()
        val spent = System.nanoTime() - begun
        yield()
        if (counts) println("$name\t${spent / MILLI}\t${longest / MILLI}")
        return answer
    }
}

private suspend fun Held.calls(
    folder: String,
    warm: Int,
    times: Int,
    searches: List<String>,
) {
    val handbook = openHandbook(folder, Keychain())
    val directives = handbook.directives()
    val all = DirectiveFilter()
    for (nth in 0..<warm + times) {
        val counts = nth >= warm
        val lines = timed("list 100 directives", counts) { directives.list(all, 0u, 100u) }
        timed("search", counts) { directives.search(searches[nth % searches.size], 20u) }
        timed("open", counts) { directives.read(lines[nth % lines.size].id) }
        timed("home", counts) { handbook.home() }
        timed("100 under headings", counts) { directives.grouped(all, 0u, 100u) }
        if (nth % 10 == 0) timed("list all directives", counts) { directives.list(all, 0u, UInt.MAX_VALUE) }
    }
    handbook.shutdown()
}

private fun load(folder: String) {
    fun now() = Instant.now().run { epochSecond * 1_000_000_000 + nano }
    val begun = now()
    whyEmpty(folder, Language.VI)
    val answered = now()
    println("process, until its code runs\t${(begun - told("STARTED").toLong()) / MILLI}\t0")
    println("first call\t${(answered - begun) / MILLI}\t0")
}

public fun main(words: Array<String>) {
    val folder = words[0]
    if (words[1] == "load") return load(folder)
    val thread = Held()
    runBlocking(thread) { thread.calls(folder, words[2].toInt(), words[3].toInt(), words.drop(4)) }
    exitProcess(0)
}
