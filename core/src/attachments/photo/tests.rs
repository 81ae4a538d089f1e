//! Lan's phone writes where she stood, when, and whose phone it is. None of that leaves it, and the picture stays upright.

use super::*;

const WHERE: &[u8] = b"GPSLatitude 22.0 Thanh Son";
const DEVICE: &[u8] = b"Lan's Galaxy A05";

/// A camera's notes: which side is up, then place and device.
fn notes(orientation: u16) -> Vec<u8> {
    let [high, low] = orientation.to_le_bytes();
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend([0x0f, 0x01, 2, 0, 16, 0, 0, 0, 38, 0, 0, 0]);
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, high, low, 0, 0]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend(DEVICE);
    tiff.extend(WHERE);
    tiff
}

fn segment(marker: u8, inner: &[u8]) -> Vec<u8> {
    let length = u16::try_from(inner.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker][..], &length, inner].concat()
}

/// The picture's own parts: table, frame, Huffman table, two scans with a restart and a stuffed byte.
fn jpeg_picture() -> Vec<u8> {
    let scan = [segment(0xda, &[1, 1, 0, 0, 63, 0]), vec![0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]].concat();
    [
        segment(0xdb, &[0; 65]),
        segment(0xc2, &[8, 0, 16, 0, 16, 1, 1, 0x11, 0]),
        segment(0xc4, &[0; 20]),
        scan.clone(),
        segment(0xc4, &[1; 20]),
        scan,
    ]
    .concat()
}

