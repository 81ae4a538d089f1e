package vn.sotay.handbook

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import vn.sotay.handbook.screens.CheckInDeskModel
import vn.sotay.handbook.screens.CheckInModel
import vn.sotay.handbook.screens.DevicesModel
import vn.sotay.handbook.screens.DirectivesModel
import vn.sotay.handbook.screens.DraftModel
import vn.sotay.handbook.screens.FeedbackModel
import vn.sotay.handbook.screens.HomeModel
import vn.sotay.handbook.screens.MeetingsModel
import vn.sotay.handbook.screens.OnboardingModel
import vn.sotay.handbook.screens.ReaderModel
import vn.sotay.handbook.screens.ScreenModel
import vn.sotay.handbook.screens.SearchModel
import vn.sotay.handbook.screens.SettingsModel
import vn.sotay.handbook.screens.Shown
import vn.sotay.handbook.screens.SigningModel
import vn.sotay.handbook.screens.SyncModel
import vn.sotay.handbook.screens.ThreadModel
import vn.sotay.handbook.screens.WriteFeedbackModel

/** Every screen's state, on Lan's phone as the story left it. */
class ScreensTest {
    private val scope = CoroutineScope(Dispatchers.Default)
    private val lan = Lan.handbook

    @After
    fun noScreenIsLookedAtAnyMore() = scope.cancel()

    private suspend fun <T> ScreenModel<*, T>.shows(
        what: String,
        wanted: (T) -> Boolean = { true },
    ): T = (state.hear(what) { it is Shown.Ready && wanted(it.value) } as Shown.Ready).value

    @Test
    fun home() =
        runBlocking {
            val home = HomeModel(lan, scope)
            assertTrue(home.shows("when it was updated").updated.startsWith("Cập nhật"))
        }

    @Test
    fun whoLookedWhileItSleptSeesItWake() =
        runBlocking {
            lan.pause()
            val home = HomeModel(lan, scope)
            val shown = async { home.shows("anything") }
            delay(100)
            assertTrue("${home.state.value}", home.state.value is Shown.Loading)
            lan.resume()
            shown.await()
            Unit
        }

    @Test
    fun directivesAndTheReader() =
        runBlocking {
            val directives = DirectivesModel(lan, scope)
            val list = directives.shows("two directives") { it.list.groups.sumOf { group -> group.rows.size } == 2 }
            assertFalse(list.more)
            val plan =
                list.list.groups
                    .flatMap { it.rows }
                    .single { it.line.number == "17-KH/ĐU" }
            val reader = ReaderModel(lan, scope, plan.line.id)
            val reading = reader.shows("its words") { it.directive.blocks.isNotEmpty() }
            val original = reading.files.single { it.name == "17-KH-DU.docx" }
            reader.want(original, true)
            reader.shows("that it is wanted") { it.files.single().wanted }
            directives.filter(DirectiveFilter(unreadOnly = true))
            directives.shows("nothing unread") {
                it.filter.unreadOnly &&
                    it.list.groups.isEmpty() &&
                    it.list.empty != null
            }
            Unit
        }

    @Test
    fun search() =
        runBlocking {
            val search = SearchModel(lan, scope)
            search.type("gang tay")
            assertEquals(1uL, search.shows("a hit") { it.typed == "gang tay" }.found.total)
        }

    @Test
    fun onboardingAndCheckingIn() =
        runBlocking {
            network("on")
            val meetings = MeetingsModel(lan, scope).shows("meetings") { it.isNotEmpty() }
            val next =
                meetings
                    .first()
                    .rows
                    .first()
                    .line.id
            val onboarding = OnboardingModel(Hoa.handbook, scope)
            onboarding.shows("nobody yet") { it.enrolled == null }
            onboarding.begin(told("STORY_URL"), told("SECRETARY_CODE"), day("SECRETARY_BIRTH"), "Máy của Hòa")
            assertEquals("Lê Thị Hòa", onboarding.shows("Hòa") { it.enrolled != null }.enrolled?.memberName)
            assertTrue(onboarding.progress.value != null)

            val desk = CheckInDeskModel(Hoa.handbook, scope, next)
            val opened = desk.open()
            desk.shows("the digits") { it.code?.code?.length == opened.code.length }
            val checkIn = CheckInModel(lan, scope, next)
            checkIn.type(opened.code)
            checkIn.shows("what I said") { it.row.line.mine is Mine.Claim }
            lan.synced()
            val scanned = desk.scan(checkIn.pass.first().qr)
            assertTrue("$scanned", scanned is PassScan.Marked || scanned is PassScan.NoPass)
            val member =
                desk
                    .shows("the roll") { it.roll.lines.size == 5 }
                    .roll.lines
                    .last()
            desk.mark(member.member, AttendanceState.EXCUSED, reason = "ốm")
            desk.shows("who is excused") { it.roll.excused == 1u }
            desk.close()
            desk.shows("that it is closed") { it.code == null }
            Unit
        }

    @Test
    fun feedbackFromTheDraftToTheThread() =
        runBlocking {
            val feedback = FeedbackModel(lan, scope)
            val writing = WriteFeedbackModel(lan, scope)
            val desk = writing.shows("a desk") { it.isNotEmpty() }.first { it.usual }
            val id = writing.send(desk.id, "Sân bóng", "Sân bóng ngập nước.", listOf(Photo("san.png", png())))
            feedback.shows("the new one") { rows -> rows.any { it.line.id == id } }
            val thread = ThreadModel(lan, scope, id)
            assertEquals(
                "Sân bóng ngập nước.",
                thread
                    .shows("its words")
                    .thread.turns
                    .single()
                    .message.words,
            )
            assertEquals(1, thread.shows("its photo") { it.files.isNotEmpty() }.files.size)
        }

    @Test
    fun sync() =
        runBlocking {
            network("on")
            val sync = SyncModel(lan, scope)
            assertEquals(SyncStop.DONE, sync.syncNow().stop)
            assertTrue(sync.shows("that all went") { it.status.allSent }.items.isEmpty())
        }

    @Test
    fun devices() =
        runBlocking {
            val devices = DevicesModel(lan, scope)
            lan.synced()
            val mine = devices.shows("this one") { of -> of.any { it.isThis } }.single { it.isThis }
            devices.rename(mine, "Máy bà Lan")
            devices.shows("its new name") { of -> of.any { it.name == "Máy bà Lan" } }
            Unit
        }

    @Test
    fun settings() =
        runBlocking {
            val settings = SettingsModel(lan, scope)
            assertFalse(settings.shows("them").hasPin)
            settings.room(50_000_000u, true)
            settings.shows("less room") { it.files.quota == 50_000_000uL && it.files.unmeteredOnly }
            settings.speak(Language.EN)
            settings.speak(Language.VI)
        }

    @Test
    fun signing() =
        runBlocking {
            assertTrue(SigningModel(lan, scope).shows("that nothing waits").isEmpty())
            val gone = DraftModel(lan, scope, DraftId("00000000-0000-7000-8000-000000000000"))
            val failed = gone.state.hear("that it is not here") { it is Shown.Failed } as Shown.Failed
            assertTrue("$failed", failed.error is HandbookException.NotFound)
            assertThrows(HandbookException::class.java) { runBlocking { gone.sign() } }
            Unit
        }
}
