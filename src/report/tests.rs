//! The report as a whole: page and files.

use super::fixture::{picture, report};
use super::page::render_html;
use super::*;

/// Elements that have no end tag in HTML.
const VOID: [&str; 4] = ["meta", "br", "wbr", "link"];

/// Names of the elements of a document; panics where tags do not match.
fn elements(document: &str) -> Vec<String> {
    let (mut open, mut names): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut rest = document.trim_start_matches("<!DOCTYPE html>");
    while let Some(start) = rest.find('<') {
        assert!(
            !rest[..start].contains('>'),
            "stray > in {:?}",
            &rest[..start]
        );
        let tag = &rest[start + 1..start + tag_end(&rest[start..])];
        rest = &rest[start + tag.len() + 2..];
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        assert!(!name.is_empty(), "not a tag: <{tag}>");
        if tag.starts_with('/') {
            assert_eq!(
                open.pop().as_deref(),
                Some(name.as_str()),
                "closing </{name}>"
            );
            continue;
        }
        if name == "style" {
            rest = &rest[rest.find("</style>").expect("an end of the style")..];
        }
        if !tag.ends_with('/') && !VOID.contains(&name.as_str()) {
            open.push(name.clone());
        }
        names.push(name);
    }
    assert!(open.is_empty(), "not closed: {open:?}");
    names
}

/// Place of the > that ends a tag, which is not one inside quotes.
fn tag_end(tag: &str) -> usize {
    let mut quoted = false;
    let end = tag.bytes().position(|b| {
        quoted ^= b == b'"';
        b == b'>' && !quoted
    });
    end.expect("a tag that ends")
}

fn count(names: &[String], name: &str) -> usize {
    names.iter().filter(|n| *n == name).count()
}

/// Asserts that nothing on the page points out of the page.
fn assert_self_contained(page: &str) {
    for start in [
        "http:",
        "https:",
        "src=\"//",
        "href=\"//",
        "@import",
        "<script",
        "<link",
        "<iframe",
        "javascript:",
    ] {
        assert!(!page.to_lowercase().contains(start), "{start} on the page");
    }
    for address in page.split("url(").skip(1) {
        assert!(address.starts_with("data:"), "url({:.40}", address);
    }
    for address in page.split("href=\"").skip(1) {
        assert!(address.starts_with('#') || address.starts_with("data:image/png;base64,"));
    }
}

#[test]
fn the_page_is_well_formed_complete_and_self_contained() {
    let page = render_html(&report()).unwrap();
    let names = elements(&page);
    assert_eq!(count(&names, "table"), 3);
    // Methods, two scatters, training, distance, chord, drag; a case has 24 panels and 4 charts.
    assert_eq!(count(&names, "svg"), 7 + 3 * 28);
    assert_eq!(count(&names, "section"), 8);
    assert_self_contained(&page);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert!(page.contains("beats every baseline on all 9 measures"));
    assert!(page.contains("2\u{2009}%") && page.contains("1 of 12 test cases lies outside"));
}

#[test]
fn names_from_files_are_text_and_nothing_else() {
    let nasty = "<script src=\"http://x.y/z.js\">alert('1')</script>&\u{1}";
    let mut data = report();
    data.title = nasty.to_owned();
    data.lead = nasty.to_owned();
    data.run.config = format!("name = {nasty}");
    data.run.extra = vec![(nasty.to_owned(), nasty.to_owned())];
    data.methods[1].name = nasty.to_owned();
    data.coefficients[0].source = nasty.to_owned();
    data.cases[0].name = nasty.to_owned();
    data.cases[3].verdict = Some(Verdict {
        outside: true,
        reason: nasty.to_owned(),
        ..Verdict::default()
    });
    data.pictures[0].name = nasty.to_owned();
    data.notes = vec![nasty.to_owned()];
    let page = render_html(&data).unwrap();
    assert_eq!(count(&elements(&page), "script"), 0);
    assert!(page.contains("&lt;script src=&quot;http://x.y/z.js&quot;&gt;alert(&#39;1&#39;)"));
    assert!(!page.contains('\u{1}'));
}

#[test]
fn an_empty_report_is_a_page() {
    let page = render_html(&ReportData::default()).unwrap();
    let names = elements(&page);
    assert_eq!(
        (
            count(&names, "section"),
            count(&names, "svg"),
            count(&names, "h1")
        ),
        (0, 0, 1)
    );
}

