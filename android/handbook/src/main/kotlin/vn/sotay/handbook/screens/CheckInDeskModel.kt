package vn.sotay.handbook.screens

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.merge
import vn.sotay.handbook.AttendanceState
import vn.sotay.handbook.CheckInCode
import vn.sotay.handbook.Handbook
import vn.sotay.handbook.MarkMode
import vn.sotay.handbook.MeetingId
import vn.sotay.handbook.MemberId
import vn.sotay.handbook.PassScan
import vn.sotay.handbook.Roll
import kotlin.time.Duration.Companion.seconds

/** Điều hành điểm danh. */
public data class CheckInDesk(
    /** None where check-in is not open on this device. */
    val code: CheckInCode?,
    val roll: Roll,
)

public class CheckInDeskModel(
    handbook: Handbook,
    scope: CoroutineScope,
    private val meeting: MeetingId,
) : ScreenModel<MeetingId, CheckInDesk>(
        handbook,
        scope,
        meeting,
        // The digits change with time.
        news = merge(handbook.news(), eachSecond()),
        read = { CheckInDesk(handbook.attendance().currentCode(it), handbook.attendance().roll(it)) },
    ) {
    public suspend fun open(): CheckInCode = handbook.attendance().open(meeting)

    public suspend fun close(): Unit = handbook.attendance().close(meeting)

    public suspend fun scan(pass: String): PassScan = handbook.attendance().scan(pass)

    public suspend fun mark(
        member: MemberId,
        state: AttendanceState,
        mode: MarkMode? = null,
        reason: String? = null,
    ): Unit = handbook.attendance().mark(meeting, member, state, mode, reason)
}

private fun eachSecond(): Flow<Unit> =
    flow {
        while (true) {
            delay(1.seconds)
            emit(Unit)
        }
    }
