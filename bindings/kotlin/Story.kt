// Lan's phone, driven as a Kotlin app would drive it: over the real library, against a real server.
//
// Each act is a process of its own over the same store; between them the server comes and goes. All calls are
// made from one thread, as from Android's main thread, under a watchdog: a call that works on its caller's thread
// and waits there for another would never end.

package vn.sotay.story

import java.io.File
import java.nio.ByteBuffer
import java.nio.file.Files
import java.time.Instant
import java.time.LocalDate
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executors
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.system.exitProcess
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import vn.sotay.handbook.Block
import vn.sotay.handbook.DirectiveFilter
import vn.sotay.handbook.DirectiveId
import vn.sotay.handbook.DirectiveView
import vn.sotay.handbook.DivisionKind
import vn.sotay.handbook.FileState
import vn.sotay.handbook.Handbook
import vn.sotay.handbook.HandbookException
import vn.sotay.handbook.KeyStore
import vn.sotay.handbook.KeyUnavailable
import vn.sotay.handbook.Language
import vn.sotay.handbook.Mine
import vn.sotay.handbook.NetworkKind
import vn.sotay.handbook.Observer
import vn.sotay.handbook.Photo
import vn.sotay.handbook.PhotoError
import vn.sotay.handbook.Refusal
import vn.sotay.handbook.RowState
import vn.sotay.handbook.Side
import vn.sotay.handbook.Span
import vn.sotay.handbook.Status
import vn.sotay.handbook.SyncActivity
import vn.sotay.handbook.SyncListener
import vn.sotay.handbook.SyncObserver
import vn.sotay.handbook.SyncProgress
import vn.sotay.handbook.SyncStage
import vn.sotay.handbook.SyncStatus
import vn.sotay.handbook.SyncStop
import vn.sotay.handbook.uniffiEnsureInitialized

private const val WATCHDOG_SECONDS = 30L
private const val PLAN = "17-KH/ĐU"
private const val RULES = "01-QC/ĐU"
private const val NO_ROW = "00000000-0000-7000-8000-000000000000"

private fun told(name: String): String = System.getenv(name) ?: error("$name is not set")

/** The Android keystore's place; the same key each time. */
private class Keychain(private val answer: () -> ByteArray = { ByteArray(32) { 7 } }) : KeyStore {
    override fun key(): ByteArray = answer()
    override fun replace(key: ByteArray) = throw KeyUnavailable.Temporary()
    override fun erase() = throw KeyUnavailable.Temporary()
}

/** Hears until a table is named, and never waits on the thread that calls it. */
private class Screen(private val ask: (suspend () -> Status)? = null) : Observer {
    private val heard = LinkedBlockingQueue<List<String>>()
    val threads = CopyOnWriteArrayList<String>()

    override fun changed(tables: List<String>) {
        threads += nativeName()
        // A screen that asks again from within the callback. JNA then says that it could not detach a thread it
        // already serves; it means nothing.
        ask?.let { runBlocking { it() } }
        heard += tables
    }

    fun waitFor(table: String) {
        do {
            val tables = checkNotNull(heard.poll(WATCHDOG_SECONDS, TimeUnit.SECONDS)) { "nobody said $table" }
        } while (table !in tables)
    }

    fun forget() = heard.clear()

    fun isQuiet(): Boolean = heard.poll(300, TimeUnit.MILLISECONDS) == null
}

private class Progress : SyncListener {
    val heard = CopyOnWriteArrayList<SyncProgress>()

    override fun progress(progress: SyncProgress) {
        heard += progress
    }
}

/** Java makes up a thread each time a native one calls in, so the name is asked of the system. */
private fun nativeName(): String = File("/proc/thread-self/comm").readText().trim()

private suspend inline fun <reified E : Exception> fails(crossinline deed: suspend () -> Unit): E {
    try {
        deed()
    } catch (error: Exception) {
        return checkNotNull(error as? E) { "${E::class.simpleName} was expected, not $error" }
    }
    error("${E::class.simpleName} was expected")
}

private suspend fun open(keys: KeyStore = Keychain()): Handbook = Handbook.open(told("STORY_FOLDER"), keys, Language.VI)

