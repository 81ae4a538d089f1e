//! `GET /`: what a person sees who opens the server's address in a browser.

use axum::response::Html;

const PAGE: &str = "<!doctype html>
<html lang=\"vi\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>Sổ tay đảng viên – máy chủ đồng bộ</title>
<body style=\"font-family: sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; line-height: 1.6\">
<h1>Sổ tay đảng viên</h1>
<p>Đây là máy chủ đồng bộ của Sổ tay đảng viên điện tử. Các đồng chí dùng ứng dụng Sổ tay trên điện thoại
để đọc văn bản, xem lịch sinh hoạt, điểm danh và gửi phản ánh; trang này không hiển thị dữ liệu nào.</p>
<p>Để kích hoạt ứng dụng, xin hỏi văn phòng cấp ủy của đồng chí để nhận mã kích hoạt.</p>
<p>Người quản trị: <a href=\"/healthz\">tình trạng máy chủ</a>,
<a href=\"/v1/openapi.json\">mô tả giao diện (OpenAPI)</a>.</p>
</body>
</html>
";

pub(super) async fn page() -> Html<&'static str> {
    Html(PAGE)
}
