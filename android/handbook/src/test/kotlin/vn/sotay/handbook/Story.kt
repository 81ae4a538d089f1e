// The one story: Lan's phone, driven as an Android app drives it, over the real library, against a real server.
//
// `bindings/examples/story.rs` and HandbookKit tell the same; what each says is compared with `bindings/story.txt`, byte
// for byte. All calls are made from one thread, as from Android's main thread, under a watchdog: a call that works on its
// caller's thread and waits there for another would never end.

package vn.sotay.handbook

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.receiveAsFlow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.time.LocalDate
import java.util.concurrent.Executors
import kotlin.concurrent.thread
import kotlin.system.exitProcess

private const val PLAN = "17-KH/ĐU"
private const val RULES = "01-QC/ĐU"
private const val NO_ROW = "00000000-0000-7000-8000-000000000000"

/** How an error is called, without what it bears. */
private suspend fun name(deed: suspend () -> Any?): String =
    try {
        deed()
        "None"
    } catch (error: HandbookException) {
        checkNotNull(error::class.simpleName)
    }

/** Hears from now on, and is asked later what it heard. */
private suspend fun CoroutineScope.hearing(
    handbook: Handbook,
    table: String,
): Deferred<Unit> {
    val begun = CompletableDeferred<Unit>()
    val heard =
        async {
            handbook.changes().onEach { begun.complete(Unit) }.hear(table) { table in it }
            Unit
        }
    begun.await()
    return heard
}

/** Each time it is called it counts, and throws. */
private class Gone : Observer {
    @Volatile var calls = 0

    override fun changed(tables: List<String>) = leave()

    fun leave() {
        calls += 1
        error("màn hình đã đóng")
    }
}

private fun stop(end: SyncEnd): String =
    when (end.stop) {
        SyncStop.DONE -> "xong"
        SyncStop.OFFLINE -> "không có mạng"
        SyncStop.CANCELLED -> "đã dừng"
        else -> "dừng vì lẽ khác"
    }

private fun state(of: RowState?): String =
    when (of) {
        is RowState.Pending -> "chờ gửi"
        is RowState.Applied -> "đã gửi"
        null -> "không có gì"
        else -> "khác"
    }

private fun words(spans: List<Span>): String = spans.joinToString("") { it.text }

private fun marked(parts: List<Part>): String = parts.joinToString("") { if (it.hit) "«${it.text}»" else it.text }

/** As a screen would lay it out, poorly. */
private fun printed(block: Block): String =
    when (block) {
        is Block.Heading -> "${"#".repeat(block.level.toInt())} ${words(block.spans)}"
        is Block.Paragraph -> words(block.spans)
        is Block.Items -> block.items.joinToString("\n") { "${it.number ?: "-"} ${words(it.spans)}" }
        is Block.Table ->
            block.rows.joinToString("\n") { row ->
                row.cells.joinToString("") { "| ${words(it.spans)} (${it.across})" }
            }
        is Block.Note -> "[${block.mark}] ${words(block.spans)}"
        is Block.Scan -> block.text
        is Block.Unknown -> block.text ?: ""
    }

private suspend fun enrolling(): Handbook {
    println("— Ghi danh —")
    println("Kho khóa bận: ${name { openLan(Keychain { error("kho khóa bận") }) }}")
    println("Khóa mất: ${name { openLan(Keychain { throw KeyUnavailable.Lost() }) }}")
    val handbook = openLan()
    println("Cập nhật khi chưa ghi danh: ${name { handbook.synced() }}")
    val url = told("STORY_URL")
    val code = told("STORY_CODE")
    val birth = day("STORY_BIRTH")
    println("Sai địa chỉ: ${name { handbook.enrol("sotay.xa.vn", code, birth, "Máy của Lan") }}")
    println("Sai ngày sinh: ${name { handbook.enrol(url, code, LocalDate.of(1958, 3, 2), "Máy của Lan") }}")
    println("Chào ${handbook.enrol(url, code, birth, "Máy của Lan").enrolled?.memberName}")
    println("Ghi danh lần nữa: ${name { handbook.enrol(url, code, birth, "Máy của Lan") }}")
    return handbook
}

