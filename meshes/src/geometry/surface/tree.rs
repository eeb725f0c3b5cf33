//! A tree of boxes over triangles, for nearest points. The same as [`SegmentTree`](crate::SegmentTree), in space.

use super::triangle::{Part, dot, minus, nearest};

/// Triangles in a leaf, at most.
const LEAF: usize = 4;
/// Depth of the search stack: the tree halves its triangles, of which there are less than 2^32.
const STACK: usize = 64;

/// A leaf holds `count` triangles from `first`; an inner node (count 0) has its left child right after it and its right
/// child at `first`.
#[derive(Debug, Clone, Copy)]
struct Node {
    low: [f64; 3],
    high: [f64; 3],
    first: u32,
    count: u32,
}

#[derive(Debug, Clone)]
pub(super) struct TriangleTree {
    nodes: Vec<Node>,
    /// The triangles in the order of the leaves, with their numbers.
    triangles: Vec<([[f64; 3]; 3], u32)>,
}

/// The nearest triangle.
pub(super) struct Hit {
    pub squared: f64,
    pub triangle: u32,
    pub part: Part,
    pub point: [f64; 3],
}

impl TriangleTree {
    pub fn new(triangles: impl Iterator<Item = [[f64; 3]; 3]>) -> Self {
        let mut triangles: Vec<_> = triangles.zip(0_u32..).collect();
        let mut nodes = Vec::with_capacity(2 * triangles.len() / LEAF + 1);
        build(&mut nodes, &mut triangles, 0);
        Self { nodes, triangles }
    }

    /// Low and high corner of all triangles.
    pub fn bounds(&self) -> [[f64; 3]; 2] {
        [self.nodes[0].low, self.nodes[0].high]
    }

    /// The triangle nearest to a point; of equally near ones the first in the order of the leaves.
    pub fn nearest(&self, p: [f64; 3]) -> Hit {
        let mut best = Hit {
            squared: f64::INFINITY,
            triangle: 0,
            part: Part::Face,
            point: p,
        };
        let mut stack = [(0_u32, 0.0_f64); STACK];
        let mut height = 1;
        while height > 0 {
            height -= 1;
            let (index, squared) = stack[height];
            if squared > best.squared {
                continue;
            }
            let node = &self.nodes[index as usize];
            if node.count > 0 {
                let first = node.first as usize;
                for (triangle, number) in &self.triangles[first..first + node.count as usize] {
                    let (point, part) = nearest(*triangle, p);
                    let to = minus(p, point);
                    let squared = dot(to, to);
                    if squared < best.squared {
                        best = Hit {
                            squared,
                            triangle: *number,
                            part,
                            point,
                        };
                    }
                }
                continue;
            }
            let children = [index + 1, node.first].map(|c| (c, self.to_box(c, p)));
            let [near, far] = match children[0].1 <= children[1].1 {
                true => children,
                false => [children[1], children[0]],
            };
            stack[height] = far;
            stack[height + 1] = near;
            height += 2;
        }
        best
    }

    /// A lower bound of the squared distance to the triangles of a node.
    fn to_box(&self, node: u32, p: [f64; 3]) -> f64 {
        let Node { low, high, .. } = &self.nodes[node as usize];
        let out = [0, 1, 2].map(|k| (low[k] - p[k]).max(p[k] - high[k]).max(0.0));
        dot(out, out) * (1.0 - 8.0 * f64::EPSILON)
    }
}

/// Appends the tree over `triangles`, which start at `first` in the whole list.
fn build(nodes: &mut Vec<Node>, triangles: &mut [([[f64; 3]; 3], u32)], first: usize) {
    let mut low = [f64::INFINITY; 3];
    let mut high = [f64::NEG_INFINITY; 3];
    for corner in triangles.iter().flat_map(|(triangle, _)| triangle) {
        for axis in 0..3 {
            low[axis] = low[axis].min(corner[axis]);
            high[axis] = high[axis].max(corner[axis]);
        }
    }
    let here = nodes.len();
    let leaf = triangles.len() <= LEAF;
    nodes.push(Node {
        low,
        high,
        first: first as u32,
        count: if leaf { triangles.len() as u32 } else { 0 },
    });
    if leaf {
        return;
    }
    let extent = minus(high, low);
    let axis = (1..3).fold(0, |a, b| if extent[b] > extent[a] { b } else { a });
    let middle = triangles.len() / 2;
    let centre = |t: &([[f64; 3]; 3], u32)| t.0.iter().map(|corner| corner[axis]).sum::<f64>();
    triangles.select_nth_unstable_by(middle, |s, t| centre(s).total_cmp(&centre(t)));
    let (left, right) = triangles.split_at_mut(middle);
    build(nodes, left, first);
    nodes[here].first = nodes.len() as u32;
    build(nodes, right, first + middle);
}
