use proptest::prelude::*;

use super::*;
use crate::geometry::TrailingEdge;

/// Selig's list of a small wedge-nosed section.
const SELIG: [[f64; 2]; 7] = [
    [1.0, 0.0],
    [0.6, 0.06],
    [0.2, 0.05],
    [0.0, 0.0],
    [0.2, -0.03],
    [0.6, -0.02],
    [1.0, 0.0],
];

fn text(title: &str, points: &[[f64; 2]]) -> String {
    let lines: String = points
        .iter()
        .map(|[x, y]| format!("  {x:.5}   {y:.5}\n"))
        .collect();
    format!("{title}\n{lines}")
}

fn parse(text: &str) -> DatAirfoil {
    DatAirfoil::parse(text.as_bytes(), "wedge.dat").unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn refusal(text: &str) -> String {
    match DatAirfoil::parse(text.as_bytes(), "wedge.dat") {
        Ok(airfoil) => panic!(
            "read as {:?} {:?}",
            airfoil.layout,
            airfoil.contour.points()
        ),
        Err(error) => error.to_string(),
    }
}

#[test]
fn selig_in_every_dress() {
    let plain = text("Wedge 1", &SELIG);
    let reference = parse(&plain);
    assert_eq!(
        (reference.title.as_str(), reference.layout),
        ("Wedge 1", DatLayout::Selig)
    );
    assert_eq!(reference.contour.points(), &SELIG[..6]);
    let mut lower_first = SELIG;
    lower_first.reverse();
    for dressed in [
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\r"),
        plain.replace('\n', "\n\n"),
        plain.replace("   ", "\t"),
        plain.replace("   ", ", "),
        plain.replace("   ", ";"),
        plain.replace('.', ","),
        plain.replace("0.", "."),
        plain
            .replace('\n', "   # remark\n")
            .replacen("   # remark", "", 1),
        plain.replace("0\n", "0 0.0\n"),
        text("Wedge 1", &lower_first),
        text("Wedge 1\n\n  by someone, 12 Nov\n -2. 3. -2.5 3.5", &SELIG),
        format!("{plain}\n\nTE is 0.0 thick\n1992 12\nhttp://x.y 0.5 0.5\n"),
        format!("{plain}\n20 nov 2005\n"),
        plain.replace(
            "  0.20000   0.05000\n",
            "  0.20000   0.05000\n  0.20000   0.05000\n",
        ),
        plain.replace("  0.00000   0.00000\n", "  0.00000   0.00000\nlower side\n"),
        plain.replace("  0.20000   0.05000\n", "  0.20000   0.05000\n page 2\n"),
    ] {
        let found = parse(&dressed);
        assert_eq!(
            found.contour.points(),
            reference.contour.points(),
            "{dressed}"
        );
        assert_eq!(
            (found.title.as_str(), found.layout),
            ("Wedge 1", DatLayout::Selig)
        );
    }
}

#[test]
fn lednicer_with_and_without_counts() {
    let upper = [SELIG[3], SELIG[2], SELIG[1], SELIG[0]];
    let lower = [SELIG[3], SELIG[4], SELIG[5], SELIG[6]];
    for sides in [[upper, lower], [lower, upper]] {
        let (a, b) = (text("", &sides[0]), text("", &sides[1]));
        for dressed in [
            format!("Wedge\n 4. 4.\n{a}{b}"),
            format!("Wedge\n       4         4\n{a}\n{b}"),
            format!("Wedge\n{a}{b}"),
            format!("Wedge\nupper\n{a}lower\n{b}"),
            format!("Wedge\n4 4\nupper\n{a}lower\n{b}remarks\n"),
        ] {
            let found = parse(&dressed);
            assert_eq!(found.layout, DatLayout::Lednicer, "{dressed}");
            assert_eq!(found.contour.points(), &SELIG[..6], "{dressed}");
        }
    }
}

#[test]
fn chord_title_and_blunt_edges() {
    let blunt = [
        [100.0, 0.5],
        [40.0, 6.0],
        [0.0, 0.0],
        [40.0, -2.0],
        [100.0, -0.25],
    ];
    let found = parse(&text("", &blunt));
    assert_eq!(found.title, "wedge");
    assert_eq!(
        found.contour.trailing_edge(),
        TrailingEdge::Blunt { height: 0.75 }
    );
    assert!((found.contour.chord().length() - 100.0).abs() < 0.5);
    assert!((found.contour.normalised().unwrap().chord().length() - 1.0).abs() < 1e-12);
    let named = DatAirfoil::parse(b"W\xf6lbung\n1 0\n.5 .1\n0 0\n.5 -.1\n", "x").unwrap();
    assert_eq!(named.title, "W\u{f6}lbung");
}

#[test]
fn refusals_name_the_line_and_the_reason() {
    let plain = text("Wedge", &SELIG);
    for (bad, expected) in [
        (String::new(), "wedge.dat: line 1: the file ends"),
        (
            "Wedge\n\nnothing here\n".into(),
            "without any line of two coordinates",
        ),
        (
            plain.replace("0.20000   0.05000", "0.20000   0.O5000"),
            "line 4: `0.20000   0.O5000` is not a pair",
        ),
        (
            plain.replace("0.20000   0.05000", "0.20000"),
            "line 4: `0.20000` is not",
        ),
        (plain.replace("0.20000   0.05000", "0.2 0.05 0.3"), "line 4"),
        (
            plain
                .replace("\n", "\n\n")
                .replace("0.20000   0.05000", "0.2 oops"),
            "line 7: `0.2 oops`",
        ),
        (
            plain.replace("0.20000   0.05000", "0.20000 nan"),
            "line 4: (0.2, NaN) is not a finite",
        ),
        (format!("{plain}0.5\n"), "line 9: `0.5` is not"),
        (
            format!("{plain}999. 999.\n{}", text("", &SELIG)),
            "line 9: separates",
        ),
        (format!("{plain}{plain}"), "line 10: a second closed list"),
        (format!("{plain}{plain}{plain}"), "a third list"),
        (
            format!("Wedge\n5 4\n{}", text("", &SELIG)),
            "line 2: announces 5 + 4 points, but 7 follow",
        ),
        (
            text("Wedge", &SELIG[..5]),
            "line 6: the last point (0.2, -0.03) is far from the first",
        ),
        (
            text(
                "Wedge",
                &[[1.0, 0.0], [0.5, 0.0], [0.2, 0.0], [0.0, 0.0], [1.0, 0.0]],
            ),
            "no area",
        ),
        (text("Wedge", &SELIG[..2]), "at least 4"),
    ] {
        let message = refusal(&bad);
        assert!(message.contains(expected), "{message}\n{bad}");
    }
    let missing = read_dat(Path::new("/nowhere/wedge.dat"))
        .unwrap_err()
        .to_string();
    assert!(missing.contains("/nowhere/wedge.dat"), "{missing}");
}

/// All files of the collection load; the counts and every refusal are printed.
#[test]
fn the_uiuc_collection_loads() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/third_party/uiuc"
    );
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!("skipped: {folder} is not there");
        return;
    };
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "dat"));
    paths.sort();
    let (mut sharp, mut refused, mut crossing) = (0, 0, 0);
    for path in &paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match DatAirfoil::read(path) {
            Ok(airfoil) => {
                let contour = airfoil.contour;
                sharp += usize::from(contour.trailing_edge() == TrailingEdge::Sharp);
                if let Err(error) = contour.check_simple() {
                    crossing += 1;
                    println!("{name}: {error}");
                }
                let chord = contour.chord().length();
                assert!((0.98..1.02).contains(&chord), "{name}: chord {chord}");
                let thickness = contour.thickness(0.3);
                assert!(
                    (0.01..0.5).contains(&thickness),
                    "{name}: thickness {thickness}"
                );
            }
            Err(error) => {
                refused += 1;
                println!("refused: {error}");
            }
        }
    }
    println!(
        "{} files: {} loaded ({sharp} with a sharp trailing edge, {crossing} crossing themselves), {refused} refused",
        paths.len(),
        paths.len() - refused
    );
    assert!(paths.len() > 100);
    assert_eq!(refused, 0);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = DatAirfoil::parse(&bytes, "x");
    }

    #[test]
    fn no_mixture_of_plausible_pieces_panics(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "0.5 0.1", "1 0", "0 0", "\n", "\n", "\n", "\r", " ", "name", "3 3", "999 999", "nan", "1e308 ", "-1e308 ", "#", ",", "0.5 -0.1", "4 2", "1e-300 1",
        ]), 0..60)
    ) {
        let _ = DatAirfoil::parse(pieces.concat().as_bytes(), "x");
    }
}
