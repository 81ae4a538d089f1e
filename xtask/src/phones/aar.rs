//! An AAR: a zip with the libraries, a manifest, an empty jar, and what R8 has to leave alone in the app that takes it.
//!
//! Libraries lie in it unpacked, as Android maps them from there; so a zip that packs nothing is all that is needed.

/// JNA and what UniFFI generates are called by name from native code, which R8 does not see.
const RULES: &str = "\
-dontwarn java.awt.**
-keep class com.sun.jna.** { *; }
-keepclassmembers class * extends com.sun.jna.** { public *; }
-keep class * implements com.sun.jna.Library { *; }
-keep class * implements com.sun.jna.Callback { *; }
-keep class vn.sotay.handbook.** { *; }
";

pub(super) fn of(libraries: &[(&str, Vec<u8>)], min_sdk: &str) -> Vec<u8> {
    let manifest = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <manifest xmlns:android=\"http://schemas.android.com/apk/res/android\" package=\"vn.sotay.handbook\">\n  \
         <uses-sdk android:minSdkVersion=\"{min_sdk}\" />\n</manifest>\n"
    );
    let mut zip = Zip::default();
    zip.add("AndroidManifest.xml", manifest.as_bytes());
    zip.add("classes.jar", &Zip::default().end());
    zip.add("R.txt", b"");
    zip.add("proguard.txt", RULES.as_bytes());
    for (abi, library) in libraries {
        zip.add(&format!("jni/{abi}/libsotay_ffi.so"), library);
    }
    zip.end()
}

#[derive(Default)]
struct Zip {
    bytes: Vec<u8>,
    /// The directory at the end: one entry for each file.
    directory: Vec<u8>,
    count: u16,
}

impl Zip {
    fn add(&mut self, name: &str, file: &[u8]) {
        let at = length(&self.bytes);
        let (sum, size, named) = (crc32(file), length(file), u16::try_from(name.len()).unwrap_or(u16::MAX));
        // Version, flags (names are UTF-8), not packed, 1 January 1980; then what is told of the file.
        let mut head: Vec<u8> =
            [10_u16, 0x800, 0, 0, 0x21].iter().flat_map(|field| field.to_le_bytes()).collect();
        head.extend([sum, size, size].iter().flat_map(|field| field.to_le_bytes()));
        head.extend(named.to_le_bytes());
        head.extend(0_u16.to_le_bytes());
        self.bytes.extend(b"PK\x03\x04");
        self.bytes.extend(&head);
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(file);
        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(10_u16.to_le_bytes());
        self.directory.extend(&head);
        // No comment, the first disk, no attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(at.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.count += 1;
    }

    fn end(mut self) -> Vec<u8> {
        let (at, size) = (length(&self.bytes), length(&self.directory));
        self.bytes.append(&mut self.directory);
        self.bytes.extend(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend(self.count.to_le_bytes());
        self.bytes.extend(self.count.to_le_bytes());
        self.bytes.extend(size.to_le_bytes());
        self.bytes.extend(at.to_le_bytes());
        self.bytes.extend([0; 2]);
        self.bytes
    }
}

fn length(of: &[u8]) -> u32 {
    u32::try_from(of.len()).unwrap_or(u32::MAX)
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_sum_is_that_of_zip() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn any_unzip_reads_it() {
        let package = of(&[("arm64-v8a", b"not a library".to_vec())], "26");
        assert!(package.starts_with(b"PK\x03\x04"));
        let file = std::env::temp_dir().join(format!("sotay-{}.aar", std::process::id()));
        std::fs::write(&file, package).unwrap();
        let read = "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(*z.namelist()); \
                    print(z.read('jni/arm64-v8a/libsotay_ffi.so'))";
        let answer = Command::new("python3").args(["-c", read]).arg(&file).output();
        std::fs::remove_file(&file).unwrap();
        // Where there is no Python, the sum above has to do.
        let Ok(answer) = answer else { return };
        let said = String::from_utf8_lossy(&answer.stdout).into_owned();
        assert_eq!(
            said.lines().collect::<Vec<_>>(),
            [
                "AndroidManifest.xml classes.jar R.txt proguard.txt jni/arm64-v8a/libsotay_ffi.so",
                "b'not a library'"
            ],
            "{}",
            String::from_utf8_lossy(&answer.stderr)
        );
    }
}
