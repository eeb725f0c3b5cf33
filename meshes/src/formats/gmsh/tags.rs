//! From the tags of nodes and elements to their positions.

use std::collections::HashMap;

/// Where each tag stands. Most files number without gaps, which needs no table.
#[derive(Debug, Default)]
pub(super) struct TagIndex {
    /// Tags `first..first + count` stand at `0..count`.
    first: u64,
    count: u32,
    /// All tags, once they are not consecutive.
    table: Option<HashMap<u64, u32>>,
}

impl TagIndex {
    /// Enters a tag; `false` when it was there before.
    pub fn insert(&mut self, tag: u64, position: u32) -> bool {
        if self.count == 0 && self.table.is_none() {
            self.first = tag;
        }
        let expected = self.first.checked_add(u64::from(self.count));
        if self.table.is_none() && position == self.count && expected == Some(tag) {
            self.count += 1;
            return true;
        }
        let (first, count) = (self.first, self.count);
        let table = self
            .table
            .get_or_insert_with(|| (0..count).map(|k| (first + u64::from(k), k)).collect());
        table.insert(tag, position).is_none()
    }

    /// The position of a tag.
    pub fn get(&self, tag: u64) -> Option<u32> {
        match &self.table {
            Some(table) => table.get(&tag).copied(),
            None => {
                let position = u32::try_from(tag.checked_sub(self.first)?).ok()?;
                (position < self.count).then_some(position)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consecutive_and_scattered_tags() {
        let mut index = TagIndex::default();
        assert_eq!(index.get(0), None);
        for k in 0..5 {
            assert!(index.insert(7 + u64::from(k), k));
        }
        assert!(index.table.is_none());
        assert_eq!(index.get(11), Some(4));
        assert_eq!((index.get(6), index.get(12)), (None, None));
        assert!(index.insert(100, 5) && index.insert(u64::MAX, 6));
        assert!(!index.insert(8, 7));
        assert_eq!(
            (index.get(7), index.get(100), index.get(u64::MAX)),
            (Some(0), Some(5), Some(6))
        );
        assert_eq!(index.get(12), None);
    }
}