private suspend fun enrolling() {
    fails<HandbookException.KeyLocked> { open(Keychain { error("kho khóa bận") }) }
    fails<HandbookException.KeyLost> { open(Keychain { throw KeyUnavailable.Lost() }) }
    val handbook = open()
    check(handbook.status().enrolled == null)
    fails<HandbookException.NotEnrolled> { handbook.sync().end() }

    val url = told("STORY_URL")
    val code = told("STORY_CODE")
    val birth = LocalDate.parse(told("STORY_BIRTH"))
    fails<HandbookException.BadAddress> { handbook.enrol("sotay.xa.vn", code, birth, "Máy của Lan") }
    fails<HandbookException.CodeWrong> { handbook.enrol(url, code, LocalDate.of(1958, 3, 2), "Máy của Lan") }
    val me = checkNotNull(handbook.enrol(url, code, birth, "Máy của Lan").enrolled)
    println("Ghi danh xong: ${me.memberName}")
    check(me.memberName == "Nguyễn Thị Lan" && me.lastSync == null)
    fails<HandbookException.AlreadyEnrolled> { handbook.enrol(url, code, birth, "Máy của Lan") }

    val progress = Progress()
    val end = handbook.sync(progress).end()
    println("Cập nhật xong: ${end.rows} mục, ${end.indexed} văn bản tìm được")
    check(end.stop == SyncStop.DONE && end.rows > 0u && end.indexed > 0u) { "$end" }
    val stages = progress.heard.map { it.stage }
    check(stages.first() == SyncStage.CONNECTING && stages == stages.sorted()) { "$stages" }
    reading(handbook)
    handbook.close()
}

private suspend fun reading(handbook: Handbook) {
    val directives = handbook.directives()
    val plan = directives.list(DirectiveFilter(), 0u, 100u).single { it.number == PLAN }
    check(plan.unread && plan.date == LocalDate.of(2025, 11, 24)) { "$plan" }
    val read = directives.read(plan.id)
    println("Đọc ${read.line.number}, ${read.line.summary}: ${read.blocks.size} đoạn")
    read.blocks.forEach { println("  ${printed(it)}") }
    checkPlan(read)
    checkRules(directives.read(directives.list(DirectiveFilter(), 0u, 100u).single { it.number == RULES }.id))
    check(directives.list(DirectiveFilter(unreadOnly = true), 0u, 100u).none { it.number == PLAN })
    val found = directives.search("ve sinh moi truong", 10u)
    check(found.hits.any { it.line.number == PLAN && it.head.any { part -> part.hit } }) { "$found" }
    for (typed in listOf("gang tay", "don vi co giay phep")) {
        val inTableOrNote = directives.search(typed, 10u)
        check(inTableOrNote.hits.map { it.line.number } == listOf(PLAN)) { "$typed: $inTableOrNote" }
    }
    fails<HandbookException.NotFound> { directives.read(DirectiveId(NO_ROW)) }
    fails<HandbookException.NotFound> { directives.read(DirectiveId("không phải tên")) }
    check(handbook.meetings().list().isNotEmpty())
}

private fun words(spans: List<Span>): String = spans.joinToString("") { it.text }

/** As a screen would lay it out, poorly. */
private fun printed(block: Block): String = when (block) {
    is Block.Heading -> "${"#".repeat(block.level.toInt())} ${words(block.spans)}"
    is Block.Paragraph -> words(block.spans)
    is Block.Items -> block.items.joinToString("\n  ") { "${it.number ?: "-"} ${words(it.spans)}" }
    is Block.Table -> block.rows.joinToString("\n  ") { row -> row.cells.joinToString(" | ", "| ", " |") { words(it.spans) } }
    is Block.Note -> "[${block.mark}] ${words(block.spans)}"
    is Block.Scan -> block.text
    is Block.Unknown -> block.text ?: ""
}

/** A table whose first row names the columns, a note at the end, and words that point to it. */
private fun checkPlan(read: DirectiveView) {
    val table = read.blocks.filterIsInstance<Block.Table>().single { it.text.contains("găng tay") }
    check(table.rows.first().heading && table.rows.size == 5) { "$table" }
    check(table.rows.all { row -> row.cells.sumOf { it.across.toInt() } == 3 }) { "$table" }
    val note = read.blocks.last() as Block.Note
    val pointing = read.blocks.filterIsInstance<Block.Items>().flatMap { it.items }.flatMap { it.spans }
    check(pointing.any { it.note == note.mark && it.text == "[${note.mark}]" }) { "$note: $pointing" }
    check(read.contents.isNotEmpty() && read.contents.first().level == 1.toUByte()) { "${read.contents}" }
    check(read.contents.all { read.blocks[it.block.toInt()] is Block.Heading }) { "${read.contents}" }
    val original = checkNotNull(read.original)
    println("  Tệp gốc: ${original.name}, ${original.size} byte")
    check(original.name == "17-KH-DU.docx" && original.size > 1000uL && original.hash.length == 64) { "$original" }
    check(!read.ofNewerVersion && read.replacedBy == null)
}

