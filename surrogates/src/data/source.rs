//! Where model rows come from: memory, or the cache on disk.

use karman_datasets::{Cache, CaseInfo, PointTable, RowOrder};

use crate::SurrogateError;

/// Cases with their model rows. Rows of a case may come in any order, the same on every call.
pub trait CaseSource: Sync {
    /// The cases.
    fn infos(&self) -> &[CaseInfo];

    /// All rows of a case.
    ///
    /// # Errors
    /// A case that cannot be read.
    fn table(&self, case: usize) -> Result<PointTable, SurrogateError>;

    /// `count` rows of a case that are a uniformly random subset when `offset` is random; fewer
    /// where the case has fewer.
    ///
    /// # Errors
    /// A case that cannot be read.
    fn subset(
        &self,
        case: usize,
        offset: usize,
        count: usize,
    ) -> Result<PointTable, SurrogateError>;
}

/// Cases held in memory.
#[derive(Debug, Clone, Default)]
pub struct MemorySource {
    infos: Vec<CaseInfo>,
    tables: Vec<PointTable>,
}

impl MemorySource {
    /// Cases and their rows, one table a case.
    pub fn new(cases: impl IntoIterator<Item = (CaseInfo, PointTable)>) -> Self {
        let (infos, tables) = cases.into_iter().unzip();
        Self { infos, tables }
    }
}

impl CaseSource for MemorySource {
    fn infos(&self) -> &[CaseInfo] {
        &self.infos
    }

    fn table(&self, case: usize) -> Result<PointTable, SurrogateError> {
        Ok(self.tables[case].clone())
    }

    fn subset(
        &self,
        case: usize,
        offset: usize,
        count: usize,
    ) -> Result<PointTable, SurrogateError> {
        let table = &self.tables[case];
        let rows = table.n_rows();
        // A stride that is coprime to the number of rows visits each row once, far from its
        // neighbours in the file.
        let stride = coprime_stride(rows);
        let width = table.width();
        let mut data = Vec::with_capacity(count.min(rows) * width);
        for k in 0..count.min(rows) {
            let row = (offset + k) % rows * stride % rows;
            data.extend_from_slice(&table.data()[row * width..(row + 1) * width]);
        }
        Ok(PointTable::new(table.columns().to_vec(), data)?)
    }
}

impl CaseSource for Cache {
    fn infos(&self) -> &[CaseInfo] {
        self.cases()
    }

    fn table(&self, case: usize) -> Result<PointTable, SurrogateError> {
        Ok(self.read_all(case, RowOrder::Nodes)?)
    }

    fn subset(
        &self,
        case: usize,
        offset: usize,
        count: usize,
    ) -> Result<PointTable, SurrogateError> {
        let mut data = Vec::new();
        let count = count.min(self.cases()[case].n_points);
        self.read_rows(case, offset, count, &mut data)?;
        Ok(PointTable::new(self.columns().to_vec(), data)?)
    }
}

/// About the golden ratio of `n`, without a common divisor.
fn coprime_stride(n: usize) -> usize {
    let gcd = |mut a: usize, mut b: usize| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let mut stride = ((n as f64 * 0.618) as usize).max(1);
    while gcd(stride, n.max(1)) != 1 {
        stride += 1;
    }
    stride
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stride_visits_every_row_once() {
        for n in [1usize, 2, 7, 12, 148, 1000] {
            let stride = coprime_stride(n);
            let mut seen = vec![false; n];
            (0..n).for_each(|k| seen[k * stride % n] = true);
            assert!(seen.into_iter().all(|s| s), "{n}");
        }
    }
}
