//! Projections, alone and on several threads, and changes of components.

use super::*;

#[test]
fn takes_the_mean_out_of_each_singular_component_only() {
    let labels = [0, 0, 1, u32::MAX, 1, 2, 0];
    let space = Nullspace::from_labels(&labels, &[true, false, true]).expect("labels");
    let mut v = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.0];
    assert_eq!(space.imbalance(&v), [9.0, 6.0]);
    let part = space.part(&v);
    assert_eq!((part.label, part.sum), (Some(2), 6.0));
    assert!((part.norm - (27.0f64 + 36.0).sqrt()).abs() < 1e-14);
    space.project(&mut v);
    assert_eq!(v, [-2.0, -1.0, 3.0, 4.0, 5.0, 0.0, 3.0]);
}

#[test]
fn long_vectors_in_parallel_as_in_series() {
    let n = 3_000_000;
    let labels: Vec<u32> = (0..n).map(|i| (i / 3 % 5) as u32).collect();
    let singular = [true, false, true, true, false];
    let space = Nullspace::from_labels(&labels, &singular).expect("labels");
    let start: Vec<f64> = (0..n).map(|i| (i as f64 * 0.1).sin() + 1.0).collect();
    let on = |threads| {
        let mut v = start.clone();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("pool").install(|| space.project(&mut v));
        v
    };
    let v = on(1);
    assert_eq!(v, on(3));
    for (component, singular) in singular.iter().enumerate() {
        let of = |v: &[f64]| -> f64 {
            let cells = (0..n).filter(|i| labels[*i] == component as u32);
            cells.map(|i| v[i]).sum()
        };
        let (before, after) = (of(&start), of(&v));
        assert!(if *singular {
            after.abs() < 1e-6
        } else {
            after == before
        });
    }
}

#[test]
fn one_run_of_everything_is_cut() {
    let space = Nullspace::constant(100_000).expect("size");
    assert!(space.runs.len() > 20);
    let mut v = vec![3.0; 100_000];
    space.project(&mut v);
    assert!(v.iter().all(|v| *v == 0.0));
}

#[test]
fn vectors_are_made_orthogonal() {
    let vectors = [
        vec![1.0, 1.0, 0.0, 0.0],
        vec![1.0, 3.0, 0.0, 0.0],
        vec![0.0, 5.0, 0.0, 0.0],
    ];
    let space = Nullspace::from_vectors(4, &vectors).expect("vectors");
    assert_eq!(space.count(), 2);
    let mut v = [1.0, 2.0, 3.0, 4.0];
    assert!((space.part(&v).norm - 5f64.sqrt()).abs() < 1e-14);
    space.project(&mut v);
    assert!(v[0].abs() < 1e-15 && v[1].abs() < 1e-15);
    assert_eq!(v[2..], [3.0, 4.0]);
    assert!(Nullspace::from_vectors(3, &vectors).is_err());
}

#[test]
fn a_label_out_of_range_is_refused() {
    let error = Nullspace::from_labels(&[0, 7], &[true]).expect_err("label 7");
    assert!(error.to_string().contains("entry 1"), "{error}");
}

#[test]
fn entries_come_and_go() {
    let mut labels: Vec<u32> = (0..40).map(|i| [0, 0, 1, u32::MAX, 2, 0][i % 6]).collect();
    let singular = [true, false, true];
    let mut nullspace = Nullspace::from_labels(&labels, &singular).expect("valid");
    for round in 0..200usize {
        let entry = round * 17 % labels.len();
        let new = [u32::MAX, 0, 1, 2][round / 3 % 4];
        nullspace.remove(entry as u32, labels[entry]);
        nullspace.insert(entry as u32, new);
        labels[entry] = new;
        let fresh = Nullspace::from_labels(&labels, &singular).expect("valid");
        let v: Vec<f64> = (0..40).map(|i| f64::from(i * i % 13) - 5.0).collect();
        let (mut a, mut b) = (v.clone(), v.clone());
        nullspace.project(&mut a);
        fresh.project(&mut b);
        assert!(
            a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-13),
            "round {round}"
        );
    }
}
