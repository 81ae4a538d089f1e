//! An office with the lists of a small commune, and the program that it runs.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use sotay_protocol::enrol::{EnrolAnswer, EnrolRequest};

const ORGANISATIONS: &str = "Tên tổ chức;Loại;Trực thuộc\n\
    Đảng ủy xã Yên Sơn;Đảng ủy xã;\n\
    Chi bộ thôn Đồi Chè;Chi bộ;Đảng ủy xã Yên Sơn\n\
    Chi bộ thôn Khe Nước;Chi bộ;Đảng ủy xã Yên Sơn\n";
pub(crate) const MEMBERS: &str = "Họ và tên;Ngày sinh;Giới tính;Số thẻ đảng;Ngày vào đảng;Ngày chính thức;Chi bộ;Chức vụ;Số điện thoại\n\
    Nguyễn Thị Lan;03/02/1985;Nữ;10001;03/02/2010;03/02/2011;Chi bộ thôn Đồi Chè;;\n\
    Lê Thị Hòa;07/08/1970;Nữ;10003;03/02/1995;03/02/1996;Chi bộ thôn Đồi Chè;Bí thư;\n";

/// A folder with the lists of a small commune.
pub(crate) struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let office = Self { folder };
        office.write("to-chuc.csv", ORGANISATIONS);
        office.write("dang-vien.csv", MEMBERS);
        office.write("ke-hoach.md", "# Kế hoạch\n\nLàm đường thôn.\n");
        office
    }

    /// With both lists imported.
    pub(crate) fn ready() -> Self {
        let office = Self::new();
        office.says("import organisations to-chuc.csv");
        office.says("import members dang-vien.csv");
        office
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sotay-server"));
        command.current_dir(self.folder.path()).args(words);
        for name in ["DB", "LISTEN", "CONFIG", "LOG", "LOG_FORMAT", "MIN_APP", "PUSH", "PUSH_INSIDE", "LANG"]
        {
            command.env_remove(format!("SOTAY_{name}"));
        }
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// What a run that goes well says; words are split at blanks.
    pub(crate) fn says(&self, words: &str) -> String {
        self.says_all(&words.split(' ').collect::<Vec<_>>())
    }

    pub(crate) fn says_all(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {complaint}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a run that goes wrong complains of.
    pub(crate) fn complains(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

/// A running server; killed at the latest when it goes.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) address: String,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).expect("the address is printed");
        let address = address.split([' ', '\n']).next().unwrap().to_owned();
        Self { child, address }
    }

    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Running {
    pub(crate) fn enrol(&self, request: &EnrolRequest) -> EnrolAnswer {
        let body = serde_json::to_string(request).unwrap();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!("content-type: application/json\r\ncontent-length: {}", body.len());
        write!(stream, "POST /v1/enrol HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n\r\n{body}")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).expect(&answer)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
