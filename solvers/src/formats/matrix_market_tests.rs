//! All kinds of files, and what is said of broken ones.

use super::*;

fn read(text: &str) -> Result<FileArray, SolverError> {
    let mut file = parse(text.as_bytes(), Path::new("a.mtx"))?;
    Ok(file.arrays.remove(0).1)
}

fn entries(text: &str) -> Vec<(usize, usize, f64)> {
    match read(text).expect("a matrix") {
        FileArray::Sparse(matrix) => matrix.iter().map(|(v, (i, j))| (i, j, *v)).collect(),
        FileArray::Dense { .. } => panic!("dense"),
    }
}

#[test]
fn coordinates_of_all_kinds() {
    let general = "%%MatrixMarket matrix coordinate real general\n% a comment\n\n 2 3 3\n\
                   1 1 1.5\n2 3 -2D0\n 1 1 1\r\n";
    assert_eq!(entries(general), [(0, 0, 2.5), (1, 2, -2.0)]);
    let symmetric = "%%matrixmarket MATRIX coordinate Integer symmetric\n2 2 2\n1 1 4\n2 1 -1";
    assert_eq!(
        entries(symmetric),
        [(0, 0, 4.0), (0, 1, -1.0), (1, 0, -1.0)]
    );
    let skew = "%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 3\n";
    assert_eq!(entries(skew), [(0, 1, -3.0), (1, 0, 3.0)]);
    let pattern = "%%MatrixMarket matrix coordinate pattern symmetric\n2 2 2\n1 1\n1 2\n";
    assert_eq!(entries(pattern), [(0, 0, 1.0), (0, 1, 1.0), (1, 0, 1.0)]);
}

#[test]
fn arrays_by_columns() {
    let general = "%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n";
    let expected = |values: &[f64]| FileArray::Dense {
        sizes: vec![2, 2],
        rows: 2,
        columns: 2,
        values: values.to_vec(),
    };
    assert_eq!(
        read(general).expect("array"),
        expected(&[1.0, 2.0, 3.0, 4.0])
    );
    let symmetric = "%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n";
    assert_eq!(
        read(symmetric).expect("array"),
        expected(&[1.0, 2.0, 2.0, 3.0])
    );
    let skew = "%%MatrixMarket matrix array real skew-symmetric\n2 2\n2\n";
    assert_eq!(read(skew).expect("array"), expected(&[0.0, 2.0, -2.0, 0.0]));
}

#[test]
fn what_is_wrong_is_said_with_the_line() {
    let head = "%%MatrixMarket matrix coordinate real general\n";
    let cases = [
        (
            "%%MatrixMarket matrix coordinate\n1 1 1\n1 1 1\n",
            1,
            "begins with",
        ),
        (
            "%%MatrixMarket matrix coordinate complex general\n1 1 1\n",
            1,
            "complex",
        ),
        (&format!("{head}% only a comment"), 2, "sizes"),
        (
            &format!("{head}2 2\n1 1 1\n"),
            2,
            "rows, columns and entries",
        ),
        (&format!("{head}2 x 2\n"), 2, "not a line of sizes"),
        (
            &format!("{head}2 2 999999999999\n1 1 1\n"),
            2,
            "cannot be in a file",
        ),
        (&format!("{head}2 2 3\n1 1 1\n2 2 1\n"), 5, "entry 3 of 3"),
        (
            &format!("{head}2 2 1\n1 1 1\n2 2 1\n"),
            4,
            "after the last entry",
        ),
        (&format!("{head}2 2 1\n3 1 1\n"), 3, "(3, 1)"),
        (&format!("{head}2 2 1\n0 1 1\n"), 3, "count from 1"),
        (&format!("{head}2 2 1\n1 1\n"), 3, "value is missing"),
        (&format!("{head}2 2 1\n1 1 1 1\n"), 3, "one word too many"),
        (&format!("{head}2 2 1\n1 1 nan\n"), 3, "NaN"),
        (&format!("{head}2 2 1\n1 1 1e999\n"), 3, "inf"),
        (&format!("{head}2 2 1\n1 1 one\n"), 3, "not a number"),
        (&format!("{head}2 2 1\n1 1.5 1\n"), 3, "not a column"),
        (
            "%%MatrixMarket matrix coordinate real symmetric\n2 3 1\n1 1 1\n",
            2,
            "symmetric",
        ),
        (
            "%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n2 1 1\n1 3 1\n",
            4,
            "one triangle",
        ),
        (
            "%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n1 1 1\n",
            3,
            "diagonal",
        ),
        (
            "%%MatrixMarket matrix array real general\n99999999999 9999999999\n1\n",
            2,
            "cannot be",
        ),
        (
            "%%MatrixMarket matrix array pattern general\n1 1\n1\n",
            1,
            "not known",
        ),
    ];
    for (text, line, part) in cases {
        let error = read(text).expect_err(text).to_string();
        let place = format!("line {line}:");
        assert!(
            error.contains(&place) && error.contains(part),
            "{text}\n{error}"
        );
        assert!(error.starts_with("a.mtx"), "{error}");
    }
}
