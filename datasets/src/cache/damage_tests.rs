//! Damaged caches: truncated, flipped, foreign, lying.

use std::fs;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::tests::Fixture;
use super::*;

#[test]
fn truncated_and_foreign_files_are_rebuilt() {
    let fixture = Fixture::new();
    fixture.open().unwrap();
    let whole = fs::read(fixture.file(0)).unwrap();
    fs::write(fixture.file(0), &whole[..whole.len() / 2]).unwrap();
    fs::write(fixture.file(1), b"not an HDF5 file").unwrap();
    fs::write(fixture.file(2), b"").unwrap();
    assert_eq!(fixture.counts(), (2, 3, 0));
    assert_eq!(
        fs::read(fixture.file(0)).unwrap(),
        whole,
        "the same data give the same file"
    );
    assert_eq!(fixture.counts(), (5, 0, 0));
}

#[test]
fn damage_after_opening_is_an_error() {
    let fixture = Fixture::new();
    let cache = fixture.open().unwrap();
    let whole = fs::read(fixture.file(0)).unwrap();
    let place = cache.entry(0).unwrap().places.rows as usize;
    let mut flipped = whole.clone();
    flipped[place + 1001] ^= 4;
    fs::write(fixture.file(0), flipped).unwrap();
    let message = cache.verify(0).unwrap_err().to_string();
    assert!(
        message.contains(&fixture.names[0]) && message.contains("delete it"),
        "{message}"
    );
    fs::write(fixture.file(0), &whole[..100]).unwrap();
    let message = cache
        .read_rows(0, 0, 1, &mut Vec::new())
        .unwrap_err()
        .to_string();
    assert!(message.contains("has 100 bytes"), "{message}");
    fs::remove_file(fixture.file(0)).unwrap();
    assert!(cache.node_order(0).is_err());
}

#[test]
fn a_lost_or_damaged_index_is_made_again_without_building() {
    let fixture = Fixture::new();
    let first = fixture.open().unwrap();
    let index = fixture.cache.path().join("index.json");
    let text = fs::read_to_string(&index).unwrap();
    for damage in [
        None,
        Some("{"),
        Some(r#"{"format": "karman-cache", "version": 3}"#),
        Some(""),
    ] {
        match damage {
            None => fs::remove_file(&index).unwrap(),
            Some(text) => fs::write(&index, text).unwrap(),
        }
        assert!(Cache::open(fixture.cache.path()).is_err(), "{damage:?}");
        let again = fixture.open().unwrap();
        assert_eq!(
            (again.report().reused, again.report().built),
            (5, 0),
            "{damage:?}"
        );
        assert_eq!(again.cases(), first.cases());
        assert_eq!(fs::read_to_string(&index).unwrap(), text);
    }
}

#[test]
fn an_index_that_lies_is_an_error_and_not_a_panic() {
    let fixture = Fixture::new();
    fixture.open().unwrap();
    let index = fixture.cache.path().join("index.json");
    let text = fs::read_to_string(&index).unwrap();
    let huge = format!("\"n_points\":{}", u32::MAX);
    let lie = text.replace("\"n_points\":216", &huge);
    assert_ne!(lie, text);
    fs::write(&index, lie).unwrap();
    let cache = Cache::open(fixture.cache.path()).unwrap();
    let message = cache
        .read_rows(0, 0, 1 << 31, &mut Vec::new())
        .unwrap_err()
        .to_string();
    assert!(message.contains("points past its end"), "{message}");
}

/// Files from a damaged disk: whatever is flipped or cut, in the index or in a case's file, the
/// outcome is an error or a rebuilt case, and every number read is one that was written.
#[test]
fn no_damage_makes_it_panic() {
    let fixture = Fixture::new();
    let cache = fixture.open().unwrap();
    let (folder, index) = (
        fixture.cache.path(),
        fixture.cache.path().join("index.json"),
    );
    let sound = [
        fs::read(&index).unwrap(),
        fs::read(fixture.file(0)).unwrap(),
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for round in 0..300 {
        let mut bytes = sound[round % 2].clone();
        for _ in 0..rng.random_range(1..4) {
            // The front of a case's file holds its entry.
            let at = rng.random_range(0..bytes.len().min(9000));
            bytes[at] ^= 1 << rng.random_range(0..8);
        }
        if round % 5 == 0 {
            bytes.truncate(rng.random_range(0..bytes.len()));
        }
        fs::write(&index, if round % 2 == 0 { &bytes } else { &sound[0] }).unwrap();
        if let Ok(opened) = Cache::open(folder) {
            for case in 0..opened.cases().len() {
                let _ = opened.read_all(case, RowOrder::Nodes);
                let _ = opened.read_rows(case, 3, 4000, &mut Vec::new());
                let _ = (opened.contour(case), opened.normaliser(&[case]));
            }
        }
        fs::write(&index, b"").unwrap();
        fs::write(
            fixture.file(0),
            if round % 2 == 1 { &bytes } else { &sound[1] },
        )
        .unwrap();
        let entry = case_file::read_entry(&fixture.file(0));
        assert!(
            entry.is_none_or(|e| e == *cache.entry(0).unwrap()),
            "round {round}"
        );
    }
}
