package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import vn.sotay.handbook.CodeScan
import vn.sotay.handbook.Handbook
import vn.sotay.handbook.MeetingId
import vn.sotay.handbook.MeetingScreen
import vn.sotay.handbook.Pass
import kotlin.time.Duration.Companion.seconds

/** Một cuộc họp and Điểm danh, for the member: six digits, the camera, or the member's own pass. */
public class CheckInModel(
    handbook: Handbook,
    scope: CoroutineScope,
    private val meeting: MeetingId,
) : ScreenModel<MeetingId, MeetingScreen>(handbook, scope, meeting, read = { handbook.meetings().show(it) }) {
    /** The pass to be scanned, and another before it is over. */
    public val pass: Flow<Pass> =
        flow {
            while (true) {
                val pass = handbook.attendance().myPass(meeting)
                emit(pass)
                delay(pass.secondsLeft.toInt().seconds)
            }
        }

    public suspend fun type(digits: String): Unit = handbook.attendance().checkIn(meeting, digits)

    public suspend fun scan(text: String): CodeScan = handbook.attendance().checkInScanned(text)
}