/** Chapters, articles, and clauses inside them. */
private fun checkRules(read: DirectiveView) {
    val articles = read.blocks.filterIsInstance<Block.Heading>().filter { it.division?.kind == DivisionKind.ARTICLE }
    println("Đọc ${read.line.number}: ${articles.joinToString { "Điều ${it.division?.number}" }}")
    check(articles.map { it.division?.number } == (1..articles.size).map { "$it" } && articles.size > 2) { "$articles" }
    check(words(articles.first().spans).startsWith("Điều 1.")) { "${articles.first()}" }
    val clauses = read.blocks.filterIsInstance<Block.Items>().flatMap { it.items }.filter { it.division == DivisionKind.CLAUSE }
    check(clauses.first().number == "1.") { "$clauses" }
}

private suspend fun away() {
    val handbook = open()
    val screen = Screen { handbook.status() }
    val watching = handbook.observe(screen)
    var thrown = 0
    val faulty = handbook.observe(
        object : Observer {
            override fun changed(tables: List<String>) {
                thrown += 1
                error("màn hình đã đóng")
            }
        },
    )

    val feedback = handbook.feedback()
    val id = feedback.submit(null, "Đường thôn", "Đường vào thôn Đồi Chè sạt lở, xe không qua được.")
    screen.waitFor("thread")
    val meeting = handbook.meetings().list().first()
    val refused = fails<HandbookException.Refused> { handbook.attendance().checkIn(meeting.id, "12345") }
    check(refused.code == Refusal.MALFORMED)
    handbook.attendance().checkIn(meeting.id, "123456")
    screen.waitFor("claim")
    check(handbook.meetings().list().single { it.id == meeting.id }.mine is Mine.Claim)

    val thread = feedback.thread(id)
    check(thread.line.sync is RowState.Pending && thread.messages.single().side == Side.MEMBER) { "$thread" }
    check(handbook.sync().end().stop == SyncStop.OFFLINE)
    val status = handbook.status()
    println("Không có mạng: ${status.pending} việc còn chờ gửi")
    check(status.pending == 2uL) { "$status" }
    check(thrown == 1) { "an observer that threw was called $thrown times" }
    check(screen.threads.toSet() == setOf("sotay-callbacks")) { "called from ${screen.threads}" }

    watching.cancel()
    faulty.cancel()
    screen.forget()
    feedback.submit(null, "Nước sạch", "Giếng của thôn cạn từ đầu tháng.")
    check(screen.isQuiet()) { "an observer was called after cancel" }
    watching.close()
    faulty.close()
    handbook.close()
}

private suspend fun home() {
    val handbook = open()
    val screen = Screen()
    val watching = handbook.observe(screen)
    val end = handbook.sync(
        object : SyncListener {
            override fun progress(progress: SyncProgress) = error("màn hình đã đóng")
        },
    ).end()
    check(end.stop == SyncStop.DONE && end.sent == 3uL && end.applied == 3uL) { "$end" }
    screen.waitFor("thread")
    val threads = handbook.feedback().threads()
    println("Có mạng lại: ${threads.joinToString { "${it.topic} (${it.deskName})" }}")
    check(threads.size == 2)
    for (thread in threads) {
        val sent = checkNotNull(thread.sync as? RowState.Applied) { "$thread" }
        check(sent.at.isBefore(Instant.now().plusSeconds(60)))
    }
    val status = handbook.status()
    check(status.pending == 0uL && status.needsAttention == 0uL && status.enrolled?.lastSync != null) { "$status" }
    val run = handbook.sync()
    run.cancel()
    check(run.end().stop == SyncStop.CANCELLED)
    photo(handbook)
    live(handbook)
    sleeping(handbook, screen)
    watching.cancel()
    watching.close()
    // Not closed: the end of the process does that too.
    check(open().status().pending == 1uL)
}

