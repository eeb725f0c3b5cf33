//! Nearest neighbours of points in a few dimensions.
//!
//! J. L. Bentley, "Multidimensional binary search trees used for associative searching",
//! Communications of the ACM 18 (1975): every node halves its points along the axis in which they
//! spread farthest. Equal points and empty trees are fine.

/// Points of a leaf.
const LEAF: usize = 16;

/// A tree over points that do not change.
#[derive(Debug, Clone)]
pub(super) struct KdTree<const D: usize> {
    /// In the order of the leaves.
    points: Vec<[f32; D]>,
    /// Places of the points in the list that was given.
    places: Vec<u32>,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy)]
enum Node {
    /// Points `from..to`.
    Leaf { from: u32, to: u32 },
    /// Smaller coordinates than `at` on the left, which is the next node; others on the right.
    Branch { axis: u8, at: f32, right: u32 },
}

/// A neighbour: its place in the list of points, and the squared distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Neighbour {
    pub(super) place: usize,
    pub(super) distance2: f32,
}

impl<const D: usize> KdTree<D> {
    /// A tree of these points, whose coordinates must be finite.
    pub(super) fn new(points: &[[f32; D]]) -> Self {
        let mut places: Vec<u32> = (0..points.len() as u32).collect();
        let mut nodes = Vec::new();
        build(points, &mut places, 0, &mut nodes);
        Self {
            points: places.iter().map(|&p| points[p as usize]).collect(),
            places,
            nodes,
        }
    }

    /// The `K` nearest points, the nearest first; fewer where there are fewer.
    pub(super) fn nearest<const K: usize>(&self, to: &[f32; D]) -> Vec<Neighbour> {
        let mut found = Vec::with_capacity(K + 1);
        if !self.nodes.is_empty() {
            self.search::<K>(0, to, 0.0, &mut [0.0; D], &mut found);
        }
        found
    }

    /// `off2` is the squared distance from `to` to the node's box, `off` that along each axis.
    fn search<const K: usize>(
        &self,
        node: usize,
        to: &[f32; D],
        off2: f32,
        off: &mut [f32; D],
        found: &mut Vec<Neighbour>,
    ) {
        match self.nodes[node] {
            Node::Leaf { from, to: end } => {
                for at in from as usize..end as usize {
                    self.consider::<K>(at, to, found);
                }
            }
            Node::Branch { axis, at, right } => {
                let axis = axis as usize;
                let beyond = to[axis] - at;
                let (near, far) = if beyond < 0.0 {
                    (node + 1, right as usize)
                } else {
                    (right as usize, node + 1)
                };
                self.search::<K>(near, to, off2, off, found);
                let across = off2 - off[axis] * off[axis] + beyond * beyond;
                if found.len() < K || found.last().is_some_and(|n| across < n.distance2) {
                    let before = std::mem::replace(&mut off[axis], beyond);
                    self.search::<K>(far, to, across, off, found);
                    off[axis] = before;
                }
            }
        }
    }

    fn consider<const K: usize>(&self, at: usize, to: &[f32; D], found: &mut Vec<Neighbour>) {
        let pairs = self.points[at].iter().zip(to);
        let distance2 = pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
        if found.len() == K && found.last().is_some_and(|n| distance2 >= n.distance2) {
            return;
        }
        let place = found.partition_point(|n| n.distance2 <= distance2);
        let neighbour = Neighbour {
            place: self.places[at] as usize,
            distance2,
        };
        found.insert(place, neighbour);
        found.truncate(K);
    }
}

/// Appends the node over `places`, which start at `from` in the order of the leaves.
fn build<const D: usize>(
    points: &[[f32; D]],
    places: &mut [u32],
    from: usize,
    nodes: &mut Vec<Node>,
) {
    let n = places.len();
    if n == 0 {
        return;
    }
    let (axis, spread) = widest(points, places);
    if n <= LEAF || spread <= 0.0 {
        nodes.push(Node::Leaf {
            from: from as u32,
            to: (from + n) as u32,
        });
        return;
    }
    let coordinate = |p: &u32| points[*p as usize][axis];
    let half = n / 2;
    places.select_nth_unstable_by(half, |a, b| coordinate(a).total_cmp(&coordinate(b)));
    let at = coordinate(&places[half]);
    let here = nodes.len();
    nodes.push(Node::Branch {
        axis: axis as u8,
        at,
        right: 0,
    });
    let (left, right) = places.split_at_mut(half);
    build(points, left, from, nodes);
    let behind = nodes.len() as u32;
    if let Node::Branch { right, .. } = &mut nodes[here] {
        *right = behind;
    }
    build(points, right, from + half, nodes);
}

/// The axis along which the points spread farthest, and how far.
fn widest<const D: usize>(points: &[[f32; D]], places: &[u32]) -> (usize, f32) {
    let (mut low, mut high) = ([f32::INFINITY; D], [f32::NEG_INFINITY; D]);
    for &place in places {
        for (axis, &value) in points[place as usize].iter().enumerate() {
            low[axis] = low[axis].min(value);
            high[axis] = high[axis].max(value);
        }
    }
    let spreads = (0..D).map(|axis| (axis, high[axis] - low[axis]));
    spreads.fold(
        (0, 0.0),
        |best, next| if next.1 > best.1 { next } else { best },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Distances of the K nearest, by trying all.
    fn brute<const D: usize>(points: &[[f32; D]], to: &[f32; D], k: usize) -> Vec<f32> {
        let square = |p: &[f32; D]| {
            p.iter()
                .zip(to)
                .map(|(a, b)| (a - b) * (a - b))
                .sum::<f32>()
        };
        let mut all: Vec<f32> = points.iter().map(square).collect();
        all.sort_by(f32::total_cmp);
        all.truncate(k);
        all
    }

    #[test]
    fn agrees_with_trying_all() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for n in [0, 1, 3, 16, 17, 40, 1000] {
            // Coordinates on a coarse lattice: many points are equal in some or all of them.
            let mut point = || std::array::from_fn(|_| rng.random_range(0..8) as f32 * 0.25);
            let points: Vec<[f32; 3]> = (0..n).map(|_| point()).collect();
            let tree = KdTree::new(&points);
            for _ in 0..50 {
                let to = point();
                let found = tree.nearest::<5>(&to);
                let distances: Vec<f32> = found.iter().map(|n| n.distance2).collect();
                assert_eq!(distances, brute(&points, &to, 5), "{n}");
                for neighbour in found {
                    let at = &points[neighbour.place..=neighbour.place];
                    assert_eq!(brute(at, &to, 1), [neighbour.distance2]);
                }
            }
        }
    }

    #[test]
    fn equal_points_are_all_found() {
        let tree = KdTree::new(&[[1.0_f32, 2.0]; 100]);
        let found = tree.nearest::<60>(&[1.0, 2.0]);
        let mut places: Vec<usize> = found.iter().map(|n| n.place).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 60);
    }
}
