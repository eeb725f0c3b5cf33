//! Small tables in aligned columns.

/// A table: the first column is text, the others are numbers and lean to the right.
#[derive(Debug, Clone)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    /// Columns from the left that hold text.
    text_columns: usize,
}

impl Table {
    /// A table with these headings.
    pub(super) fn new<S: Into<String>>(headings: impl IntoIterator<Item = S>) -> Self {
        Self {
            rows: vec![headings.into_iter().map(Into::into).collect()],
            text_columns: 1,
        }
    }

    /// The first `count` columns hold text, which leans to the left.
    pub(super) fn text_columns(mut self, count: usize) -> Self {
        self.text_columns = count;
        self
    }

    /// Adds a row.
    pub(super) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) -> &mut Self {
        self.rows.push(cells.into_iter().map(Into::into).collect());
        self
    }

    /// Whether there are no rows below the headings.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }
}

impl std::fmt::Display for Table {
    /// One line a row, each indented by two spaces and ended by a line break.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let pad = " ".repeat(widths[column] - cell.chars().count());
                line += "  ";
                if column < self.text_columns {
                    line += cell;
                    line += &pad;
                } else {
                    line += &pad;
                    line += cell;
                }
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_characters() {
        let mut table = Table::new(["field", "R²", "n"]);
        table.row(["ν_t", "0.5", "12"]).row(["p", "1"]);
        assert_eq!(
            table.to_string(),
            "  field   R²   n\n  ν_t    0.5  12\n  p        1\n"
        );
        assert!(!table.is_empty());
    }
}
