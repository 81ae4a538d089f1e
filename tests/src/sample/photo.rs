//! A photo as a phone's camera leaves it: a picture, and notes of where, when and on what it was taken.

use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};

const WIDTH: u32 = 480;
const HEIGHT: u32 = 320;
/// What the camera notes beside the picture.
pub const NOTES: [&str; 2] = ["GPSPosition 21.9342 N 103.1267 E", "Galaxy A05 của Lan"];

/// The bin for empty pesticide bottles, ten metres from the well.
#[must_use]
pub fn bin_beside_the_well() -> Vec<u8> {
    let header = [&WIDTH.to_be_bytes()[..], &HEIGHT.to_be_bytes()[..], &[8, 2, 0, 0, 0]].concat();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk(*b"IHDR", &header));
    for note in NOTES {
        file.extend(chunk(*b"tEXt", format!("Comment\0{note}").as_bytes()));
    }
    file.extend(chunk(*b"IDAT", &packed()));
    file.extend(chunk(*b"IEND", b""));
    file
}

/// Each line begins with its filter: none.
fn packed() -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    for y in 0..HEIGHT {
        let mut line = vec![0];
        (0..WIDTH).for_each(|x| line.extend(colour(x, y)));
        // Into memory: there is nothing that could fail.
        let _ = packer.write_all(&line);
    }
    packer.finish().unwrap_or_default()
}

fn colour(x: u32, y: u32) -> [u8; 3] {
    let within = |from_x, to_x, from_y, to_y| (from_x..to_x).contains(&x) && (from_y..to_y).contains(&y);
    let from_well = x.abs_diff(350).pow(2) / 4 + y.abs_diff(240).pow(2);
    match () {
        () if within(70, 170, 150, 160) => [40, 60, 40],
        () if within(80, 160, 160, 270) => [60, 110, 70],
        () if from_well < 500 => [30, 50, 80],
        () if from_well < 900 => [150, 150, 150],
        () if y < 130 => [150, 190, 230],
        () if (x * 7 + y * 13) % 17 < 3 => [110, 95, 60],
        () => [140, 120, 80],
    }
}

fn chunk(name: [u8; 4], inner: &[u8]) -> Vec<u8> {
    let named = [&name[..], inner].concat();
    let length = u32::try_from(inner.len()).unwrap_or(0);
    [&length.to_be_bytes()[..], &named, &crc(&named).to_be_bytes()].concat()
}

/// CRC-32 as PNG has it (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !bytes.iter().fold(u32::MAX, byte)
}
