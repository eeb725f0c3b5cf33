use super::*;
use crate::geometry::TrailingEdge;

#[test]
fn naca_0012_matches_the_report() {
    // Ordinates of report 460 for a 12 % section, per cent of the chord.
    let naca = Naca::from_designation("NACA 0012").unwrap();
    for (x, y) in [
        (1.25, 1.894),
        (5.0, 3.555),
        (10.0, 4.683),
        (30.0, 6.002),
        (60.0, 4.563),
        (95.0, 0.807),
        (100.0, 0.126),
    ] {
        let half = 100.0 * naca.half_thickness(0.01 * x, NacaTrailingEdge::Finite);
        assert!((half - y).abs() < 6e-4, "{x}: {half}");
    }
    let finite = naca.contour(50, NacaTrailingEdge::Finite).unwrap();
    assert_eq!(finite.len(), 101);
    let TrailingEdge::Blunt { height } = finite.trailing_edge() else {
        panic!("not blunt")
    };
    assert!((height - 0.00252).abs() < 1e-12);
    let closed = naca.contour(50, NacaTrailingEdge::Closed).unwrap();
    assert_eq!(
        (closed.len(), closed.trailing_edge()),
        (100, TrailingEdge::Sharp)
    );
    assert!((closed.thickness(0.3) - 0.12).abs() < 1e-4);
}

#[test]
fn mean_line_of_2412_is_largest_where_it_says() {
    let naca = Naca::from_designation("2412").unwrap();
    let (height, slope) = naca.mean_line(0.4);
    assert!((height - 0.02).abs() < 1e-15 && slope.abs() < 1e-15);
    assert_eq!(naca.mean_line(0.0).0, 0.0);
    assert_eq!(naca.mean_line(1.0).0, 0.0);
    // The slope is the derivative of the height, on both parts.
    for x in [0.1, 0.3, 0.5, 0.9] {
        let h = 1e-6;
        let difference = (naca.mean_line(x + h).0 - naca.mean_line(x - h).0) / (2.0 * h);
        assert!((difference - naca.mean_line(x).1).abs() < 1e-9);
    }
}

#[test]
fn designations() {
    for good in [
        "0012",
        "NACA 2412",
        "naca-23012",
        " NACA23112 ",
        "naca_4415",
    ] {
        Naca::from_designation(good)
            .unwrap()
            .contour(20, NacaTrailingEdge::Closed)
            .unwrap();
    }
    for bad in [
        "",
        "12",
        "NACA",
        "0000",
        "24a2",
        "23212",
        "642215",
        "20012",
        "\u{e9}\u{e9}\u{e9}12",
    ] {
        assert!(Naca::from_designation(bad).is_err(), "{bad}");
    }
    assert_eq!(
        Naca::from_designation("23012").unwrap().digits(),
        [2.0, 3.0, 0.0, 12.0]
    );
}

#[test]
fn digits_outside_their_range_are_refused() {
    for digits in [
        &[0.0, 0.0][..],
        &[1.0, 11.0, 12.0],
        &[-1.0, 4.0, 12.0],
        &[1.0, 4.0, 0.0],
        &[1.0, 4.0, f64::NAN],
        &[2.0, 9.0, 0.0, 12.0],
        &[2.0, 3.0, 2.0, 12.0],
    ] {
        assert!(Naca::from_digits(digits).is_err(), "{digits:?}");
    }
    assert!(naca4(2.0, 4.0, 12.0, 1, NacaTrailingEdge::Closed).is_err());
}