private suspend fun reading(handbook: Handbook) {
    println("— Cập nhật —")
    val gone = Gone()
    val end = handbook.synced { gone.leave() }
    println("${stop(end)}, ${end.rows} mục, ${end.indexed} văn bản tìm được")
    println("Màn hình đã đóng được gọi ${gone.calls} lần")
    println("— Văn bản —")
    val directives = handbook.directives()
    val lines = directives.list(DirectiveFilter(), 0u, 100u)
    for (line in lines) {
        val unread = if (line.unread) "chưa đọc" else "đã đọc"
        println("${line.number} · ${line.issuerName} · ${line.summary} · $unread")
    }
    for (number in listOf(PLAN, RULES)) read(directives.read(lines.single { it.number == number }.id))
    println("Còn ${directives.list(DirectiveFilter(), 0u, 100u).count { it.unread }} văn bản chưa đọc")
    println("Văn bản không có: ${name { directives.read(DirectiveId(NO_ROW)) }}")
    println("— Tìm —")
    for (typed in listOf("ve sinh moi truong", "gang tay", "don vi co giay phep", "khong co dau")) {
        val found = directives.search(typed, 10u)
        println("$typed: ${found.total}")
        for (hit in found.hits) println("  ${hit.line.number} · ${marked(hit.head)}")
    }
}

private fun read(view: DirectiveView) {
    println("Đọc ${view.line.number}: ${view.blocks.size} đoạn, ${view.contents.size} mục lục")
    if (view.line.number == PLAN) view.blocks.forEach { println(printed(it)) }
    for (heading in view.blocks.filterIsInstance<Block.Heading>()) {
        heading.division?.takeIf { it.kind == DivisionKind.ARTICLE }?.let { println("Điều ${it.number}") }
    }
    view.original?.let { println("Tệp gốc ${it.name}, ${it.size} byte") }
}

private suspend fun away(handbook: Handbook) =
    coroutineScope {
        println("— Mất mạng —")
        network("off")
        val gone = Gone()
        val leaving = handbook.observe(gone)
        val meeting = handbook.meetings().list().first()
        println("${meeting.title} · ${meeting.place}")
        val attendance = handbook.attendance()
        println("Điểm danh 12345: ${name { attendance.checkIn(meeting.id, "12345") }}")
        val claimed = hearing(handbook, "claim")
        attendance.checkIn(meeting.id, "123456")
        claimed.await()
        val mine =
            handbook
                .meetings()
                .list()
                .single { it.id == meeting.id }
                .mine
        println("Điểm danh 123456: ${if (mine is Mine.Claim) "đã ghi" else "?"}")

        val feedback = handbook.feedback()
        val written = hearing(handbook, "thread")
        val id = feedback.submit(null, "Đường thôn", "Đường vào thôn Đồi Chè sạt lở, xe không qua được.")
        written.await()
        val thread = feedback.thread(id)
        for (message in thread.messages) println("${thread.line.topic}: ${message.words} · ${state(thread.line.sync)}")
        println("Cập nhật: ${stop(handbook.synced())}")
        println("Còn ${handbook.status().pending} việc chờ gửi")
        println("Màn hình đã đóng được gọi ${gone.calls} lần")
        leaving.cancel()
        leaving.close()
    }

private suspend fun sleeping(handbook: Handbook) {
    println("— Ngủ —")
    println("Mở lần nữa: ${name { openLan() }}")
    repeat(2) { handbook.pause() }
    println("Hỏi khi ngủ: ${name { handbook.status() }}")
    println("Cập nhật khi ngủ: ${name { handbook.synced() }}")
    repeat(2) { handbook.resume() }
    println("Thức dậy, còn ${handbook.status().pending} việc chờ gửi")
}