fn jpeg(orientation: u16) -> Vec<u8> {
    let picture = jpeg_picture();
    let (before, after) = picture.split_at(69);
    [
        &[0xff, 0xd8][..],
        &segment(0xe0, &[b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0", DEVICE].concat()),
        &segment(0xe1, &[b"Exif\0\0", notes(orientation).as_slice()].concat()),
        &segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", WHERE].concat()),
        &segment(0xe2, &[b"ICC_PROFILE\0\x01\x01", DEVICE].concat()),
        before,
        &segment(0xee, &[b"Adobe\0\x64\0\0\0\0\x01", DEVICE].concat()),
        &segment(0xfe, WHERE),
        &[0xff, 0xff],
        after,
        &[0xff, 0xd9],
        b"trailer: ",
        DEVICE,
        &[0xff, 0xd8, 0xff, 0xd9],
    ]
    .concat()
}

fn png_chunk(name: &[u8; 4], inner: &[u8]) -> Vec<u8> {
    let length = u32::try_from(inner.len()).unwrap().to_be_bytes();
    [&length[..], &name[..], inner, b"crc!"].concat()
}

fn png(orientation: u16) -> Vec<u8> {
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        png_chunk(b"IHDR", &[0; 13]),
        png_chunk(b"iCCP", DEVICE),
        png_chunk(b"sRGB", &[0]),
        png_chunk(b"tEXt", WHERE),
        png_chunk(b"iTXt", WHERE),
        png_chunk(b"zTXt", WHERE),
        png_chunk(b"tIME", &[7; 7]),
        png_chunk(b"eXIf", &notes(orientation)),
        png_chunk(b"IDAT", &[5; 40]),
        png_chunk(b"maKr", DEVICE),
        png_chunk(b"IDAT", &[6; 9]),
        png_chunk(b"IEND", &[]),
        DEVICE.to_vec(),
    ]
    .concat()
}

fn webp_chunk(name: &[u8; 4], inner: &[u8]) -> Vec<u8> {
    let length = u32::try_from(inner.len()).unwrap().to_le_bytes();
    let padding: &[u8] = if inner.len() % 2 == 1 { &[0] } else { &[] };
    [&name[..], &length, inner, padding].concat()
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let inner = [b"WEBP".to_vec(), chunks.concat()].concat();
    [&b"RIFF"[..], &u32::try_from(inner.len()).unwrap().to_le_bytes(), &inner].concat()
}

fn webp(orientation: u16) -> Vec<u8> {
    let whole = riff(&[
        webp_chunk(b"VP8X", &[0x3c, 0, 0, 0, 15, 0, 0, 15, 0, 0]),
        webp_chunk(b"ICCP", DEVICE),
        webp_chunk(b"ALPH", &[1; 5]),
        webp_chunk(b"VP8 ", &[9; 31]),
        webp_chunk(b"EXIF", &notes(orientation)),
        webp_chunk(b"XMP ", WHERE),
        webp_chunk(b"MAKR", DEVICE),
    ]);
    [whole, DEVICE.to_vec()].concat()
}

fn cleaned(name: &str, bytes: Vec<u8>) -> Clean {
    clean(&Photo { name: name.into(), bytes }).unwrap()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn nothing_of_place_time_or_device_remains() {
    for (bytes, media, name) in [
        (jpeg(6), "image/jpeg", "cau.jpg"),
        (png(6), "image/png", "cau.png"),
        (webp(6), "image/webp", "cau.webp"),
    ] {
        let clean = cleaned("/sdcard/DCIM/cau.HEIC.tmp.jpeg", bytes.clone());
        assert_eq!(clean.file.media, media);
        assert_eq!(clean.file.name, format!("cau.HEIC.tmp.{}", name.rsplit_once('.').unwrap().1));
        assert_eq!(clean.file.size, clean.bytes.len() as u64);
        for word in
            [WHERE, DEVICE, b"GPS", b"Lan", b"Galaxy", b"JFIF", b"xap", b"ICC", b"tIME", b"XMP", b"MAKR"]
        {
            assert!(!contains(&clean.bytes, word), "{media}: {:?}", String::from_utf8_lossy(word));
        }
        // What was removed is not needed a second time: it is the same file then.
        assert_eq!(cleaned("cau", clean.bytes.clone()).bytes, clean.bytes, "{media}");
    }
}

#[test]
fn the_picture_stays_as_it_was_and_upright() {
    for orientation in 2..=8 {
        let jpeg = cleaned("a", jpeg(orientation)).bytes;
        let start = jpeg.windows(6).position(|window| window == b"Exif\0\0").unwrap() + 6;
        assert_eq!(exif::orientation(&jpeg[start..]), Some(orientation));
        let png = cleaned("a", png(orientation)).bytes;
        let start = png.windows(4).position(|window| window == b"eXIf").unwrap() + 4;
        assert_eq!(exif::orientation(&png[start..]), Some(orientation));
        let webp = cleaned("a", webp(orientation)).bytes;
        let start = webp.windows(4).position(|window| window == b"EXIF").unwrap() + 8;
        assert_eq!((exif::orientation(&webp[start..]), webp[20]), (Some(orientation), 0x18));
    }
    let upright = cleaned("a", jpeg(1)).bytes;
    let picture = jpeg_picture();
    let (table, rest) = picture.split_at(69);
    let adobe = segment(0xee, b"Adobe\0\x64\0\0\0\0\x01");
    assert_eq!(upright, [&[0xff, 0xd8][..], table, &adobe, rest, &[0xff, 0xd9]].concat());
    let png = cleaned("a", png(1)).bytes;
    assert!(contains(&png, &[5; 40]) && contains(&png, &[6; 9]) && png.ends_with(b"IENDcrc!"));
    let webp = cleaned("a", webp(1)).bytes;
    assert!(contains(&webp, &[9; 31]) && contains(&webp, &[1; 5]));
    assert_eq!(
        (webp[20], webp.len()),
        (0x10, 8 + u32::from_le_bytes(webp[4..8].try_into().unwrap()) as usize)
    );
    let simple = riff(&[webp_chunk(b"VP8L", &[3; 7])]);
    assert_eq!(cleaned("a", simple.clone()).bytes, simple);
}

/// The sum that the standard gives for the last chunk, which is empty.
#[test]
fn the_own_chunk_of_a_png_bears_its_sum() {
    let with = cleaned("a", png(6)).bytes;
    let start = with.windows(4).position(|window| window == b"eXIf").unwrap();
    let length = u32::from_be_bytes(with[start - 4..start].try_into().unwrap()) as usize;
    let mut sum = flate(&with[start..start + 4 + length]);
    assert_eq!(with[start + 4 + length..start + 8 + length], sum.to_be_bytes());
    sum = flate(b"IEND");
    assert_eq!(sum, 0xae42_6082);
}

/// CRC-32 by another way: bit by bit over the mirrored polynomial.
fn flate(of: &[u8]) -> u32 {
    let bits = of.iter().flat_map(|byte| (0..8).map(move |bit| (byte >> bit) & 1));
    let mut sum = u32::MAX.reverse_bits();
    for bit in bits {
        let carry = (sum >> 31) ^ u32::from(bit);
        sum = (sum << 1) ^ if carry == 1 { 0x04c1_1db7 } else { 0 };
    }
    !sum.reverse_bits()
}

#[test]
fn what_is_no_photo_is_refused_with_a_reason() {
    let of = |bytes: &[u8]| clean(&Photo { name: "a".into(), bytes: bytes.to_vec() }).map(drop);
    assert_eq!(of(b"\0\0\0\x18ftypheic\0\0\0\0"), Err(PhotoError::Heic));
    assert_eq!(of(b"%PDF-1.7"), Err(PhotoError::NotAPhoto));
    assert_eq!(of(b""), Err(PhotoError::Empty));
    assert_eq!(of(b"GIF89a"), Err(PhotoError::NotAPhoto));
    let moving = [&png(1)[..33], &png_chunk(b"acTL", &[0; 8]), &png(1)[33..]].concat();
    assert_eq!(of(&moving), Err(PhotoError::Moving));
    let moving = riff(&[webp_chunk(b"VP8X", &[2, 0, 0, 0, 1, 0, 0, 1, 0, 0]), webp_chunk(b"ANIM", &[0; 6])]);
    assert_eq!(of(&moving), Err(PhotoError::Moving));
    let large = usize::try_from(limits::ATTACHMENT).unwrap() + 1;
    assert_eq!(of(&vec![0xff; large]), Err(PhotoError::TooLarge));
    let many = vec![Photo { name: String::new(), bytes: jpeg(1) }; limits::ATTACHMENTS + 1];
    assert_eq!(clean_all(many).map(drop), Err(PhotoError::TooMany));
    let twice = ["cầu.jpg", "cầu (1).jpg"].map(|name| Photo { name: name.into(), bytes: jpeg(6) });
    assert_eq!(clean_all(twice.into()).map(|photos| photos.len()), Ok(1), "chosen twice, it is one");
}

/// Every photo cut at every byte, and every byte of it set wrong in turn: an answer, and never a panic.
#[test]
fn half_a_photo_is_no_photo() {
    for whole in [jpeg(3), png(3), webp(3)] {
        for cut in 0..whole.len() {
            let half = Photo { name: "a".into(), bytes: whole[..cut].to_vec() };
            if let Ok(clean) = clean(&half) {
                assert!(
                    cut + DEVICE.len() + 13 >= whole.len(),
                    "only what stands behind the end may be missing"
                );
                assert!(!contains(&clean.bytes, DEVICE));
            }
            for wrong in [0x00, 0x7f, 0xff] {
                let mut bytes = whole.clone();
                bytes[cut] = wrong;
                let _ = clean(&Photo { name: "a".into(), bytes });
            }
        }
    }
}

#[test]
fn a_name_is_a_name_and_no_path() {
    for (typed, kept) in [
        (r"C:\ảnh\Cầu hỏng.JPG", "Cầu hỏng.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("a\u{202e}gpj.exe\r\nX", "agpj.jpg"),
        (".jpg", "anh.jpg"),
        ("", "anh.jpg"),
    ] {
        assert_eq!(name(typed, "jpg"), kept);
    }
    assert!(name(&"ợ".repeat(300), "webp").len() <= 255);
}