/** A PNG in which a phone left its name. */
private fun png(): ByteArray {
    fun chunk(name: String, inner: ByteArray): ByteArray =
        ByteBuffer.allocate(inner.size + 12).putInt(inner.size).put(name.toByteArray()).put(inner).array()
    val start = byteArrayOf(0x89.toByte(), 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
    return start + chunk("IHDR", ByteArray(13)) + chunk("tEXt", "Galaxy cua Lan".toByteArray()) +
        chunk("IDAT", ByteArray(300_000)) + chunk("IEND", ByteArray(0))
}

/** A photo goes with a message: shown at once, without what the camera wrote, and sent in the same sync. */
private suspend fun photo(handbook: Handbook) {
    val feedback = handbook.feedback()
    val refused = fails<HandbookException.Photo> {
        feedback.submitWithPhotos(null, "Cầu", "Gãy.", listOf(Photo("cau.pdf", "%PDF".toByteArray())))
    }
    check(refused.why == PhotoError.NOT_A_PHOTO)
    val id = feedback.submitWithPhotos(null, "Cầu", "Gãy.", listOf(Photo("cau.png", png())))
    val files = handbook.files()
    val file = files.ofThread(id).single()
    check(file.state is FileState.ToSend) { "$file" }
    val opened = checkNotNull(files.open(file))
    val bytes = opened.piece(0u)
    check(opened.size() > 300_000u && !String(bytes, Charsets.ISO_8859_1).contains("Galaxy"))
    opened.close()
    val end = handbook.sync().end()
    check(end.stop == SyncStop.DONE && end.filesUp == 1uL && end.applied == 1uL) { "$end" }
    check(files.ofThread(id).single().state is FileState.Here)
    println("Ảnh: ${file.name}, ${file.words}")
    files.close()
    feedback.close()
}

/** Kept live, nobody presses anything: what is written goes up by itself, and the screen hears how sync stands. */
private suspend fun live(handbook: Handbook) {
    val heard = LinkedBlockingQueue<SyncStatus>()
    val watching = handbook.observeSync(
        object : SyncObserver {
            override fun changed(status: SyncStatus) {
                heard += status
            }
        },
    )
    val hear = { checkNotNull(heard.poll(WATCHDOG_SECONDS, TimeUnit.SECONDS)) { "nobody said how sync stands" } }
    check(hear().allSent)
    val live = handbook.keepLive()
    live.network(NetworkKind.UNMETERED)
    handbook.feedback().submit(null, "Cầu treo", "Ván cầu mục, xin thay trước mùa mưa.")
    var status = hear()
    while (status.allSent) status = hear()
    while (!status.allSent || status.activity !is SyncActivity.Idle) status = hear()
    println("Tự gửi: ${status.sentence}")
    check(handbook.attention().list().isEmpty() && status.attention.clockFastBy == null) { "$status" }
    live.cancel()
    live.end()
    watching.cancel()
    watching.close()
    live.close()
}

/** What this process has open in the store's folder. */
private fun openFiles(): List<String> = File("/proc/self/fd").listFiles().orEmpty()
    .mapNotNull { runCatching { Files.readSymbolicLink(it.toPath()).toString() }.getOrNull() }
    .filter { it.startsWith(File(told("STORY_FOLDER")).canonicalPath) }

/** The system puts the app to sleep and wakes it, gives it a window in the background, and ends it. */
private suspend fun sleeping(handbook: Handbook, screen: Screen) {
    fails<HandbookException.InUse> { open() }
    check(openFiles().isNotEmpty())
    repeat(2) { handbook.pause() }
    check(openFiles().isEmpty()) { "${openFiles()}" }
    fails<HandbookException.Paused> { handbook.status() }
    fails<HandbookException.Paused> { handbook.sync().end() }
    repeat(2) { handbook.resume() }

    val window = handbook.syncWithin(25u, Progress()).end()
    println("Cửa sổ 25 giây: ${window.end.stop}, ${if (window.more) "còn việc" else "hết việc"}")
    check(window.end.stop == SyncStop.DONE && !window.outOfTime && !window.more) { "$window" }
    screen.forget()
    handbook.feedback().submit(null, "Chợ phiên", "Xin mở lại chợ phiên cuối tuần.")
    screen.waitFor("thread")

    handbook.shutdown()
    check(openFiles().isEmpty()) { "${openFiles()}" }
    fails<HandbookException.Shut> { handbook.status() }
    fails<HandbookException.Shut> { handbook.resume() }
}

fun main(arguments: Array<String>) {
    thread(isDaemon = true) {
        Thread.sleep(WATCHDOG_SECONDS * 1000)
        System.err.println("Quá $WATCHDOG_SECONDS giây: một lời gọi không trở về")
        Thread.getAllStackTraces().forEach { (thread, stack) -> System.err.println("$thread\n  ${stack.joinToString("\n  ")}") }
        Runtime.getRuntime().halt(3)
    }
    val screenThread = Executors.newSingleThreadExecutor { Thread(it, "screen") }.asCoroutineDispatcher()
    val ended = runCatching {
        runBlocking(screenThread) {
            // Loading takes long enough to be seen on the thread that draws.
            withContext(Dispatchers.IO) { uniffiEnsureInitialized() }
            when (val act = arguments.single()) {
                "enrolling" -> enrolling()
                "away" -> away()
                "home" -> home()
                else -> error("no act is called $act")
            }
        }
    }
    ended.exceptionOrNull()?.printStackTrace()
    exitProcess(if (ended.isSuccess) 0 else 1)
}