private suspend fun home(handbook: Handbook) =
    coroutineScope {
        println("— Có mạng —")
        network("on")
        val heard = hearing(handbook, "thread")
        val end = handbook.synced()
        println("${stop(end)}, gửi ${end.sent}, nhận ${end.applied}")
        heard.await()
        for (thread in handbook.feedback().threads()) {
            println("${thread.topic} → ${thread.deskName} · ${state(thread.sync)}")
        }
        println("Còn ${handbook.status().pending} việc chờ gửi")
        handbook.sync().use { run ->
            run.cancel()
            println("Dừng giữa chừng: ${stop(run.end())}")
        }
    }

/** Shown at once, without what the camera wrote, and sent in the same sync. */
private suspend fun photo(handbook: Handbook) {
    println("— Ảnh —")
    val feedback = handbook.feedback()
    try {
        feedback.submitWithPhotos(null, "Cầu", "Gãy.", listOf(Photo("cau.pdf", "%PDF".toByteArray())))
    } catch (refused: HandbookException.Photo) {
        if (refused.why == PhotoError.NOT_A_PHOTO) println("cau.pdf: không phải ảnh")
    }
    val id = feedback.submitWithPhotos(null, "Cầu", "Gãy.", listOf(Photo("cau.png", png())))
    val files = handbook.files()
    val file = files.ofThread(id).first()
    checkNotNull(files.open(file)).use { opened ->
        val named = String(opened.piece(0u), Charsets.ISO_8859_1).contains("Galaxy")
        println("${file.name}, ${opened.size()} byte, ${if (named) "còn tên máy" else "không còn tên máy"}")
    }
    println(file.words)
    val end = handbook.synced()
    println("${stop(end)}, gửi ${end.filesUp} tệp")
    for (sent in files.ofThread(id)) println(sent.words)
}

/** Kept live, nobody presses anything: what is written goes up by itself. */
private suspend fun live(handbook: Handbook) =
    coroutineScope {
        println("— Tự gửi —")
        val heard = Channel<SyncStatus>(Channel.UNLIMITED)
        val watching = launch(start = CoroutineStart.UNDISPATCHED) { handbook.syncStatuses().collect(heard::send) }
        val statuses = heard.receiveAsFlow()
        println("Đã gửi hết: ${statuses.hear("how it stands") { true }.allSent}")
        val live = launch(start = CoroutineStart.UNDISPATCHED) { handbook.live { it.network(NetworkKind.UNMETERED) } }
        handbook.feedback().submit(null, "Cầu treo", "Ván cầu mục, xin thay trước mùa mưa.")
        println("Đã gửi hết: ${statuses.hear("that it waits") { !it.allSent }.allSent}")
        val sent = statuses.hear("that it went") { it.allSent && it.activity is SyncActivity.Idle }
        println("Đã gửi hết: ${sent.allSent}")
        live.cancel()
        live.join()
        watching.cancel()
        println("Cần xem lại: ${handbook.attention().list().size}")
    }

private suspend fun ending(handbook: Handbook) {
    println("— Hết —")
    val window = handbook.syncedWithin(25u)
    println("Cửa sổ 25 giây: ${stop(window.end)}, ${if (window.more) "còn việc" else "hết việc"}")
    handbook.shutdown()
    println("Hỏi khi đã đóng: ${name { handbook.status() }}")
    println("Thức khi đã đóng: ${name { handbook.resume() }}")
    openLan().use { again -> println("Mở lại: ${again.feedback().threads().size} phản ánh") }
}

public fun main() {
    val caller = Executors.newSingleThreadExecutor { work -> thread(start = false, isDaemon = true) { work.run() } }
    thread(isDaemon = true) {
        Thread.sleep(WATCHDOG_MILLIS)
        System.err.println("Quá ${WATCHDOG_MILLIS / 1000} giây: một lời gọi không trở về")
        Runtime.getRuntime().halt(3)
    }
    try {
        runBlocking(caller.asCoroutineDispatcher()) {
            val handbook = enrolling()
            reading(handbook)
            away(handbook)
            sleeping(handbook)
            home(handbook)
            photo(handbook)
            live(handbook)
            ending(handbook)
        }
    } catch (error: Throwable) {
        error.printStackTrace()
        exitProcess(1)
    }
    exitProcess(0)
}