#[test]
fn a_run_that_diverged_has_a_report() {
    for bad in [f64::NAN, f64::INFINITY, -1.0e308, 0.0] {
        let mut data = report();
        data.run.wall_seconds = bad;
        for row in &mut data.methods {
            row.volume_mse = [Some(bad); 4];
            row.cl = Accuracy {
                relative_error: Some(bad),
                rank: Some(bad),
            };
            row.train_seconds = Some(bad);
        }
        for row in &mut data.curves[0].rows[20..] {
            (row.train_loss, row.validation_loss, row.learning_rate) = (bad, Some(bad), Some(bad));
        }
        for case in &mut data.cases {
            case.speed = bad;
            case.cd = CaseCoefficient {
                truth: Some(bad),
                reported: Some(bad),
                interval: Some([bad; 2]),
                integrated: Some(bad),
            };
        }
        for picture in &mut data.pictures {
            picture.prediction = std::array::from_fn(|_| vec![bad as f32; picture.points.len()]);
            picture.wall.p_prediction.fill(bad);
            picture.score = Some(bad);
        }
        let page = render_html(&data).unwrap();
        elements(&page);
        for word in ["NaN", ">inf", "-inf"] {
            assert!(!without_data(&page).contains(word), "{word} with {bad}");
        }
    }
}

/// The page without its base64 data, in which any word may stand.
fn without_data(page: &str) -> String {
    let mut parts = page.split("base64,");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        all + part.find(['"', ')']).map_or("", |end| &part[end..])
    })
}

#[test]
fn rough_fields_do_not_make_the_page_too_big() {
    let mut data = report();
    let mut state = 1u64;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32
    };
    for case in &mut data.pictures {
        // Cells smaller than pixels, all different: nothing to compress.
        let n = 400u32;
        let place = |k: u32| {
            [
                (k % n) as f32 / n as f32 * 1.8 - 0.35,
                (k / n) as f32 / n as f32 * 1.2 - 0.6,
            ]
        };
        case.points = (0..n * n).map(place).collect();
        let corner = (0..(n - 1) * n).filter(|k| k % n < n - 1);
        case.triangles = corner
            .flat_map(|k| [[k, k + 1, k + n + 1], [k, k + n + 1, k + n]])
            .collect();
        for columns in [&mut case.truth, &mut case.prediction] {
            *columns = std::array::from_fn(|_| (0..n * n).map(|_| noise()).collect());
        }
    }
    let page = render_html(&data).unwrap();
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
}

#[test]
fn files_are_written_readable_and_leave_no_scraps() {
    let folder = tempfile::tempdir().unwrap();
    let mut data = report();
    data.pictures.truncate(1);
    let files = write_report(&data, folder.path()).unwrap();
    // Seven charts and the case's four, twice; eight field strips.
    assert_eq!(files.pictures.len(), 2 * 11 + 8);
    let left = std::fs::read_dir(folder.path().join("pictures"))
        .unwrap()
        .count();
    assert_eq!(left, files.pictures.len());
    for path in &files.pictures {
        let bytes = std::fs::read(path).unwrap();
        assert!(
            bytes.len() > 1000 && bytes.len() < 2_000_000,
            "{} {}",
            path.display(),
            bytes.len()
        );
        match path.extension().and_then(|e| e.to_str()) {
            Some("svg") => assert_eq!(elements(std::str::from_utf8(&bytes).unwrap())[0], "svg"),
            _ => assert_picture(&bytes),
        }
    }
}

/// Asserts that a PNG decodes and is neither blank nor one colour.
fn assert_picture(bytes: &[u8]) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let dark = pixels
        .chunks(3)
        .filter(|p| p.iter().all(|c| *c < 120))
        .count();
    assert!(dark > 100, "{dark} dark pixels");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = write_report(&ReportData::default(), &file).unwrap_err();
    assert!(
        matches!(&error, ReportError::Write { path, .. } if path.starts_with(&file)),
        "{error}"
    );
}

#[test]
fn data_survives_json() {
    let mut data = report();
    data.pictures[0].prediction[2][5] = f32::NAN;
    data.pictures[0].wall.p_prediction[3] = f64::INFINITY;
    let text = serde_json::to_string(&data).unwrap();
    let back: ReportData = serde_json::from_str(&text).unwrap();
    assert!(back.pictures[0].prediction[2][5].is_nan());
    assert!(back.pictures[0].wall.p_prediction[3].is_nan());
    assert_eq!(back.pictures[1].points, data.pictures[1].points);
}

#[test]
fn fields_of_wrong_length_are_refused() {
    let mut data = report();
    let mut wrong = picture(CaseRole::Median, 1.0);
    wrong.prediction[3].pop();
    data.pictures.push(wrong);
    let message = render_html(&data).map(|_| ()).unwrap_err().to_string();
    assert!(
        message.contains("prediction nu_t") && message.contains("airFoil2D_SST_Median"),
        "{message}"
    );
}
