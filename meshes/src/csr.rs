//! Compressed rows: for every row a short list of indices, stored back to back.

/// A ragged table of indices (compressed sparse rows without values).
///
/// Row `i` is `indices[offsets[i]..offsets[i + 1]]`. `offsets` has one entry more than there are
/// rows, starts at 0 and never decreases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Csr {
    offsets: Vec<usize>,
    indices: Vec<u32>,
}

impl Csr {
    /// Sorts `(row, index)` pairs into rows; inside a row the pairs keep their order.
    ///
    /// Pairs whose row is `n_rows` or more are left out, so that the result always has `n_rows`
    /// rows.
    pub fn from_pairs<I>(n_rows: usize, pairs: I) -> Self
    where
        I: Iterator<Item = (u32, u32)> + Clone,
    {
        let mut offsets = vec![0usize; n_rows + 1];
        for (row, _) in pairs.clone() {
            if let Some(count) = offsets.get_mut(row as usize + 1) {
                *count += 1;
            }
        }
        for row in 0..n_rows {
            offsets[row + 1] += offsets[row];
        }
        let mut next = offsets.clone();
        let mut indices = vec![0u32; offsets[n_rows]];
        for (row, index) in pairs {
            let row = row as usize;
            if row < n_rows {
                indices[next[row]] = index;
                next[row] += 1;
            }
        }
        Self { offsets, indices }
    }

    /// Sorts every row and drops repeated indices.
    pub fn sorted_unique(mut self) -> Self {
        let mut write = 0;
        let mut start = 0;
        for row in 0..self.n_rows() {
            let end = self.offsets[row + 1];
            self.indices[start..end].sort_unstable();
            let first = write;
            for read in start..end {
                let index = self.indices[read];
                if write == first || self.indices[write - 1] != index {
                    self.indices[write] = index;
                    write += 1;
                }
            }
            start = end;
            self.offsets[row + 1] = write;
        }
        self.indices.truncate(write);
        self
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Row `row`.
    ///
    /// # Panics
    /// When `row >= n_rows()`, as slice indexing does.
    pub fn row(&self, row: usize) -> &[u32] {
        &self.indices[self.offsets[row]..self.offsets[row + 1]]
    }

    /// All rows in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u32]> + '_ {
        self.offsets.windows(2).map(|w| &self.indices[w[0]..w[1]])
    }

    /// Row starts, `n_rows() + 1` entries.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// The rows back to back.
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_become_rows_in_order() {
        let pairs = [(2, 7), (0, 3), (2, 1), (9, 9), (2, 7)];
        let csr = Csr::from_pairs(4, pairs.iter().copied());
        assert_eq!(csr.offsets(), [0, 1, 1, 4, 4]);
        assert_eq!(csr.row(0), [3]);
        assert_eq!(csr.row(2), [7, 1, 7]);
        let unique = csr.sorted_unique();
        assert_eq!(
            unique.rows().collect::<Vec<_>>(),
            [&[3][..], &[], &[1, 7], &[]]
        );
    }

    #[test]
    fn no_rows() {
        assert_eq!(Csr::default().n_rows(), 0);
        assert_eq!(
            Csr::from_pairs(0, std::iter::empty())
                .sorted_unique()
                .n_rows(),
            0
        );
    }
}
