//! Rows of a sparse matrix for some entries of a vector: the nodes whose couplings or weights do not fit the pattern of a
//! grid.

/// Rows that one task works on, at least.
const TASK: usize = 256;

/// `entries` are indices into the vector that a product is for, `columns` into the one that is multiplied.
#[derive(Debug, Default)]
pub(super) struct SparseRows {
    /// Ascending.
    pub entries: Vec<u32>,
    offsets: Vec<u32>,
    columns: Vec<u32>,
    weights: Vec<f32>,
}

impl SparseRows {
    /// Adds the row of an entry behind all others.
    pub fn push(&mut self, entry: usize, row: impl IntoIterator<Item = (usize, f32)>) {
        debug_assert!(
            self.entries
                .last()
                .is_none_or(|&last| (last as usize) < entry)
        );
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.entries.push(entry as u32);
        for (column, weight) in row {
            self.columns.push(column as u32);
            self.weights.push(weight);
        }
        self.offsets.push(self.columns.len() as u32);
    }

    /// Columns and weights of the i-th entry.
    pub fn row(&self, i: usize) -> (&[u32], &[f32]) {
        let span = self.offsets[i] as usize..self.offsets[i + 1] as usize;
        (&self.columns[span.clone()], &self.weights[span])
    }

    /// The transpose: a row for each column that there is.
    pub fn transposed(&self) -> Self {
        let mut all: Vec<(u32, u32, f32)> = Vec::with_capacity(self.columns.len());
        for (i, &entry) in self.entries.iter().enumerate() {
            let (columns, weights) = self.row(i);
            all.extend(columns.iter().zip(weights).map(|(&c, &w)| (c, entry, w)));
        }
        all.sort_unstable_by_key(|&(column, entry, _)| (column, entry));
        let mut transposed = Self::default();
        for row in all.chunk_by(|a, b| a.0 == b.0) {
            let terms = row
                .iter()
                .map(|&(_, entry, weight)| (entry as usize, weight));
            transposed.push(row[0].0 as usize, terms);
        }
        transposed
    }

    /// Calls `change` with each entry's number, its value in `out` and the product of its row with `x`; in parallel
    /// where that pays.
    pub fn change(&self, x: &[f32], out: &mut [f32], change: impl Fn(usize, &mut f32, f32) + Sync) {
        self.change_some([0, self.entries.len()], x, (0, out), &change);
    }

    /// The same for some rows; `out` begins at entry `first`.
    fn change_some(
        &self,
        [start, end]: [usize; 2],
        x: &[f32],
        (first, out): (usize, &mut [f32]),
        change: &(impl Fn(usize, &mut f32, f32) + Sync),
    ) {
        if end - start > TASK {
            let middle = start.midpoint(end);
            let cut = self.entries[middle] as usize;
            let (low, high) = out.split_at_mut(cut - first);
            rayon::join(
                || self.change_some([start, middle], x, (first, low), change),
                || self.change_some([middle, end], x, (cut, high), change),
            );
            return;
        }
        for i in start..end {
            let (columns, weights) = self.row(i);
            let terms = columns.iter().zip(weights);
            let product = terms.map(|(&c, w)| w * x[c as usize]).sum();
            let entry = self.entries[i] as usize;
            change(entry, &mut out[entry - first], product);
        }
    }

    pub fn bytes(&self) -> usize {
        4 * (self.entries.len() + self.offsets.len() + 2 * self.columns.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three entries of every ten, with two or three terms each.
    fn rows(n: usize) -> SparseRows {
        let mut rows = SparseRows::default();
        for entry in (0..n).filter(|i| i % 10 < 3) {
            let row = (0..2 + entry % 2).map(|t| ((entry * 7 + t * 3) % n, (t + 1) as f32));
            rows.push(entry, row);
        }
        rows
    }

    #[test]
    fn many_rows_are_changed_as_few_are() {
        let n = 20 * TASK;
        let rows = rows(n);
        let x: Vec<f32> = (0..n).map(|i| (i % 13) as f32).collect();
        let mut out = vec![1.0; n];
        rows.change(&x, &mut out, |entry, value, product| {
            *value += product + entry as f32
        });
        for (entry, value) in out.into_iter().enumerate() {
            let terms = (0..2 + entry % 2).map(|t| (t + 1) as f32 * x[(entry * 7 + t * 3) % n]);
            let product = terms.sum::<f32>() + entry as f32;
            assert_eq!(
                value,
                1.0 + if entry % 10 < 3 { product } else { 0.0 },
                "{entry}"
            );
        }
    }

    #[test]
    fn the_transpose_is_the_adjoint() {
        let n = 500;
        let rows = rows(n);
        let x: Vec<f32> = (0..n).map(|i| (i % 11) as f32).collect();
        let y: Vec<f32> = (0..n).map(|i| (i % 7) as f32).collect();
        let product = |rows: &SparseRows, x: &[f32]| {
            let mut out = vec![0.0; n];
            rows.change(x, &mut out, |_, value, product| *value = product);
            out
        };
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        // whole numbers: no rounding
        assert_eq!(
            dot(&product(&rows, &x), &y),
            dot(&x, &product(&rows.transposed(), &y))
        );
    }
}
